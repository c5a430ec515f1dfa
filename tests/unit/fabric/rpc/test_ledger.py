"""Blocks from their messages, broken ones too."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.common.common_pb2 import Block
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import HashedRWSet, KVRWSet
from fabric_protos.ledger.rwset.rwset_pb2 import TxReadWriteSet
from fabric_protos.peer.chaincode_event_pb2 import ChaincodeEvent
from fabric_protos.peer.proposal_pb2 import ChaincodeAction
from fabric_protos.peer.proposal_response_pb2 import ProposalResponse, ProposalResponsePayload
from fabric_protos.peer.transaction_pb2 import TxValidationCode

from hansa.fabric.blocks import Event, HashedRead, Party, Read, Version, Write
from hansa.fabric.pki import issue, make_authority
from hansa.fabric.rpc.identity import Identity, load_identity
from hansa.fabric.rpc.ledger import block_of, header_digest
from hansa.fabric.rpc.proposals import Call, sign_call, transaction

NOW = datetime(2026, 11, 21, 9, 30, 0, 250_000, tzinfo=UTC)
IDENTITY = Identity("m-A", b"no certificate", ec.generate_private_key(ec.SECP256R1()))


def results() -> bytes:
    public, hashed, message = KVRWSet(), HashedRWSet(), TxReadWriteSet()
    public.reads.add(key="a1").version.block_num = 3
    public.reads.add(key="absent")
    public.writes.add(key="a1", value=b"7")
    public.writes.add(key="old", is_delete=True)
    public.metadata_writes.add(key="a1")
    ranged = public.range_queries_info.add(start_key="a", end_key="b")
    ranged.raw_reads.kv_reads.add(key="a1").version.tx_num = 2
    public.range_queries_info.add(start_key="c").reads_merkle_hashes.max_level = 1
    hashed.hashed_reads.add(key_hash=b"\x01")
    namespace = message.ns_rwset.add(namespace="asset", rwset=public.SerializeToString())
    namespace.collection_hashed_rwset.add(
        collection_name="prices", hashed_rwset=hashed.SerializeToString(), pvt_rwset_hash=b"\x02"
    )
    return bytes(message.SerializeToString())


def envelope() -> bytes:
    call = Call("trade", "asset", (b"sell", b"\xff"), {"price": b"hidden"})
    signed = sign_call(call, IDENTITY, b"n" * 24, NOW)
    action = ChaincodeAction(results=results())
    action.response.status, action.response.payload = 200, b"sold"
    action.chaincode_id.name, action.chaincode_id.version = "asset", "1.1"
    action.events = ChaincodeEvent(event_name="sold", payload=b"a1").SerializeToString()
    payload = ProposalResponsePayload(extension=action.SerializeToString()).SerializeToString()
    answer = ProposalResponse(payload=payload)
    answer.endorsement.endorser = IDENTITY.creator
    return bytes(transaction(signed, [answer], IDENTITY).SerializeToString())


def block(*contents: bytes, codes: bytes) -> Block:
    message = Block()
    message.header.number = 5
    message.data.data.extend(contents)
    message.metadata.metadata.extend([b"", b"", codes])
    return message


def test_a_transaction_is_read_field_by_field() -> None:
    codes = bytes([TxValidationCode.MVCC_READ_CONFLICT])
    (read,) = block_of(block(envelope(), codes=codes)).transactions
    assert (read.version, read.code) == (Version(5, 0), "MVCC_READ_CONFLICT")
    assert (read.kind, read.time) == ("ENDORSER_TRANSACTION", NOW)
    assert read.creator == Party("m-A", "")
    action = read.action
    assert action is not None
    assert (action.chaincode, action.chaincode_version) == ("asset", "1.1")
    assert (action.arguments, action.payload) == ((b"sell", b"\xff"), b"sold")
    assert (action.endorsers, action.event) == ((Party("m-A", ""),), Event("sold", b"a1"))
    (namespace,) = action.namespaces
    assert namespace.reads == (Read("a1", Version(3, 0)), Read("absent", None))
    assert namespace.writes == (
        Write("a1", b"7", is_delete=False),
        Write("old", b"", is_delete=True),
    )
    assert namespace.guarded == ("a1",)
    assert [each.found for each in namespace.ranges] == [(Read("a1", Version(0, 2)),), None]
    (collection,) = namespace.collections
    assert (collection.digest, collection.reads) == (b"\x02", (HashedRead(b"\x01", None),))
    assert "hidden" not in repr(read)


def test_endorsements_of_another_result_are_found() -> None:
    now = datetime.now(UTC)
    made = issue(make_authority("ca", now), "peer0", now, "peer")
    signer = load_identity("m-B", made.certificate, made.key)
    signed = sign_call(Call("trade", "asset", (b"sell",)), signer, b"n" * 24, NOW)
    payload = ProposalResponsePayload(extension=b"").SerializeToString()
    fit, unfit = (ProposalResponse(payload=payload) for _ in range(2))
    for answer, content in ((fit, payload), (unfit, b"another")):
        answer.endorsement.endorser = signer.creator
        answer.endorsement.signature = signer.sign(content + signer.creator)
    for answers, found in (([fit], 0), ([fit, unfit], 1)):
        content = bytes(transaction(signed, answers, signer).SerializeToString())
        codes = bytes([TxValidationCode.ENDORSEMENT_POLICY_FAILURE, TxValidationCode.VALID])
        refused, valid = block_of(block(content, content, codes=codes)).transactions
        assert refused.action
        assert valid.action
        assert [one.member_id for one in refused.action.unfit] == ["m-B"] * found
        assert valid.action.unfit == ()


def test_what_cannot_be_read_is_in_the_block_all_the_same() -> None:
    read = block_of(block(b"\xff\xff", b"", envelope()[:-80], codes=bytes([2, 250])))
    assert [each.code for each in read.transactions] == ["BAD_PAYLOAD", "250", "NOT_VALIDATED"]
    assert all(each.action is None for each in read.transactions)
    assert read.number == 5


def test_the_digest_of_a_header_is_that_of_its_der() -> None:
    content = bytes.fromhex("300a 0202 00ff 0401 01 0401 02".replace(" ", ""))
    assert header_digest(255, b"\x01", b"\x02") == hashlib.sha256(content).digest()
    zero = bytes.fromhex("3007 0201 00 0400 0400".replace(" ", ""))
    assert header_digest(0, b"", b"") == hashlib.sha256(zero).digest()
