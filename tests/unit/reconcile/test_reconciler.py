"""The threads that work: they begin, rest, are woken, survive faults, and end."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.operations.installation import ALICE, Installation, network_request, node_request

from hansa.domain.lifecycle import Kind, Status
from hansa.domain.workload import Phase
from hansa.drivers.fake import FakeDriver, FakeMachine
from hansa.fabric.base import FabricError
from hansa.fabric.fake import FakeFabric, FakeMaterial
from hansa.operations.reservations import reserve_again
from hansa.reconcile import reconciler as module
from hansa.reconcile.bell import Bell
from hansa.reconcile.plan import Patience
from hansa.reconcile.reconciler import Reconciler
from hansa.reconcile.sweep import Sweep
from hansa.reconcile.worker import Worker
from hansa.store.database import Store
from hansa.store.faults import StoreError
from hansa.store.resources import get_resource

WORKERS = 3
SECONDS_MAX = 60


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Works:
    """An installation whose reconciler runs, on a machine that only pretends."""

    installation: Installation
    machine: FakeMachine = field(default_factory=FakeMachine)
    material: FakeMaterial = field(default_factory=FakeMaterial)
    fault: Callable[[str], None] = lambda _point: None
    bell: Bell = field(default_factory=Bell)

    def __post_init__(self) -> None:
        store, context = self.installation.store, self.installation.context
        driver = FakeDriver(self.machine, self._pass)
        fabric = FakeFabric(self.material, self._pass)
        workers = [
            Worker(
                f"worker-{number}", store, driver, fabric, now, Patience(60, 0),
                lambda session, resource_id, port: reserve_again(
                    context, session, resource_id, port
                ),
            )
            for number in range(WORKERS)
        ]  # fmt: skip
        self.sweep = Sweep(store, driver, fabric, now)
        self.reconciler = Reconciler(workers, self.sweep, self.bell, now)

    def _pass(self, point: str) -> None:
        self.fault(point)

    @property
    def store(self) -> Store:
        return self.installation.store

    def create_network(self, name: str = "trade") -> dict[str, Any]:
        request = network_request(Name=name, ClientRequestToken=f"token-{name}")
        answer = self.installation.api.create_network(ALICE, request)
        self.bell.ring()
        return dict(answer)

    def status(self, kind: Kind, resource_id: str) -> Status:
        with self.store.read() as session:
            resource = get_resource(session, kind, resource_id)
            assert resource is not None
            return Status(resource.status)

    def await_status(self, kind: Kind, resource_id: str, status: Status) -> None:
        until(lambda: self.status(kind, resource_id) is status, f"{resource_id} is {status}")


def until(condition: Callable[[], bool], what: str) -> None:
    deadline, pause = time.monotonic() + SECONDS_MAX, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"{what}: it never happens"
        pause.wait(0.01)


@pytest.fixture
def works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Works]:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 0.02)
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.02)
    installation = Installation(tmp_path)
    installation.now = now()
    made = Works(installation)
    yield made
    made.reconciler.stop()
    assert not any(thread.is_alive() for thread in made.reconciler._threads)
    installation.store.close()


def test_what_was_asked_for_before_the_start_is_done(works: Works) -> None:
    made = works.create_network()
    works.reconciler.start()
    works.await_status(Kind.NETWORK, made["NetworkId"], Status.AVAILABLE)
    works.await_status(Kind.MEMBER, made["MemberId"], Status.AVAILABLE)


def test_the_bell_wakes_workers_that_rest(works: Works) -> None:
    works.reconciler.start()
    for name in ("first", "second", "third"):
        made = works.create_network(name)
        works.await_status(Kind.NETWORK, made["NetworkId"], Status.AVAILABLE)


def test_workers_share_the_work(works: Works) -> None:
    """Two resources are worked on at once: each waits for the other to have begun."""
    meeting = threading.Barrier(2, timeout=SECONDS_MAX)
    met: list[str] = []

    def meet(point: str) -> None:
        if point.startswith("apply ") and len(met) < 2:
            met.append(point)
            meeting.wait()

    works.fault = meet
    works.reconciler.start()
    made = works.create_network()
    works.await_status(Kind.NETWORK, made["NetworkId"], Status.AVAILABLE)
    assert len(set(met)) == 2


def test_a_stop_finishes_what_is_under_way(works: Works) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold(point: str) -> None:
        if point.startswith("apply n-"):
            begun.set()
            assert go_on.wait(SECONDS_MAX)

    works.fault = hold
    works.reconciler.start()
    made = works.create_network()
    assert begun.wait(SECONDS_MAX)
    stopping = threading.Thread(target=works.reconciler.stop)
    stopping.start()
    go_on.set()
    stopping.join(SECONDS_MAX)
    assert not stopping.is_alive()
    assert f"{made['NetworkId']}-orderer0" in works.machine.processes
    assert works.status(Kind.NETWORK, made["NetworkId"]) is Status.CREATING


def test_a_stop_wakes_those_that_rest(works: Works) -> None:
    works.reconciler.start()
    works.reconciler.stop()
    assert not any(thread.is_alive() for thread in works.reconciler._threads)


@pytest.mark.parametrize("fault", [FabricError("no"), RuntimeError("a bug"), OSError(28, "full")])
def test_a_step_that_fails_is_done_again(works: Works, fault: Exception) -> None:
    faults = [fault, fault]

    def fail(point: str) -> None:
        if point.startswith("apply n-") and faults:
            raise faults.pop()

    works.fault = fail
    works.reconciler.start()
    made = works.create_network()
    works.await_status(Kind.NETWORK, made["NetworkId"], Status.AVAILABLE)
    assert faults == []


@pytest.mark.parametrize("fault", [StoreError("the disk is full"), RuntimeError("a bug")])
def test_a_round_that_fails_ends_no_thread(
    works: Works, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    faults = [fault] * (2 * WORKERS)
    intact = Store.write

    @contextlib.contextmanager
    def broken(store: Store) -> Iterator[Any]:
        if threading.current_thread().name.startswith(("worker", "sweep")) and faults:
            raise faults.pop()
        with intact(store) as session:
            yield session

    works.reconciler.start()
    monkeypatch.setattr(Store, "write", broken)
    made = works.create_network()
    works.await_status(Kind.NETWORK, made["NetworkId"], Status.AVAILABLE)

    def met() -> bool:
        """At each ring every worker looks for work, which begins with a write."""
        works.bell.ring()
        return not faults

    until(met, "every fault was met")
    assert all(thread.is_alive() for thread in works.reconciler._threads)


def test_the_sweep_sees_what_dies_and_what_recovers(works: Works) -> None:
    works.reconciler.start()
    made = works.create_network()
    works.await_status(Kind.MEMBER, made["MemberId"], Status.AVAILABLE)
    works.await_status(Kind.NETWORK, made["NetworkId"], Status.AVAILABLE)
    request = node_request(made["NetworkId"], made["MemberId"])
    node_id = works.installation.api.create_node(ALICE, request)["NodeId"]
    works.bell.ring()
    works.await_status(Kind.NODE, node_id, Status.AVAILABLE)

    process = works.machine.processes[f"{node_id}-peer"]
    works.machine.die(f"{node_id}-peer")
    works.await_status(Kind.NODE, node_id, Status.UNHEALTHY)
    process.phase = Phase.READY
    works.await_status(Kind.NODE, node_id, Status.AVAILABLE)


def test_a_port_taken_after_its_reservation_is_changed(works: Works) -> None:
    made = works.create_network()
    first, _, _ = works.installation.settings.ports.partition("-")
    taken = int(first)
    works.machine.strangers[taken] = "process 4711 (stranger)"
    works.installation.taken.add(taken)
    works.reconciler.start()
    works.await_status(Kind.NETWORK, made["NetworkId"], Status.AVAILABLE)
    orderer = works.machine.processes[f"{made['NetworkId']}-orderer0"]
    assert taken not in orderer.workload.ports


def test_the_start_ends_what_nobody_wants(works: Works) -> None:
    made = works.create_network()
    works.reconciler.start()
    works.await_status(Kind.NETWORK, made["NetworkId"], Status.AVAILABLE)
    works.reconciler.stop()
    orphan = works.machine.processes[f"{made['NetworkId']}-orderer0"]
    works.machine.processes["n-ORPHAN-orderer0"] = orphan
    second = Works(works.installation, works.machine, works.material)
    second.reconciler.start()
    second.reconciler.stop()
    assert "n-ORPHAN-orderer0" not in works.machine.processes
    assert f"{made['NetworkId']}-orderer0" in works.machine.processes
