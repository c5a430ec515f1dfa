"""Runs workloads as processes of this machine, which outlive the service."""

from __future__ import annotations

import random
import select
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog

from hansa.domain.workload import Observation, Phase, Place, Program, Workload
from hansa.drivers.base import DriverError
from hansa.drivers.local import ports, records
from hansa.drivers.local.backoff import Backoff
from hansa.drivers.local.cgroups import Cgroups, find_hierarchies
from hansa.drivers.local.ending import end_all
from hansa.drivers.local.hosts import Hosts
from hansa.drivers.local.identity import Identity, is_alive, opened
from hansa.drivers.local.keeper import Keeper, Machine, hosts_faults
from hansa.drivers.local.logs import rotate
from hansa.drivers.local.readiness import Prober
from hansa.drivers.local.records import Folder
from hansa.drivers.local.resources import Usage, measure
from hansa.drivers.local.scan import Seen, family, scan
from hansa.drivers.local.supervisor import Supervisor

_log = structlog.get_logger("hansa.drivers.local")
_PROBE_EVERY_SECONDS = 0.012
_PROBE_SECONDS = 1.0
_ROTATE_EVERY_SECONDS = 1.0
_ORPHAN_SECONDS = 10.0
_ENDING_ORDER = (Program.PEER, Program.ORDERER, Program.FABRIC_CA_SERVER)


@dataclass(frozen=True)
class Boot:
    """What a start found: names of workloads, and the orphans it ended (``NAME (pid)``)."""

    adopted: tuple[str, ...]
    restarted: tuple[str, ...]
    orphans: tuple[str, ...]


