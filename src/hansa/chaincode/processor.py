"""How much of the processor a chaincode takes: it is slowed down, and one that hangs is found.

Control groups are not needed for it: only some users may make them, and a peer's own holds the
peer, too.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from hansa.chaincode.family import threads
from hansa.chaincode.output import Bucket

BURST_SECONDS = 10
"""For so long it may take all of its share at once, as runtimes do when they start."""

_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the name: the state; utime, stime, cutime, cstime.
_STATE, _TIMES = 0, slice(11, 15)


class Throttle:
    """Holds processes to ``cpus`` processors together, on average, by stopping them for moments.

    ``used`` are the processor's seconds that they have taken at the last look.
    """

    def __init__(self, cpus: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._bucket = Bucket(cpus, cpus * BURST_SECONDS, clock)
        self.used = 0.0
        self._over = False

    def look(self, pids: Iterable[int]) -> bool:
        """To be called a few times a second; whether they are stopped now."""
        pids = list(pids)
        used = processor_seconds(pids)
        self._bucket.take(max(0.0, used - self.used))
        self.used = max(used, self.used)
        was_over, self._over = self._over, self._bucket.left() <= 0
        if self._over:  # those that have come since are among them
            _send(pids, signal.SIGSTOP)
        elif was_over:
            _send(pids, signal.SIGCONT)
        return self._over

    def release(self, pids: Iterable[int]) -> None:
        """Let them run, so that they can end when they are asked to."""
        if self._over:
            self._over = False
            _send(pids, signal.SIGCONT)


class Watch:
    """Finds a chaincode that runs on and on without a word to its peer."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._words, self._since = 0, clock()

    def look(self, pids: Iterable[int], words: int, *, stopped: bool) -> bool:
        """Whether some process has been running at every look for that long.

        ``words`` counts what the chaincode has said to its peer; ``stopped`` processes cannot run.
        """
        now = self._clock()
        if words != self._words or not (stopped or any(map(_is_running, pids))):
            self._words, self._since = words, now
        return now - self._since >= self._seconds


def processor_seconds(pids: Iterable[int]) -> float:
    """What they have taken, and those of their children and of this process's that have ended."""
    ended = os.times()
    ticks = sum(sum(int(word) for word in _stat(pid)[_TIMES]) for pid in pids)
    return ticks / _TICKS + ended.children_user + ended.children_system


def _is_running(pid: int) -> bool:
    """Whether any of its threads runs, or would if a processor were free."""
    return any(_fields(thread / "stat")[_STATE : _STATE + 1] == ["R"] for thread in threads(pid))


def _stat(pid: int) -> list[str]:
    return _fields(Path(f"/proc/{pid}/stat"))


def _fields(file: Path) -> list[str]:
    try:
        return file.read_text().rpartition(") ")[2].split()
    except OSError:  # it has ended
        return []


def _send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
