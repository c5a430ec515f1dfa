"""What a client's signed proposal says about a transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fabric_protos.common import common_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import proposal_pb2

from hansa_contract.errors import ChaincodeError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Creator:
    """Who signed: the member's MSP id and the certificate, in PEM."""

    mspid: str
    id_bytes: bytes

    def __getitem__(self, name: str) -> str | bytes:
        """``mspid`` and ``idBytes`` by name, as other shims have them."""
        parts: dict[str, str | bytes] = {"mspid": self.mspid, "idBytes": self.id_bytes}
        return parts[name]


@dataclass(frozen=True)
class Proposal:
    """``signed`` is Fabric's ``SignedProposal`` and ``raw_creator`` a ``SerializedIdentity``.

    ``timestamp`` is what the client wrote, in UTC: every endorser sees the same. ``binding`` ties
    application data to this proposal: SHA-256 of nonce, creator and epoch.
    """

    signed: bytes = b""
    raw_creator: bytes = b""
    transient: Mapping[str, bytes] = field(default_factory=dict)
    binding: bytes = b""
    timestamp: datetime = EPOCH

    @property
    def creator(self) -> Creator:
        """Raises :class:`ChaincodeError` where it is no identity."""
        try:
            identity = identities_pb2.SerializedIdentity.FromString(self.raw_creator)
        except Exception as fault:
            raise ChaincodeError(f"the creator of the proposal is no identity: {fault}") from fault
        return Creator(identity.mspid, identity.id_bytes)


@dataclass(frozen=True)
class Transaction:
    """One call of the chaincode; ``args`` are as the client sent them, the function first."""

    channel_id: str
    tx_id: str
    args: tuple[bytes, ...] = ()
    decorations: Mapping[str, bytes] = field(default_factory=dict)
    proposal: Proposal = field(default_factory=Proposal)


def read_proposal(signed: proposal_pb2.SignedProposal) -> Proposal:
    """Raises :class:`ChaincodeError` for bytes that are no proposal of a transaction."""
    try:
        proposal = proposal_pb2.Proposal.FromString(signed.proposal_bytes)
        header = common_pb2.Header.FromString(proposal.header)
        channel = common_pb2.ChannelHeader.FromString(header.channel_header)
        signature = common_pb2.SignatureHeader.FromString(header.signature_header)
        payload = proposal_pb2.ChaincodeProposalPayload.FromString(proposal.payload)
    except Exception as fault:
        raise ChaincodeError(f"the signed proposal cannot be read: {fault}") from fault
    if channel.type not in (common_pb2.ENDORSER_TRANSACTION, common_pb2.CONFIG):
        raise ChaincodeError(f"a proposal of type {channel.type} is none for chaincode")
    epoch = channel.epoch.to_bytes(8, "little")
    return Proposal(
        signed=signed.SerializeToString(),
        raw_creator=signature.creator,
        transient=dict(payload.TransientMap),
        binding=hashlib.sha256(signature.nonce + signature.creator + epoch).digest(),
        timestamp=to_datetime(channel.timestamp.seconds, channel.timestamp.nanos),
    )


def to_datetime(seconds: int, nanos: int) -> datetime:
    """In UTC; the nanoseconds below a microsecond are cut off."""
    return EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)
