"""The Fabric processes of an installation, seen from outside: also while no service runs."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from hansa.client.installation import ClientError, Installation
from hansa.drivers.local.identity import Identity, is_alive, read_stat
from hansa.drivers.local.records import Folder
from hansa.drivers.local.records import names as recorded_names
from hansa.drivers.local.resources import disk_bytes, measure

if TYPE_CHECKING:
    from hansa.drivers.local import LocalDriver

_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class FabricProcess:
    """A workload; ``pid`` is None where it does not run. Memory counts its children (chaincode)."""

    name: str
    resource_id: str
    program: str
    intent: str
    pid: int | None
    rss_bytes: int
    disk_bytes: int


def workloads(installation: Installation) -> Path:
    """The directory that holds a directory per workload."""
    return installation.data_dir / "workloads"


def names(installation: Installation) -> list[str]:
    """The names of all workloads, running or not."""
    return recorded_names(workloads(installation))


def log_file(installation: Installation, name: str) -> Path:
    """Where the workload's current log is."""
    return Folder(workloads(installation), name).log


def look(installation: Installation) -> list[FabricProcess]:
    """All workloads, as they are now."""
    return [_look(Folder(workloads(installation), name), name) for name in names(installation)]


def _look(folder: Folder, name: str) -> FabricProcess:
    record = folder.load()
    process = folder.load_process()
    alive = process is not None and is_alive(process.identity)
    main = process.identity if process is not None and alive else None
    return FabricProcess(
        name=name,
        resource_id=record.workload.resource_id if record else "",
        program=str(record.workload.program) if record else "",
        intent=str(record.intent) if record else "",
        pid=main.pid if main else None,
        rss_bytes=measure(_with_children(main), folder.path / "none").rss_bytes if main else 0,
        disk_bytes=disk_bytes(folder.path),
    )


def _with_children(main: Identity) -> list[Identity]:
    try:
        children = psutil.Process(main.pid).children(recursive=True)
    except psutil.Error:
        return [main]
    stats = ((child.pid, read_stat(child.pid)) for child in children)
    return [main, *(Identity(pid, stat.started, main.boot) for pid, stat in stats if stat)]


def stop_all(installation: Installation, tell: Callable[[str, float], None]) -> list[str]:
    """Stop what runs, peers first, and return the names; nothing is lost.

    ``tell(name, share)`` follows it: what has just ended, and the share of all that is done.
    Raises :class:`ClientError`. No service starts meanwhile.
    """
    before = {process.name for process in look(installation) if process.pid is not None}
    if not before:
        return []
    left = set(before)
    with _no_service(installation), ThreadPoolExecutor(max_workers=1) as pool:
        stopping = pool.submit(_driver(installation).stop_all)
        while not wait([stopping], timeout=_POLL_SECONDS).done:
            now = {item.name for item in look(installation) if item.pid is not None}
            for ended in sorted(left - now):
                tell(ended, 1 - len(now) / len(before))
            left = now
    fault = stopping.exception()
    if fault is not None:
        raise ClientError(
            f"cannot stop every process: {fault}. Run `hansa down` again; `hansa status` shows "
            "what still runs."
        ) from fault
    return sorted(before)


@contextmanager
def _no_service(installation: Installation) -> Iterator[None]:
    """Hold the lock of the data directory, as a service would."""
    descriptor = os.open(installation.data_dir / "service.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ClientError(
            f"a service has just started on {installation.data_dir}. Run `hansa down` again."
        ) from None
    finally:
        os.close(descriptor)


def _driver(installation: Installation) -> LocalDriver:
    """A driver that can end processes; it starts none, so it needs no engine."""
    from hansa.drivers.local import LocalDriver
    from hansa.drivers.local.hosts import choose_names
    from hansa.iam.first import installation_id
    from hansa.store.database import open_store

    settings = installation.settings
    store = open_store(settings.data_dir / "hansa.db", settings.data_dir / "secrets" / "store.key")
    try:
        own_id = installation_id(store, datetime.now(UTC), secrets.choice)
    finally:
        store.close()
    choice = choose_names(
        settings.names, settings.domain, settings.region, settings.hosts_file, own_id
    )
    return LocalDriver(
        directory=workloads(installation),
        installation_id=own_id,
        engine_directory=settings.data_dir,
        find_program=Path,
        hosts=choice.hosts,
        log_bytes_max=settings.log_bytes_max,
        log_files_max=settings.log_files_max,
        environment={},
    )
