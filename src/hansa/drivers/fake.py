"""A driver without processes, for speed and for faults.

``FakeMachine`` is what outlives the service: processes, their data, who holds which port. A
``FakeDriver`` is one service's view of it. A ``FaultPlan`` decides at each named point whether
something goes wrong there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hansa.domain.workload import Observation, Phase, Place, Workload
from hansa.drivers.base import PortTakenError, TemporaryDriverError

FaultPlan = Callable[[str], None]
"""Called with the name of each point that is passed; raises what is to go wrong there."""


class Killed(BaseException):
    """The service ends here, as by kill -9: nothing may catch this and go on."""


def no_faults(_point: str) -> None:
    """A plan by which all goes well."""


@dataclass
class FakeProcess:
    """What the machine keeps of one workload."""

    workload: Workload
    phase: Phase = Phase.STARTING
    pid: int = 0
    restarts: int = 0
    reason: str = ""


@dataclass
class FakeMachine:
    """``processes`` by workload name; ``strangers`` are ports that others hold, and who."""

    processes: dict[str, FakeProcess] = field(default_factory=dict)
    strangers: dict[int, str] = field(default_factory=dict)
    last_pid: int = 1000

    def new_pid(self) -> int:
        self.last_pid += 1
        return self.last_pid

    def die(self, name: str, reason: str = "killed") -> None:
        """The process ends by itself."""
        process = self.processes[name]
        process.phase, process.reason = Phase.DOWN, reason

    def recover(self) -> None:
        """What time does: what starts becomes ready, what should run is started again."""
        for process in self.processes.values():
            if set(process.workload.ports) & set(self.strangers) and process.phase is Phase.DOWN:
                continue
            if process.phase is Phase.DOWN:
                process.pid, process.restarts = self.new_pid(), process.restarts + 1
            if process.phase is not Phase.STOPPED:
                process.phase, process.reason = Phase.READY, ""


class FakeDriver:
    """Implements :class:`hansa.drivers.base.Driver` on a :class:`FakeMachine`."""

    def __init__(self, machine: FakeMachine, faults: FaultPlan = no_faults) -> None:
        self._machine = machine
        self._faults = faults

    def place(self, name: str) -> Place:
        root = f"/fake/{name}"
        return Place(
            config_directory=f"{root}/config",
            data_directory=f"{root}/data",
            listen_host="127.0.0.1",
            internal_host="127.0.0.1",
            engine_directory="/fake/engine",
        )

    def port_is_free(self, port: int) -> bool:
        return port not in self._machine.strangers

    def apply(self, workload: Workload) -> None:
        self._faults(f"apply {workload.name}")
        found = self._machine.processes.get(workload.name)
        begun = found is not None and found.pid != 0 and found.phase is not Phase.STOPPED
        if found is not None and begun and found.workload == workload:
            return
        for port in workload.ports:
            if port in self._machine.strangers:
                fault = PortTakenError(port, self._machine.strangers[port])
                # It is on record, and is to run as soon as it can.
                self._machine.processes[workload.name] = FakeProcess(
                    workload, Phase.DOWN, reason=str(fault)
                )
                raise fault
        self._machine.processes[workload.name] = FakeProcess(workload, pid=self._machine.new_pid())
        self._faults(f"applied {workload.name}")

    def amend(self, workload: Workload) -> None:
        self._faults(f"amend {workload.name}")
        found = self._machine.processes.get(workload.name)
        if found is None:
            self.apply(workload)
        else:
            found.workload = workload
        self._faults(f"amended {workload.name}")

    def await_ready(self, name: str, timeout_seconds: float) -> Observation:
        del timeout_seconds  # time does not pass here
        self._faults(f"await {name}")
        process = self._machine.processes.get(name)
        if process is not None and process.phase is Phase.STARTING:
            process.phase = Phase.READY
        return self.observe(name)

    def observe(self, name: str) -> Observation:
        process = self._machine.processes.get(name)
        if process is None:
            return Observation(name, Phase.ABSENT)
        return Observation(name, process.phase, process.pid, process.restarts, process.reason)

    def stop(self, name: str) -> None:
        self._faults(f"stop {name}")
        if name in self._machine.processes:
            self._machine.processes[name].phase = Phase.STOPPED
        self._faults(f"stopped {name}")

    def pause(self, name: str, act: Callable[[], None]) -> None:
        self._faults(f"pause {name}")
        process = self._machine.processes.get(name)
        if process is None or process.phase is Phase.STOPPED:
            raise TemporaryDriverError(f"{name} is not to run")
        process.phase = Phase.DOWN
        try:
            act()
        finally:
            process.phase, process.pid = Phase.STARTING, self._machine.new_pid()
        self._faults(f"paused {name}")

    def remove(self, name: str) -> None:
        self._faults(f"remove {name}")
        self._machine.processes.pop(name, None)
        self._faults(f"removed {name}")

    def names(self) -> Iterable[str]:
        return sorted(self._machine.processes)

    def log_path(self, name: str) -> str | None:
        del name
        return None
