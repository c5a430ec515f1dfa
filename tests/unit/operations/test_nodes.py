"""CreateNode, ListNodes, GetNode, UpdateNode, DeleteNode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.unit.operations.installation import (
    ALICE,
    BOB,
    Installation,
    network_request,
    node_request,
)

from hansa.domain.errors import (
    InvalidRequestError,
    ResourceLimitExceededError,
    ResourceNotFoundError,
    ResourceNotReadyError,
)
from hansa.domain.lifecycle import Kind, Status
from hansa.store.tables import Node

LOGS = {"Fabric": {"PeerLogs": {"Cloudwatch": {"Enabled": True}}}}


def test_get_tells_all_of_it(installation: Installation) -> None:
    network_id, member_id = installation.network()
    node_id = installation.node(network_id, member_id)
    node = installation.api.get_node(ALICE, {"NetworkId": network_id, "NodeId": node_id})["Node"]
    zone = f"{member_id}.{network_id}.managedblockchain.us-east-1.localhost".lower()
    endpoint = f"{node_id.lower()}.{zone}:30003"
    assert node == {
        "NetworkId": network_id,
        "MemberId": member_id,
        "Id": node_id,
        "InstanceType": "bc.t3.small",
        "AvailabilityZone": "us-east-1a",
        "FrameworkAttributes": {
            "Fabric": {"PeerEndpoint": endpoint, "PeerEventEndpoint": endpoint}
        },
        "LogPublishingConfiguration": None,
        "StateDB": "LevelDB",
        "Status": "AVAILABLE",
        "StatusReason": "now AVAILABLE",
        "CreationDate": node["CreationDate"],
        "Tags": {},
        "Arn": f"arn:aws:managedblockchain:us-east-1:111111111111:nodes/{node_id}",
        "KmsKeyArn": "AWS Owned KMS Key",
    }


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ({"InstanceType": "t3.small"}, "instanceType' is t3.small"),
        ({"InstanceType": "bc.m5.large"}, "in a STARTER network it is one of bc.t3.medium"),
        ({"AvailabilityZone": "eu-west-1a"}, "zones of us-east-1 are us-east-1a to us-east-1f"),
        ({"AvailabilityZone": "us-east-1"}, "availabilityZone"),
        ({"StateDB": "CouchDB"}, "leave it out or use LevelDB"),
    ],
)
def test_bad_configurations_change_nothing(
    installation: Installation, configuration: dict[str, Any], words: str
) -> None:
    network_id, member_id = installation.network()
    with pytest.raises(InvalidRequestError, match=words):
        installation.api.create_node(ALICE, node_request(network_id, member_id, **configuration))
    with installation.store.read() as session:
        assert not list(session.scalars(select(Node)))


def test_standard_networks_have_larger_instances(installation: Installation) -> None:
    standard = {"Fabric": {"Edition": "STANDARD"}}
    network_id, member_id = installation.network(FrameworkConfiguration=standard)
    installation.node(network_id, member_id, InstanceType="bc.m5.large")


def test_a_member_id_is_required_for_fabric(installation: Installation) -> None:
    network_id, member_id = installation.network()
    request = node_request(network_id, member_id)
    del request["MemberId"]
    with pytest.raises(InvalidRequestError, match="memberId"):
        installation.api.create_node(ALICE, request)


def test_limits_count_what_is_not_deleted(installation: Installation) -> None:
    network_id, member_id = installation.network()
    first = installation.node(network_id, member_id, "t1")
    installation.node(network_id, member_id, "t2")
    with pytest.raises(ResourceLimitExceededError, match="already has 2 nodes"):
        installation.node(network_id, member_id, "t3")
    installation.become(Kind.NODE, first, Status.DELETING, Status.DELETED)
    installation.node(network_id, member_id, "t4")


def test_limits_are_settings(tmp_path: Path) -> None:
    installation = Installation(tmp_path, {"starter_nodes_per_member_max": 1})
    network_id, member_id = installation.network()
    installation.node(network_id, member_id, "t1")
    with pytest.raises(ResourceLimitExceededError, match="starter_nodes_per_member_max"):
        installation.node(network_id, member_id, "t2")


def test_nothing_is_created_in_what_is_not_ready(installation: Installation) -> None:
    answer = installation.api.create_network(ALICE, network_request())
    with pytest.raises(ResourceNotReadyError, match="is CREATING"):
        installation.api.create_node(ALICE, node_request(answer["NetworkId"], answer["MemberId"]))


def test_the_token_makes_one_node(installation: Installation) -> None:
    network_id, member_id = installation.network()
    request = node_request(network_id, member_id)
    first = installation.api.create_node(ALICE, request)
    assert installation.api.create_node(ALICE, request) == first


def test_nodes_are_their_owners_alone(installation: Installation) -> None:
    network_id, member_id = installation.network()
    node_id = installation.node(network_id, member_id)
    ids = {"NetworkId": network_id, "NodeId": node_id}
    for operation in ("get_node", "delete_node", "update_node"):
        with pytest.raises(ResourceNotFoundError):
            getattr(installation.api, operation)(BOB, ids)
    with pytest.raises(ResourceNotFoundError, match="m-OTHER"):
        installation.api.list_nodes(ALICE, {"NetworkId": network_id, "MemberId": "m-OTHER"})
    with pytest.raises(ResourceNotFoundError, match=node_id):
        installation.api.get_node(ALICE, {**ids, "MemberId": "m-OTHER"})  # type: ignore[typeddict-item]


def test_lists_filter(installation: Installation) -> None:
    network_id, member_id = installation.network()
    node_id = installation.node(network_id, member_id)
    request = {"NetworkId": network_id, "MemberId": member_id}

    def ids(**filters: str) -> list[str]:
        answer = installation.api.list_nodes(ALICE, {**request, **filters})  # type: ignore[typeddict-item]
        return [node["Id"] for node in answer["Nodes"]]

    assert ids() == ids(Status="AVAILABLE") == [node_id]
    assert ids(Status="FAILED") == ids(Status="DELETED") == []
    installation.become(Kind.NODE, node_id, Status.DELETING)
    assert ids() == [node_id]
    installation.become(Kind.NODE, node_id, Status.DELETED)
    assert ids() == []


def test_an_update_passes_through_updating(installation: Installation) -> None:
    network_id, member_id = installation.network()
    ids = {"NetworkId": network_id, "NodeId": installation.node(network_id, member_id)}
    installation.api.update_node(ALICE, {**ids, "LogPublishingConfiguration": LOGS})  # type: ignore[typeddict-item]
    node = installation.api.get_node(ALICE, ids)["Node"]  # type: ignore[arg-type]
    assert (node["Status"], node["LogPublishingConfiguration"]) == ("UPDATING", LOGS)
    with pytest.raises(ResourceNotReadyError, match="is UPDATING"):
        installation.api.delete_node(ALICE, ids)  # type: ignore[arg-type]


def test_what_is_being_created_is_not_deleted(installation: Installation) -> None:
    network_id, member_id = installation.network()
    node_id = installation.api.create_node(ALICE, node_request(network_id, member_id))["NodeId"]
    ids = {"NetworkId": network_id, "NodeId": node_id}
    with pytest.raises(ResourceNotReadyError, match="is CREATING"):
        installation.api.delete_node(ALICE, ids)  # type: ignore[arg-type]
    with pytest.raises(ResourceNotReadyError, match="is CREATING"):
        installation.api.update_node(ALICE, ids)  # type: ignore[arg-type]
    installation.become(Kind.NODE, node_id, Status.CREATE_FAILED)
    assert installation.api.delete_node(ALICE, ids) == {}  # type: ignore[arg-type]
    assert installation.api.delete_node(ALICE, ids) == {}  # type: ignore[arg-type]
