"""Fabric 1's chaincode lifecycle behind the same API, over a fake Fabric."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.unit.operations.fabric_scene import (
    CODE,
    NEXT_CODE,
    KilledError,
    Scene,
    Shared,
    join,
    share,
)
from tests.unit.operations.installation import ALICE, BOB, Installation

from hansa.domain.errors import IllegalActionError, InvalidRequestError, ResourceNotReadyError
from hansa.fabric.legacy import Installed, legacy_package
from hansa.fabric.packages import make_package


@pytest.fixture
def legacy(scene: Scene) -> Scene:
    scene.create_channel(Capability="V1_4_2")
    return scene


def listed(scene: Scene) -> list[Any]:
    keys = {"NetworkId": scene.network_id, "ChannelName": "trade"}
    found = scene.call("list_chaincodes", **keys)["Chaincodes"]
    return [item["Definition"] for item in found]


def version(scene: Scene) -> str:
    return scene.net.instantiated["trade", "asset"].definition.version


def test_one_call_instantiates_and_upgrades(legacy: Scene) -> None:
    first, second = legacy.package(), legacy.package(NEXT_CODE.content)
    done = legacy.deploy(first)
    assert [step["Name"] for step in done["Steps"]] == [
        f"Install on node {legacy.node_id}", "Put version 1 in force",
    ]  # fmt: skip
    (shown,) = listed(legacy)
    assert "Sequence" not in shown
    assert (shown["Version"], shown["InitRequired"]) == ("1", True)
    assert f"'{legacy.member_id}.member'" in shown["EndorsementPolicy"]
    again = legacy.deploy(first)
    assert {step["Detail"] for step in again["Steps"]} == {"It was there"}
    legacy.deploy(second)
    assert version(legacy) == "2"
    collection = {"Name": "own", "MemberPolicy": f"OR('{legacy.member_id}.member')"}
    legacy.deploy(second, Collections=[collection])
    assert (version(legacy), len(listed(legacy)[0]["Collections"])) == ("3", 1)
    legacy.deploy(second, Collections=[collection], Version="final")
    legacy.deploy(first, Collections=[collection])
    assert version(legacy) == "final1"
    acts = [act for act in legacy.net.acts if act.startswith(("instantiate", "upgrade"))]
    assert [act.split()[0] for act in acts] == ["instantiate", *["upgrade"] * 4]


def test_what_a_peer_could_not_build_is_not_taken_again(legacy: Scene) -> None:
    other = legacy_package(NEXT_CODE.content, "asset", "1")
    own = legacy_package(CODE.content, "asset", "1")
    found = [Installed(each.name, each.version, each.fingerprint) for each in (other, own.at("2"))]
    legacy.net.legacy_installed[legacy.node_id] = found
    package_id = legacy.package()
    assert legacy.deploy(package_id)["Steps"][0]["Detail"] == "It was there"
    assert version(legacy) == "2"
    refused = legacy.deploy(package_id, Version="1", EndorsementPolicy="")
    assert (refused["Status"], version(legacy)) == ("FAILED", "2")
    assert "has other code" in refused["StatusReason"]


@pytest.fixture
def shared(scene: Scene) -> tuple[Shared, str]:
    """Two companies in a channel of Fabric 1's lifecycle; the node of the second."""
    made = share(scene)
    node_id = join(made)
    trade = scene.net.channels["trade"]
    scene.net.channels["trade"] = dataclasses.replace(trade, capability="V1_4_2")
    return made, node_id


def test_the_first_account_puts_in_force_for_all(shared: tuple[Shared, str]) -> None:
    scene, other = shared[0].scene, {"MemberId": shared[0].other_id}
    answer = scene.ask_to_deploy(scene.package())
    assert answer["ProposalId"] is None
    scene.perform()
    assert [step["Detail"] for step in scene.operation(answer)["Steps"]] == ["", ""]
    package_id = scene.call("package_chaincode", BOB, Package=CODE.content)["PackageId"]
    answer = scene.ask_to_deploy(package_id, caller=BOB, **other)
    scene.perform()
    done = scene.call("get_operation", BOB, OperationId=answer["OperationId"])["Operation"]
    assert [step["Detail"] for step in done["Steps"]] == ["", "It was there"]
    assert done["Steps"][0]["Name"] == f"Install on node {shared[1]}"
    assert version(scene) == "1"


def test_it_is_voted_on_where_somebody_asks_for_that(shared: tuple[Shared, str]) -> None:
    made, node_id = shared
    answer = made.scene.ask_to_deploy(made.scene.package(), Propose=True)
    yes = (ALICE, made.scene.member_id, "YES"), (BOB, made.other_id, "YES")
    assert "asset 1 on trade" in made.proposal(answer["ProposalId"])["Description"]
    made.vote(answer["ProposalId"], *yes)
    assert made.scene.operation(answer)["Status"] == "SUCCEEDED"
    assert {*made.scene.net.legacy_installed} == {made.scene.node_id, node_id}
    assert version(made.scene) == "1"


