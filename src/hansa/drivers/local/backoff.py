"""How long to wait before a process that ended is started again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Doubles from ``first_seconds`` to ``most_seconds``; a run of ``healthy_seconds`` resets it.

    ``jitter`` draws from 0 up to 1; up to a quarter of the delay is added by it, so that processes
    that ended together do not start together.
    """

    jitter: Callable[[], float]
    first_seconds: float = 0.1
    most_seconds: float = 30.0
    healthy_seconds: float = 60.0

    def delay(self, failures: int) -> float:
        """Seconds to wait after ``failures`` (at least 1) in a row."""
        doublings = min(max(failures, 1) - 1, 30)
        delay = min(self.most_seconds, self.first_seconds * 2.0**doublings)
        return delay * (1 + self.jitter() / 4)
