"""Plain functions on the event loop: what they see, raise and may do."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from tests.unit.contract.rig import blocking, connected, run

from hansa_contract.blocking import ChaincodeStub
from hansa_contract.logs import current_transaction
from hansa_contract.response import Response, success


def test_each_function_sees_its_own_transaction_after_every_answer() -> None:
    def function(stub: ChaincodeStub) -> Response:
        seen = []
        for _ in range(3):
            stub.get_state("a")
            transaction = current_transaction.get()
            seen.append(transaction.tx_id if transaction else "")
        return success(",".join(seen))

    async def scenario() -> None:
        async with connected(blocking(function)) as (session, _, _):
            names = [f"t{n}" for n in range(20)]
            answers = await asyncio.gather(*(session.invoke("f", tx_id=name) for name in names))
            told = [answer.response.payload.decode() for answer in answers]
            assert told == [",".join([name] * 3) for name in names]

    run(scenario)


def test_a_function_handles_what_its_request_raises() -> None:
    def function(stub: ChaincodeStub) -> Response:
        try:
            stub.get_query_result("{}")
        except Exception as fault:  # noqa: BLE001 - any will do
            return success(f"{type(fault).__name__}, then {stub.get_state('a').decode()}")
        return success("nothing was raised")

    async def scenario() -> None:
        async with connected(blocking(function)) as (session, _, _):
            session.state["", "a"] = b"goes on"
            answer = await session.invoke("f")
            assert answer.response.payload == b"PeerError, then goes on"

    run(scenario)


def test_what_a_function_raises_is_its_answer() -> None:
    faults: dict[str, type[BaseException]] = {
        "bug": ZeroDivisionError,
        "exit": SystemExit,
        "iteration": StopIteration,
    }

    def function(stub: ChaincodeStub) -> Response:
        stub.get_state("a")
        raise faults[stub.get_string_args()[0]]

    async def scenario() -> None:
        async with connected(blocking(function)) as (session, _, _):
            told = [(await session.invoke(what)).response.message for what in faults]
            assert told == [
                "ZeroDivisionError: ",
                "SystemExit: ",
                "RuntimeError: the function let a StopIteration escape",
            ]

    run(scenario)


def test_a_thread_of_its_own_cannot_use_the_stub() -> None:
    def function(stub: ChaincodeStub) -> Response:
        with ThreadPoolExecutor(1) as pool:
            return success(str(pool.submit(stub.get_state, "a").exception()))

    async def scenario() -> None:
        async with connected(blocking(function)) as (session, _, _):
            answer = await session.invoke("f")
            assert answer.response.payload == b"a thread of a contract's own cannot use its stub"

    run(scenario)
