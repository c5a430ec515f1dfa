"""Private data in whatever collection a call names; the tests deploy it."""

from __future__ import annotations

from hansa_contract import Context, Contract, evaluate, submit


class Vault(Contract):
    @submit
    def begin(self, ctx: Context, value: str) -> None:
        ctx.stub.put_state("begun", value)

    @submit
    def put_open(self, ctx: Context, key: str, value: str) -> None:
        ctx.stub.put_state(key, value)

    @evaluate
    def get_open(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_state(key).decode()

    @submit
    def put(self, ctx: Context, collection: str, key: str) -> None:
        ctx.stub.put_private_data(collection, key, ctx.stub.get_transient()["value"])

    @evaluate
    def get(self, ctx: Context, collection: str, key: str) -> str:
        return ctx.stub.get_private_data(collection, key).decode()

    @evaluate
    def digest(self, ctx: Context, collection: str, key: str) -> str:
        return ctx.stub.get_private_data_hash(collection, key).hex()

    @submit
    def purge(self, ctx: Context, collection: str, key: str) -> None:
        ctx.stub.purge_private_data(collection, key)
