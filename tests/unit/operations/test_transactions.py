"""Calls of chaincode over a ledger that is made up: who may call, and what is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.operations.fabric_scene import Scene
from tests.unit.operations.installation import BOB, Installation

from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceNotFoundError,
    ResourceNotReadyError,
)
from hansa.fabric.base import FabricError
from hansa.fabric.rpc.connections import UnreachableError
from hansa.wire.model import load_hansafabric, sensitive_members


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(Installation(tmp_path))
    made.create_channel()
    return made


def call(scene: Scene, operation: str = "invoke_chaincode", **changed: Any) -> Any:
    asked = {"ChannelName": "trade", "ChaincodeName": "asset", "Function": "sell"}
    return scene.call(operation, **{**scene.keys, **asked, **changed})


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


def test_strangers_neither_call_nor_endorse(scene: Scene) -> None:
    stranger = "m-" + "Z" * 26
    with pytest.raises(InvalidRequestError, match=stranger):
        call(scene, EndorsingMembers=[stranger])
    with pytest.raises(ResourceNotFoundError):
        call(scene, MemberId=stranger)
    with pytest.raises(ResourceNotFoundError):
        call(scene, caller=BOB)
    assert scene.transactions.asked == []


def test_what_may_be_secret_is_marked_as_such() -> None:
    secret = {"Arguments", "Transient", "Result", "ResultText"}
    assert secret <= sensitive_members(load_hansafabric())
