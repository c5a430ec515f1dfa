"""Which process is meant, beyond doubt: a pid alone is handed out again.

A process is named by pid, start time (field 22 of ``/proc/PID/stat``, clock ticks since boot) and
the kernel's boot id. Signals go through a pidfd, so none reaches a stranger. See proc(5),
pidfd_open(2).
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_ENDED = "ZX"  # the states of a process that has ended and may wait to be reaped


@dataclass(frozen=True)
class Identity:
    """One process of one boot of this machine; ``started`` is in clock ticks since the boot."""

    pid: int
    started: int
    boot: str


@dataclass(frozen=True)
class Stat:
    """The fields of ``/proc/PID/stat`` that are used here."""

    state: str
    parent: int
    session: int
    started: int


@cache
def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def read_stat(pid: int) -> Stat | None:
    """What the kernel says of ``pid``; None where there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The command, in parentheses, may itself hold blanks and parentheses.
    fields = text.rpartition(")")[2].split()
    if len(fields) < 20:
        return None
    return Stat(fields[0], int(fields[1]), int(fields[3]), int(fields[19]))


def identify(pid: int) -> Identity | None:
    """The identity of the process that has ``pid`` now; None if it has ended."""
    stat = read_stat(pid)
    if stat is None or stat.state in _ENDED:
        return None
    return Identity(pid, stat.started, boot_id())


def identify_child(pid: int) -> Identity:
    """The identity of a child that was not reaped yet, whether it has ended or not."""
    stat = read_stat(pid)
    if stat is None:
        raise ChildProcessError(f"process {pid} is no child of this one")
    return Identity(pid, stat.started, boot_id())


def is_alive(identity: Identity) -> bool:
    return identify(identity.pid) == identity


@contextmanager
def opened(identity: Identity) -> Iterator[int | None]:
    """A pidfd of the process, or None if it has ended."""
    descriptor = open_pidfd(identity)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def open_pidfd(identity: Identity) -> int | None:
    """A pidfd, which the caller closes; None if the process has ended."""
    try:
        descriptor = os.pidfd_open(identity.pid)
    except (ProcessLookupError, PermissionError):
        return None
    # The descriptor pins a process; only then does comparing tell that it is the one meant.
    if not is_alive(identity):
        os.close(descriptor)
        return None
    return descriptor


def send_signal(identity: Identity, number: signal.Signals) -> None:
    """Send it if the process has not ended."""
    with opened(identity) as descriptor:
        if descriptor is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, number)


def await_end(identity: Identity, seconds: float) -> bool:
    """Wait for the end of the process, at most so long; whether it has ended."""
    with opened(identity) as descriptor:
        if descriptor is None:
            return True
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(max(0, seconds) * 1000))


def reap(identity: Identity) -> int | None:
    """Take the exit status of a child that has ended.

    The exit code, negative for the signal that ended it; None if it is no child of this process
    (it was adopted) or was reaped before.
    """
    stat = read_stat(identity.pid)
    if stat is None or stat.started != identity.started:
        return None
    try:
        result = os.waitid(os.P_PID, identity.pid, os.WEXITED | os.WNOHANG)
    except ChildProcessError:
        return None
    if result is None:
        return None
    return result.si_status if result.si_code == os.CLD_EXITED else -result.si_status
