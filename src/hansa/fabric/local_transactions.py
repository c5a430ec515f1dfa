"""Transactions of the networks that this installation runs, through their peers' Gateways."""

from __future__ import annotations

from collections.abc import Sequence

from hansa.fabric.base import NodeFacts
from hansa.fabric.reach import Reach
from hansa.fabric.rpc.proposals import Call
from hansa.fabric.transactions import Outcome


class LocalTransactions:
    """Implements :class:`hansa.fabric.transactions.Transactions`. Safe for several threads."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def submit(self, node: NodeFacts, call: Call, endorsers: Sequence[str]) -> Outcome:
        return self._reach.gateway(node).submit(call, endorsers)

    def evaluate(self, node: NodeFacts, call: Call, endorsers: Sequence[str]) -> bytes:
        return self._reach.gateway(node).evaluate(call, endorsers)
