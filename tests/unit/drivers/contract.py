"""What every driver does: the same tests for each.

A test module subclasses :class:`DriverContract` and gives a fixture ``bench``, a :class:`Bench`.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Protocol

import pytest

from hansa.domain.workload import Observation, Phase, Workload
from hansa.drivers.base import Driver, PortTakenError, TemporaryDriverError

SECONDS = 20


class Bench(Protocol):
    """A driver and what a test does around it."""

    driver: Driver

    def workload(self, name: str) -> Workload:
        """One that becomes READY, with one port, and files."""
        ...

    def die(self, name: str) -> None:
        """Its process ends by itself."""
        ...

    def recovered(self, name: str) -> Observation:
        """What is seen of it once it is READY again."""
        ...

    def reopen(self) -> Driver:
        """The driver of the next service, as after an end of this one."""
        ...

    def stranger(self, port: int) -> AbstractContextManager[None]:
        """Somebody else holds ``port``."""
        ...


@contextmanager
def listening(port: int) -> Iterator[None]:
    """This process holds ``port``."""
    with socket.create_server(("127.0.0.1", port)):
        yield


class DriverContract:
    """The contract of :class:`hansa.drivers.base.Driver`."""

    def _started(self, bench: Bench, name: str = "n-1-orderer0") -> tuple[Workload, Observation]:
        workload = bench.workload(name)
        bench.driver.apply(workload)
        return workload, bench.driver.await_ready(name, SECONDS)

    def test_unknown_is_absent_and_ending_it_does_nothing(self, bench: Bench) -> None:
        bench.driver.stop("nobody")
        bench.driver.remove("nobody")
        assert bench.driver.observe("nobody").phase is Phase.ABSENT
        assert bench.driver.await_ready("nobody", SECONDS).phase is Phase.ABSENT
        assert list(bench.driver.names()) == []

    def test_place_is_known_before_and_has_no_effect(self, bench: Bench) -> None:
        place = bench.driver.place("n-1-orderer0")
        assert place == bench.driver.place("n-1-orderer0")
        assert PurePath(place.config_directory).is_absolute()
        assert place.config_directory != place.data_directory
        assert place != bench.driver.place("n-2-orderer0")
        assert bench.driver.observe("n-1-orderer0").phase is Phase.ABSENT

    def test_applied_becomes_ready(self, bench: Bench) -> None:
        workload, seen = self._started(bench)
        assert seen.phase is Phase.READY
        assert seen.pid is not None
        assert bench.driver.observe(workload.name) == seen
        assert list(bench.driver.names()) == [workload.name]

    def test_applied_again_with_equal_values_goes_on(self, bench: Bench) -> None:
        workload, seen = self._started(bench)
        bench.driver.apply(replace(workload, files=dict(workload.files)))
        assert bench.driver.await_ready(workload.name, SECONDS) == seen

    @pytest.mark.parametrize(
        "change",
        [
            {"files": {"server.yaml": b"other"}},
            {"environment": {"OTHER": "1"}},
            {"stop_seconds": 7.0},
        ],
        ids=["files", "environment", "stop_seconds"],
    )
    def test_applied_with_other_values_starts_anew(
        self, bench: Bench, change: dict[str, Any]
    ) -> None:
        workload, seen = self._started(bench)
        bench.driver.apply(replace(workload, **change))
        again = bench.driver.await_ready(workload.name, SECONDS)
        assert again.phase is Phase.READY
        assert again.pid != seen.pid

    def test_amended_goes_on_and_stays_amended(self, bench: Bench) -> None:
        workload, seen = self._started(bench)
        amended = replace(workload, files={"server.yaml": b"without a secret"})
        bench.driver.amend(amended)
        bench.driver.apply(amended)
        assert bench.driver.observe(workload.name).pid == seen.pid
        bench.reopen().apply(amended)
        assert bench.driver.await_ready(workload.name, SECONDS).pid == seen.pid

    def test_amending_what_does_not_run_starts_it(self, bench: Bench) -> None:
        workload = bench.workload("n-1-orderer0")
        bench.driver.amend(workload)
        assert bench.driver.await_ready(workload.name, SECONDS).phase is Phase.READY

    def test_stopped_stays_known_and_starts_again(self, bench: Bench) -> None:
        workload, _ = self._started(bench)
        bench.driver.stop(workload.name)
        bench.driver.stop(workload.name)
        assert bench.driver.observe(workload.name).phase is Phase.STOPPED
        assert list(bench.driver.names()) == [workload.name]
        bench.driver.apply(workload)
        assert bench.driver.await_ready(workload.name, SECONDS).phase is Phase.READY

    def test_paused_is_down_while_something_is_done_and_starts_again(self, bench: Bench) -> None:
        workload, before = self._started(bench)
        seen: list[Phase] = []
        bench.driver.pause(
            workload.name, lambda: seen.append(bench.driver.observe(workload.name).phase)
        )
        assert seen == [Phase.DOWN]
        after = bench.driver.await_ready(workload.name, SECONDS)
        assert (after.phase, after.pid == before.pid) == (Phase.READY, False)

    def test_paused_starts_again_whatever_came_of_it(self, bench: Bench) -> None:
        workload, _ = self._started(bench)

        def fail() -> None:
            raise ValueError("it failed")

        with pytest.raises(ValueError, match="it failed"):
            bench.driver.pause(workload.name, fail)
        assert bench.driver.await_ready(workload.name, SECONDS).phase is Phase.READY

    def test_what_is_not_to_run_cannot_be_paused(self, bench: Bench) -> None:
        workload, _ = self._started(bench)
        bench.driver.stop(workload.name)
        for name in (workload.name, "nobody"):
            with pytest.raises(TemporaryDriverError):
                bench.driver.pause(name, lambda: pytest.fail("it was done"))

    def test_stopped_stays_stopped_for_the_next_service(self, bench: Bench) -> None:
        workload, _ = self._started(bench)
        bench.driver.stop(workload.name)
        assert bench.reopen().observe(workload.name).phase is Phase.STOPPED

    def test_removed_is_absent(self, bench: Bench) -> None:
        workload, _ = self._started(bench)
        bench.driver.remove(workload.name)
        bench.driver.remove(workload.name)
        assert bench.driver.observe(workload.name).phase is Phase.ABSENT
        assert list(bench.driver.names()) == []
        assert all(bench.driver.port_is_free(port) for port in workload.ports)

    def test_removed_can_be_made_again(self, bench: Bench) -> None:
        workload, _ = self._started(bench)
        bench.driver.remove(workload.name)
        bench.driver.apply(workload)
        assert bench.driver.await_ready(workload.name, SECONDS).phase is Phase.READY

    def test_ended_process_is_started_again(self, bench: Bench) -> None:
        workload, seen = self._started(bench)
        bench.die(workload.name)
        again = bench.recovered(workload.name)
        assert again.pid != seen.pid
        assert again.restarts == 1

    def test_next_service_finds_it_running(self, bench: Bench) -> None:
        workload, seen = self._started(bench)
        driver = bench.reopen()
        assert list(driver.names()) == [workload.name]
        assert driver.observe(workload.name).pid == seen.pid
        driver.apply(workload)
        assert driver.await_ready(workload.name, SECONDS).pid == seen.pid

    def test_port_of_a_stranger_is_an_error_until_it_is_free(self, bench: Bench) -> None:
        workload = bench.workload("n-1-orderer0")
        port = workload.ports[0]
        with bench.stranger(port):
            assert not bench.driver.port_is_free(port)
            with pytest.raises(PortTakenError, match=str(port)) as caught:
                bench.driver.apply(workload)
            assert caught.value.port == port
            assert caught.value.holder
        assert bench.driver.port_is_free(port)
        bench.driver.apply(workload)
        assert bench.driver.await_ready(workload.name, SECONDS).phase is Phase.READY
