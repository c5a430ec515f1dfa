"""Ends the processes of a workload: asks, waits, kills, and looks that nobody remains."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from hansa.drivers.base import TemporaryDriverError
from hansa.drivers.local.identity import Identity, await_end, is_alive, send_signal

KILL_SECONDS = 10.0
"""How long the kernel may take to end a killed process, which may wait for a disk."""

_ROUNDS = 20  # a family that forks while it is killed is killed again


def end(
    main: Identity | None, stop_seconds: float, family: Callable[[Identity | None], set[Identity]]
) -> None:
    """SIGTERM to ``main``, ``stop_seconds`` later SIGKILL; then SIGKILL to the rest of its family.

    ``family`` finds what belongs to the workload now. The others are not asked: they serve the
    main process and keep nothing. Raises :class:`TemporaryDriverError` if one does not end.
    """
    members: set[Identity] = set()
    if main is not None:
        members = family(main)
        send_signal(main, signal.SIGTERM)
        if not await_end(main, stop_seconds):
            kill([main])
    for _ in range(_ROUNDS):
        members = {item for item in members | family(main) if is_alive(item)}
        if not members:
            return
        kill(members)
    raise TemporaryDriverError(
        f"cannot end the processes {_pids(members)}: new ones keep appearing; end them by hand"
    )


def kill(processes: Iterable[Identity]) -> None:
    """SIGKILL, and wait. Raises :class:`TemporaryDriverError` if one does not end."""
    members = list(processes)
    for item in members:
        send_signal(item, signal.SIGKILL)
    stuck = [item for item in members if not await_end(item, KILL_SECONDS)]
    if stuck:
        raise TemporaryDriverError(
            f"cannot end the processes {_pids(stuck)}: they were killed and still exist, probably "
            "waiting for a disk; look at the machine's disks"
        )


def end_all(processes: Iterable[Identity], seconds: float) -> None:
    """SIGTERM to all at once, SIGKILL ``seconds`` later to those that remain."""
    members = list(processes)
    if not members:
        return
    for item in members:
        send_signal(item, signal.SIGTERM)
    with ThreadPoolExecutor(max_workers=min(len(members), 32)) as pool:
        ended = list(pool.map(lambda item: await_end(item, seconds), members))
    kill(item for item, done in zip(members, ended, strict=True) if not done)


def _pids(processes: Iterable[Identity]) -> str:
    return ", ".join(str(item.pid) for item in sorted(processes, key=lambda item: item.pid))
