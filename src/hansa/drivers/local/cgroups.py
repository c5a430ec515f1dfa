"""Limits of CPU and memory through control groups, of version 1 or 2, where this user may.

Groups are made below the group that this process is in, so limits that somebody set for it hold
for its workloads, too; or, for a user, in the slice that systemd delegates to them. No other group
is touched. See cgroups(7).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hansa.domain.workload import Limits

_PERIOD_MICROSECONDS = 100_000
_CONTROLLERS = ("cpu", "memory")
# How often, and how long apart, to try to remove a group whose processes have been killed.
_REMOVALS_MAX = 100
_REMOVAL_SECONDS = 0.02


@dataclass(frozen=True)
class Hierarchy:
    """Where groups can be made: for one controller (version 1) or for both (version 2)."""

    version: int
    controllers: tuple[str, ...]
    mount: Path
    parent: Path


def find_hierarchies(
    root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> list[Hierarchy]:
    """The hierarchies that this user may make groups in. Changes nothing."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return []
    found: list[Hierarchy] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers:
            found += _version_1(root, controllers.split(","), path)
        else:
            found += _version_2(root, path)
    return found


def _version_1(root: Path, controllers: list[str], path: str) -> list[Hierarchy]:
    result = []
    for controller in set(controllers) & set(_CONTROLLERS):
        parent = root / controller / path.lstrip("/")
        if (parent / "cgroup.procs").exists() and os.access(parent, os.W_OK):
            result.append(Hierarchy(1, (controller,), root / controller, parent))
    return result


def _version_2(root: Path, path: str) -> list[Hierarchy]:
    mount = next((base for base in (root, root / "unified") if _is_version_2(base)), None)
    if mount is None:
        return []
    group = mount / path.lstrip("/")
    # A group with processes cannot hand controllers to groups below it, except for the root. What
    # systemd delegates to a user is the slice one further up.
    slices = [group.parent] if group != mount and os.getuid() != 0 else []
    for parent in (group, *slices):
        with suppress(OSError):
            handed = (parent / "cgroup.subtree_control").read_text().split()
            usable = tuple(name for name in _CONTROLLERS if name in handed)
            if usable and parent.stat().st_uid == os.getuid() and os.access(parent, os.W_OK):
                return [Hierarchy(2, usable, mount, parent)]
    return []


def _is_version_2(base: Path) -> bool:
    return (base / "cgroup.controllers").exists()


class Cgroups:
    """The control groups of an installation's workloads; where there are none, nothing happens."""

    def __init__(self, installation_id: str, hierarchies: Iterable[Hierarchy]) -> None:
        self._hierarchies = list(hierarchies)
        self._label = f"hansa-{installation_id}"
        self._fault = ""

    def note(self) -> str:
        """Why limits do not hold, for a person; empty where they do."""
        if self._fault:
            return self._fault
        held = {name for item in self._hierarchies for name in item.controllers}
        missing = [name for name in _CONTROLLERS if name not in held]
        if not missing:
            return ""
        return (
            f"processes run without limits of {' and '.join(missing)}: this user may not make "
            "control groups for it"
        )

    def place(self, name: str, pid: int, limits: Limits) -> tuple[Path, ...]:
        """Put the process, and what it starts from now on, under ``limits``.

        The groups that it is in then, to be given to :meth:`remove` when it has ended. A machine
        that does not allow it runs the process without; :meth:`note` then says why.
        """
        if not limits.cpus and not limits.memory_mib:
            return ()
        groups = (self._place(hierarchy, name, pid, limits) for hierarchy in self._hierarchies)
        return tuple(group for group in groups if group is not None)

    def groups(self, name: str) -> tuple[Path, ...]:
        """Where :meth:`place` puts the processes of ``name``, whether or not the groups exist."""
        return tuple(item.parent / self._label / name for item in self._hierarchies)

    def _place(self, hierarchy: Hierarchy, name: str, pid: int, limits: Limits) -> Path | None:
        group = _current(hierarchy, f"/{self._label}/{name}", pid)
        if group is not None:
            return group
        group = hierarchy.parent / self._label / name
        try:
            _make(hierarchy, group, limits)
            (group / "cgroup.procs").write_text(str(pid))
        except ProcessLookupError:  # it has ended already
            pass
        except OSError as fault:
            self._fault = f"processes run without limits: cannot use {group}: {fault.strerror}"
        return group if group.exists() else None


def pids(groups: Iterable[Path]) -> set[int]:
    """The processes in the groups."""
    result: set[int] = set()
    for group in groups:
        with suppress(OSError, ValueError):
            result.update(int(word) for word in (group / "cgroup.procs").read_text().split())
    return result


def out_of_memory_kills(groups: Iterable[Path]) -> int:
    """How many processes the kernel has killed because a group's memory was used up."""
    for group in groups:
        for file in ("memory.oom_control", "memory.events"):
            with suppress(OSError):
                for line in (group / file).read_text().splitlines():
                    if line.startswith("oom_kill "):
                        return int(line.split()[1])
    return 0


def remove(groups: Iterable[Path], *, wait: bool = False) -> None:
    """Remove groups without processes, and the installation's group if it is empty then.

    With ``wait``, for groups whose processes have been killed: they count until whoever inherited
    them has taken note of their end.
    """
    for group in groups:
        if _is_gone(group, _REMOVALS_MAX if wait else 1):
            # The kernel refuses while a group holds another group.
            with suppress(OSError):
                group.parent.rmdir()


def _is_gone(group: Path, attempts: int) -> bool:
    """Remove the group; False where it still holds a process."""
    pause = threading.Event()
    for attempt in range(attempts):
        try:
            group.rmdir()
        except FileNotFoundError:
            return True
        except OSError:
            if attempt + 1 < attempts:
                pause.wait(_REMOVAL_SECONDS)
        else:
            return True
    return False


def _current(hierarchy: Hierarchy, tail: str, pid: int) -> Path | None:
    """The group for it that the process is in already, perhaps made by an earlier service."""
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return None
    wanted = "" if hierarchy.version == 2 else hierarchy.controllers[0]
    for line in lines:
        _, names, path = line.split(":", 2)
        if wanted in names.split(",") and path.endswith(tail):
            return hierarchy.mount / path.lstrip("/")
    return None


def _make(hierarchy: Hierarchy, group: Path, limits: Limits) -> None:
    group.mkdir(mode=0o755, parents=True, exist_ok=True)
    if hierarchy.version == 2:
        enabled = " ".join(f"+{name}" for name in hierarchy.controllers)
        (group.parent / "cgroup.subtree_control").write_text(enabled)
    quota = int(limits.cpus * _PERIOD_MICROSECONDS)
    memory = limits.memory_mib * 1024 * 1024
    for controller in hierarchy.controllers:
        for file, value in _values(hierarchy.version, controller, quota, memory):
            (group / file).write_text(value)


def _values(version: int, controller: str, quota: int, memory: int) -> list[tuple[str, str]]:
    if controller == "memory":
        if not memory:
            return []
        return [("memory.limit_in_bytes" if version == 1 else "memory.max", str(memory))]
    if not quota:
        return []
    if version == 2:
        return [("cpu.max", f"{quota} {_PERIOD_MICROSECONDS}")]
    return [
        ("cpu.cfs_period_us", str(_PERIOD_MICROSECONDS)),
        ("cpu.cfs_quota_us", str(quota)),
    ]
