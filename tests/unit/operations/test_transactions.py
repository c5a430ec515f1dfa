"""Calls of chaincode over a ledger that is made up: who may call, and what is answered."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.peer.proposal_pb2 import Proposal, SignedProposal
from tests.unit.operations.fabric_scene import CODE, Scene
from tests.unit.operations.installation import ALICE, BOB, Installation

from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceNotFoundError,
    ResourceNotReadyError,
)
from hansa.domain.lifecycle import Kind, Status
from hansa.fabric.base import FabricError
from hansa.fabric.blocks import Action, Block, Namespace, Transaction, Version, Write
from hansa.fabric.rpc.connections import UnreachableError
from hansa.fabric.rpc.proposals import NONCE_BYTES, SignedCall
from hansa.fabric.transactions import MismatchError
from hansa.wire.model import load_hansafabric, sensitive_members

SIGNED = SignedCall("f" * 64, Proposal(), SignedProposal())


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(Installation(tmp_path))
    made.create_channel()
    return made


def call(scene: Scene, operation: str = "invoke_chaincode", **changed: Any) -> Any:
    asked = {"ChannelName": "trade", "ChaincodeName": "asset", "Function": "sell"}
    request = {**scene.keys, **asked, **changed}
    caller = request.pop("caller", ALICE)
    return getattr(scene.api, operation)(caller, request)


def test_a_call_is_sent_as_the_member_asks(scene: Scene) -> None:
    more = {"Arguments": ["a1", "ü"], "Transient": {"price": b"7"}, "IsInit": True}
    answer = call(scene, EndorsingMembers=[scene.member_id], **more)
    ((node, sent, endorsers),) = scene.transactions.asked
    assert (node.node_id, endorsers) == (scene.node_id, (scene.member_id,))
    assert (sent.channel, sent.chaincode) == ("trade", "asset")
    assert sent.arguments == (b"sell", b"a1", "ü".encode())
    assert (sent.transient, sent.is_init) == ({"price": b"7"}, True)
    assert (answer["ResultText"], answer["BlockNumber"]) == ("done", 7)
    assert call(scene, "query_chaincode")["Result"] == b"done"


def test_a_result_that_is_no_text_is_bytes_alone(scene: Scene) -> None:
    scene.transactions.result = b"\xff"
    answer = call(scene, "query_chaincode")
    assert (answer["Result"], answer["ResultText"]) == (b"\xff", None)


def test_what_was_ordered_in_vain_is_refused_with_what_to_do(scene: Scene) -> None:
    scene.transactions.code = "MVCC_READ_CONFLICT"
    with pytest.raises(IllegalActionError, match="block 7.*MVCC_READ_CONFLICT.*Read again") as told:
        call(scene)
    assert "f" * 64 in told.value.message


def test_fabrics_refusals_are_the_apis(scene: Scene) -> None:
    scene.transactions.fault = FabricError("no such asset")
    with pytest.raises(IllegalActionError, match="no such asset"):
        call(scene)
    scene.transactions.fault = UnreachableError("it is down")
    with pytest.raises(ResourceNotReadyError, match="it is down"):
        call(scene, "query_chaincode")


TOKEN = {"ClientRequestToken": "sale-1"}


def commit(scene: Scene, *codes: str) -> None:
    """Put the token's transaction in a block, with each of these codes."""
    nonce = scene.transactions.nonces[0]
    assert nonce
    node, _, _ = scene.transactions.asked[0]
    name = scene.transactions.transaction_id(node, nonce)
    scene.transactions.blocks.append(
        Block(0, b"", b"", b"", tuple(
            Transaction(name, Version(0, at), "ENDORSER_TRANSACTION", code, None, None, result(b""))
            for at, code in enumerate(codes)
        ))
    )  # fmt: skip


def test_with_a_token_a_transaction_is_sent_once(scene: Scene) -> None:
    first = call(scene, **TOKEN)
    commit(scene, "VALID", "DUPLICATE_TXID")
    again = call(scene, **TOKEN)
    assert again["TransactionId"] == first["TransactionId"]
    assert (again["ValidationCode"], again["BlockNumber"]) == ("VALID", 0)
    assert len(scene.transactions.nonces) == 1
    with pytest.raises(InvalidRequestError, match="already used for another"):
        call(scene, Function="buy", **TOKEN)


def test_what_did_not_get_into_the_ledger_is_sent_again_under_its_id(scene: Scene) -> None:
    scene.transactions.fault = UnreachableError("it is down")
    private = {"Transient": {"price": b"7"}}
    with pytest.raises(ResourceNotReadyError):
        call(scene, **TOKEN, **private)
    scene.transactions.fault = None
    call(scene, **TOKEN, **private)
    first, second = scene.transactions.nonces
    assert first == second
    assert first
    assert len(first) == NONCE_BYTES


