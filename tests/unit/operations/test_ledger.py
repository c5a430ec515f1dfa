"""Blocks and transactions of a ledger that is made up, through the API's operations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.fabric.test_explanations import block, reading, transaction, writing
from tests.unit.operations.fabric_scene import Scene
from tests.unit.operations.installation import ALICE, BOB, Installation

from hansa.domain.caller import Caller
from hansa.domain.errors import InvalidRequestError, ResourceNotFoundError
from hansa.fabric.blocks import Block, Transaction, Version
from hansa.fabric.explanations import POLICY, READ_CONFLICT


def ledger() -> list[Block]:
    lost = transaction((2, 0), reading("a1", Version(0, 0)), code=READ_CONFLICT)
    return [
        block(0, Transaction("", Version(0, 0), "CONFIG", "VALID", None, None, None)),
        block(1, transaction((1, 0), writing("a1"))),
        block(2, lost, transaction((2, 1), writing("a2"), code=POLICY)),
    ]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(Installation(tmp_path))
    made.create_channel()
    made.transactions.blocks = ledger()
    return made


def ask(scene: Scene, operation: str, caller: Caller = ALICE, **more: Any) -> Any:
    where = {"NetworkId": scene.network_id, "ChannelName": "trade"}
    return getattr(scene.api, operation)(caller, where | more)


def test_a_block_shows_its_transactions_in_short(scene: Scene) -> None:
    newest = ask(scene, "get_block")["Block"]
    assert (newest["Number"], newest["TransactionCount"], newest["InvalidCount"]) == (2, 2, 2)
    assert [each["Function"] for each in newest["Transactions"]] == ["sell", "sell"]
    first = ask(scene, "get_block", BlockNumber=0)["Block"]
    assert [each["Type"] for each in first["Transactions"]] == ["CONFIG"]
    assert first["CreationDate"] is None
    with pytest.raises(ResourceNotFoundError):
        ask(scene, "get_block", BlockNumber=3)
    with pytest.raises(ResourceNotFoundError):
        ask(scene, "get_block", caller=BOB)


def test_blocks_are_listed_newest_first_in_pages(scene: Scene) -> None:
    page = ask(scene, "list_blocks", MaxResults=2)
    assert [each["Number"] for each in page["Blocks"]] == [2, 1]
    last = ask(scene, "list_blocks", MaxResults=2, NextToken=page["NextToken"])
    assert ([each["Number"] for each in last["Blocks"]], last["NextToken"]) == ([0], None)
    part = ask(scene, "list_blocks", FirstBlock=1, LastBlock=1)
    assert [each["Number"] for each in part["Blocks"]] == [1]
    assert ask(scene, "list_blocks", FirstBlock=9)["Blocks"] == []
    with pytest.raises(InvalidRequestError, match="firstBlock"):
        ask(scene, "list_blocks", FirstBlock=2, LastBlock=1)
    with pytest.raises(InvalidRequestError, match="nextToken"):
        ask(scene, "list_blocks", FirstBlock=1, NextToken=page["NextToken"])


def test_a_lost_race_is_explained_from_an_earlier_block(scene: Scene) -> None:
    found = ask(scene, "get_transaction", TransactionId="tx-2-0")["Transaction"]
    assert (found["BlockNumber"], found["Position"]) == (2, 0)
    assert "transaction tx-1-0 of m-A (sell)" in found["Explanation"]


def test_the_channels_policy_is_named_where_the_chaincode_has_none(scene: Scene) -> None:
    scene.deploy(scene.package(), Name="asset")
    found = ask(scene, "get_transaction", TransactionId="tx-2-1")["Transaction"]
    assert "chaincode asset asks for" in found["Explanation"]
    assert f"{scene.member_id} was missing" in found["Explanation"]


def test_values_that_are_no_text_are_data(scene: Scene) -> None:
    (made,) = scene.transactions.blocks[1].transactions
    assert made.action is not None
    action = replace(made.action, arguments=(b"sell", b"a1", b"\xff"))
    scene.transactions.blocks[1] = block(1, replace(made, action=action))
    found = ask(scene, "get_transaction", TransactionId="tx-1-0")["Transaction"]
    assert found["Arguments"] == [{"Text": "a1"}, {"Data": b"\xff"}]
    with pytest.raises(ResourceNotFoundError):
        ask(scene, "get_transaction", TransactionId="tx-9-9")
