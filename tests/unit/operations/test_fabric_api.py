"""Hansa's own API over a fake Fabric: rules, and operations that outlive any crash."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.unit.operations.fabric_scene import NEXT_CODE, KilledError, Scene
from tests.unit.operations.installation import BOB, Installation

from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
    ResourceNotFoundError,
    ResourceNotReadyError,
)
from hansa.domain.workload import Phase
from hansa.fabric.genesis import SYSTEM_CHANNEL


def test_a_channel_is_created_and_joined(scene: Scene) -> None:
    operation = scene.create_channel()
    assert operation["Status"] == "SUCCEEDED"
    assert [step["Status"] for step in operation["Steps"]] == ["DONE"] * 3
    channel = scene.call("get_channel", NetworkId=scene.network_id, ChannelName="trade")["Channel"]
    assert channel["Nodes"] == [{"NodeId": scene.node_id, "MemberId": scene.member_id, "Height": 1}]
    listed = scene.call("list_channels", NetworkId=scene.network_id)["Channels"]
    assert [item["Name"] for item in listed] == ["trade"]


def test_a_chaincode_is_deployed_and_upgraded(scene: Scene) -> None:
    scene.create_channel()
    first, second = scene.package(), scene.package(NEXT_CODE.content)
    assert scene.deploy(first)["Status"] == "SUCCEEDED"
    acts = len(scene.net.acts)
    assert scene.deploy(first)["Status"] == "SUCCEEDED"
    assert len(scene.net.acts) == acts
    assert scene.net.committed["trade", "asset"].sequence == 1
    scene.deploy(second)
    definition = scene.net.committed["trade", "asset"]
    assert (definition.sequence, definition.version) == (2, "2")
    policy = f"AND('{scene.member_id}.member')"
    scene.deploy(second, EndorsementPolicy=policy)
    (shown,) = scene.call("list_chaincodes", NetworkId=scene.network_id, ChannelName="trade")[
        "Chaincodes"
    ]
    assert (shown["Definition"]["Sequence"], shown["Definition"]["EndorsementPolicy"]) == (
        3, policy,
    )  # fmt: skip


def _deployment(scene: Scene) -> list[tuple[str, dict[str, Any]]]:
    deploy = {
        **scene.keys,
        "ChannelName": "trade",
        "PackageId": scene.package(),
        "Definition": {"Name": "asset"},
    }
    return [("deploy_chaincode", deploy)]


def _departure(scene: Scene) -> list[tuple[str, dict[str, Any]]]:
    anchors = {**scene.keys, "ChannelName": "trade", "NodeIds": [scene.node_id]}
    leave = {"NetworkId": scene.network_id, "ChannelName": "trade", "NodeId": scene.node_id}
    return [("set_anchor_peers", anchors), ("leave_channel", leave)]


def _new_order(scene: Scene) -> list[tuple[str, dict[str, Any]]]:
    first, *others = scene.orderers()
    keys = {**scene.keys, "ChannelName": "trade"}
    return [
        ("set_consenters", {**keys, "ClientRequestToken": "two", "Consenters": others}),
        ("set_consenters", {**keys, "ClientRequestToken": "first", "Consenters": [first]}),
    ]


def _story(scene: Scene, chapter: Any) -> None:
    """Everything that a killed service has to bring to its end, insisted on."""
    create = ("create_channel", {**scene.keys, "Name": "trade"})
    for name, request in [create, *chapter(scene)]:
        answer = _insist(lambda n=name, r=request: scene.call(n, **{"ClientRequestToken": n, **r}))
        _insist(scene.perform)
        assert scene.operation(answer)["Status"] == "SUCCEEDED"


def _insist(act: Any) -> Any:
    try:
        return act()
    except KilledError:
        return act()


@pytest.mark.slow
@pytest.mark.parametrize("chapter", [_deployment, _departure, _new_order])
def test_killed_at_every_point_it_comes_to_the_same_end(tmp_path: Path, chapter: Any) -> None:
    edition = "STANDARD" if chapter is _new_order else "STARTER"
    whole = Scene(Installation(_made(tmp_path / "whole")), edition=edition)
    _story(whole, chapter)
    for point in range(1, whole.passed + 1):
        installation = Installation(_made(tmp_path / str(point)))
        scene = Scene(installation, kill_at=point, edition=edition)
        _story(scene, chapter)
        assert scene.net.acts == [
            act.replace(whole.member_id, scene.member_id).replace(whole.node_id, scene.node_id)
            for act in whole.net.acts
        ], point
        assert scene.peer_phase() is Phase.READY
    assert whole.passed >= 20


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory


def test_what_may_pass_is_tried_again_and_then_given_up(scene: Scene) -> None:
    answer = scene.call("create_channel", **scene.keys, Name="trade")
    scene.fault = "read n-"
    scene.perform()
    operation = scene.operation(answer)
    assert operation["Status"] == "IN_PROGRESS"
    assert "unanswered" in operation["Steps"][0]["Detail"]
    scene.installation.now += timedelta(seconds=30)
    scene.perform()
    assert scene.operation(answer)["Status"] == "IN_PROGRESS"
    scene.installation.now += timedelta(seconds=60)
    scene.perform()
    failed = scene.operation(answer)
    assert (failed["Status"], failed["Steps"][0]["Status"]) == ("FAILED", "FAILED")
    assert "unanswered" in failed["StatusReason"]
    scene.fault = ""
    assert scene.create_channel()["Status"] == "SUCCEEDED"


def test_an_operation_is_cancelled_before_its_next_step(scene: Scene) -> None:
    answer = scene.call("create_channel", **scene.keys, Name="trade")
    scene.call("cancel_operation", OperationId=answer["OperationId"])
    scene.perform()
    assert scene.operation(answer)["Status"] == "CANCELLED"
    assert scene.net.acts == []
    scene.call("cancel_operation", OperationId=answer["OperationId"])
    done = scene.create_channel("other")
    with pytest.raises(IllegalActionError, match="SUCCEEDED"):
        scene.call("cancel_operation", OperationId=done["Id"])


def test_two_performers_never_do_one_operation(scene: Scene) -> None:
    for number in range(10):
        scene.call("create_channel", **scene.keys, Name=f"c{number}")
    threads = [threading.Thread(target=scene.perform_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    created = [act for act in scene.net.acts if act.startswith("create")]
    assert sorted(created) == sorted(f"create c{number}" for number in range(10))


def test_a_token_makes_one_operation(scene: Scene) -> None:
    request = {**scene.keys, "Name": "trade", "ClientRequestToken": "same"}
    first = scene.call("create_channel", **request)
    assert scene.call("create_channel", **request) == first
    with pytest.raises(ResourceAlreadyExistsError, match="being created"):
        scene.call("create_channel", **scene.keys, Name="trade")
    scene.perform()
    assert scene.call("create_channel", **request) == first


def test_others_see_nothing(scene: Scene) -> None:
    done = scene.create_channel()
    for name, request in (
        ("get_channel", {"NetworkId": scene.network_id, "ChannelName": "trade"}),
        ("list_channels", {"NetworkId": scene.network_id}),
        ("get_operation", {"OperationId": done["Id"]}),
        ("cancel_operation", {"OperationId": done["Id"]}),
        ("create_channel", {**scene.keys, "Name": "theirs"}),
    ):
        with pytest.raises(ResourceNotFoundError):
            scene.call(name, BOB, **request)
    package_id = scene.package()
    assert scene.call("list_packages", BOB)["Packages"] == []
    with pytest.raises(ResourceNotFoundError):
        scene.call(
            "install_chaincode", BOB, NetworkId=scene.network_id, NodeId=scene.node_id,
            PackageId=package_id,
        )  # fmt: skip


def test_rules_of_channels(scene: Scene) -> None:
    scene.create_channel(Capability="V1_4_2")
    update = partial(scene.call, "update_channel", **scene.keys, ChannelName="trade")
    with pytest.raises(InvalidRequestError, match="to be changed"):
        update()
    with pytest.raises(InvalidRequestError, match="absoluteMaxBytes"):
        update(Batches={"PreferredMaxBytes": 90_000_000})
    package_id = scene.package()
    update(Capability="V2_5")
    scene.perform()
    with pytest.raises(IllegalActionError, match="cannot be lowered"):
        update(Capability="V2_0")
    assert scene.deploy(package_id)["Status"] == "SUCCEEDED"
    with pytest.raises(InvalidRequestError, match="ordering service's own"):
        scene.call("create_channel", **scene.keys, Name=SYSTEM_CHANNEL)
    scene.net.channels["hidden"] = scene.net.channels["trade"]
    with pytest.raises(ResourceAlreadyExistsError):
        scene.call("create_channel", **scene.keys, Name="hidden")


def test_rules_of_definitions(scene: Scene) -> None:
    scene.create_channel()
    package_id = scene.package()
    member = scene.member_id
    twice = {"Name": "c", "MemberPolicy": f"OR('{member}.member')"}
    for definition, says in (
        ({"EndorsementPolicy": "OR('m-X.member')"}, "m-X, which takes no part"),
        ({"EndorsementPolicy": "OR("}, "where"),
        ({"Collections": [twice, twice]}, "given twice"),
        ({"Collections": [{**twice, "RequiredPeerCount": 2}]}, "more than 'maxPeerCount'"),
        ({"Collections": [{**twice, "MemberPolicy": "/Channel/X"}]}, "not a path"),
    ):
        with pytest.raises(InvalidRequestError, match=says):
            scene.deploy(package_id, **definition)
    with pytest.raises(IllegalActionError, match="first is 1"):
        scene.deploy(package_id, Sequence=2)
    scene.deploy(package_id)
    with pytest.raises(IllegalActionError, match="the next is 2"):
        scene.deploy(package_id, Sequence=3)
    with pytest.raises(IllegalActionError, match="the next is 2"):
        scene.deploy(package_id, Sequence=1, InitRequired=True)
    answer = scene.call(
        "approve_chaincode", **scene.keys, ChannelName="trade", Definition={"Name": "other"}
    )
    with pytest.raises(ResourceNotReadyError, match="under way"):
        scene.call(
            "commit_chaincode", **scene.keys, ChannelName="trade", Definition={"Name": "other"}
        )
    scene.perform()
    assert scene.operation(answer)["Status"] == "SUCCEEDED"
    readiness = scene.call(
        "check_commit_readiness", **scene.keys, ChannelName="trade", Definition={"Name": "other"}
    )
    assert readiness["Approvals"] == {member: True}
