"""Chaincode of channels that several accounts share: voted on, or approved by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.operations.fabric_scene import CODE, NEXT_CODE, Scene, Shared, join, share
from tests.unit.operations.installation import ALICE, BOB

from hansa.domain.caller import Caller
from hansa.domain.errors import ResourceNotFoundError, ResourceNotReadyError
from hansa.fabric.base import FabricError
from hansa.fabric.fake_ledgers import FakeLedgers

CAROL = Caller("333333333333", "arn:aws:iam::333333333333:user/carol", "AKIDCAROL", "us-east-1")


@pytest.fixture
def shared(scene: Scene) -> Shared:
    made = share(scene)
    join(made)
    return made


def both(shared: Shared, bobs: str = "YES") -> tuple[tuple[Any, str, str], ...]:
    return (ALICE, shared.scene.member_id, "YES"), (BOB, shared.other_id, bobs)


def status(shared: Shared, answer: Any) -> tuple[str, str]:
    """Of the operation and of its proposal."""
    proposal = shared.proposal(answer["ProposalId"])
    return shared.scene.operation(answer)["Status"], proposal["Status"]


def test_what_the_members_vote_for_is_deployed_on_the_nodes_of_all(shared: Shared) -> None:
    scene = shared.scene
    before, package_id = len(scene.net.acts), scene.package()
    answer = scene.ask_to_deploy(package_id)
    shown = shared.proposal(answer["ProposalId"])
    assert shown["Description"] == f"DeployChaincode asset 1 on trade: {package_id}"
    assert package_id in shown["ProposedOperation"]["Request"]
    alice, bob = both(shared)
    shared.vote(answer["ProposalId"], alice)
    assert status(shared, answer) == ("AWAITING_APPROVAL", "IN_PROGRESS")
    assert len(scene.net.acts) == before
    shared.vote(answer["ProposalId"], bob)
    assert status(shared, answer) == ("SUCCEEDED", "APPROVED")
    assert [act.split()[0] for act in scene.net.acts[before:]] == [
        "install", "install", "approve", "approve", "commit",
    ]  # fmt: skip
    seen_by_bob = scene.call("get_operation", BOB, OperationId=answer["OperationId"])["Operation"]
    assert [step["Status"] for step in seen_by_bob["Steps"]] == ["DONE"] * 6
    assert json.loads(seen_by_bob["Request"])["Definition"]["Sequence"] == 1
    # The package is the voters' own from now on: for nodes that come later.
    assert scene.call("list_packages", BOB)["Packages"][0]["Id"] == package_id


def test_what_one_member_rejects_is_not_done(shared: Shared) -> None:
    scene = shared.scene
    before = len(scene.net.acts)
    package_id = scene.package()
    answer = scene.ask_to_deploy(package_id)
    shared.vote(answer["ProposalId"], both(shared, "NO")[1])
    assert status(shared, answer) == ("FAILED", "REJECTED")
    assert len(scene.net.acts) == before
    assert scene.call("list_packages", BOB)["Packages"] == []


def test_who_is_to_vote_can_look_at_the_package(shared: Shared) -> None:
    scene = shared.scene
    package_id = scene.package()
    request = {"PackageId": package_id}
    assert scene.call("get_package", **request)["Content"] == CODE.content
    with pytest.raises(ResourceNotFoundError):
        scene.call("get_package", BOB, **request)
    answer = scene.ask_to_deploy(package_id)
    seen = scene.call("get_package", BOB, **request)
    assert (seen["Content"], seen["Package"]["Label"]) == (CODE.content, "asset_1")
    for caller, operation in ((CAROL, "get_package"), (CAROL, "get_operation")):
        with pytest.raises(ResourceNotFoundError):
            scene.call(operation, caller, **request, OperationId=answer["OperationId"])
    shared.vote(answer["ProposalId"], both(shared, "NO")[1])
    with pytest.raises(ResourceNotFoundError):
        scene.call("get_package", BOB, **request)


def test_members_approve_by_hand_beside_a_proposal(shared: Shared) -> None:
    scene = shared.scene
    package_id = scene.package()
    answer = scene.ask_to_deploy(package_id)
    with pytest.raises(ResourceNotReadyError, match=answer["ProposalId"]):
        scene.ask_to_deploy(package_id)
    bobs = scene.call("package_chaincode", BOB, Package=NEXT_CODE.content)["PackageId"]
    by_hand = scene.ask_to_deploy(bobs, caller=BOB, MemberId=shared.other_id, Propose=False)
    scene.perform()
    failed = scene.call("get_operation", BOB, OperationId=by_hand["OperationId"])["Operation"]
    assert failed["Status"] == "FAILED"
    assert f"lacks {scene.member_id}" in failed["StatusReason"]
    # With Bob's approval Alice's is enough: no further vote is asked for.
    done = scene.ask_to_deploy(package_id)
    scene.perform()
    assert (done["ProposalId"], scene.operation(done)["Status"]) == (None, "SUCCEEDED")
    assert {item[1] for item in scene.net.approved.values()} == {package_id, bobs}
    shared.vote(answer["ProposalId"], (ALICE, scene.member_id, "YES"))
    assert scene.net.approved["trade", shared.other_id, "asset"][1] == bobs


def test_a_member_takes_up_later_what_is_in_force(shared: Shared) -> None:
    scene = shared.scene
    trade = scene.net.channels["trade"]
    policies = {**trade.policies, "LifecycleEndorsement": f"OR('{scene.member_id}.peer')"}
    scene.net.channels["trade"] = replace(trade, policies=policies)
    package_id = scene.package()
    assert scene.deploy(package_id)["Status"] == "SUCCEEDED"
    assert ("trade", shared.other_id, "asset") not in scene.net.approved
    scene.call("package_chaincode", BOB, Package=CODE.content)
    answer = scene.ask_to_deploy(package_id, caller=BOB, MemberId=shared.other_id)
    assert answer["ProposalId"] is None
    scene.perform()
    assert scene.net.approved["trade", shared.other_id, "asset"][0].sequence == 1
    # Bob's approval alone is not what this channel asks for.
    answer = scene.ask_to_deploy(
        package_id, caller=BOB, MemberId=shared.other_id,
        Definition={"Name": "asset", "InitRequired": True},
    )  # fmt: skip
    assert answer["ProposalId"]


@pytest.mark.parametrize(("rule", "is_proposed"), [("ANY", False), ("ALL", True)])
def test_the_channels_own_policy_says_whether_others_are_needed(
    shared: Shared, rule: str, *, is_proposed: bool
) -> None:
    scene = shared.scene
    trade = scene.net.channels["trade"]
    policies = {**trade.policies, "LifecycleEndorsement": f"{rule} Endorsement"}
    scene.net.channels["trade"] = replace(trade, policies=policies)
    answer = scene.ask_to_deploy(scene.package())
    assert bool(answer["ProposalId"]) is is_proposed


def test_a_vote_of_the_network_that_is_too_little_in_the_channel_changes_nothing(
    shared: Shared,
) -> None:
    scene = shared.scene
    trade = scene.net.channels["trade"]
    scene.net.channels["trade"] = replace(
        trade, anchor_peers={**trade.anchor_peers, "m-C": (), "m-D": ()}
    )
    before = len(scene.net.acts)
    answer = scene.ask_to_deploy(scene.package())
    shared.vote(answer["ProposalId"], *both(shared))
    assert status(shared, answer) == ("FAILED", "ACTION_FAILED")
    assert len(scene.net.acts) == before
    steps = scene.operation(answer)["Steps"]
    assert [step["Status"] for step in steps] == ["FAILED"] + ["PENDING"] * 5
    assert "lacks 1 of m-C, m-D" in steps[0]["Detail"]


def test_a_failing_step_is_told_by_the_proposal(shared: Shared) -> None:
    scene = shared.scene
    answer = scene.ask_to_deploy(scene.package())
    file = next((scene.installation.directory / "packages").iterdir())
    file.write_bytes(b"")
    shared.vote(answer["ProposalId"], *both(shared))
    assert status(shared, answer) == ("FAILED", "ACTION_FAILED")
    failed = [
        step["Name"] for step in scene.operation(answer)["Steps"] if step["Status"] == "FAILED"
    ]
    assert failed == [f"Install on node {scene.node_id}"]


def test_who_puts_it_in_force_meanwhile_does_no_harm(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = FakeLedgers.commit

    def late(self: FakeLedgers, *arguments: Any) -> bool:
        commit(self, *arguments)
        raise FabricError("requested sequence is 1, but new definition must be sequence 2")

    monkeypatch.setattr(FakeLedgers, "commit", late)
    answer = shared.scene.ask_to_deploy(shared.scene.package())
    shared.vote(answer["ProposalId"], *both(shared))
    assert status(shared, answer) == ("SUCCEEDED", "APPROVED")
    assert shared.scene.operation(answer)["Steps"][-1]["Detail"] == "It was there"


def test_an_upgrade_takes_something_to_upgrade(scene: Scene) -> None:
    scene.create_channel()
    package_id = scene.package()
    with pytest.raises(ResourceNotFoundError, match="none to upgrade"):
        scene.ask_to_deploy(package_id, "upgrade_chaincode")
    scene.deploy(package_id)
    answer = scene.ask_to_deploy(scene.package(NEXT_CODE.content), "upgrade_chaincode")
    scene.perform()
    done = scene.operation(answer)
    assert (done["Action"], done["Status"]) == ("UpgradeChaincode", "SUCCEEDED")
    assert scene.net.committed["trade", "asset"].sequence == 2
