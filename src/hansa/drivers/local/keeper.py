"""Keeps one workload as it was asked for: starts, restarts, adopts, stops and removes it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from hansa.domain.workload import Observation, Phase, Program, Workload
from hansa.drivers.base import DriverError, PortTakenError, TemporaryDriverError
from hansa.drivers.local import cgroups, ports
from hansa.drivers.local.backoff import Backoff
from hansa.drivers.local.cgroups import Cgroups
from hansa.drivers.local.ending import end, kill
from hansa.drivers.local.hosts import Hosts
from hansa.drivers.local.identity import Identity, is_alive, reap
from hansa.drivers.local.launch import find, launch
from hansa.drivers.local.logs import telling_line
from hansa.drivers.local.readiness import Prober
from hansa.drivers.local.reasons import describe_end, title
from hansa.drivers.local.records import Folder, Intent, Process, Record
from hansa.drivers.local.scan import Seen, family, leftovers, scan

_PROBE_SECONDS = 1.0
_STOP_SECONDS = 10.0  # for processes whose record cannot be read


@dataclass(frozen=True)
class Machine:
    """What all workloads of an installation share. ``watch`` has the end of a process noticed."""

    installation_id: str
    workloads: Path
    listen_host: str
    find_program: Callable[[Program], Path]
    environment: Mapping[str, str]
    hosts: Hosts
    cgroups: Cgroups
    prober: Prober
    backoff: Backoff
    clock: Callable[[], float]
    watch: Callable[[str, Identity], None]


class Keeper:
    """One workload. Its lock is held while something is done to it, never while looking at it."""

    def __init__(self, machine: Machine, name: str) -> None:
        self.name = name
        self.folder = Folder(machine.workloads, name)
        self.lock = threading.RLock()
        self.record: Record | None = None
        self.process: Process | None = None
        self.due: float | None = None
        self.reason = ""
        self.restarts = 0
        self._machine = machine
        self._failures = 0
        self._crashed = False
        self._halted = False
        self._started_at = 0.0
        self._log_offset = 0

    # What is asked for

    def apply(self, workload: Workload) -> None:
        """See :meth:`hansa.drivers.base.Driver.apply`."""
        wanted = Record.of(workload)
        with self.lock:
            if self.process is not None and not is_alive(self.process.identity):
                self._note_end(self.process)
            if self.record != wanted:
                self._change(wanted, workload.files)
            elif self.process is not None or self._waits():
                return
            self._start()

    def amend(self, workload: Workload) -> None:
        """See :meth:`hansa.drivers.base.Driver.amend`."""
        wanted = Record.of(workload)
        with self.lock:
            record, process = self.record, self.process
            if record is None or process is None or not is_alive(process.identity):
                self.apply(workload)
            elif record != wanted:
                self.folder.write_files(workload.files, record.files)
                self._save(wanted)
                self.process = replace(process, digest=wanted.digest)
                self.folder.save_process(self.process)

    def _waits(self) -> bool:
        """Whether it ended by itself, and is started again after a while."""
        return self.due is not None and self._crashed and not self._halted

    def _change(self, wanted: Record, files: Mapping[str, bytes]) -> None:
        former = self.record
        equal = former is not None and former.digest == wanted.digest
        if not equal:
            # With intent STOP a crash from here on does not bring up the former values.
            if former is not None:
                self._save(replace(former, intent=Intent.STOP))
            self._end_processes()
            self.folder.write_files(files, former.files if former else {})
        self._save(wanted)
        self.reason, self.restarts, self._failures = "", 0, 0

    def stop(self) -> None:
        """See :meth:`hansa.drivers.base.Driver.stop`."""
        with self.lock:
            if self.record is None:
                return
            self._save(replace(self.record, intent=Intent.STOP))
            self._end_processes()

    def pause(self, act: Callable[[], None]) -> None:
        """See :meth:`hansa.drivers.base.Driver.pause`."""
        with self.lock:
            if self.record is None or self.record.intent is not Intent.RUN or self._halted:
                raise TemporaryDriverError(f"{self.name} is not to run")
            self._end_processes()
            try:
                act()
            finally:
                self._start()

    def _save(self, record: Record) -> None:
        if record != self.record:
            self.folder.save(record)
            self.record = record

    def halt(self) -> None:
        """End the processes; the next service starts what is to run."""
        with self.lock:
            self._halted = True
            self._end_processes()

    def remove(self) -> None:
        """See :meth:`hansa.drivers.base.Driver.remove`."""
        with self.lock:
            if self.record is None and not self.folder.exists():
                return
            if self.record is not None:
                # So that a crash from here on does not bring it up again. A full disk may not
                # hold up what frees it.
                with suppress(TemporaryDriverError):
                    self.folder.save(replace(self.record, intent=Intent.REMOVE))
            self._end_processes()
            with hosts_faults():
                self._machine.hosts.remove(self.name)
            self.folder.delete()
            self.record, self.reason, self.restarts, self._failures = None, "", 0, 0

    # Starting

    def start_if_due(self) -> None:
        """Start it where it is to run and its time has come; not while it is worked on."""
        if self.due is None or self.due > self._machine.clock():
            return
        if not self.lock.acquire(blocking=False):
            return
        try:
            if self.due is not None and self.process is None and not self._halted:
                # A failure is kept as the reason, and it is tried again.
                with suppress(DriverError):
                    self._start()
        finally:
            self.lock.release()

    def _start(self) -> None:
        self._halted = False
        try:
            self._launch()
        except DriverError as fault:
            self._failures += 1
            self._crashed = False
            self.reason = f"cannot start {self.name}: {fault}"
            self._schedule()
            raise

    def _schedule(self) -> None:
        self.due = self._machine.clock() + self._machine.backoff.delay(self._failures)

    def _launch(self) -> None:
        record, machine = self._recorded(), self._machine
        with hosts_faults():
            machine.hosts.add(self.name, record.workload.hostnames)
        for port in record.workload.ports:
            self._free(port)
        program = find(record.workload.program, machine.find_program)
        with suppress(FileNotFoundError):
            self._log_offset = self.folder.log.stat().st_size
        identity = launch(
            record, self.folder, program, machine.environment, machine.installation_id
        )
        self.restarts += 1 if self._crashed else 0
        self._crashed, self._started_at = False, machine.clock()
        self._take(identity)
        machine.watch(self.name, identity)

    def _take(self, identity: Identity) -> None:
        """Make it the main process, and durable as such."""
        record = self._recorded()
        self.due = None
        self.process = Process(identity, record.digest)
        groups = self._machine.cgroups.place(self.name, identity.pid, record.workload.limits)
        self.process = Process(identity, record.digest, groups)
        # Its marker tells the same, so a full disk is no reason to end it.
        with suppress(TemporaryDriverError):
            self.folder.save_process(self.process)

    def _recorded(self) -> Record:
        if self.record is None:
            raise TemporaryDriverError(f"{self.name} has just been removed")
        return self.record

    def _free(self, port: int) -> None:
        """Make sure that ``port`` is free; what an earlier run has left is no stranger."""
        if ports.is_free(self._machine.listen_host, port):
            return
        holder = ports.find_holder(port)
        own = self._family(None)
        if holder.pid in {item.pid for item in own}:
            kill(own)
        if not ports.is_free(self._machine.listen_host, port):
            raise PortTakenError(port, holder.description)

    # Ending

    def _family(self, main: Identity | None) -> set[Identity]:
        seen = scan(self._machine.installation_id)
        return family(seen, self.name, main, cgroups.pids(self._groups()))

    def members(self, seen: Iterable[Seen]) -> set[Identity]:
        """Its processes among those ``seen``."""
        process = self.process
        return family(seen, self.name, process.identity if process else None)

    def _groups(self) -> tuple[Path, ...]:
        process = self.process or self.folder.load_process()
        return process.groups if process else ()

    def _end_processes(self) -> None:
        main = self.process.identity if self.process else None
        seconds = self.record.workload.stop_seconds if self.record else _STOP_SECONDS
        end(main, seconds, self._family)
        if main is not None:
            reap(main)
        self._forget_process(wait=True)
        self.due = None

    def _forget_process(self, *, wait: bool = False) -> None:
        groups = self._groups()
        if wait:
            # Also where an earlier end could not remove them, and forgot the process.
            groups = tuple({*groups, *self._machine.cgroups.groups(self.name)})
        cgroups.remove(groups, wait=wait)
        self.process = None
        self.folder.forget_process()

    def settle(self, identity: Identity, *, wait: bool) -> bool:
        """Take note of the end of a process, once. False: it is worked on, and not ``wait``."""
        if not self.lock.acquire(blocking=wait):
            return False
        try:
            process = self.process
            if process is not None and process.identity == identity and not is_alive(identity):
                self._note_end(process)
            return True
        finally:
            self.lock.release()

    def _note_end(self, process: Process) -> None:
        record, backoff = self._recorded(), self._machine.backoff
        healthy = self._machine.clock() - self._started_at >= backoff.healthy_seconds
        self._failures = 1 if healthy else self._failures + 1
        self._crashed = True
        code = reap(process.identity)
        self.reason = describe_end(
            record.workload,
            code,
            self._failures,
            telling_line(self.folder.log, self._log_offset),
            out_of_memory=cgroups.out_of_memory_kills(process.groups) > 0,
        )
        # What served it (chaincode) is started again by the next one.
        with suppress(DriverError):
            kill(self._family(process.identity))
        self._forget_process()
        self._schedule()

    # After a start of the service

    def adopt(self, seen: Iterable[Seen]) -> bool:
        """Go on with the process that an earlier service has started; whether there is one.

        Processes that run and shall not are ended; a workload that shall run and does not is due.
        """
        with self.lock:
            self.record = self.folder.load()
            if self.record is None:
                return False
            if self.record.intent is Intent.REMOVE:
                self.remove()
                return False
            main = self._find_main(list(seen), self.record)
            if self.record.intent is Intent.STOP or main is None:
                self._end_former(list(seen))
                self.due = self._machine.clock() if self.record.intent is Intent.RUN else None
                return False
            kill(leftovers(seen, self.name, main))
            self._started_at = self._machine.clock()
            self._take(main)
            with suppress(OSError):
                self._machine.hosts.add(self.name, self.record.workload.hostnames)
            self._machine.watch(self.name, main)
            return True

    def _find_main(self, seen: list[Seen], record: Record) -> Identity | None:
        known = self.folder.load_process()
        if known is not None and known.digest == record.digest and is_alive(known.identity):
            return known.identity
        # The service may have ended before it could note the process: then the marker tells.
        arguments = record.workload.arguments
        for item in seen:
            ours = item.workload == self.name and item.digest == record.digest
            same = item.command[len(item.command) - len(arguments) :] == arguments
            if ours and same and item.leads_session:
                return item.identity
        return None

    def _end_former(self, seen: list[Seen]) -> None:
        """End what runs of it, asking its main process first."""
        known = self.folder.load_process()
        main = known.identity if known and is_alive(known.identity) else None
        if main is None:
            leaders = (s for s in seen if s.workload == self.name and s.leads_session)
            main = next((item.identity for item in leaders), None)
        if main is not None:
            self.process = Process(main, "", known.groups if known else ())
        self._end_processes()

    # Looking

    def observe(self) -> Observation:
        """See :meth:`hansa.drivers.base.Driver.observe`."""
        record, process = self.record, self.process
        if record is None:
            phase = Phase.STOPPED if self.folder.exists() else Phase.ABSENT
            return Observation(self.name, phase)
        if record.intent is not Intent.RUN or self._halted:
            return Observation(self.name, Phase.STOPPED, restarts=self.restarts)
        if process is None:
            return self.down()
        fault = self.ask(_PROBE_SECONDS)
        if not fault:
            return self.ready(process)
        if not is_alive(process.identity):
            self.settle(process.identity, wait=False)
            return self.down()
        text = f"{title(record.workload)} runs, but {fault}"
        reason = f"{self.reason}; now {text}" if self.reason else text
        return Observation(self.name, Phase.STARTING, process.identity.pid, self.restarts, reason)

    def runs(self, identity: Identity) -> bool:
        """Whether this is its main process still; it may have ended unnoticed."""
        process = self.process
        return process is not None and process.identity == identity

    def ask(self, seconds: float) -> str:
        """What the probe finds wrong; empty if nothing."""
        record = self.record
        if record is None:
            return "it is being removed"
        return self._machine.prober.ask(record.workload.probe, seconds)

    def ready(self, process: Process) -> Observation:
        if self.process == process:
            self.reason = ""
        return Observation(self.name, Phase.READY, process.identity.pid, self.restarts)

    def down(self) -> Observation:
        reason = self.reason or f"{self.name} is about to be started"
        return Observation(self.name, Phase.DOWN, None, self.restarts, reason)


@contextmanager
def hosts_faults() -> Iterator[None]:
    """Turns a fault of the hosts file into a :class:`DriverError`."""
    try:
        yield
    except OSError as fault:
        raise TemporaryDriverError(
            f"cannot edit the hosts file: {fault.strerror}; see that this user may write it, or "
            "set names=localhost"
        ) from fault