def test_what_was_ordered_in_vain_stays_so(scene: Scene) -> None:
    scene.transactions.code = "MVCC_READ_CONFLICT"
    with pytest.raises(IllegalActionError, match="block 7"):
        call(scene, **TOKEN)
    commit(scene, "MVCC_READ_CONFLICT")
    with pytest.raises(IllegalActionError, match="block 0.*MVCC_READ_CONFLICT"):
        call(scene, **TOKEN)


def test_one_that_came_into_the_ledger_meanwhile_is_no_fault(scene: Scene) -> None:
    call(scene, **TOKEN)
    calls = []

    def duplicate(*_asked: object) -> bytes:
        calls.append(1)
        commit(scene, "VALID")
        raise FabricError("duplicate transaction found")

    scene.transactions.evaluate = duplicate  # type: ignore[method-assign]
    assert call(scene, **TOKEN)["BlockNumber"] == 0
    assert calls == [1]


def test_another_id_would_be_another_transaction(scene: Scene) -> None:
    call(scene, **TOKEN)
    scene.transactions.certificate = "2"
    with pytest.raises(IllegalActionError, match="send a new token"):
        call(scene, **TOKEN)
    assert len(scene.transactions.nonces) == 1


def test_strangers_neither_call_nor_endorse(scene: Scene) -> None:
    stranger = "m-" + "Z" * 26
    with pytest.raises(InvalidRequestError, match=stranger):
        call(scene, EndorsingMembers=[stranger])
    with pytest.raises(ResourceNotFoundError):
        call(scene, MemberId=stranger)
    with pytest.raises(ResourceNotFoundError):
        call(scene, caller=BOB)
    assert scene.transactions.asked == []


def test_a_channel_that_is_known_from_a_moment_ago_refuses_nobody(scene: Scene) -> None:
    now = scene.net.channels["trade"]
    scene.net.recent["trade"] = replace(now, anchor_peers={"m-" + "Z" * 26: ()})
    assert call(scene)["ResultText"] == "done"
    scene.net.recent["trade"] = now
    scene.net.channels.clear()
    assert call(scene)["ResultText"] == "done"


def test_what_may_be_secret_is_marked_as_such() -> None:
    secret = {"Arguments", "Transient", "Result", "ResultText"}
    assert secret <= sensitive_members(load_hansafabric())


def result(value: bytes) -> Action:
    written = Namespace("asset", writes=(Write("clock", value, is_delete=False),))
    return Action("asset", "1", (), 200, "", b"", (), (written,), None)


def second_node(scene: Scene) -> str:
    answer = scene.installation.api.create_node(
        ALICE,
        {
            **scene.keys,
            "ClientRequestToken": "n2",
            "NodeConfiguration": {"InstanceType": "bc.t3.small"},
        },
    )
    scene.installation.become(Kind.NODE, answer["NodeId"], Status.AVAILABLE)
    return str(answer["NodeId"])


def test_where_peers_differ_is_told(scene: Scene) -> None:
    other = second_node(scene)
    scene.transactions.fault = MismatchError("do not match", SIGNED)
    scene.transactions.results = {scene.node_id: result(b"1"), other: result(b"2")}
    with pytest.raises(IllegalActionError, match="key 'clock' of chaincode asset") as told:
        call(scene)
    assert f"{scene.member_id} ({other}) wrote" in told.value.message
    scene.transactions.results[other] = FabricError("it has no such chaincode")
    with pytest.raises(IllegalActionError, match="too few answer alone.*no such chaincode"):
        call(scene)


def test_what_the_chaincode_wrote_meanwhile_is_told(scene: Scene) -> None:
    scene.deploy(scene.package())
    written = ["from before"]
    scene.net.outputs[scene.node_id, CODE.package_id] = written

    def answer(*_asked: object) -> bytes:
        written.extend(["looking for a1", "there is none"])
        scene.net.outputs[scene.node_id, "other:1"] = ["of another"]
        raise FabricError("chaincode response 500, none")

    scene.transactions.evaluate = answer  # type: ignore[method-assign]
    with pytest.raises(IllegalActionError, match="chaincode response 500, none") as told:
        call(scene)
    assert told.value.message.endswith(
        f"Meanwhile asset wrote on node {scene.node_id}:\n  looking for a1\n  there is none"
    )


def test_last_words_of_chaincode_that_ended_are_awaited(scene: Scene) -> None:
    """Of the legacy lifecycle, whose log is known by the chaincode's name."""
    written: list[str] = []

    def end() -> None:
        written.append("hansa: chaincode asset:v0 ended with exit code 2")

    def answer(*_asked: object) -> bytes:
        written.append("panic")
        scene.net.outputs[scene.node_id, "asset:v0"] = written
        threading.Timer(0.05, end).start()
        raise FabricError("chaincode stream terminated")

    scene.transactions.evaluate = answer  # type: ignore[method-assign]
    with pytest.raises(IllegalActionError, match="exit code 2"):
        call(scene)
