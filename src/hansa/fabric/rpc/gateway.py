"""A peer's Gateway service: it finds the endorsers that policies ask for, and awaits the commit.

Source: "Fabric Gateway" in Fabric's documentation, and ``gateway.proto``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fabric_protos.common.common_pb2 import Envelope, Payload
from fabric_protos.gateway.gateway_pb2 import (
    CommitStatusRequest,
    EndorseRequest,
    ErrorDetail,
    EvaluateRequest,
    SignedCommitStatusRequest,
    SubmitRequest,
)
from fabric_protos.gateway.gateway_pb2_grpc import GatewayStub
from fabric_protos.peer.proposal_pb2 import ChaincodeAction
from fabric_protos.peer.proposal_response_pb2 import ProposalResponsePayload
from fabric_protos.peer.transaction_pb2 import (
    ChaincodeActionPayload,
    Transaction,
    TxValidationCode,
)
from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status

from hansa.fabric.base import FabricError
from hansa.fabric.rpc.connections import Connections, UnreachableError, told
from hansa.fabric.rpc.proposals import Call, SignedCall
from hansa.fabric.rpc.signing import Signing
from hansa.fabric.transactions import MismatchError, Outcome

ENDORSE_SECONDS_MAX = 60.0  # a peer may have to start the chaincode first
ORDER_SECONDS_MAX = 30.0
COMMIT_SECONDS_MAX = 60.0
_MISMATCH = "ProposalResponsePayloads do not match"
_DETAILS = "grpc-status-details-bin"


class GatewayClient:
    """The Gateway of the peer at ``address`` (``HOST:PORT``).

    Every method raises :class:`FabricError` with the reasons of all peers that were asked, and
    :class:`UnreachableError` where one of them, or an orderer, does not answer.
    """

    def __init__(self, connections: Connections, address: str, signing: Signing) -> None:
        self._stub = GatewayStub(connections.to(address))
        self._who = f"the peer at {address}"
        self._signing = signing

    def evaluate(self, call: Call, endorsers: Sequence[str]) -> bytes:
        """What the chaincode answers on a peer of this member or, if given, of ``endorsers``."""
        signed = self._signing.call(call)
        request = EvaluateRequest(
            transaction_id=signed.transaction_id,
            channel_id=call.channel,
            proposed_transaction=signed.signed,
            target_organizations=endorsers,
        )
        with _reasons_told(self._who):
            answer = self._stub.Evaluate(request, timeout=ENDORSE_SECONDS_MAX, wait_for_ready=True)
        return bytes(answer.result.payload)

    def submit(self, call: Call, endorsers: Sequence[str], nonce: bytes | None = None) -> Outcome:
        """Have the call endorsed, by ``endorsers`` if given, ordered and committed.

        ``nonce`` makes the transaction's id; a random one if it is None. Raises
        :class:`MismatchError`, too.
        """
        signed = self._signing.call(call, nonce)
        request = EndorseRequest(
            transaction_id=signed.transaction_id,
            channel_id=call.channel,
            proposed_transaction=signed.signed,
            endorsing_organizations=endorsers,
        )
        with _mismatch_told(signed), _reasons_told(self._who):
            answer = self._stub.Endorse(request, timeout=ENDORSE_SECONDS_MAX, wait_for_ready=True)
        envelope = answer.prepared_transaction
        envelope.signature = self._signing.identity.sign(envelope.payload)
        with _named(signed.transaction_id):
            self._order(call.channel, signed.transaction_id, envelope)
            status = self._committed(call.channel, signed.transaction_id)
        return Outcome(
            transaction_id=signed.transaction_id,
            result=result_of(envelope),
            block_number=int(status.block_number),
            code=TxValidationCode.Name(status.result),
        )

    def _order(self, channel: str, transaction_id: str, envelope: Envelope) -> None:
        request = SubmitRequest(
            transaction_id=transaction_id, channel_id=channel, prepared_transaction=envelope
        )
        with _reasons_told(self._who):
            self._stub.Submit(request, timeout=ORDER_SECONDS_MAX)

    def _committed(self, channel: str, transaction_id: str) -> Any:
        content = CommitStatusRequest(
            transaction_id=transaction_id,
            channel_id=channel,
            identity=self._signing.identity.creator,
        ).SerializeToString()
        signature = self._signing.identity.sign(content)
        request = SignedCommitStatusRequest(request=content, signature=signature)
        with _reasons_told(self._who):
            return self._stub.CommitStatus(request, timeout=COMMIT_SECONDS_MAX)


def result_of(envelope: Envelope) -> bytes:
    """What the chaincode answered in a transaction that is endorsed."""
    transaction = Transaction.FromString(Payload.FromString(envelope.payload).data)
    action = ChaincodeActionPayload.FromString(transaction.actions[0].payload).action
    answer = ProposalResponsePayload.FromString(action.proposal_response_payload)
    return bytes(ChaincodeAction.FromString(answer.extension).response.payload)


def reasons_of(fault: Any) -> list[str]:
    """What peers and orderers said, as the trailer of the Gateway's refusal has it.

    Source: gRPC's "Richer error model"; the details are ``gateway.ErrorDetail``.
    """
    for key, value in fault.trailing_metadata() or ():
        if key == _DETAILS:
            return _reasons_in(value)
    return []


def _reasons_in(trailer: bytes) -> list[str]:
    reasons = []
    try:
        for packed in Status.FromString(trailer).details:
            detail = ErrorDetail()
            if packed.Unpack(detail):
                reasons.append(f"{detail.msp_id or 'orderer'} ({detail.address}): {detail.message}")
    except DecodeError:
        return []
    return list(dict.fromkeys(reasons))


@contextmanager
def _reasons_told(who: str) -> Iterator[None]:
    try:
        with told(who):
            yield
    except FabricError as refusal:
        reasons = reasons_of(refusal.__cause__)
        if not reasons:
            raise
        raise type(refusal)(f"{refusal}: {'; '.join(reasons)}") from refusal.__cause__


@contextmanager
def _mismatch_told(signed: SignedCall) -> Iterator[None]:
    try:
        yield
    except FabricError as refusal:
        if _MISMATCH not in str(refusal):
            raise
        raise MismatchError(str(refusal), signed) from refusal


@contextmanager
def _named(transaction_id: str) -> Iterator[None]:
    """Name the transaction in a refusal: it may be ordered all the same."""
    try:
        yield
    except UnreachableError as refusal:
        raise UnreachableError(
            f"transaction {transaction_id} was endorsed and sent to be ordered, and it is not "
            f"known what became of it (GetTransaction says it in a moment): {refusal}"
        ) from refusal