class LocalDriver:
    """The :class:`hansa.drivers.base.Driver` of one machine.

    ``directory`` holds a directory for each workload. ``installation_id`` marks the processes.
    ``environment`` is given to each process, besides PATH and LANG; nothing else is inherited.
    """

    def __init__(
        self,
        directory: Path,
        installation_id: str,
        engine_directory: Path,
        find_program: Callable[[Program], Path],
        hosts: Hosts,
        log_bytes_max: int,
        log_files_max: int,
        environment: Mapping[str, str],
        *,
        listen_host: str = "127.0.0.1",
        internal_host: str = "127.0.0.1",
        clock: Callable[[], float] = time.monotonic,
        backoff: Backoff | None = None,
        cgroups: Cgroups | None = None,
    ) -> None:
        self._directory = directory.absolute()
        self._engine_directory = engine_directory
        self._internal_host = internal_host
        self._log_bytes_max = log_bytes_max
        self._log_files_max = log_files_max
        self._next_rotation = 0.0
        self._supervisor = Supervisor(self._settle, self._tick)
        self._machine = Machine(
            installation_id=installation_id,
            workloads=self._directory,
            listen_host=listen_host,
            find_program=find_program,
            environment=environment,
            hosts=hosts,
            cgroups=cgroups or Cgroups(installation_id, find_hierarchies()),
            prober=Prober(),
            backoff=backoff or Backoff(random.random),
            clock=clock,
            watch=self._supervisor.watch,
        )
        self._keepers: dict[str, Keeper] = {}
        self._lock = threading.Lock()
        self._loaded = False

    # The service's life

    def start(self) -> Boot:
        """Adopt what runs, end what nobody asked for, begin to supervise; once.

        What shall run and does not is started by the supervision, in a moment.
        """
        boot = self._load()
        self._supervisor.start()
        return boot

    def close(self) -> None:
        """Stop supervising. The processes go on, for the next service to adopt."""
        self._supervisor.close()
        self._machine.prober.close()

    def stop_all(self) -> None:
        """End all processes of the installation, peers first; the next start begins them again.

        May be called without :meth:`start`, after a service that has crashed. Raises the first
        :class:`DriverError` once all was tried.
        """
        if not self._loaded:
            self._load()
        faults: list[DriverError] = []
        for program in _ENDING_ORDER:
            kind = [keeper for keeper in self._all() if _program(keeper) is program]
            with ThreadPoolExecutor(max_workers=16) as pool:
                faults += [fault for fault in pool.map(_halt, kind) if fault is not None]
        with hosts_faults():
            self._machine.hosts.clear()
        if faults:
            raise faults[0]

    def _load(self) -> Boot:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        records.sweep(self._directory)
        self._loaded = True
        seen = scan(self._machine.installation_id)
        adopted = []
        for name in records.names(self._directory):
            keeper = self._keeper(name)
            try:
                if keeper.adopt(seen):
                    adopted.append(name)
            except DriverError as fault:
                _log.warning("cannot adopt a workload", workload=name, reason=str(fault))
        orphans = self._end_orphans(seen)
        due = tuple(keeper.name for keeper in self._all() if keeper.due is not None)
        return Boot(tuple(adopted), due, orphans)

    def _end_orphans(self, seen: list[Seen]) -> tuple[str, ...]:
        """End the processes of the installation that no record speaks of."""
        kept = {keeper.name for keeper in self._all() if keeper.record is not None}
        strays = {item.workload for item in seen if item.workload} - kept
        processes = {item: name for name in strays for item in family(seen, name, None)}
        running = [item for item in processes if is_alive(item)]
        if running:
            _log.warning("ending processes that nobody asked for", workloads=sorted(strays))
        end_all(running, _ORPHAN_SECONDS)
        return tuple(sorted(f"{processes[item]} ({item.pid})" for item in running))

    # Supervision

    def _settle(self, name: str, identity: Identity) -> bool:
        keeper = self._keeper(name)
        if not keeper.settle(identity, wait=False):
            return False
        if keeper.due is not None and keeper.reason:
            _log.warning("a process ended", workload=name, reason=keeper.reason)
        return True

    def _tick(self) -> float:
        """Start what is due, rotate logs; seconds until the next is due."""
        now = self._machine.clock()
        if now >= self._next_rotation:
            self._next_rotation = now + _ROTATE_EVERY_SECONDS
            self._rotate_logs()
        waits = [self._next_rotation - now]
        for keeper in self._all():
            keeper.start_if_due()
            due = keeper.due
            if due is not None:
                # Past, where somebody works on it: then it is looked at again soon.
                waits.append(max(due - self._machine.clock(), 0.02))
        return min(waits)

    def _rotate_logs(self) -> None:
        for keeper in self._all():
            try:
                rotate(keeper.folder.log, self._log_bytes_max, self._log_files_max)
            except OSError as fault:
                _log.warning("cannot rotate a log", workload=keeper.name, reason=fault.strerror)

    def _all(self) -> list[Keeper]:
        with self._lock:
            return list(self._keepers.values())

    def _keeper(self, name: str) -> Keeper:
        """The only keeper of ``name``; it stays when the workload is removed, for its lock."""
        with self._lock:
            keeper = self._keepers.get(name)
            if keeper is None:
                keeper = self._keepers[name] = Keeper(self._machine, name)
            return keeper

    def _look(self, name: str) -> Keeper:
        """As :meth:`_keeper`, but one that is not kept where the name is unknown."""
        with self._lock:
            return self._keepers.get(name) or Keeper(self._machine, name)

    # The driver's contract

    def place(self, name: str) -> Place:
        folder = Folder(self._directory, name)
        return Place(
            config_directory=str(folder.config),
            data_directory=str(folder.data),
            listen_host=self._machine.listen_host,
            internal_host=self._internal_host,
            engine_directory=str(self._engine_directory),
        )

    def port_is_free(self, port: int) -> bool:
        return ports.is_free(self._machine.listen_host, port)

    def apply(self, workload: Workload) -> None:
        keeper = self._keeper(workload.name)
        try:
            keeper.apply(workload)
        finally:
            self._supervisor.wake()

    def amend(self, workload: Workload) -> None:
        self._keeper(workload.name).amend(workload)

    def await_ready(self, name: str, timeout_seconds: float) -> Observation:
        clock = self._machine.clock
        deadline = clock() + timeout_seconds
        keeper = self._look(name)
        process = keeper.process
        if process is None:
            return keeper.observe()
        with opened(process.identity) as descriptor:
            end = select.poll()
            if descriptor is not None:
                end.register(descriptor, select.POLLIN)
            while descriptor is not None and keeper.runs(process.identity):
                left = deadline - clock()
                if not keeper.ask(min(max(left, 0.05), _PROBE_SECONDS)):
                    return keeper.ready(process)
                if left <= 0:
                    return keeper.observe()
                if end.poll(min(left, _PROBE_EVERY_SECONDS) * 1000):
                    break
        keeper.settle(process.identity, wait=True)
        last = keeper.observe()
        # It may have been started again already, which does not change that it ended.
        return keeper.down() if last.phase is Phase.STARTING and keeper.reason else last

    def observe(self, name: str) -> Observation:
        return self._look(name).observe()

    def stop(self, name: str) -> None:
        self._look(name).stop()

    def pause(self, name: str, act: Callable[[], None]) -> None:
        try:
            self._look(name).pause(act)
        finally:
            self._supervisor.wake()

    def remove(self, name: str) -> None:
        if Folder(self._directory, name).exists():
            self._keeper(name).remove()

    def names(self) -> Iterable[str]:
        return records.names(self._directory)

    def log_path(self, name: str) -> str | None:
        log = self._look(name).folder.log
        return str(log) if log.exists() else None

    # For people

    def usage(self, name: str) -> Usage:
        """Memory, processor time and disk of a workload now; zeros where it is ABSENT."""
        return self._measure(self._look(name), scan(self._machine.installation_id))

    def usages(self) -> dict[str, Usage]:
        """:meth:`usage` of all workloads, for one look at the machine."""
        seen = scan(self._machine.installation_id)
        return {name: self._measure(self._look(name), seen) for name in self.names()}

    def _measure(self, keeper: Keeper, seen: list[Seen]) -> Usage:
        return measure(keeper.members(seen), keeper.folder.path)

    def limits_note(self) -> str:
        """Why limits of CPU and memory do not hold on this machine; empty where they do."""
        return self._machine.cgroups.note()


def _program(keeper: Keeper) -> Program | None:
    return keeper.record.workload.program if keeper.record else None


def _halt(keeper: Keeper) -> DriverError | None:
    try:
        keeper.halt()
    except DriverError as fault:
        return fault
    return None
