"""Tags by ARN, and accessors."""

from __future__ import annotations

import pytest
from tests.unit.operations.installation import ALICE, BOB, Installation

from hansa.domain.errors import InvalidRequestError, ResourceNotFoundError, TooManyTagsError


def arns(installation: Installation) -> dict[str, str]:
    """An ARN of each kind of resource that can be tagged."""
    network_id, member_id = installation.network()
    node_id = installation.node(network_id, member_id)
    made = installation.api.create_accessor(
        ALICE, {"ClientRequestToken": "a", "AccessorType": "BILLING_TOKEN"}
    )
    accessor = installation.api.get_accessor(ALICE, {"AccessorId": made["AccessorId"]})
    prefix = "arn:aws:managedblockchain:us-east-1"
    return {
        "network": f"{prefix}::networks/{network_id}",
        "member": f"{prefix}:111111111111:members/{member_id}",
        "node": f"{prefix}:111111111111:nodes/{node_id}",
        "accessor": accessor["Accessor"]["Arn"],
    }


def test_tags_of_every_kind_of_resource(installation: Installation) -> None:
    api = installation.api
    for arn in arns(installation).values():
        api.tag_resource(ALICE, {"ResourceArn": arn, "Tags": {"a": "1", "b": "2"}})
        api.tag_resource(ALICE, {"ResourceArn": arn, "Tags": {"b": "3"}})
        api.untag_resource(ALICE, {"ResourceArn": arn, "TagKeys": ["a", "never"]})
        assert api.list_tags_for_resource(ALICE, {"ResourceArn": arn}) == {"Tags": {"b": "3"}}


def test_tags_of_others_are_not_found(installation: Installation) -> None:
    for arn in arns(installation).values():
        with pytest.raises(ResourceNotFoundError):
            installation.api.list_tags_for_resource(BOB, {"ResourceArn": arn})


@pytest.mark.parametrize(
    "arn",
    ["arn:aws:s3:::bucket", "n-ABC", "arn:aws:managedblockchain:us-east-1::things/x"],
)
def test_arns_of_something_else(installation: Installation, arn: str) -> None:
    with pytest.raises(InvalidRequestError, match="resourceArn"):
        installation.api.list_tags_for_resource(ALICE, {"ResourceArn": arn})


def test_an_arn_of_another_region_or_account_is_not_found(installation: Installation) -> None:
    known = arns(installation)
    for arn in (
        known["network"].replace("us-east-1", "eu-west-1"),
        known["node"].replace("111111111111", "222222222222"),
        known["network"] + "X",
        known["node"].replace("nodes/", "proposals/"),
    ):
        with pytest.raises(ResourceNotFoundError):
            installation.api.list_tags_for_resource(ALICE, {"ResourceArn": arn})


def test_at_most_fifty_tags(installation: Installation) -> None:
    arn = arns(installation)["node"]
    tag = installation.api.tag_resource
    tag(ALICE, {"ResourceArn": arn, "Tags": {f"k{n}": "" for n in range(50)}})
    tag(ALICE, {"ResourceArn": arn, "Tags": {"k1": "other"}})
    with pytest.raises(TooManyTagsError, match="50 tags at most; this would be 51"):
        tag(ALICE, {"ResourceArn": arn, "Tags": {"more": ""}})
    with pytest.raises(InvalidRequestError, match="reserved"):
        tag(ALICE, {"ResourceArn": arn, "Tags": {"aws:k": ""}})


def test_accessors_live_and_end(installation: Installation) -> None:
    api = installation.api
    request = {
        "ClientRequestToken": "t",
        "AccessorType": "BILLING_TOKEN",
        "NetworkType": "POLYGON_MAINNET",
        "Tags": {"a": "b"},
    }
    made = api.create_accessor(ALICE, request)  # type: ignore[arg-type]
    assert api.create_accessor(ALICE, request) == made  # type: ignore[arg-type]
    assert len(made["BillingToken"]) == 42
    accessor = api.get_accessor(ALICE, {"AccessorId": made["AccessorId"]})["Accessor"]
    assert (accessor["Status"], accessor["Tags"]) == ("AVAILABLE", {"a": "b"})
    listed = api.list_accessors(ALICE, {"NetworkType": "POLYGON_MAINNET"})["Accessors"]
    assert [row["Id"] for row in listed] == [made["AccessorId"]]
    assert api.list_accessors(ALICE, {"NetworkType": "ETHEREUM_MAINNET"})["Accessors"] == []
    assert api.list_accessors(BOB, {})["Accessors"] == []
    with pytest.raises(ResourceNotFoundError):
        api.delete_accessor(BOB, {"AccessorId": made["AccessorId"]})
    api.delete_accessor(ALICE, {"AccessorId": made["AccessorId"]})
    with pytest.raises(ResourceNotFoundError):
        api.get_accessor(ALICE, {"AccessorId": made["AccessorId"]})
