"""Replaces values, and tells the ones before."""

from __future__ import annotations

from hansa_contract import Context, Contract, submit


class Exchange(Contract):
    @submit(name="Exchange")
    def exchange(self, ctx: Context, key: str, value: str) -> str:
        before = ctx.stub.get_state(key)
        ctx.stub.put_state(key, value)
        return before.decode()
