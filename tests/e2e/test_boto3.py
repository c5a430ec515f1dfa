"""boto3 against the service as it really is: waiters, filters, pages, tags, tokens, limits."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.e2e.installation import Installation, until
from tests.e2e.network import Network, create_network, request

pytestmark = [pytest.mark.fabric, pytest.mark.slow]


@pytest.fixture(scope="module")
def network(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = create_network(service, tmp_path_factory.mktemp("boto3"))
    yield made
    made.delete()


@pytest.fixture
def api(network: Network) -> Any:
    return network.api


def _name() -> str:
    return f"boto3-{uuid.uuid4().hex[:12]}"


def _refused(call: Any, code: str, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


def test_waiters_see_a_whole_life(service: Installation, api: Any) -> None:
    created = api.create_network(**request(_name()))
    network_id, keys = created["NetworkId"], {**created}
    keys.pop("ResponseMetadata")
    assert api.get_network(NetworkId=network_id)["Network"]["Status"] in ("CREATING", "AVAILABLE")
    api.get_waiter("network_available").wait(NetworkId=network_id)
    api.get_waiter("member_available").wait(**keys)
    node = api.create_node(**keys, NodeConfiguration={"InstanceType": "bc.t3.medium"})["NodeId"]
    api.get_waiter("node_available").wait(**keys, NodeId=node)
    names = {f"{network_id}-orderer0", f"{keys['MemberId']}-ca", f"{node}-peer"}
    assert names <= {name for name, pid in service.processes().items() if pid}

    api.delete_node(**keys, NodeId=node)
    api.get_waiter("node_deleted").wait(**keys, NodeId=node)
    api.delete_member(**keys)
    api.get_waiter("member_deleted").wait(**keys)
    api.get_waiter("network_deleted").wait(NetworkId=network_id)
    assert not names & set(service.processes())
    assert network_id not in [item["Id"] for item in api.list_networks()["Networks"]]


def test_lists_are_filtered(network: Network, api: Any) -> None:
    name = api.get_network(NetworkId=network.network_id)["Network"]["Name"]

    def networks(**filters: str) -> list[str]:
        return [item["Id"] for item in api.list_networks(**filters)["Networks"]]

    assert networks(Name=name) == [network.network_id]
    assert network.network_id in networks(Framework="HYPERLEDGER_FABRIC", Status="AVAILABLE")
    assert networks(Name=name, Status="CREATE_FAILED") == []
    assert networks(Framework="ETHEREUM") == []

    def members(**filters: Any) -> list[str]:
        found = api.list_members(NetworkId=network.network_id, **filters)["Members"]
        return [item["Id"] for item in found]

    assert members(Name="org1", IsOwned=True, Status="AVAILABLE") == [network.member_id]
    assert members(IsOwned=False) == []
    assert members(Name="org2") == []

    def nodes(**filters: str) -> list[str]:
        found = api.list_nodes(**network.member_keys, **filters)["Nodes"]
        return [item["Id"] for item in found]

    assert nodes(Status="AVAILABLE") == [network.node_id]
    assert nodes(Status="FAILED") == []


def test_lists_come_in_pages(network: Network, api: Any) -> None:
    second = api.create_network(**request(_name()))
    try:
        first = api.list_networks(MaxResults=1)
        assert len(first["Networks"]) == 1
        found, token = first["Networks"], first["NextToken"]
        while token:
            page = api.list_networks(MaxResults=1, NextToken=token)
            found, token = found + page["Networks"], page.get("NextToken")
        ids = [item["Id"] for item in found]
        assert len(ids) == len(set(ids))
        assert {network.network_id, second["NetworkId"]} <= set(ids)
        _refused(api.list_networks, "InvalidRequestException", NextToken="not-ours")
    finally:
        _delete(api, second)


def test_accessors_through_botos_paginator(api: Any) -> None:
    made = {
        api.create_accessor(AccessorType="BILLING_TOKEN", NetworkType=kind)["AccessorId"]
        for kind in ("ETHEREUM_MAINNET", "POLYGON_MAINNET")
    }
    pages = api.get_paginator("list_accessors").paginate(PaginationConfig={"PageSize": 1})
    listed = [item["Id"] for page in pages for item in page["Accessors"]]
    assert made <= set(listed)
    for accessor in made:
        api.delete_accessor(AccessorId=accessor)


def test_tags_of_networks_members_and_nodes(network: Network, api: Any) -> None:
    arns = (
        api.get_network(NetworkId=network.network_id)["Network"]["Arn"],
        api.get_member(**network.member_keys)["Member"]["Arn"],
        api.get_node(**network.member_keys, NodeId=network.node_id)["Node"]["Arn"],
    )
    for arn in arns:
        api.tag_resource(ResourceArn=arn, Tags={"team": "blue/green", "stage": "ü"})
        api.untag_resource(ResourceArn=arn, TagKeys=["stage"])
        assert api.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "blue/green"}
    described = api.get_node(**network.member_keys, NodeId=network.node_id)["Node"]
    assert described["Tags"] == {"team": "blue/green"}


def test_a_token_answers_the_same_request_once(service: Installation, api: Any) -> None:
    token, wanted = uuid.uuid4().hex, request(_name())
    first = api.create_network(**wanted, ClientRequestToken=token)
    try:
        again = api.create_network(**wanted, ClientRequestToken=token)
        assert (again["NetworkId"], again["MemberId"]) == (first["NetworkId"], first["MemberId"])
        service.hansa("restart", "--listen", service.settings["listen"])
        again = api.create_network(**wanted, ClientRequestToken=token)
        assert again["NetworkId"] == first["NetworkId"]
        assert len(api.list_networks(Name=wanted["Name"])["Networks"]) == 1
        other = wanted | {"Description": "another"}
        told = _refused(
            api.create_network, "InvalidRequestException", **other, ClientRequestToken=token
        )
        assert token in told
    finally:
        _delete(api, first)


def test_limits_and_names_are_kept(network: Network, api: Any) -> None:
    keys, small = network.member_keys, {"InstanceType": "bc.t3.small"}
    taken = api.get_network(NetworkId=network.network_id)["Network"]["Name"]
    _refused(api.create_network, "ResourceAlreadyExistsException", **request(taken))
    told = _refused(
        api.create_node,
        "InvalidRequestException",
        **keys,
        NodeConfiguration={"InstanceType": "bc.m5.large"},
    )
    assert "bc.t3.small" in told
    second = api.create_node(**keys, NodeConfiguration=small)["NodeId"]
    _refused(api.create_node, "ResourceLimitExceededException", **keys, NodeConfiguration=small)
    api.get_waiter("node_available").wait(**keys, NodeId=second)
    api.delete_node(**keys, NodeId=second)
    api.get_waiter("node_deleted").wait(**keys, NodeId=second)


def test_what_is_being_created_is_not_deleted_and_the_reverse(api: Any) -> None:
    created = api.create_network(**request(_name()))
    keys = {name: created[name] for name in ("NetworkId", "MemberId")}
    # The create is durable, and far from done, when it is answered.
    _refused(api.delete_member, "ResourceNotReadyException", **keys)
    told = _refused(api.delete_network, "IllegalActionException", NetworkId=keys["NetworkId"])
    assert keys["MemberId"] in told
    api.get_waiter("network_available").wait(NetworkId=keys["NetworkId"])
    api.get_waiter("member_available").wait(**keys)

    api.delete_member(**keys)
    api.delete_member(**keys)  # what is going already may be deleted again
    small = {"InstanceType": "bc.t3.small"}
    with pytest.raises(ClientError) as caught:
        api.create_node(**keys, NodeConfiguration=small)
    assert caught.value.response["Error"]["Code"] in (
        "ResourceNotReadyException",
        "ResourceNotFoundException",
    )
    api.get_waiter("network_deleted").wait(NetworkId=keys["NetworkId"])
    _refused(api.get_member, "ResourceNotFoundException", **keys)


def test_every_fault_of_a_request_is_named(service: Installation) -> None:
    wrong = request("", FrameworkVersion="9.9")
    wrong["VotingPolicy"]["ApprovalThresholdPolicy"]["ThresholdPercentage"] = 900
    wrong["MemberConfiguration"]["FrameworkConfiguration"]["Fabric"]["AdminPassword"] = "short"
    keys = service.exported()
    unchecked = boto3.client(
        "managedblockchain",
        endpoint_url=service.url,
        region_name="us-east-1",
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        config=Config(parameter_validation=False),
    )
    told = _refused(unchecked.create_network, "InvalidRequestException", **wrong)
    for field in ("name", "thresholdPercentage", "adminPassword"):
        assert field in told


def test_unknown_ids_are_not_found(network: Network, api: Any) -> None:
    nobody = "N" * 26
    _refused(api.get_network, "ResourceNotFoundException", NetworkId=f"n-{nobody}")
    _refused(
        api.get_member,
        "ResourceNotFoundException",
        NetworkId=network.network_id,
        MemberId=f"m-{nobody}",
    )
    _refused(
        api.get_node, "ResourceNotFoundException", **network.member_keys, NodeId=f"nd-{nobody}"
    )


def _delete(api: Any, created: dict[str, Any]) -> None:
    """Delete what CreateNetwork made, once it may be."""
    keys = {name: created[name] for name in ("NetworkId", "MemberId")}

    def gone() -> bool:
        try:
            api.delete_member(**keys)
        except ClientError as fault:
            return bool(fault.response["Error"]["Code"] == "ResourceNotFoundException")
        return False

    until(gone, f"{keys} are deleted")
