"""Uses every part of the stub and of the contract API, so that peers can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

from hansa_contract import (
    AsyncContext,
    ChaincodeError,
    Context,
    Contract,
    KeyEndorsementPolicy,
    Rule,
    evaluate,
    info,
    submit,
)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Part:
    name: str
    weight: Annotated[float, Rule(above=0)]


@dataclass
class Machine:
    id: str
    colour: Colour
    parts: list[Part]
    built: datetime
    price: Decimal | None = None


@info(title="Conformance", version="1.0.0", license={"name": "Apache-2.0"})
class Ledger(Contract):
    """State, ranges, composite keys, history."""

    @submit
    def put(self, ctx: Context, key: str, value: bytes) -> bytes:
        """What is read after the write: the value before it."""
        ctx.stub.put_state(key, value)
        return ctx.stub.get_state(key)

    @submit
    async def put_all(self, ctx: AsyncContext, values: dict[str, str]) -> int:
        for key, value in values.items():
            await ctx.stub.put_state(key, value)
        return len(values)

    @evaluate
    async def get(self, ctx: AsyncContext, key: str) -> bytes:
        return await ctx.stub.get_state(key)

    @evaluate
    def get_all(self, ctx: Context, keys: list[str]) -> list[bytes]:
        return ctx.stub.get_multiple_states(keys)

    @submit
    def delete(self, ctx: Context, key: str) -> None:
        ctx.stub.delete_state(key)

    @evaluate
    def keys(self, ctx: Context, start: str, end: str) -> list[str]:
        return [found.key for found in ctx.stub.get_state_by_range(start, end)]

    @evaluate
    async def count(self, ctx: AsyncContext, start: str, end: str) -> int:
        return len([kv async for kv in ctx.stub.get_state_by_range(start, end)])

    @evaluate
    def pages(self, ctx: Context, start: str, end: str, size: int) -> list[list[str]]:
        pages, bookmark = [], ""
        while True:
            results = ctx.stub.get_state_by_range_with_pagination(start, end, size, bookmark)
            pages.append([found.key for found in results])
            bookmark = results.metadata.bookmark if results.metadata else ""
            if not bookmark:
                return pages

    @submit
    def page_and_write(self, ctx: Context) -> None:
        list(ctx.stub.get_state_by_range_with_pagination("", "", 1))
        ctx.stub.put_state("after", b"a page")

    @submit
    def put_composite(self, ctx: Context, kind: str, parts: list[str], value: str) -> str:
        key = ctx.stub.create_composite_key(kind, parts)
        ctx.stub.put_state(key, value)
        return key

    @evaluate
    def composites(self, ctx: Context, kind: str, parts: list[str]) -> list[list[str]]:
        found = ctx.stub.get_state_by_partial_composite_key(kind, parts)
        return [ctx.stub.split_composite_key(item.key)[1] for item in found]

    @evaluate
    def history(self, ctx: Context, key: str) -> list[dict[str, Any]]:
        return [
            {"value": item.value.decode(), "deleted": item.is_delete}
            for item in ctx.stub.get_history_for_key(key)
        ]

    @submit
    def guard(self, ctx: Context, key: str) -> None:
        policy = KeyEndorsementPolicy([ctx.client_identity.mspid])
        ctx.stub.set_state_validation_parameter(key, policy.to_bytes())

    @evaluate
    def guards(self, ctx: Context, key: str) -> list[str]:
        return KeyEndorsementPolicy.from_bytes(ctx.stub.get_state_validation_parameter(key)).members


class Values(Contract):
    """Arguments, results, errors, identity."""

    @evaluate
    def add(self, _ctx: Context, a: int, b: int = 1) -> int:
        return a + b

    @evaluate
    def half(self, _ctx: Context, number: float) -> float:
        return number / 2

    @evaluate
    async def negate(self, _ctx: AsyncContext, value: bool) -> bool:  # noqa: FBT001
        return not value

    @evaluate
    def same(self, _ctx: Context, machine: Machine) -> Machine:
        return machine

    @evaluate
    def fail(self, _ctx: Context, message: str) -> None:
        raise ChaincodeError(message)

    @evaluate
    def stumble(self, _ctx: Context) -> None:
        raise KeyError("an error of Python")

    @evaluate
    def who(self, ctx: Context) -> dict[str, str]:
        identity = ctx.client_identity
        return {"mspid": identity.mspid, "id": identity.id, "subject": identity.subject}

    @evaluate
    def when(self, ctx: Context) -> datetime:
        return ctx.timestamp

    @evaluate
    def where(self, ctx: Context) -> list[str]:
        return [ctx.stub.get_channel_id(), ctx.tx_id]

    @submit
    def announce(self, ctx: Context, name: str, payload: str) -> None:
        ctx.stub.set_event("first", "is replaced")
        ctx.stub.set_event(name, payload)

    @evaluate
    def call(self, ctx: Context, chaincode: str, args: list[str]) -> str:
        answer = ctx.stub.invoke_chaincode(chaincode, args)
        if not answer.ok:
            raise ChaincodeError(f"{chaincode} said: {answer.message}")
        return answer.payload.decode()


class Secrets(Contract):
    """Private data in the collection that each member has for itself."""

    @submit
    def put(self, ctx: Context, key: str) -> None:
        ctx.stub.put_private_data(self._collection(ctx), key, ctx.stub.get_transient()["value"])

    @evaluate
    def get(self, ctx: Context, key: str) -> bytes:
        return ctx.stub.get_private_data(self._collection(ctx), key)

    @evaluate
    async def digest(self, ctx: AsyncContext, key: str) -> str:
        found = await ctx.stub.get_private_data_hash(self._collection(ctx), key)
        return found.hex()

    @evaluate
    def keys(self, ctx: Context) -> list[str]:
        return [kv.key for kv in ctx.stub.get_private_data_by_range(self._collection(ctx), "", "")]

    @submit
    def delete(self, ctx: Context, key: str) -> None:
        ctx.stub.delete_private_data(self._collection(ctx), key)

    @submit
    def purge(self, ctx: Context, key: str) -> None:
        ctx.stub.purge_private_data(self._collection(ctx), key)

    @submit
    def query_and_write(self, ctx: Context) -> None:
        list(ctx.stub.get_private_data_by_range(self._collection(ctx), "", ""))
        ctx.stub.put_state("after", b"a query")

    @evaluate
    def elsewhere(self, ctx: Context) -> bytes:
        return ctx.stub.get_private_data("no-such-collection", "key")

    def _collection(self, ctx: Context | AsyncContext) -> str:
        return f"_implicit_org_{ctx.client_identity.mspid}"
