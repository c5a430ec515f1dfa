"""The processes that this one starts, and those that they start, and what they use; proc(5)."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
PAGE_BYTES = resource.getpagesize()
ROUNDS_MAX = 50


class Family:
    """All that descends from this process from now on, whoever has started it.

    Those whose parents have ended become children of this process, so that none gets away, until
    :meth:`close`.
    """

    def __init__(self) -> None:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._strangers = set(_children(os.getpid()))

    def close(self) -> None:
        """To be called when all have ended; takes note of the orphans' ends."""
        self.reap(0)
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0)

    def members(self, most: int = 100_000) -> list[int]:
        """Their pids; not many more than ``most`` are looked for."""
        found = [pid for pid in _children(os.getpid()) if pid not in self._strangers]
        for pid in found:  # which grows meanwhile
            if len(found) > most:
                break
            found += _children(pid)
        return found

    def reap(self, own: int) -> None:
        """Take note of the end of orphans; not of ``own``, whose end somebody waits for."""
        for pid in _children(os.getpid()):
            if pid != own and pid not in self._strangers:
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)

    def kill(self) -> None:
        """End all, also those that they go on starting meanwhile."""
        for _ in range(ROUNDS_MAX):
            pids = [pid for pid in self.members() if _runs(pid)]
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in pids:
                    with suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, number)
            if not pids:
                return


def descendants(pid: int) -> list[int]:
    """All below ``pid``."""
    found = _children(pid)
    for one in found:  # which grows meanwhile
        found += _children(one)
    return found


def resident_bytes(pids: list[int]) -> int:
    """The memory that they occupy together; what they share is counted for each."""
    total = 0
    for pid in pids:
        with suppress(OSError, IndexError):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    return total


def threads(pid: int) -> list[Path]:
    """Their directories in ``/proc``; none of a process that has ended, even a moment ago."""
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for thread in threads(pid):
        with suppress(OSError):  # it has ended meanwhile
            found += [int(word) for word in (thread / "children").read_text().split()]
    return found


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
