"""Keeps values by key."""

from __future__ import annotations

from hansa_contract import Context, Contract, evaluate, submit

VERSION = "1"


class Exchange(Contract):
    @submit(name="Exchange")
    def exchange(self, ctx: Context, key: str, value: str) -> str:
        """Put the value of a key, and return the one before."""
        before = ctx.stub.get_state(key)
        ctx.stub.put_state(key, value)
        return before.decode()

    @submit(name="Put")
    def put(self, ctx: Context, key: str, value: str) -> None:
        """Put the value of a key, and read nothing."""
        ctx.stub.put_state(key, value)

    @evaluate(name="Get")
    def get(self, ctx: Context, key: str) -> str:
        return ctx.stub.get_state(key).decode()

    @evaluate(name="Version")
    def version(self, _ctx: Context) -> str:
        """Tell one source from another."""
        return VERSION
