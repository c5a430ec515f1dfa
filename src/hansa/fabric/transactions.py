"""The seam between the service and transactions: calls of chaincode, and what ledgers have kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hansa.fabric.base import FabricError, NodeFacts
from hansa.fabric.blocks import Action, Block
from hansa.fabric.rpc.proposals import Call, SignedCall

VALID = "VALID"


@dataclass(frozen=True)
class Outcome:
    """What became of a transaction that was ordered; ``code`` is Fabric's validation code."""

    transaction_id: str
    result: bytes = field(repr=False)
    block_number: int
    code: str


class MismatchError(FabricError):
    """Peers came to different results for the call ``signed``; Fabric does not say in what."""

    def __init__(self, text: str, signed: SignedCall) -> None:
        super().__init__(text)
        self.signed = signed


class Transactions(Protocol):
    """Every method raises :class:`~hansa.fabric.base.FabricError`.

    ``node`` is a peer that has joined the call's channel; its member's service identity signs.
    """

    def submit(
        self, node: NodeFacts, call: Call, endorsers: Sequence[str], nonce: bytes | None = None
    ) -> Outcome:
        """Have ``call`` endorsed, ordered and committed; not to be repeated without thought.

        ``endorsers`` are the members whose peers endorse; if there are none, those that the
        policies ask for. ``nonce`` makes the transaction's id; a random one if it is None. Raises
        :class:`MismatchError` where they come to different results.
        """
        ...

    def transaction_id(self, node: NodeFacts, nonce: bytes) -> str:
        """The id that :meth:`submit` gives a transaction with this nonce."""
        ...

    def endorse(self, node: NodeFacts, peer: NodeFacts, signed: SignedCall) -> Action:
        """What ``peer`` alone comes to for a call that was signed by the member of ``node``."""
        ...

    def evaluate(self, node: NodeFacts, call: Call, endorsers: Sequence[str]) -> bytes:
        """What the chaincode answers. Nothing is ordered."""
        ...

    def height(self, node: NodeFacts, channel: str) -> int:
        """The number of blocks that the peer has."""
        ...

    def block(self, node: NodeFacts, channel: str, number: int) -> Block:
        """The block with this number, which is below the height."""
        ...

    def block_with(self, node: NodeFacts, channel: str, transaction_id: str) -> Block | None:
        """The block that holds the transaction; None where the peer knows none."""
        ...
