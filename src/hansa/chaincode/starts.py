"""How often a chaincode has failed lately, across its processes, and how long to wait therefore."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

HEALTHY_SECONDS = 60
"""A chaincode that ran as long has not failed to start."""

DELAY_SECONDS_MAX = 16
"""Less than a caller waits for a peer's answer."""


class Starts:
    """``file`` is what the next process of the same chaincode reads."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self._file, self._clock = file, clock
        self._begun = clock()

    def delay(self) -> float:
        """Seconds to wait before starting: none after one failure, then 1, 2, 4, … since it."""
        failures, ended = self._read()
        if failures <= 1:
            return 0.0
        wait = min(DELAY_SECONDS_MAX, 2.0 ** (failures - 2))
        return max(0.0, min(wait, ended + wait - self._clock()))

    def begun(self) -> None:
        self._begun = self._clock()

    def ended(self, *, asked: bool) -> None:
        """Take note of an end; ``asked`` is one by the peer's will."""
        now = self._clock()
        failures = 0 if asked or now - self._begun >= HEALTHY_SECONDS else self._read()[0] + 1
        new = self._file.with_name(f"{self._file.name}.new")
        with suppress(OSError):  # a full disk: it starts at once then
            new.write_text(json.dumps({"failures": failures, "ended": now}))
            new.replace(self._file)

    def _read(self) -> tuple[int, float]:
        try:
            told = json.loads(self._file.read_text())
            return int(told["failures"]), float(told["ended"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, 0.0
