"""Changes of channels and their previews, over a fake Fabric."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from tests.unit.operations.fabric_scene import Scene

from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
    ResourceNotFoundError,
)
from hansa.fabric.chaincodes import Collection, Definition

OTHER = "m-OTHER"


@pytest.fixture
def update(scene: Scene) -> Any:
    scene.create_channel()
    return partial(scene.call, "update_channel", **scene.keys, ChannelName="trade")


def with_other(scene: Scene) -> None:
    channel = scene.net.channels["trade"]
    anchors = {**channel.anchor_peers, OTHER: ()}
    scene.net.channels["trade"] = type(channel)(**{**vars(channel), "anchor_peers": anchors})


def test_policies_and_acls_are_changed_and_shown(scene: Scene, update: Any) -> None:
    rule = f"OR('{scene.member_id}.admin')"
    update(
        Policies={"/Channel/Application/Auditors": rule, "Endorsement": "ANY  Endorsement"},
        Acls={"qscc/GetBlockByNumber": "Auditors", "peer/Propose": "/Channel/Application/Writers"},
    )
    scene.perform()
    keys = {"NetworkId": scene.network_id, "ChannelName": "trade"}
    shown = scene.call("get_channel", **keys)["Channel"]
    assert shown["Policies"]["Auditors"] == rule
    assert shown["Policies"]["Endorsement"] == "ANY Endorsement"
    assert shown["Acls"] == {
        "qscc/GetBlockByNumber": "/Channel/Application/Auditors",
        "peer/Propose": "/Channel/Application/Writers",
    }
    with pytest.raises(InvalidRequestError, match="asks for before qscc/GetBlockByNumber"):
        update(Policies={"Auditors": ""})
    update(Policies={"Auditors": ""}, Acls={"qscc/GetBlockByNumber": ""})
    scene.perform()
    shown = scene.call("get_channel", **keys)["Channel"]
    assert "Auditors" not in shown["Policies"]
    assert [*shown["Acls"]] == ["peer/Propose"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "give at least one of"),
        ({"Policies": {"Endorsement": "AND('m-STRANGER.peer')"}}, "m-STRANGER"),
        ({"Policies": {"Endorsement": "AND("}}, "has its end where"),
        ({"Policies": {"Endorsement": "MAJORITY Auditors"}}, "have no policy Auditors"),
        ({"Policies": {"Endorsement": "MOST Endorsement"}}, "has no policy for Endorsement"),
        ({"Policies": {"Endorsement": ""}}, "cannot be spared"),
        ({"Policies": {"Unknown": ""}}, "is not there"),
        ({"Policies": {"/Channel/Orderer/Admins": "ANY Admins"}}, "/Channel/Orderer/Admins"),
        ({"Policies": {"/Channel/Readers": "ANY Readers"}}, "changed by hand"),
        ({"Policies": {"/Channel/Application/sp/ace": "ANY Admins"}}, "'sp/ace'"),
        ({"Policies": {"sp ace": "ANY Admins"}}, "sp ace"),
        ({"Acls": {"peer/Unknown": "Admins"}}, "peer/Unknown"),
        ({"Acls": {"peer/Propose": "Unknown"}}, "/Channel/Application/Unknown"),
        ({"Acls": {"peer/Propose": "/Channel/Application/m-STRANGER/Admins"}}, "m-STRANGER"),
    ],
)
def test_what_has_no_meaning_is_refused(update: Any, change: dict[str, Any], told: str) -> None:
    for dry in (False, True):
        with pytest.raises(InvalidRequestError) as refusal:
            update(**change, DryRun=dry)
        assert told in refusal.value.message


def test_policies_of_one_member_are_its_own(scene: Scene, update: Any) -> None:
    path = f"/Channel/Application/{scene.member_id}/Readers"
    with pytest.raises(InvalidRequestError, match=f"{path}; the policies of one member"):
        update(Policies={path: "ANY Readers"})


def test_a_preview_changes_nothing(scene: Scene, update: Any) -> None:
    acts = [*scene.net.acts]
    answer = update(Batches={"Timeout": "1s"}, DryRun=True)
    scene.perform()
    assert scene.net.acts == acts
    assert answer["OperationId"] is None
    preview = answer["Preview"]
    assert preview["Outcome"] == "AT_ONCE"
    (line,) = preview["Differences"]
    assert ("10ms" in line["Before"], "1s" in line["After"]) == (True, True)
    assert preview["Agreement"]["Needed"] == 1
    assert preview["Agreement"]["Own"] == [scene.member_id]
    assert (preview["Unsatisfiable"], preview["Unchecked"]) == ([], "")
    same = update(Batches={"Timeout": "10ms"}, DryRun=True)["Preview"]
    assert (same["Outcome"], same["Differences"]) == ("NO_CHANGE", [])


def test_a_creation_is_previewed(scene: Scene) -> None:
    preview = partial(scene.call, "create_channel", **scene.keys, DryRun=True)
    answer = preview(Name="trade", Capability="V2_5", Tags={"team": "blue"})
    scene.perform()
    assert (answer["OperationId"], scene.net.acts) == (None, [])
    shown = answer["Preview"]
    assert shown["Outcome"] == "AT_ONCE"
    lines = {line["Path"]: (line["Before"], line["After"]) for line in shown["Differences"]}
    assert lines["/Channel/capability"] == ("", "V2_5")
    assert shown["Agreement"] == {
        "Policies": ["/Channel/Application/ChannelCreationPolicy"],
        "Members": [scene.member_id],
        "Indispensable": [scene.member_id],
        "Needed": 1,
        "Own": [scene.member_id],
    }
    assert shown["Quorum"] == {
        "Consenters": 1, "Needed": 1, "Running": 1, "ToleratesLoss": False, "Refusal": "",
    }  # fmt: skip
    assert (shown["Unsatisfiable"], shown["Unchecked"]) == ([], "")
    scene.create_channel()
    keys = {"NetworkId": scene.network_id, "ChannelName": "trade"}
    assert scene.call("get_channel", **keys)["Channel"]["Tags"] == {}
    with pytest.raises(ResourceAlreadyExistsError):
        preview(Name="trade")
    with pytest.raises(ResourceNotFoundError):
        preview(Name="other", Members=["m-STRANGER"])


def test_a_preview_says_that_it_becomes_a_proposal(scene: Scene, update: Any) -> None:
    with_other(scene)
    preview = update(Batches={"Timeout": "1s"}, DryRun=True)["Preview"]
    assert preview["Outcome"] == "PROPOSAL"
    assert preview["Agreement"]["Needed"] == 2
    assert preview["Agreement"]["Indispensable"] == sorted([OTHER, scene.member_id])
    anchors = scene.call(
        "set_anchor_peers", **scene.keys, ChannelName="trade", NodeIds=[scene.node_id], DryRun=True
    )
    assert anchors["Preview"]["Outcome"] == "AT_ONCE"


def test_a_preview_says_which_chaincode_would_have_lost_its_endorsers(
    scene: Scene, update: Any
) -> None:
    with_other(scene)
    both = f"AND('{scene.member_id}.peer', '{OTHER}.peer')"
    theirs = Collection("secrets", f"OR('{OTHER}.member')", 0, 1, 0, True, True)
    scene.net.committed["trade", "asset"] = Definition("asset", "1", 1, both, False, (theirs,))
    scene.net.committed["trade", "free"] = Definition("free", "1", 1)
    remove = partial(
        scene.call, "remove_channel_member", **scene.keys, ChannelName="trade",
        RemovedMemberId=OTHER, DryRun=True,
    )  # fmt: skip
    preview = remove()["Preview"]
    assert [(item["Where"], item["Missing"]) for item in preview["Unsatisfiable"]] == [
        ("chaincode asset", OTHER),
        ("collection secrets of chaincode asset", OTHER),
    ]
    scene.net.joined.clear()
    preview = remove()["Preview"]
    assert preview["Unsatisfiable"] == []
    assert "has joined the channel" in preview["Unchecked"]


def test_nobody_is_locked_out_of_a_channel(scene: Scene, update: Any) -> None:
    with_other(scene)
    channel = scene.net.channels["trade"]
    policies = {**channel.policies, "Admins": f"AND('{OTHER}.admin')"}
    scene.net.channels["trade"] = type(channel)(**{**vars(channel), "policies": policies})
    remove = partial(
        scene.call,
        "remove_channel_member",
        **scene.keys,
        ChannelName="trade",
        RemovedMemberId=OTHER,
    )
    assert remove(DryRun=True)["Preview"]["Outcome"] == "REFUSED"
    with pytest.raises(IllegalActionError, match="never be changed again"):
        remove()
