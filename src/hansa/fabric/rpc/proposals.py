"""What a client signs: chaincode calls, transactions, requests for blocks. Pure.

Source: Fabric's ``protoutil`` package, and "Transaction Flow" in Fabric's documentation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fabric_protos.common.common_pb2 import (
    CONFIG_UPDATE,
    DELIVER_SEEK_INFO,
    ENDORSER_TRANSACTION,
    ChannelHeader,
    Envelope,
    Header,
    Payload,
    SignatureHeader,
)
from fabric_protos.common.configtx_pb2 import ConfigSignature, ConfigUpdate, ConfigUpdateEnvelope
from fabric_protos.orderer.ab_pb2 import SeekInfo
from fabric_protos.peer.chaincode_pb2 import (
    ChaincodeID,
    ChaincodeInput,
    ChaincodeInvocationSpec,
    ChaincodeSpec,
)
from fabric_protos.peer.proposal_pb2 import (
    ChaincodeHeaderExtension,
    ChaincodeProposalPayload,
    Proposal,
    SignedProposal,
)
from fabric_protos.peer.proposal_response_pb2 import ProposalResponse
from fabric_protos.peer.transaction_pb2 import (
    ChaincodeActionPayload,
    ChaincodeEndorsedAction,
    Transaction,
    TransactionAction,
)
from google.protobuf.timestamp_pb2 import Timestamp

from hansa.fabric.base import FabricError
from hansa.fabric.rpc.identity import Identity

NONCE_BYTES = 24


@dataclass(frozen=True)
class Call:
    """A chaincode call. ``channel`` is empty for system chaincodes that know no channel.

    ``arguments`` begin with the function's name. ``transient`` reaches the chaincode, not the
    ledger.
    """

    channel: str
    chaincode: str
    arguments: tuple[bytes, ...]
    transient: Mapping[str, bytes] | None = None
    is_init: bool = False


@dataclass(frozen=True)
class SignedCall:
    """A call as it is sent: ``proposal`` is what was signed."""

    transaction_id: str
    proposal: Proposal
    signed: SignedProposal


def sign_call(call: Call, identity: Identity, nonce: bytes, now: datetime) -> SignedCall:
    """``nonce`` is random, :data:`NONCE_BYTES` long: it makes the transaction's id unique."""
    transaction_id = transaction_id_of(nonce, identity)
    extension = ChaincodeHeaderExtension(chaincode_id=ChaincodeID(name=call.chaincode))
    header = Header(
        channel_header=ChannelHeader(
            type=ENDORSER_TRANSACTION,
            channel_id=call.channel,
            tx_id=transaction_id,
            timestamp=_timestamp(now),
            extension=extension.SerializeToString(),
        ).SerializeToString(),
        signature_header=_signature_header(identity, nonce),
    )
    specification = ChaincodeSpec(
        type=ChaincodeSpec.GOLANG,  # peers do not look at it
        chaincode_id=ChaincodeID(name=call.chaincode),
        input=ChaincodeInput(args=call.arguments, is_init=call.is_init),
    )
    invocation = ChaincodeInvocationSpec(chaincode_spec=specification)
    payload = ChaincodeProposalPayload(
        input=invocation.SerializeToString(), TransientMap=dict(call.transient or {})
    )
    proposal = Proposal(header=header.SerializeToString(), payload=payload.SerializeToString())
    content = proposal.SerializeToString()
    signed = SignedProposal(proposal_bytes=content, signature=identity.sign(content))
    return SignedCall(transaction_id, proposal, signed)


def transaction_id_of(nonce: bytes, creator: Identity) -> str:
    """The id of what ``creator`` signs with this nonce."""
    return hashlib.sha256(nonce + creator.creator).hexdigest()


def transaction(
    call: SignedCall, endorsements: Sequence[ProposalResponse], identity: Identity
) -> Envelope:
    """The transaction to be ordered, of a call and what peers answered to it.

    Raises :class:`FabricError` where the peers came to different results.
    """
    payloads = {answer.payload for answer in endorsements}
    if len(payloads) != 1:
        raise FabricError(
            "the peers' results differ, so no transaction can be made of them: the chaincode is "
            "not deterministic, or the peers' ledgers differ"
        )
    proposal = ChaincodeProposalPayload.FromString(call.proposal.payload)
    visible = ChaincodeProposalPayload(input=proposal.input)  # transient data stays out
    action = ChaincodeActionPayload(
        chaincode_proposal_payload=visible.SerializeToString(),
        action=ChaincodeEndorsedAction(
            proposal_response_payload=endorsements[0].payload,
            endorsements=[answer.endorsement for answer in endorsements],
        ),
    )
    header = Header.FromString(call.proposal.header)
    content = Transaction(
        actions=[
            TransactionAction(header=header.signature_header, payload=action.SerializeToString())
        ]
    )
    return sign_payload(Payload(header=header, data=content.SerializeToString()), identity)


def config_update(
    channel: str,
    update: ConfigUpdate,
    signers: Sequence[Identity],
    submitter: Identity,
    nonce: bytes,
    now: datetime,
) -> Envelope:
    """The transaction that changes a channel's configuration, with the signatures of ``signers``.

    ``submitter`` signs the transaction itself, which counts as one of the signatures only if it is
    among ``signers``.
    """
    content = update.SerializeToString()
    envelope = ConfigUpdateEnvelope(
        config_update=content,
        signatures=[_config_signature(content, signer, nonce) for signer in signers],
    )
    return _envelope(CONFIG_UPDATE, channel, envelope.SerializeToString(), submitter, nonce, now)


def seek(channel: str, what: SeekInfo, identity: Identity, nonce: bytes, now: datetime) -> Envelope:
    """A request for blocks."""
    return _envelope(DELIVER_SEEK_INFO, channel, what.SerializeToString(), identity, nonce, now)


def sign_payload(payload: Payload, identity: Identity) -> Envelope:
    content = payload.SerializeToString()
    return Envelope(payload=content, signature=identity.sign(content))


def _config_signature(update: bytes, signer: Identity, nonce: bytes) -> ConfigSignature:
    header = _signature_header(signer, nonce)
    return ConfigSignature(signature_header=header, signature=signer.sign(header + update))


def _envelope(
    kind: int, channel: str, content: bytes, identity: Identity, nonce: bytes, now: datetime
) -> Envelope:
    header = ChannelHeader(type=kind, channel_id=channel, timestamp=_timestamp(now))
    return sign_payload(
        Payload(
            header=Header(
                channel_header=header.SerializeToString(),
                signature_header=_signature_header(identity, nonce),
            ),
            data=content,
        ),
        identity,
    )


def _signature_header(identity: Identity, nonce: bytes) -> bytes:
    return bytes(SignatureHeader(creator=identity.creator, nonce=nonce).SerializeToString())


def _timestamp(now: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(now)
    return stamp
