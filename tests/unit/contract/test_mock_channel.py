"""What the channel in memory has beyond a single call: blocks, members, conflicts."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from hansa_contract import (
    AsyncContext,
    Context,
    Contract,
    KeyEndorsementPolicy,
    Response,
    evaluate,
    submit,
)
from hansa_contract.testing import Code, Collection, MockChannel, TransactionError

BUYER, SELLER = "Org1MSP", "Org2MSP"


class Bank(Contract):
    @submit
    def put(self, ctx: Context, key: str, value: str) -> None:
        ctx.stub.put_state(key, value)

    @submit
    def add(self, ctx: Context, key: str, amount: int) -> int:
        total = int(ctx.stub.get_state(key) or b"0") + amount
        ctx.stub.put_state(key, str(total))
        ctx.stub.set_event("added", str(total))
        return total

    @submit
    def sum_into(self, ctx: Context, key: str) -> None:
        total = sum(int(kv.value) for kv in ctx.stub.get_state_by_range("a", "b"))
        ctx.stub.put_state(key, str(total))

    @submit
    def guard(self, ctx: Context, key: str, members: list[str]) -> None:
        ctx.stub.set_state_validation_parameter(key, KeyEndorsementPolicy(members).to_bytes())

    @submit
    async def hide(self, ctx: AsyncContext, collection: str, key: str) -> None:
        await ctx.stub.put_private_data(collection, key, ctx.stub.get_transient()["value"])

    @evaluate
    async def reveal(self, ctx: AsyncContext, collection: str, key: str) -> bytes:
        return await ctx.stub.get_private_data(collection, key)

    @evaluate
    async def digest(self, ctx: AsyncContext, collection: str, key: str) -> bytes:
        return await ctx.stub.get_private_data_hash(collection, key)

    @submit
    def roll(self, ctx: Context) -> None:
        ctx.stub.put_state("dice", str(random.random()))

    @submit
    async def through(self, ctx: AsyncContext, chaincode: str, channel: str) -> str:
        await ctx.stub.put_state("mine", b"1")
        answer = await ctx.stub.invoke_chaincode(chaincode, ["add", "theirs", "5"], channel)
        return f"{answer.status}{answer.message}{answer.payload.decode()}"

    @evaluate
    async def patient(self, _ctx: AsyncContext) -> str:
        await asyncio.sleep(0)
        return "awaited"


@pytest.fixture
def channel() -> MockChannel:
    shared = Collection("shared", [BUYER, SELLER], member_only_read=False)
    own = Collection("own", [BUYER], block_to_live=3, policy=[BUYER])
    return MockChannel(
        {"bank": [Bank]}, members=[BUYER, SELLER], collections={"bank": [shared, own]}
    )


def test_the_second_of_two_transactions_on_one_key_is_invalid(channel: MockChannel) -> None:
    first, second = channel.endorse("add", "k", 1), channel.endorse("add", "k", 10)
    first.commit()
    with pytest.raises(TransactionError, match="MVCC_READ_CONFLICT") as refusal:
        second.commit()
    assert refusal.value.code is Code.MVCC_READ_CONFLICT
    assert channel.state.values("bank") == {"k": b"1"}
    assert [event.payload for event in channel.events] == [b"1"]


def test_conflicts_within_a_block(channel: MockChannel) -> None:
    calls = [channel.endorse("add", "k", 1), channel.endorse("add", "k", 1)]
    calls.append(channel.endorse("put", "k", "blind"))
    assert channel.commit(calls) == [Code.VALID, Code.MVCC_READ_CONFLICT, Code.VALID]
    assert channel.state.values("bank") == {"k": b"blind"}


def test_a_phantom_makes_a_range_invalid(channel: MockChannel) -> None:
    channel.submit("put", "a1", "1")
    summed = channel.endorse("sum_into", "sum")
    channel.submit("put", "a2", "2")
    with pytest.raises(TransactionError, match="PHANTOM_READ_CONFLICT"):
        summed.commit()
    channel.submit("sum_into", "sum")
    assert channel.state.values("bank")["sum"] == b"3"


def test_a_guarded_key_needs_its_members(channel: MockChannel) -> None:
    channel.submit("put", "k", "1")
    channel.submit("guard", "k", [BUYER, SELLER])
    with pytest.raises(TransactionError, match="ENDORSEMENT_POLICY_FAILURE"):
        channel.submit("put", "k", "2")
    channel.submit("put", "k", "3", endorsers=[SELLER, BUYER])
    assert channel.state.values("bank") == {"k": b"3"}


def test_a_chaincode_policy_holds_for_keys_without_their_own() -> None:
    channel = MockChannel(
        {"bank": [Bank]}, members=[BUYER, SELLER], policies={"bank": [BUYER, SELLER]}
    )
    with pytest.raises(TransactionError, match="ENDORSEMENT_POLICY_FAILURE"):
        channel.submit("put", "k", "1")
    channel.submit("put", "k", "1", endorsers=[BUYER, SELLER])


def test_endorsers_that_differ_are_told(channel: MockChannel) -> None:
    with pytest.raises(TransactionError, match="do not match"):
        channel.submit("roll", endorsers=[BUYER, SELLER])


def test_private_data_is_for_its_members(channel: MockChannel) -> None:
    stranger = channel.identity(SELLER)
    channel.submit("hide", "own", "k", transient={"value": "secret"})
    assert channel.evaluate("reveal", "own", "k").payload == b"secret"
    with pytest.raises(TransactionError, match="does not have read access"):
        channel.evaluate("reveal", "own", "k", identity=stranger)
    with pytest.raises(TransactionError, match="private data matching public hash"):
        channel.evaluate("reveal", "own", "k", endorsers=[SELLER])
    assert len(channel.evaluate("digest", "own", "k", identity=stranger).payload) == 32
    with pytest.raises(TransactionError, match="does not have write access"):
        channel.submit("hide", "own", "k", identity=stranger, transient={"value": "x"})
    channel.submit("hide", "shared", "k", identity=stranger, transient={"value": "both"})
    assert channel.evaluate("reveal", "shared", "k").payload == b"both"
    assert channel.state.values("bank", "own", SELLER) == {}


def test_the_policy_of_a_collection(channel: MockChannel) -> None:
    with pytest.raises(TransactionError, match="ENDORSEMENT_POLICY_FAILURE"):
        channel.submit("hide", "own", "k", transient={"value": "x"}, endorsers=[SELLER])


def test_private_data_ends_with_its_blocks(channel: MockChannel) -> None:
    channel.submit("hide", "own", "k", transient={"value": "secret"})
    for number in range(3):
        assert channel.evaluate("reveal", "own", "k").payload == b"secret"
        channel.submit("put", "other", str(number))
    assert channel.evaluate("reveal", "own", "k").payload == b""
    assert channel.evaluate("digest", "own", "k").payload == b""


def test_chaincodes_call_each_other() -> None:
    far = MockChannel({"bank": [Bank]}, name="far")
    channel = MockChannel({"one": [Bank], "two": [Bank]}, others=[far])
    assert channel.submit("through", "two", "").text == "2005"
    assert channel.state.values("one") == {"mine": b"1"}
    assert channel.state.values("two") == {"theirs": b"5"}
    assert channel.events == []
    assert channel.submit("through", "bank", "far").text == "2005"
    assert far.state.values("bank") == {}
    assert "failed to find ledger" in channel.submit("through", "bank", "nowhere").text
    with pytest.raises(TransactionError, match="there is no chaincode 'three'"):
        channel.submit("add", "k", 1, chaincode="three")


def test_a_test_can_call_methods_itself(channel: MockChannel) -> None:
    bank = Bank()
    with channel.transaction() as tx:
        assert bank.add(tx.context(), "k", 3) == 3
        assert tx.stub.get_state("k") == b""
    assert channel.state.values("bank") == {"k": b"3"}
    assert channel.events[0].name == "added"
    with pytest.raises(ValueError, match="invalid literal"), channel.transaction() as tx:
        bank.add(tx.context(), "k", int("no number"))
    assert channel.state.values("bank") == {"k": b"3"}


def test_inside_a_running_loop_too(channel: MockChannel) -> None:
    async def call() -> str:
        return channel.evaluate("patient").text

    assert asyncio.run(call()) == "awaited"
    with pytest.raises(TransactionError):
        asyncio.run(_submit(channel, "no such function"))


async def _submit(channel: MockChannel, *call: Any) -> None:
    channel.submit(*call)


def test_time_and_ids_are_the_same_in_every_run() -> None:
    first, second = (MockChannel({"bank": [Bank]}) for _ in range(2))
    assert first.now == second.now
    first.submit("put", "k", "1")
    assert (first.now - second.now).total_seconds() == 1


def test_a_chaincode_of_its_own() -> None:
    class Own:
        async def init(self, stub: Any) -> Response:
            return Response(payload=b"init of " + stub.get_args()[0])

        async def invoke(self, stub: Any) -> Response:
            return Response(500, f"no {stub.get_function_and_parameters()[0]}")

    channel = MockChannel({"own": Own()})
    assert channel.endorse("x", is_init=True).commit().payload == b"init of x"
    with pytest.raises(TransactionError, match="no y"):
        channel.submit("y")
