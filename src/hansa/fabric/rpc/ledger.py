"""Blocks from their messages. Pure.

A transaction may be malformed: it is in the ledger, as not valid, all the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.common import common_pb2
from fabric_protos.common.common_pb2 import (
    TRANSACTIONS_FILTER,
    ChannelHeader,
    Envelope,
    HeaderType,
    Payload,
    SignatureHeader,
)
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import HashedRWSet, KVRWSet
from fabric_protos.ledger.rwset.rwset_pb2 import TxReadWriteSet
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.peer import transaction_pb2
from fabric_protos.peer.chaincode_event_pb2 import ChaincodeEvent
from fabric_protos.peer.chaincode_pb2 import ChaincodeInvocationSpec, ChaincodeSpec
from fabric_protos.peer.proposal_pb2 import ChaincodeAction, ChaincodeProposalPayload
from fabric_protos.peer.proposal_response_pb2 import (
    Endorsement,
    ProposalResponse,
    ProposalResponsePayload,
)
from fabric_protos.peer.transaction_pb2 import ChaincodeActionPayload, TxValidationCode
from google.protobuf.message import DecodeError

from hansa.fabric.base import FabricError
from hansa.fabric.blocks import (
    Action,
    Block,
    CollectionHashes,
    Event,
    HashedRead,
    HashedWrite,
    Namespace,
    Party,
    RangeRead,
    Read,
    Transaction,
    Version,
    Write,
)

_POLICY = TxValidationCode.Name(TxValidationCode.ENDORSEMENT_POLICY_FAILURE)
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30


def block_of(message: common_pb2.Block) -> Block:
    """The block, with the validation codes that the peer has put into its metadata."""
    header, number = message.header, int(message.header.number)
    codes = message.metadata.metadata[TRANSACTIONS_FILTER : TRANSACTIONS_FILTER + 1] or [b""]
    return Block(
        number=number,
        digest=header_digest(number, header.previous_hash, header.data_hash),
        previous=bytes(header.previous_hash),
        data_digest=bytes(header.data_hash),
        transactions=tuple(
            _transaction(content, Version(number, position), _code(codes[0], position))
            for position, content in enumerate(message.data.data)
        ),
    )


def header_digest(number: int, previous: bytes, data_digest: bytes) -> bytes:
    """The SHA-256 of the header in DER: a sequence of an integer and two octet strings.

    Source: ``protoutil.BlockHeaderBytes`` of Fabric.
    """
    width = number.bit_length() // 8 + 1
    parts = _der(_INTEGER, number.to_bytes(width, "big"))
    parts += _der(_OCTETS, previous) + _der(_OCTETS, data_digest)
    return hashlib.sha256(_der(_SEQUENCE, parts)).digest()


def _der(tag: int, content: bytes) -> bytes:
    """For content of fewer than 128 bytes: a header has no more."""
    return bytes((tag, len(content))) + content


def _code(codes: bytes, position: int) -> str:
    number = codes[position] if position < len(codes) else TxValidationCode.NOT_VALIDATED
    try:
        return str(TxValidationCode.Name(number))
    except ValueError:
        return str(number)


def _transaction(content: bytes, version: Version, code: str) -> Transaction:
    try:
        payload = Payload.FromString(Envelope.FromString(content).payload)
        header = ChannelHeader.FromString(payload.header.channel_header)
        creator = SignatureHeader.FromString(payload.header.signature_header).creator
    except DecodeError:
        return Transaction("", version, "", code, None, None, None)
    is_call = header.type == HeaderType.ENDORSER_TRANSACTION
    action = _action(payload.data) if is_call else None
    if action is not None and code == _POLICY:  # of others, Fabric has seen to it
        action = replace(action, unfit=_unfit(payload.data))
    return Transaction(
        transaction_id=str(header.tx_id),
        version=version,
        kind=_kind(header.type),
        code=code,
        time=_time(header),
        creator=party_of(creator) if creator else None,
        action=action,
    )


def _kind(number: int) -> str:
    try:
        return str(HeaderType.Name(number))
    except ValueError:
        return str(number)


def _time(header: ChannelHeader) -> datetime | None:
    if not header.HasField("timestamp"):
        return None
    try:
        return datetime.fromtimestamp(header.timestamp.seconds, UTC).replace(
            microsecond=header.timestamp.nanos // 1000
        )
    except (ValueError, OverflowError, OSError):
        return None


def party_of(creator: bytes) -> Party:
    """The member and the certificate's subject, as RFC 4514 writes it, or ``""``."""
    try:
        identity = SerializedIdentity.FromString(creator)
    except DecodeError:
        return Party("", "")
    try:
        subject = x509.load_pem_x509_certificate(identity.id_bytes).subject.rfc4514_string()
    except ValueError:
        subject = ""
    return Party(str(identity.mspid), subject)


