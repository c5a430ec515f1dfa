"""A whole installation in one thread, with virtual time, a seed, and an end at any point.

What is durable (the store's file, the machine, the keys) outlives the service; everything else is
built anew by :meth:`World.restart`.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from hansa.domain.caller import Caller
from hansa.domain.endpoints import Endpoints
from hansa.domain.lifecycle import Kind
from hansa.drivers.fake import FakeDriver, FakeMachine, Killed
from hansa.fabric.fake import FakeFabric, FakeMaterial
from hansa.operations.context import OperationContext
from hansa.operations.reservations import reserve_again
from hansa.operations.service import managed_blockchain
from hansa.reconcile.plan import Patience
from hansa.reconcile.sweep import Sweep
from hansa.reconcile.worker import Worker
from hansa.settings import Settings
from hansa.store.database import Store, open_store
from hansa.store.resources import get_resource
from hansa.store.tables import Work

ALICE = Caller("111111111111", "arn:aws:iam::111111111111:user/alice", "AKIDALICE", "us-east-1")
BOB = Caller("222222222222", "arn:aws:iam::222222222222:user/bob", "AKIDBOB", "us-east-1")
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STEPS_MAX = 2000


class CrashingStore(Store):
    """A store in which the service may end just before or just after each commit."""

    faults: Faults

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
            dirty = bool(session.new or session.dirty or session.deleted)
            if dirty:
                self.faults.at("commit")
        if dirty:
            self.faults.at("committed")


@dataclass
class Moment:
    """All that is durable at one point: what a service finds that starts after a crash there."""

    point: str
    database: dict[str, bytes]
    machine: FakeMachine
    material: FakeMaterial
    now: datetime
    settings: Settings


class Faults:
    """Counts the points that are passed, and does at them what was planned."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.keep: Callable[[str], None] | None = None
        self.kill_at: int | None = None
        self.plan: dict[int, Exception] = {}

    def at(self, point: str) -> None:
        number = len(self.passed)
        self.passed.append(point)
        if self.keep is not None:
            self.keep(point)
        if number == self.kill_at:
            raise Killed(point)
        if number in self.plan:
            raise self.plan.pop(number)


class World:
    """One installation; ``seed`` decides its ids and everything drawn at random."""

    def __init__(self, directory: Path, seed: int, **settings: object) -> None:
        self.directory = directory
        self.random = random.Random(seed)
        self.now = START
        self.machine = FakeMachine()
        self.material = FakeMaterial()
        self.faults = Faults()
        self.settings = Settings(data_dir=directory, **settings)  # type: ignore[arg-type]
        self.crashes = 0
        self.restart()

    def restart(self) -> None:
        """Start the service on what is durable."""
        store = open_store(self.directory / "hansa.db", self.directory / "master.key", "OFF")
        store.__class__ = CrashingStore
        self.store = store
        store.faults = self.faults  # type: ignore[attr-defined]
        driver = FakeDriver(self.machine, self.faults.at)
        fabric = FakeFabric(self.material, self.faults.at)
        self.context = OperationContext(
            store=store,
            settings=self.settings,
            endpoints=Endpoints("us-east-1", "localhost", named=True),
            now=lambda: self.now,
            choice=self.random.choice,
            port_is_free=driver.port_is_free,
            wake=lambda: None,
        )
        self.api = managed_blockchain(self.context)
        patience = Patience(self.settings.create_seconds_max, self.settings.unhealthy_seconds)
        self.worker = Worker(
            "worker", store, driver, fabric, lambda: self.now, patience,
            lambda session, resource_id, port: reserve_again(
                self.context, session, resource_id, port
            ),
        )  # fmt: skip
        self.sweep = Sweep(store, driver, fabric, lambda: self.now)
        self.worker.begin()
        self.sweep.begin()

    def keep_moments(self) -> list[Moment]:
        """From now on, keep what is durable at each point that is passed; the growing list."""
        moments: list[Moment] = []

        def keep(point: str) -> None:
            files = [file for file in self.directory.iterdir() if not file.name.endswith("-shm")]
            moments.append(
                Moment(
                    point,
                    {file.name: file.read_bytes() for file in files},
                    copy.deepcopy(self.machine),
                    copy.deepcopy(self.material),
                    self.now,
                    self.settings,
                )
            )

        self.faults.keep = keep
        return moments

    @classmethod
    def revive(cls, moment: Moment, directory: Path) -> World:
        """The installation as it is when the service starts after a crash at ``moment``."""
        for name, content in moment.database.items():
            (directory / name).write_bytes(content)
        world = cls.__new__(cls)
        world.directory = directory
        world.random = random.Random(moment.point)
        world.now = moment.now
        world.machine, world.material = moment.machine, moment.material
        world.faults = Faults()
        world.settings = replace(moment.settings, data_dir=directory)
        world.crashes = 1
        world.restart()
        return world

    def survive(self, act: object, *arguments: object) -> object:
        """``act()``, with a restart of the service each time it is killed; None if it was."""
        try:
            return act(*arguments)  # type: ignore[operator]
        except Killed:
            self.after_crash()
            return None

    def after_crash(self) -> None:
        while True:
            self.crashes += 1
            self.store.close()
            self.faults.kill_at = None
            try:
                self.restart()
                return
            except Killed:
                continue

    def step(self) -> bool:
        """One round of the worker, or a step in time to when there is something to do."""
        if self.worker.run_once():
            return True
        due = self.worker.next_due()
        if due is None or due > self.now + timedelta(minutes=10):
            return False
        if due > self.now:
            self.now = due
            self.machine.recover()
        return True

    def settle(self) -> None:
        """Work until nothing is left to do, through every crash. Fails if that never comes."""
        for _ in range(STEPS_MAX):
            if self.survive(self.step) is False and not self._swept():
                return
        raise AssertionError(f"does not settle: {self.describe()}")

    def describe(self) -> list[str]:
        """The work that is left, for the message of a test that fails."""
        with self.store.read() as session:
            return [
                f"{row.resource_id} {get_resource(session, Kind(row.kind), row.resource_id).status}"  # type: ignore[union-attr]
                for row in session.scalars(select(Work))
                if row.due_at < self.now + timedelta(minutes=1)
            ]

    def _swept(self) -> bool:
        self.now += timedelta(seconds=2)
        self.machine.recover()
        return self.survive(self.sweep.run_once) is not False
