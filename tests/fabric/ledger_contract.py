"""A transaction for each thing that a stub can do; the tests deploy it."""

from __future__ import annotations

from hansa_contract import AsyncContext, Context, Contract, KeyEndorsementPolicy, evaluate, submit

OWN = "own"


class Ledger(Contract):
    @submit
    def put(self, ctx: Context, key: str, value: str) -> None:
        ctx.stub.put_state(key, value)
        ctx.stub.set_event("put", key)

    @submit
    async def put_later(self, ctx: AsyncContext, key: str, value: str) -> None:
        await ctx.stub.put_state(key, value)

    @submit
    def delete(self, ctx: Context, key: str) -> None:
        ctx.stub.delete_state(key)

    @evaluate
    def get(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_state(key).decode()

    @evaluate
    async def several(self, ctx: AsyncContext, keys: list[str]) -> list[str]:
        return [value.decode() for value in await ctx.stub.get_multiple_states(keys)]

    @evaluate
    def history(self, ctx: Context, key: str) -> list[list[str]]:
        return [
            ["deleted" if change.is_delete else change.value.decode(), change.timestamp.isoformat()]
            for change in ctx.stub.get_history_for_key(key)
        ]

    @evaluate
    def count(self, ctx: Context, start: str, end: str) -> int:
        return sum(1 for _ in ctx.stub.get_state_by_range(start, end))

    @evaluate
    async def pages(self, ctx: AsyncContext, start: str, end: str, size: int) -> list[int]:
        sizes, bookmark = [], ""
        while True:
            page = await ctx.stub.get_state_by_range_with_pagination(start, end, size, bookmark)
            sizes.append(len([item async for item in page]))
            bookmark = page.metadata.bookmark
            if not bookmark or not sizes[-1]:
                return sizes

    @submit
    def put_composite(self, ctx: Context, kind: str, parts: list[str]) -> None:
        ctx.stub.put_state(ctx.stub.create_composite_key(kind, parts), "here")

    @evaluate
    def find_composite(self, ctx: Context, kind: str, parts: list[str]) -> list[list[str]]:
        found = ctx.stub.get_state_by_partial_composite_key(kind, parts)
        return [ctx.stub.split_composite_key(item.key)[1] for item in found]

    @submit
    def put_private(self, ctx: Context, key: str) -> None:
        ctx.stub.put_private_data(OWN, key, ctx.stub.get_transient()["value"])

    @evaluate
    def get_private(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_private_data(OWN, key).decode()

    @evaluate
    def private_hash(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_private_data_hash(OWN, key).hex()

    @evaluate
    def private_range(self, ctx: Context) -> list[str]:
        return [item.key for item in ctx.stub.get_private_data_by_range(OWN, "", "")]

    @submit
    def delete_private(self, ctx: Context, key: str) -> None:
        ctx.stub.delete_private_data(OWN, key)

    @submit
    def purge_private(self, ctx: Context, key: str) -> None:
        ctx.stub.purge_private_data(OWN, key)

    @submit
    def restrict(self, ctx: Context, key: str, members: list[str]) -> None:
        ctx.stub.set_state_validation_parameter(key, KeyEndorsementPolicy(members).to_bytes())

    @submit
    def restrict_private(self, ctx: Context, key: str, members: list[str]) -> None:
        policy = KeyEndorsementPolicy(members).to_bytes()
        ctx.stub.set_private_data_validation_parameter(OWN, key, policy)

    @evaluate
    def restricted(self, ctx: Context, key: str, private: bool) -> list[str]:  # noqa: FBT001
        if private:
            policy = ctx.stub.get_private_data_validation_parameter(OWN, key)
        else:
            policy = ctx.stub.get_state_validation_parameter(key)
        return KeyEndorsementPolicy.from_bytes(policy).members

    @evaluate
    def who(self, ctx: Context) -> list[str]:
        return [ctx.client_identity.get_mspid(), ctx.stub.get_channel_id(), ctx.tx_id]

    @evaluate
    async def call(self, ctx: AsyncContext, name: str, args: list[str]) -> str:
        answer = await ctx.stub.invoke_chaincode(name, args)
        return f"{answer.status} {answer.message}{answer.payload.decode()}"

    @evaluate
    def rich(self, ctx: Context) -> int:
        return sum(1 for _ in ctx.stub.get_query_result("{}"))

    @evaluate
    def large(self, ctx: Context, size: int) -> str:
        return "x" * size

    @evaluate
    def fail(self, ctx: Context, what: str) -> None:
        raise {"value": ValueError, "exit": SystemExit}[what]("it went wrong")
