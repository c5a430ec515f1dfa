"""Chaincode that takes too much of the processor, by clocks that stand."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from hansa.chaincode import processor
from hansa.chaincode.processor import BURST_SECONDS, Throttle, Watch, processor_seconds

OWN = [os.getpid()]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def idle() -> Iterator[psutil.Popen]:
    with psutil.Popen(["sleep", "60"], stdin=subprocess.DEVNULL) as process:
        until_state(process, psutil.STATUS_SLEEPING)
        yield process
        process.kill()


def test_it_is_stopped_until_it_has_waited_long_enough(
    clock: Clock, idle: psutil.Popen, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = [0.0]
    monkeypatch.setattr(processor, "processor_seconds", lambda _pids: used[0])
    throttle = Throttle(0.5, clock)
    used[0] = 0.5 * BURST_SECONDS - 0.1
    assert not throttle.look([idle.pid])
    used[0] += 1.1
    assert throttle.look([idle.pid])
    until_state(idle, psutil.STATUS_STOPPED)
    clock.now += 1.9  # a second of the processor takes two of time
    assert throttle.look([idle.pid])
    clock.now += 0.2
    assert not throttle.look([idle.pid])
    until_state(idle, psutil.STATUS_SLEEPING)


def test_what_is_to_end_is_let_go(
    clock: Clock, idle: psutil.Popen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "processor_seconds", lambda _pids: 100.0)
    throttle = Throttle(1, clock)
    assert throttle.look([idle.pid])
    throttle.release([idle.pid])
    until_state(idle, psutil.STATUS_SLEEPING)


def until_state(process: psutil.Popen, state: str) -> None:
    pause, deadline = threading.Event(), time.monotonic() + 60
    while process.status() != state:
        assert time.monotonic() < deadline, f"{process.status()}, not {state}"
        pause.wait(0.005)


def test_what_ended_children_took_counts() -> None:
    before = processor_seconds(OWN)
    subprocess.run(["sh", "-c", "i=0; while [ $i -lt 90000 ]; do i=$((i+1)); done"], check=True)
    assert processor_seconds(OWN) > before
    assert processor_seconds([2**22 + 1]) >= 0


def test_one_that_runs_on_without_a_word_hangs(clock: Clock, idle: psutil.Popen) -> None:
    watch = Watch(60, clock)
    assert not watch.look(OWN, 7, stopped=False)
    clock.now = 59
    assert not watch.look(OWN, 7, stopped=False)
    assert not watch.look([idle.pid], 7, stopped=True)  # which would run
    clock.now = 60
    assert watch.look(OWN, 7, stopped=False)
    assert not watch.look(OWN, 8, stopped=False)
    clock.now = 119
    assert not watch.look([idle.pid], 8, stopped=False)
    clock.now = 178
    assert not watch.look(OWN, 8, stopped=False)
