"""A chaincode at a standstill is ended; one that works, or waits for calls, is not."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest
from tests.unit.contract.rig import run

from hansa_contract.liveness import CODE, Liveness


def test_a_function_that_blocks_is_told_of_and_ended(caplog: pytest.LogCaptureFixture) -> None:
    ended = threading.Event()
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    async def scenario() -> None:
        with Liveness(asyncio.get_running_loop(), 0.05, end):
            assert ended.wait(30)

    with caplog.at_level(logging.ERROR, "hansa_contract"):
        run(scenario)
    assert codes == [CODE]
    assert "assert ended.wait(30)" in caplog.text


def test_a_loop_that_goes_on_is_left_alone() -> None:
    async def scenario() -> None:
        beats = 0
        with Liveness(asyncio.get_running_loop(), 3.0, pytest.fail):
            async with asyncio.timeout(4):
                while beats < 10:
                    await asyncio.sleep(0.05)
                    beats += 1

    run(scenario)