def test_initial_arguments(scene: Scene) -> None:
    scene.create_channel()
    package_id = scene.package()
    deploy = partial(
        scene.call, "deploy_chaincode", **scene.keys, ChannelName="trade", PackageId=package_id,
        InitArguments=["init", "7"],
    )  # fmt: skip
    with pytest.raises(InvalidRequestError, match="initRequired"):
        deploy(Definition={"Name": "asset"})
    for _ in range(2):
        answer = deploy(Definition={"Name": "asset", "InitRequired": True})
        scene.perform()
        assert scene.operation(answer)["Steps"][-1]["Name"] == "Initialize"
    assert scene.net.acts.count("initialize asset init 7") == 1
    scene.create_channel("older", Capability="V1_4_2")
    deploy(ChannelName="older", Definition={"Name": "asset"})
    scene.perform()
    assert "instantiate asset 1 init 7" in scene.net.acts


def test_what_fabric_1_has_not_is_refused(legacy: Scene) -> None:
    package_id, own = legacy.package(), f"OR('{legacy.member_id}.member')"
    collection = {"Name": "c", "MemberPolicy": own}
    for definition, says in (
        ({"Sequence": 1}, "sequence"),
        ({"EndorsementPolicy": "/Channel/Application/Admins"}, "not a path"),
        ({"Collections": [{**collection, "EndorsementPolicy": own}]}, "of its own"),
    ):
        with pytest.raises(InvalidRequestError, match=says):
            legacy.deploy(package_id, **definition)
    legacy.deploy(package_id, Collections=[collection])
    for definition, says in (
        ({"Version": "1"}, "give another version"),
        ({}, "Collection c"),
        ({"Collections": [{**collection, "BlockToLive": 4}]}, "BlockToLive 0"),
    ):
        with pytest.raises(IllegalActionError, match=says):
            legacy.deploy(package_id, **definition)
    for action in ("approve_chaincode", "commit_chaincode", "check_commit_readiness"):
        with pytest.raises(IllegalActionError, match="nobody approves"):
            legacy.call(action, **legacy.keys, ChannelName="trade", Definition={"Name": "asset"})
    request = {
        **legacy.keys, "ChannelName": "trade", "PackageId": package_id,
        "Definition": {"Name": "other"},
    }  # fmt: skip
    legacy.call("deploy_chaincode", **request)
    with pytest.raises(ResourceNotReadyError, match="under way"):
        legacy.call("deploy_chaincode", **request)


def test_a_service_is_for_fabric_2(legacy: Scene) -> None:
    files = {"connection.json": b'{"address": "127.0.0.1:9999"}'}
    package_id = legacy.package(make_package("served_1", "ccaas", "", files).content)
    with pytest.raises(IllegalActionError, match="runs as a service"):
        legacy.deploy(package_id)


def test_a_node_alone(legacy: Scene) -> None:
    keys = {"NetworkId": legacy.network_id, "NodeId": legacy.node_id}
    install = partial(legacy.call, "install_chaincode", **keys, PackageId=legacy.package())
    with pytest.raises(InvalidRequestError, match="go together"):
        install(LegacyName="asset")
    install(LegacyName="asset", LegacyVersion="v0")
    legacy.perform()
    assert [found.version for found in legacy.net.legacy_installed[legacy.node_id]] == ["v0"]


def test_a_raised_channel_keeps_its_chaincode(legacy: Scene) -> None:
    package_id = legacy.package()
    legacy.deploy(package_id)
    trade = legacy.net.channels["trade"]
    legacy.net.channels["trade"] = dataclasses.replace(trade, capability="V2_5")
    (kept,) = listed(legacy)
    assert "Sequence" not in kept
    legacy.deploy(package_id)
    (shown,) = listed(legacy)
    assert shown["Sequence"] == 1


def _story(scene: Scene) -> None:
    package_id = scene.package()
    for name, request in (
        ("create_channel", {"Name": "trade", "Capability": "V1_4_2", "ClientRequestToken": "a"}),
        (
            "deploy_chaincode",
            {
                "ChannelName": "trade",
                "PackageId": package_id,
                "Definition": {"Name": "asset"},
                "InitArguments": ["begin"],
                "ClientRequestToken": "b",
            },
        ),
    ):
        call = partial(scene.call, name, **scene.keys, **request)
        answer = _insist(call)
        _insist(scene.perform)
        assert scene.operation(answer)["Status"] == "SUCCEEDED"


def _insist(act: Any) -> Any:
    try:
        return act()
    except KilledError:
        return act()


@pytest.mark.slow
def test_killed_at_every_point_it_is_instantiated_once(tmp_path: Path) -> None:
    whole = Scene(_installed(tmp_path / "whole"))
    _story(whole)
    for point in range(1, whole.passed + 1):
        scene = Scene(_installed(tmp_path / str(point)), kill_at=point)
        _story(scene)
        assert scene.net.acts.count("instantiate asset 1 begin") == 1, point
        assert len(scene.net.acts) == len(whole.net.acts), point
    assert whole.passed >= 10


def _installed(directory: Path) -> Installation:
    directory.mkdir()
    return Installation(directory)
