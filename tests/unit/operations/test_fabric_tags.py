"""Tags of channels, chaincode and packages: given, seen, asked for by policies, and one's own."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.operations.fabric_scene import CODE, Scene
from tests.unit.operations.installation import ALICE, BOB

from hansa.domain import names
from hansa.domain.errors import InvalidRequestError, ResourceNotFoundError, TooManyTagsError
from hansa.iam.stored_policies import StoredPolicies

BLUE = {"team": "blue"}


def tags_of(scene: Scene, arn: str, caller: Any = ALICE) -> dict[str, str]:
    return dict(scene.call("list_tags_for_resource", caller, ResourceArn=arn)["Tags"])


@pytest.fixture
def arns(scene: Scene) -> list[str]:
    """A channel, a chaincode in it, and its package."""
    scene.create_channel(Tags=BLUE)
    package_id = scene.package()
    scene.deploy(package_id)
    return [
        names.channel_arn(ALICE.region, scene.network_id, "trade"),
        names.chaincode_arn(ALICE.region, scene.network_id, "trade", "asset"),
        names.package_arn(ALICE.region, ALICE.account_id, package_id),
    ]


def test_a_channel_is_made_with_tags(scene: Scene, arns: list[str]) -> None:
    channel = scene.call("get_channel", NetworkId=scene.network_id, ChannelName="trade")["Channel"]
    assert (channel["Tags"], channel["Arn"]) == (BLUE, arns[0])
    assert tags_of(scene, arns[0]) == BLUE


def test_tags_are_given_changed_and_taken_away(scene: Scene, arns: list[str]) -> None:
    for arn in arns:
        scene.call("tag_resource", ResourceArn=arn, Tags={"team": "red", "cost": "1"})
        assert tags_of(scene, arn) == {"team": "red", "cost": "1"}
        scene.call("untag_resource", ResourceArn=arn, TagKeys=["cost", "none"])
        assert tags_of(scene, arn) == {"team": "red"}


def test_policies_see_the_tags_of_their_own_account(scene: Scene, arns: list[str]) -> None:
    known = StoredPolicies(scene.installation.store)
    scene.call("tag_resource", ResourceArn=arns[1], Tags=BLUE)
    assert known.resource_tags(arns[0], ALICE.account_id) == BLUE
    assert known.resource_tags(arns[1], ALICE.account_id) == BLUE
    assert known.resource_tags(arns[0], BOB.account_id) == {}


def test_strangers_find_nothing_to_tag(scene: Scene, arns: list[str]) -> None:
    for arn in arns:
        with pytest.raises(ResourceNotFoundError):
            scene.call("tag_resource", BOB, ResourceArn=arn, Tags=BLUE)
        with pytest.raises(ResourceNotFoundError):
            tags_of(scene, arn, BOB)


def test_what_is_not_there_has_no_tags(scene: Scene, arns: list[str]) -> None:
    for arn in (arns[0] + "x", arns[1] + "x", arns[2] + "x", arns[0].replace("us-east-1", "eu-1")):
        with pytest.raises(ResourceNotFoundError):
            scene.call("tag_resource", ResourceArn=arn, Tags=BLUE)
    with pytest.raises(InvalidRequestError, match="not the ARN of a channel"):
        tags_of(scene, names.network_arn(ALICE.region, scene.network_id))


def test_tags_have_limits(scene: Scene, arns: list[str]) -> None:
    many = {f"k{number}": "" for number in range(50)}
    with pytest.raises(TooManyTagsError):
        scene.call("tag_resource", ResourceArn=arns[0], Tags=many)
    assert tags_of(scene, arns[0]) == BLUE
    with pytest.raises(InvalidRequestError, match="reserved"):
        scene.call("package_chaincode", Package=CODE.content, Tags={"aws:x": ""})
