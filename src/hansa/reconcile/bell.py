"""The bell that tells the workers of work: rung after a commit, heard by whoever rests."""

from __future__ import annotations

import threading


class Bell:
    """Counts its rings, so that one between a look and a rest is not missed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rings = 0

    def ring(self) -> None:
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def rings(self) -> int:
        with self._changed:
            return self._rings

    def wait_beyond(self, rings: int, seconds: float) -> None:
        """Return once it was rung more often than ``rings``, or after ``seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings > rings, seconds)
