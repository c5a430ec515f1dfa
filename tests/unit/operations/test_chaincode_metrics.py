"""Whose metrics of chaincode are answered."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.operations.fabric_scene import Scene
from tests.unit.operations.installation import ALICE, BOB

from hansa.domain.errors import ResourceNotFoundError
from hansa.fabric.chaincode_metrics import ChaincodeMetrics


def metrics(scene: Scene, name: str = "asset", caller: Any = ALICE) -> Any:
    return scene.call(
        "get_chaincode_metrics", caller, NetworkId=scene.network_id, ChannelName="trade",
        ChaincodeName=name,
    )  # fmt: skip


def test_own_nodes_tell_what_they_counted(scene: Scene) -> None:
    scene.create_channel()
    scene.deploy(scene.package())
    scene.net.metrics[scene.node_id, "trade", "asset"] = ChaincodeMetrics(
        calls=3, call_seconds=0.5, transactions={"VALID": 2}
    )
    (node,) = metrics(scene)["Nodes"]
    assert (node["NodeId"], node["Calls"], node["CallSeconds"]) == (scene.node_id, 3, 0.5)
    assert node["Transactions"] == {"VALID": 2}
    with pytest.raises(ResourceNotFoundError, match="Chaincode other"):
        metrics(scene, "other")
    with pytest.raises(ResourceNotFoundError, match="Network"):
        metrics(scene, caller=BOB)
