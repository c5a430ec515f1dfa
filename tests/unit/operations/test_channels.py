"""Nodes that leave channels, and anchor peers, over a fake Fabric."""

from __future__ import annotations

import pytest
from tests.unit.operations.fabric_scene import Scene
from tests.unit.operations.installation import BOB

from hansa.domain.errors import IllegalActionError, ResourceNotFoundError, ResourceNotReadyError
from hansa.domain.lifecycle import Kind, Status
from hansa.domain.workload import Phase
from hansa.operations.facts import available_nodes, peer_endpoint


def endpoint(scene: Scene, node_id: str) -> str:
    with scene.installation.store.read() as session:
        nodes = available_nodes(session, [scene.member_id])
    (node,) = [node for node in nodes if node.node_id == node_id]
    return peer_endpoint(scene.installation.context.endpoints, node)


def anchors(scene: Scene) -> tuple[str, ...]:
    return scene.net.channels["trade"].anchor_peers[scene.member_id]


def test_a_node_leaves_a_channel_and_hands_over_as_anchor_peer(scene: Scene) -> None:
    other = scene.add_node()
    scene.create_channel()
    keys = {"NetworkId": scene.network_id, "ChannelName": "trade"}
    scene.call("set_anchor_peers", **scene.keys, ChannelName="trade", NodeIds=[scene.node_id])
    scene.perform()
    assert anchors(scene) == (endpoint(scene, scene.node_id),)
    pid = scene.machine.processes[f"{scene.node_id}-peer"].pid
    answer = scene.call("leave_channel", **keys, NodeId=scene.node_id)
    scene.perform()
    operation = scene.operation(answer)
    assert operation["Status"] == "SUCCEEDED"
    assert [step["Status"] for step in operation["Steps"]] == ["DONE"] * 3
    assert scene.net.joined == {scene.node_id: set(), other: {"trade"}}
    assert scene.peer_phase() is Phase.READY
    assert scene.machine.processes[f"{scene.node_id}-peer"].pid != pid
    assert anchors(scene) == (endpoint(scene, other),)
    with pytest.raises(IllegalActionError, match="has not joined channel trade"):
        scene.call("leave_channel", **keys, NodeId=scene.node_id)
    scene.call("leave_channel", **keys, NodeId=other)
    scene.perform()
    assert anchors(scene) == ()


def test_a_node_leaves_what_its_member_was_taken_out_of(scene: Scene) -> None:
    scene.create_channel()
    channel = scene.net.channels["trade"]
    scene.net.channels["trade"] = type(channel)(
        **{**vars(channel), "anchor_peers": {"m-OTHER": ()}}
    )
    answer = scene.call(
        "leave_channel", NetworkId=scene.network_id, ChannelName="trade", NodeId=scene.node_id
    )
    scene.perform()
    assert scene.operation(answer)["Status"] == "SUCCEEDED"


def test_a_node_leaves_only_where_it_is_ready_and_ones_own(scene: Scene) -> None:
    scene.create_channel()
    keys = {"NetworkId": scene.network_id, "ChannelName": "trade", "NodeId": scene.node_id}
    with pytest.raises(ResourceNotFoundError):
        scene.call("leave_channel", BOB, **keys)
    scene.installation.become(Kind.NODE, scene.node_id, Status.UNHEALTHY)
    with pytest.raises(ResourceNotReadyError, match="UNHEALTHY"):
        scene.call("leave_channel", **keys)


def test_anchor_peers_are_nodes_of_the_member_in_the_channel(scene: Scene) -> None:
    scene.create_channel()
    late = scene.add_node()
    keys = {**scene.keys, "ChannelName": "trade"}
    with pytest.raises(IllegalActionError, match=f"{late} has not joined"):
        scene.call("set_anchor_peers", **keys, NodeIds=[late])
    with pytest.raises(ResourceNotFoundError):
        scene.call("set_anchor_peers", **keys, NodeIds=["nd-STRANGER"])
    assert anchors(scene) == ()
