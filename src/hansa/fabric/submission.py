"""What both chaincode lifecycles do: have a call ordered and committed; tell of a build."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from fabric_protos.peer.transaction_pb2 import ProcessedTransaction, TxValidationCode

from hansa.chaincode.package import build_log_name
from hansa.domain.chaincode import BUILD_LOGS
from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.reach import Reach
from hansa.fabric.rpc.connections import UnreachableError
from hansa.fabric.rpc.peer import SECONDS_MAX, ChaincodeError, PeerClient, endorsed
from hansa.fabric.rpc.proposals import Call

_LOOKS_MAX = 400
_LOOK_SECONDS = 0.05
_LOG_CHARACTERS_MAX = 2000


def submit(
    reach: Reach,
    network: NetworkFacts,
    nodes: Sequence[NodeFacts],
    call: Call,
    seconds_max: float = SECONDS_MAX,
) -> None:
    """Have ``call`` endorsed by these peers, ordered, and committed by the first of them.

    Signed for the first one's member. ``seconds_max`` is how long each may take to endorse.
    """
    signer = reach.member(nodes[0].member_id)
    peers = [reach.peer(node, signer) for node in nodes]
    transaction_id, envelope = endorsed(reach.signing(signer), call, peers, seconds_max)
    reach.by_first(network, call.channel, lambda orderer: orderer.broadcast(envelope))
    pause = threading.Event()
    for _ in range(_LOOKS_MAX):
        code = _validation(peers[0], call.channel, transaction_id)
        if code is None:
            pause.wait(_LOOK_SECONDS)
            continue
        if code != TxValidationCode.VALID:
            raise FabricError(
                f"transaction {transaction_id} is in the ledger, but not valid: "
                f"{TxValidationCode.Name(code)}"
            )
        return
    raise UnreachableError(f"transaction {transaction_id} is not in the ledger yet")


def build_log(reach: Reach, node: NodeFacts, label: str) -> str:
    """The end of what the builder of ``label`` has said, as a sentence; empty if nothing."""
    try:
        text = build_file(reach, node, label).read_text(errors="replace")
    except OSError:
        return ""
    return f". The builder's last words:\n{text.strip()[-_LOG_CHARACTERS_MAX:]}"


def build_file(reach: Reach, node: NodeFacts, label: str) -> Path:
    """Where the node's last build of ``label`` has left its words."""
    return reach.peer_data(node) / BUILD_LOGS / build_log_name(label)


def _validation(peer: PeerClient, channel: str, transaction_id: str) -> int | None:
    """Whether a transaction is valid, as a peer's ledger says; None where it is not there yet."""
    try:
        answer = peer.query(
            "qscc",
            *(b"GetTransactionByID", channel.encode(), transaction_id.encode()),
            channel=channel,
        )
    except ChaincodeError as refusal:
        if "no such transaction ID" in str(refusal):
            return None
        raise
    return int(ProcessedTransaction.FromString(answer).validationCode)
