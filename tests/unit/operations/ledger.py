"""Transactions of a ledger that is made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hansa.fabric.base import NodeFacts
from hansa.fabric.blocks import Action, Block
from hansa.fabric.rpc.proposals import Call, SignedCall
from hansa.fabric.transactions import VALID, Outcome


@dataclass
class MadeUpTransactions:
    """Answers each call with ``result``; what is submitted ends with ``code``."""

    code: str = VALID
    result: bytes = b"done"
    fault: Exception | None = None
    results: dict[str, Action | Exception] = field(default_factory=dict)
    nonces: list[bytes | None] = field(default_factory=list)
    certificate: str = "1"
    blocks: list[Block] = field(default_factory=list)
    asked: list[tuple[NodeFacts, Call, Sequence[str]]] = field(default_factory=list)

    def submit(
        self, node: NodeFacts, call: Call, endorsers: Sequence[str], nonce: bytes | None = None
    ) -> Outcome:
        self.nonces.append(nonce)
        name = self.transaction_id(node, nonce) if nonce else "f" * 64
        return Outcome(name, self.evaluate(node, call, endorsers), 7, self.code)

    def transaction_id(self, node: NodeFacts, nonce: bytes) -> str:
        return f"{node.member_id}-{self.certificate}-{nonce.hex()[:8]}"

    def endorse(self, node: NodeFacts, peer: NodeFacts, signed: SignedCall) -> Action:
        found = self.results[peer.node_id]
        if isinstance(found, Exception):
            raise found
        return found

    def evaluate(self, node: NodeFacts, call: Call, endorsers: Sequence[str]) -> bytes:
        self.asked.append((node, call, endorsers))
        if self.fault is not None:
            raise self.fault
        return self.result

    def height(self, node: NodeFacts, channel: str) -> int:
        return len(self.blocks)

    def block(self, node: NodeFacts, channel: str, number: int) -> Block:
        return self.blocks[number]

    def block_with(self, node: NodeFacts, channel: str, transaction_id: str) -> Block | None:
        return next(
            (
                block
                for block in self.blocks
                if transaction_id in [each.transaction_id for each in block.transactions]
            ),
            None,
        )
