"""Transactions of the networks that this installation runs, through their peers' Gateways."""

from __future__ import annotations

from collections.abc import Sequence

from fabric_protos.common.common_pb2 import Block as BlockMessage
from fabric_protos.common.ledger_pb2 import BlockchainInfo

from hansa.fabric.base import NodeFacts
from hansa.fabric.blocks import Action, Block
from hansa.fabric.reach import Reach
from hansa.fabric.rpc.ledger import block_of, endorsed_action
from hansa.fabric.rpc.peer import ChaincodeError
from hansa.fabric.rpc.proposals import Call, SignedCall, transaction_id_of
from hansa.fabric.transactions import Outcome

RESULT_SECONDS_MAX = 10.0


class LocalTransactions:
    """Implements :class:`hansa.fabric.transactions.Transactions`. Safe for several threads."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def submit(
        self, node: NodeFacts, call: Call, endorsers: Sequence[str], nonce: bytes | None = None
    ) -> Outcome:
        return self._reach.gateway(node).submit(call, endorsers, nonce)

    def transaction_id(self, node: NodeFacts, nonce: bytes) -> str:
        return transaction_id_of(nonce, self._reach.member(node.member_id))

    def evaluate(self, node: NodeFacts, call: Call, endorsers: Sequence[str]) -> bytes:
        return self._reach.gateway(node).evaluate(call, endorsers)

    def endorse(self, node: NodeFacts, peer: NodeFacts, signed: SignedCall) -> Action:
        asked = self._reach.peer(peer, self._reach.member(node.member_id))
        return endorsed_action(asked.endorse(signed, RESULT_SECONDS_MAX))

    def height(self, node: NodeFacts, channel: str) -> int:
        return int(BlockchainInfo.FromString(self._ask(node, channel, b"GetChainInfo")).height)

    def block(self, node: NodeFacts, channel: str, number: int) -> Block:
        answer = self._ask(node, channel, b"GetBlockByNumber", str(number).encode())
        return block_of(BlockMessage.FromString(answer))

    def block_with(self, node: NodeFacts, channel: str, transaction_id: str) -> Block | None:
        try:
            answer = self._ask(node, channel, b"GetBlockByTxID", transaction_id.encode())
        except ChaincodeError as refusal:
            if "no such transaction ID" in str(refusal):
                return None
            raise
        return block_of(BlockMessage.FromString(answer))

    def _ask(self, node: NodeFacts, channel: str, *words: bytes) -> bytes:
        """What the peer's query system chaincode answers of the channel's ledger."""
        function, *rest = words
        peer = self._reach.peer(node)
        return peer.query("qscc", function, channel.encode(), *rest, channel=channel)
