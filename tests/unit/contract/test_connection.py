"""The chaincode protocol over a real gRPC stream, against a peer that is a fake."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc.aio
import pytest
from tests.unit.contract.fake_peer import fake_peer
from tests.unit.contract.rig import Chaincode, blocking, connected, run, settings

from hansa_contract.blocking import ChaincodeStub
from hansa_contract.client import run_client
from hansa_contract.errors import ChaincodeError, DisconnectedError, PeerError
from hansa_contract.protocol import MessageType
from hansa_contract.response import Response, success
from hansa_contract.stub import AsyncChaincodeStub


async def put_and_get(stub: AsyncChaincodeStub) -> Response:
    function, parameters = stub.get_function_and_parameters()
    if function == "put":
        await stub.put_state(*parameters)
        return success()
    return success(await stub.get_state(parameters[0]))


def test_chaincode_registers_and_answers() -> None:
    async def scenario() -> None:
        async with connected(put_and_get) as (session, _, _):
            assert session.registered == "asset_1:abc"
            assert (await session.invoke("put", "a", "1")).response.status == 200
            answer = await session.invoke("get", "a", tx_id="t2")
            assert answer.kind == MessageType.COMPLETED
            assert answer.response.payload == b"1"

    run(scenario)


@pytest.mark.parametrize("kind", ["async def", "def", "def in threads"])
def test_five_hundred_transactions_at_once(kind: str) -> None:
    """Each has several requests; the fake peer refuses a second one of a transaction."""

    async def invoke(stub: AsyncChaincodeStub) -> Response:
        key = stub.get_string_args()[0]
        for n in range(3):
            await stub.put_state(f"{key}.{n}", key)
        values = await asyncio.gather(*(stub.get_state(f"{key}.{n}") for n in range(3)))
        return success(b",".join(values))

    def invoke_blocking(stub: ChaincodeStub) -> Response:
        key = stub.get_string_args()[0]
        for n in range(3):
            stub.put_state(f"{key}.{n}", key)
        return success(b",".join(stub.get_state(f"{key}.{n}") for n in range(3)))

    async def scenario() -> None:
        function = invoke if kind == "async def" else blocking(invoke_blocking)
        threads = 64 if kind == "def in threads" else 0
        async with connected(function, threads) as (session, _, _):
            names = [f"k{n}" for n in range(500)]
            answers = await asyncio.gather(*(session.invoke(k, tx_id=k) for k in names))
            told = [answer.response.payload.decode() for answer in answers]
            assert told == [",".join([name] * 3) for name in names]
            assert session.most > 1
            assert len(session.state) == 1500

    run(scenario)


def test_the_same_transaction_on_two_channels_keeps_its_answers_apart() -> None:
    async def scenario() -> None:
        async with connected(put_and_get) as (session, _, _):
            await asyncio.gather(
                session.invoke("put", "a", "1", tx_id="t", channel="one"),
                session.invoke("put", "b", "2", tx_id="t", channel="two"),
            )
            assert session.state == {("", "a"): b"1", ("", "b"): b"2"}

    run(scenario)


@pytest.mark.parametrize("threads", [0, 1])
def test_a_nested_transaction_runs_where_all_threads_are_taken(threads: int) -> None:
    """The peer calls the chaincode again, on another channel, for one that waits for it."""

    def function(stub: ChaincodeStub) -> Response:
        if stub.channel_id == "inner":
            return success(stub.get_state("a") + b"inner")
        return success(stub.invoke_chaincode("asset", ["get"], "inner").payload)

    async def scenario() -> None:
        async with connected(blocking(function), threads) as (session, _, _):
            called = asyncio.Event()

            async def call(message: Any) -> Any:
                if message.type == MessageType.INVOKE_CHAINCODE:
                    answer = await session.invoke("get", tx_id="t", channel="inner")
                    assert answer.response.payload == b"inner"
                    called.set()

            session.before = call
            await session.invoke("f", tx_id="t")
            assert called.is_set()

    run(scenario)


def test_what_fails_is_answered_and_harms_no_other() -> None:
    async def function(stub: AsyncChaincodeStub) -> Response:
        what = stub.get_string_args()[0]
        faults: dict[str, BaseException] = {
            "own": ChaincodeError("the asset is not there"),
            "bug": ZeroDivisionError("division"),
            "exit": SystemExit(3),
            "cancelled": asyncio.CancelledError(),
        }
        if what in faults:
            raise faults[what]
        if what == "nothing":
            return None  # type: ignore[return-value]
        return await put_and_get(stub)

    async def scenario() -> None:
        async with connected(function) as (session, _, _):
            told = [await session.invoke(what) for what in ("own", "bug", "exit", "cancelled")]
            assert [t.response.status for t in told] == [500] * 4
            assert [t.response.message for t in told] == [
                "the asset is not there",
                "ZeroDivisionError: division",
                "SystemExit: 3",
                "CancelledError: ",
            ]
            assert (await session.invoke("nothing")).response.status == 500
            failed = await session.invoke("own", kind=MessageType.INIT)
            assert (failed.kind, failed.error) == (MessageType.ERROR, "the asset is not there")
            initialized = await session.invoke("put", "a", "1", kind=MessageType.INIT)
            assert initialized.kind == MessageType.COMPLETED

    run(scenario)


def test_a_refused_request_reaches_the_contract() -> None:
    async def function(stub: AsyncChaincodeStub) -> Response:
        with pytest.raises(PeerError, match="no 'rich queries in state: {}'"):
            await stub.get_query_result("{}")
        answer = await stub.invoke_chaincode("absent", [])
        assert not answer.ok
        return success(answer.message)

    async def scenario() -> None:
        async with connected(function) as (session, _, _):
            assert (await session.invoke("f")).response.payload == b"no 'absent'"

    run(scenario)


def test_a_request_that_was_given_up_does_not_shift_the_answers() -> None:
    async def function(stub: AsyncChaincodeStub) -> Response:
        asked = asyncio.create_task(stub.get_state("slow"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asked.cancel()
        return success(await stub.get_state("a"))

    async def scenario() -> None:
        async with connected(function) as (session, _, _):
            session.state["", "slow"], session.state["", "a"] = b"slow", b"right"
            answer = await session.invoke("f")
            assert answer.response.payload == b"right"
            assert sum(m.type == MessageType.GET_STATE for m in session.seen) == 2

    run(scenario)


@pytest.mark.parametrize("threads", [0, 64])
def test_the_end_of_the_stream_cancels_what_runs(threads: int) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        ended: dict[str, asyncio.Future[BaseException]] = {
            tx_id: loop.create_future() for tx_id in ("awaited", "blocking")
        }

        async def awaited(stub: AsyncChaincodeStub) -> Response:
            try:
                return success(await stub.get_state("never"))
            except BaseException as fault:
                ended["awaited"].set_result(fault)
                raise

        def blocked(stub: ChaincodeStub) -> Response:
            try:
                return success(stub.get_state("never"))
            except BaseException as fault:
                loop.call_soon_threadsafe(ended["blocking"].set_result, fault)
                raise

        async def function(stub: AsyncChaincodeStub) -> Response:
            return await (awaited if stub.tx_id == "awaited" else blocking(blocked))(stub)

        async with fake_peer() as peer:
            client = asyncio.create_task(
                run_client(settings(peer, threads), Chaincode(function), asyncio.Event())
            )
            session = await peer.session()
            asked: asyncio.Queue[str] = asyncio.Queue()

            async def never(message: Any) -> None:
                asked.put_nowait(message.txid)
                await asyncio.Event().wait()

            session.before = never
            for tx_id in ended:
                await session.begin("f", tx_id=tx_id)
                await asked.get()
        assert isinstance(await ended["awaited"], asyncio.CancelledError | DisconnectedError)
        assert isinstance(await ended["blocking"], asyncio.CancelledError | DisconnectedError)
        (fault,) = await asyncio.gather(client, return_exceptions=True)
        assert fault is None or isinstance(fault, grpc.aio.AioRpcError)

    run(scenario)


def test_a_refused_registration_says_why() -> None:
    async def scenario() -> None:
        async with fake_peer(refuse="unknown chaincode") as peer:
            with pytest.raises(ChaincodeError, match=r"take the chaincode asset_1:abc: unknown"):
                await run_client(settings(peer), Chaincode(put_and_get), asyncio.Event())

    run(scenario)


def test_a_stop_lets_transactions_end_and_takes_no_more() -> None:
    async def scenario() -> None:
        going, go = asyncio.Event(), asyncio.Event()

        async def function(stub: AsyncChaincodeStub) -> Response:
            if stub.tx_id == "t1":
                going.set()
                await go.wait()
                await stub.put_state("a", b"1")
            return success(b"ended")

        async with connected(function) as (session, stop, client):
            first = asyncio.create_task(session.invoke("f", tx_id="t1"))
            await going.wait()
            stop.set()
            while (answer := await session.invoke("f", tx_id="t2")).kind != MessageType.ERROR:
                pass
            assert "stopping" in answer.error
            go.set()
            assert (await first).response.payload == b"ended"
            await client
            await session.closed.wait()

    run(scenario)


def test_keepalive_and_unknown_messages_are_answered() -> None:
    async def scenario() -> None:
        async with connected(put_and_get) as (session, _, _):
            await session.send(MessageType.KEEPALIVE)
            await session.send(MessageType.GET_STATE, txid="t9")
            await session.send(MessageType.RESPONSE, b"for nobody", txid="t8")
            await session.invoke("put", "a", "1")
            kinds = [message.type for message in session.seen]
            assert kinds[:2] == [MessageType.KEEPALIVE, MessageType.ERROR]

    run(scenario)


def test_large_values_pass_and_larger_ones_fail_alone() -> None:
    size = 24 * 1024 * 1024

    async def function(stub: AsyncChaincodeStub) -> Response:
        await stub.put_state("big", b"x" * size)
        with pytest.raises(ChaincodeError, match="more than a message may hold"):
            await stub.put_state("bigger", b"x" * (size + 90 * 1024 * 1024))
        if stub.tx_id == "t1":
            return success(await stub.get_state("big"))
        return success(b"x" * (size + 90 * 1024 * 1024))

    async def scenario() -> None:
        async with connected(function) as (session, _, _):
            assert len((await session.invoke("f")).response.payload) == size
            refused = await session.invoke("f", tx_id="t2")
            assert "a message may have" in refused.response.message

    run(scenario)