def _action(data: bytes) -> Action | None:
    """None where there is no call of chaincode in it that could be read."""
    try:
        actions = transaction_pb2.Transaction.FromString(data).actions
        if not actions:
            return None
        payload = ChaincodeActionPayload.FromString(actions[0].payload)
        asked = ChaincodeProposalPayload.FromString(payload.chaincode_proposal_payload)
        call = ChaincodeInvocationSpec.FromString(asked.input).chaincode_spec
        return _endorsed(
            payload.action.proposal_response_payload, payload.action.endorsements, call
        )
    except DecodeError:
        return None


def endorsed_action(answer: ProposalResponse) -> Action:
    """What a peer came to; its answer tells no arguments. Raises :class:`FabricError`."""
    try:
        return _endorsed(answer.payload, [answer.endorsement], ChaincodeSpec())
    except DecodeError as fault:
        raise FabricError(f"the peer's answer cannot be read: {fault}") from fault


def _endorsed(results: bytes, endorsements: Sequence[Endorsement], call: ChaincodeSpec) -> Action:
    answer = ProposalResponsePayload.FromString(results)
    action = ChaincodeAction.FromString(answer.extension)
    return Action(
        chaincode=str(action.chaincode_id.name or call.chaincode_id.name),
        chaincode_version=str(action.chaincode_id.version),
        arguments=tuple(bytes(argument) for argument in call.input.args),
        status=int(action.response.status),
        message=str(action.response.message),
        payload=bytes(action.response.payload),
        endorsers=tuple(party_of(each.endorser) for each in endorsements),
        namespaces=_namespaces(action.results),
        event=_event(action.events),
    )


def _unfit(data: bytes) -> tuple[Party, ...]:
    """Those whose endorsements of the call in it are not of the result that it has."""
    action = ChaincodeActionPayload.FromString(
        transaction_pb2.Transaction.FromString(data).actions[0].payload
    ).action
    results = bytes(action.proposal_response_payload)
    return tuple(
        party_of(each.endorser)
        for each in action.endorsements
        if not _is_signed(results + each.endorser, each)
    )


def _is_signed(content: bytes, endorsement: Endorsement) -> bool:
    """Whether the endorser's signature is one of ``content``."""
    try:
        identity = SerializedIdentity.FromString(endorsement.endorser)
        key = x509.load_pem_x509_certificate(identity.id_bytes).public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(endorsement.signature, content, ec.ECDSA(hashes.SHA256()))
            return True
    except (DecodeError, ValueError, InvalidSignature):
        return False
    return False


def _event(content: bytes) -> Event | None:
    event = ChaincodeEvent.FromString(content)
    return Event(str(event.event_name), bytes(event.payload)) if event.event_name else None


def _namespaces(results: bytes) -> tuple[Namespace, ...]:
    return tuple(_namespace(each) for each in TxReadWriteSet.FromString(results).ns_rwset)


def _namespace(message: Any) -> Namespace:
    public = KVRWSet.FromString(message.rwset)
    return Namespace(
        name=str(message.namespace),
        reads=tuple(map(_read, public.reads)),
        ranges=tuple(
            RangeRead(
                str(each.start_key),
                str(each.end_key),
                tuple(map(_read, each.raw_reads.kv_reads))
                if each.WhichOneof("reads_info") == "raw_reads"
                else None,
            )
            for each in public.range_queries_info
        ),
        writes=tuple(
            Write(str(each.key), bytes(each.value), bool(each.is_delete)) for each in public.writes
        ),
        guarded=tuple(str(each.key) for each in public.metadata_writes),
        collections=tuple(map(_collection, message.collection_hashed_rwset)),
    )


def _collection(message: Any) -> CollectionHashes:
    hashed = HashedRWSet.FromString(message.hashed_rwset)
    return CollectionHashes(
        name=str(message.collection_name),
        digest=bytes(message.pvt_rwset_hash),
        reads=tuple(
            HashedRead(bytes(each.key_hash), _version(each)) for each in hashed.hashed_reads
        ),
        writes=tuple(
            HashedWrite(
                bytes(each.key_hash),
                bytes(each.value_hash),
                bool(each.is_delete),
                bool(each.is_purge),
            )
            for each in hashed.hashed_writes
        ),
        guarded=tuple(bytes(each.key_hash) for each in hashed.metadata_writes),
    )


def _read(message: Any) -> Read:
    return Read(str(message.key), _version(message))


def _version(message: Any) -> Version | None:
    if not message.HasField("version"):
        return None
    return Version(int(message.version.block_num), int(message.version.tx_num))
