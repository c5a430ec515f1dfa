"""Finds the processes of workloads by the marker that they carry in their environment.

The marker is there from the moment a process exists, so it finds what a record does not name yet;
children inherit it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hansa.drivers.local.identity import Identity, boot_id, read_stat

MARKER = "HANSA_WORKLOAD"
"""Environment variable of every process of a workload: ``INSTALLATION/NAME``."""

DIGEST = "HANSA_WORKLOAD_DIGEST"
"""Environment variable: the digest of the workload's values that the process started with."""


@dataclass(frozen=True)
class Seen:
    """A process that runs now; ``workload`` is the name in its marker, empty if it has none."""

    identity: Identity
    parent: int
    session: int
    workload: str = ""
    digest: str = ""
    command: tuple[str, ...] = ()

    @property
    def leads_session(self) -> bool:
        return self.session == self.identity.pid


def _split_nul(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode(errors="surrogateescape").split("\0")
    except OSError:  # it ended, or belongs to another user
        return []


def _look(pid: int, prefix: str) -> Seen | None:
    stat = read_stat(pid)
    if stat is None or stat.state in "ZX":
        return None
    identity = Identity(pid, stat.started, boot_id())
    directory = Path("/proc") / str(pid)
    variables = _split_nul(directory / "environ")
    marker = next((text for text in variables if text.startswith(prefix)), "")
    if not marker:
        return Seen(identity, stat.parent, stat.session)
    digest = next((text for text in variables if text.startswith(DIGEST + "=")), "")
    command = _split_nul(directory / "cmdline")[:-1]
    return Seen(
        identity,
        stat.parent,
        stat.session,
        marker.removeprefix(prefix),
        digest.partition("=")[2],
        tuple(command),
    )


def scan(installation_id: str) -> list[Seen]:
    """Every process of the machine but this one; those of the installation with their marker."""
    prefix = f"{MARKER}={installation_id}/"
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    found = (_look(pid, prefix) for pid in pids if pid != os.getpid())
    return [seen for seen in found if seen is not None]


def family(
    seen: Iterable[Seen], name: str, main: Identity | None, grouped: Iterable[int] = ()
) -> set[Identity]:
    """The processes of the workload ``name``: marked, in its control groups, or descended.

    ``main`` runs, or ended this moment: its session is then certainly still its own, which finds
    children that cleared their environment. ``grouped`` are pids in the workload's control groups.
    """
    known = list(seen)
    pids = {item.identity.pid for item in known if item.workload == name}
    return _with_children(known, pids | _session(known, main) | set(grouped))


def leftovers(seen: Iterable[Seen], name: str, main: Identity) -> set[Identity]:
    """Marked processes of ``name`` that an earlier main process has left, not ``main``."""
    known = list(seen)
    return family(known, name, None) - _with_children(known, _session(known, main))


def _session(known: list[Seen], main: Identity | None) -> set[int]:
    if main is None or _is_taken_over(main):
        return set()
    return {main.pid} | {item.identity.pid for item in known if item.session == main.pid}


def _with_children(known: list[Seen], roots: set[int]) -> set[Identity]:
    pids, grown = set(roots), True
    while grown:
        children = {item.identity.pid for item in known if item.parent in pids}
        grown = not children <= pids
        pids |= children
    return {item.identity for item in known if item.identity.pid in pids}


def _is_taken_over(main: Identity) -> bool:
    """Whether the pid has been handed to another process since."""
    stat = read_stat(main.pid)
    return stat is not None and stat.started != main.started
