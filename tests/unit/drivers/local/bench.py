"""Local drivers on one directory, and workloads that are small servers."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.unit.drivers.contract import SECONDS, listening

from hansa.domain.workload import Limits, Observation, Phase, Probe, Program, Workload
from hansa.drivers.local import Boot, Hosts, LocalDriver, NoHosts
from hansa.drivers.local.backoff import Backoff
from hansa.drivers.local.cgroups import Cgroups
from hansa.drivers.local.identity import Identity, await_end, identify
from hansa.drivers.local.records import Folder
from hansa.drivers.local.scan import scan

SERVER = str(Path(__file__).with_name("server.py"))


def until(condition: Callable[[], Any], what: str = "") -> None:
    """Wait for what another thread or process brings about."""
    pace, deadline = threading.Event(), time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain {what}"
        pace.wait(0.005)


class LocalBench:
    """``driver`` is the one in use; :meth:`end` leaves no process behind."""

    def __init__(self, directory: Path, hosts: Hosts | None = None) -> None:
        self.directory = directory / "workloads"
        self.installation_id = uuid.uuid4().hex
        self.hosts = hosts or NoHosts()
        self.backoff = Backoff(lambda: 0.0, first_seconds=0.02, most_seconds=0.1)
        self.find_program: Callable[[Program], Path] = lambda _: Path(sys.executable)
        self.log_bytes_max = 10_000_000
        self.cgroups = Cgroups(self.installation_id, [])
        self._drivers: list[LocalDriver] = []
        self.boot = Boot((), (), ())
        self.driver = self.open()

    def _find_program(self, program: Program) -> Path:
        return self.find_program(program)

    def make(self) -> LocalDriver:
        """One that is not started yet."""
        driver = LocalDriver(
            self.directory,
            self.installation_id,
            Path("/engine"),
            self._find_program,
            self.hosts,
            self.log_bytes_max,
            2,
            {"HOME": "/nowhere"},
            backoff=self.backoff,
            cgroups=self.cgroups,
        )
        self._drivers.append(driver)
        return driver

    def open(self) -> LocalDriver:
        self.driver = self.make()
        self.boot = self.driver.start()
        return self.driver

    def reopen(self) -> LocalDriver:
        self.driver.close()
        return self.open()

    def end(self) -> None:
        for driver in self._drivers[:-1]:
            driver.close()
        self.driver.stop_all()
        for driver in self._drivers:
            driver.close()
        assert self.processes() == []

    def workload(self, name: str, *flags: str, **changes: Any) -> Workload:
        port = free_port()
        values: dict[str, Any] = {
            "name": name,
            "resource_id": "n-1",
            "program": Program.ORDERER,
            "arguments": ("-IS", SERVER, "--port", str(port), *flags),
            "environment": {"GIVEN": "yes"},
            "files": {"server.yaml": b"secret", "msp/keystore/key.pem": b"key"},
            "ports": (port,),
            "hostnames": (f"{name}.test",),
            "probe": Probe(f"http://127.0.0.1:{port}/", "OK"),
            "limits": Limits(),
            "stop_seconds": 5.0,
        }
        return Workload(**{**values, **changes})

    def started(self, name: str, *flags: str, **changes: Any) -> tuple[Workload, Identity]:
        """A workload that is READY, and its process."""
        workload = self.workload(name, *flags, **changes)
        self.driver.apply(workload)
        seen = self.driver.await_ready(name, SECONDS)
        assert seen.phase is Phase.READY, seen
        assert seen.pid is not None
        identity = identify(seen.pid)
        assert identity is not None
        return workload, identity

    def child(self, workload: Workload) -> Identity:
        """The child that a server with ``--child`` or ``--lost-child`` has started."""
        file = Path(self.driver.place(workload.name).data_directory, "child")
        until(file.exists, "for the child")
        identity = identify(int(file.read_text()))
        assert identity is not None
        return identity

    def processes(self) -> list[Identity]:
        return [seen.identity for seen in scan(self.installation_id) if seen.workload]

    def die(self, name: str) -> None:
        pid = self.driver.observe(name).pid
        assert pid is not None
        identity = identify(pid)
        os.kill(pid, signal.SIGKILL)
        assert identity is not None
        assert await_end(identity, SECONDS)

    def noted_pid(self, name: str) -> int | None:
        """The pid of the main process by the driver's own record; None while there is none."""
        process = Folder(self.directory, name).load_process()
        return process.identity.pid if process else None

    def seen(self, name: str, wanted: Callable[[Observation], bool]) -> Observation:
        """The first observation that is as ``wanted``."""
        found: list[Observation] = []

        def look() -> bool:
            found.append(self.driver.observe(name))
            return wanted(found[-1])

        until(look, f"for {name}")
        return found[-1]

    def recovered(self, name: str) -> Observation:
        return self.seen(name, lambda seen: seen.phase is Phase.READY and seen.restarts > 0)

    def stranger(self, port: int) -> AbstractContextManager[None]:
        return listening(port)


def environment_of(pid: int) -> dict[str, str]:
    """The environment that a process was started with."""
    pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")[:-1]
    return dict(pair.split("=", 1) for pair in pairs)
