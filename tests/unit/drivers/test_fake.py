"""The driver without processes keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.unit.drivers.contract import DriverContract

from hansa.domain.workload import Observation, Probe, Program, Workload
from hansa.drivers.base import Driver
from hansa.drivers.fake import FakeDriver, FakeMachine


class FakeBench:
    def __init__(self) -> None:
        self.machine = FakeMachine()
        self.driver: Driver = FakeDriver(self.machine)

    def workload(self, name: str) -> Workload:
        return Workload(
            name, "n-1", Program.ORDERER, (), {}, {"server.yaml": b"1"}, (30001,), (), Probe("x:")
        )

    def die(self, name: str) -> None:
        self.machine.die(name)

    def recovered(self, name: str) -> Observation:
        self.machine.recover()
        return self.driver.observe(name)

    def reopen(self) -> Driver:
        self.driver = FakeDriver(self.machine)
        return self.driver

    @contextmanager
    def stranger(self, port: int) -> Iterator[None]:
        self.machine.strangers[port] = "a stranger"
        yield
        del self.machine.strangers[port]


@pytest.fixture
def bench() -> FakeBench:
    return FakeBench()


class TestFakeDriver(DriverContract):
    """See :class:`DriverContract`."""
