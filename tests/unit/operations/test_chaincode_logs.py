"""Whose logs of chaincode are answered, and which."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.operations.fabric_scene import CODE, NEXT_CODE, Scene
from tests.unit.operations.installation import ALICE, BOB

from hansa.domain.errors import ResourceNotFoundError, ResourceNotReadyError
from hansa.domain.lifecycle import Kind, Status


def logs(scene: Scene, name: str = "asset", caller: Any = None, **more: Any) -> Any:
    keys = {"NetworkId": scene.network_id, "ChannelName": "trade", "NodeId": scene.node_id}
    request = {**keys, "ChaincodeName": name, **more}
    return scene.call("get_chaincode_logs", caller or ALICE, **request)


@pytest.fixture
def deployed(scene: Scene) -> Scene:
    scene.create_channel()
    scene.deploy(scene.package())
    lines = [f"line {number}" for number in range(200)]
    scene.net.outputs[scene.node_id, CODE.package_id] = lines
    scene.net.builds[scene.node_id, CODE.label] = ["built"]
    return scene


def test_what_a_chaincode_wrote_is_answered_and_gone_on_with(deployed: Scene) -> None:
    part = logs(deployed)
    assert part["Lines"] == [f"line {number}" for number in range(100, 200)]
    assert part["PackageId"] == CODE.package_id
    deployed.net.outputs[deployed.node_id, CODE.package_id] += ["new", "newer"]
    part = logs(deployed, Position=part["NextPosition"], MaxLines=1)
    assert part["Lines"] == ["new"]
    assert logs(deployed, Position=part["NextPosition"])["Lines"] == ["newer"]


def test_what_the_last_build_said_is_answered_though_it_failed(deployed: Scene) -> None:
    assert logs(deployed, Source="BUILD")["Lines"] == ["built"]
    deployed.fault = "done install"
    deployed.deploy(deployed.package(NEXT_CODE.content))
    deployed.net.builds[deployed.node_id, NEXT_CODE.label] = ["main.go:3: undefined: x"]
    deployed.fault = ""
    assert logs(deployed, Source="BUILD")["Lines"] == ["main.go:3: undefined: x"]
    assert logs(deployed)["PackageId"] == CODE.package_id


def test_a_node_that_does_not_answer_still_has_its_logs(deployed: Scene) -> None:
    deployed.fault = f"read {deployed.node_id}"
    assert logs(deployed)["Lines"][-1] == "line 199"


def test_others_and_unknown_names_are_not_found(deployed: Scene) -> None:
    with pytest.raises(ResourceNotFoundError, match="Network"):
        logs(deployed, caller=BOB)
    with pytest.raises(ResourceNotFoundError, match="Node"):
        logs(deployed, NodeId="nd-NONE")
    with pytest.raises(ResourceNotFoundError, match="Chaincode other"):
        logs(deployed, "other")
    with pytest.raises(ResourceNotFoundError, match="Channel"):
        logs(deployed, ChannelName="none")


def test_a_node_that_is_deleted_has_none(deployed: Scene) -> None:
    deployed.installation.become(Kind.NODE, deployed.node_id, Status.DELETING)
    with pytest.raises(ResourceNotReadyError, match="is DELETING"):
        logs(deployed)


def test_a_channel_of_the_former_lifecycle_has_names_and_versions(scene: Scene) -> None:
    scene.create_channel(Capability="V1_4_2")
    scene.deploy(scene.package())
    scene.net.outputs[scene.node_id, "asset:1"] = ["ran"]
    scene.net.builds[scene.node_id, "asset"] = ["built"]
    assert logs(scene)["Lines"] == ["ran"]
    assert logs(scene, Source="BUILD")["Lines"] == ["built"]
    scene.fault = f"read {scene.node_id}"
    assert logs(scene)["Lines"] == ["ran"]
