"""Changes of channels that several accounts share: proposed, voted on, done or not."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from tests.unit.operations.fabric_scene import Scene, Shared, share
from tests.unit.operations.installation import ALICE, BOB

from hansa.domain.errors import (
    IllegalActionError,
    ResourceAlreadyExistsError,
    ResourceNotFoundError,
)
from hansa.operations.decisions import settle_open_proposals
from hansa.store.networks import require_network


@pytest.fixture
def shared(scene: Scene) -> Shared:
    return share(scene)


def test_a_change_of_a_shared_channel_is_voted_on_and_done(shared: Shared) -> None:
    scene = shared.scene
    answer = scene.call(
        "update_channel", **scene.keys, ChannelName="trade", Batches={"Timeout": "1s"}
    )
    scene.perform()
    waiting = scene.operation(answer)
    assert (waiting["Status"], waiting["ProposalId"]) == (
        "AWAITING_APPROVAL", answer["ProposalId"],
    )  # fmt: skip
    shown = shared.proposal(answer["ProposalId"])
    assert shown["ProposedOperation"]["Action"] == "UpdateChannel"
    assert '"Timeout": "1s"' in shown["ProposedOperation"]["Request"]
    with pytest.raises(IllegalActionError, match="voting NO"):
        scene.call("cancel_operation", OperationId=answer["OperationId"])
    alice, bob = (ALICE, scene.member_id, "YES"), (BOB, shared.other_id, "YES")
    shared.vote(answer["ProposalId"], alice)
    assert scene.operation(answer)["Status"] == "AWAITING_APPROVAL"
    shared.vote(answer["ProposalId"], bob)
    assert scene.operation(answer)["Status"] == "SUCCEEDED"
    assert scene.net.channels["trade"].batches.timeout == "1s"
    assert shared.proposal(answer["ProposalId"])["Status"] == "APPROVED"


def test_what_members_reject_or_leave_undecided_is_not_done(shared: Shared) -> None:
    scene = shared.scene
    acts = len(scene.net.acts)
    update = partial(scene.call, "update_channel", **scene.keys, ChannelName="trade")
    rejected = update(Batches={"Timeout": "1s"})
    shared.vote(rejected["ProposalId"], (BOB, shared.other_id, "NO"))
    operation = scene.operation(rejected)
    assert (operation["Status"], "rejected" in operation["StatusReason"]) == ("FAILED", True)
    late = update(Batches={"Timeout": "2s"})
    scene.installation.now += timedelta(hours=25)
    with scene.installation.store.write() as session:
        network = require_network(session, scene.network_id)
        settle_open_proposals(scene.installation.context, session, network)
    scene.perform()
    operation = scene.operation(late)
    assert (operation["Status"], "expired" in operation["StatusReason"]) == ("FAILED", True)
    assert len(scene.net.acts) == acts


def test_an_approved_change_that_fails_is_told_by_its_proposal(shared: Shared) -> None:
    scene = shared.scene
    answer = scene.call(
        "remove_channel_member", **scene.keys, ChannelName="trade", RemovedMemberId=shared.other_id
    )
    del scene.net.channels["trade"]
    shared.vote(
        answer["ProposalId"], (ALICE, scene.member_id, "YES"), (BOB, shared.other_id, "YES")
    )
    assert scene.operation(answer)["Status"] == "FAILED"
    assert shared.proposal(answer["ProposalId"])["Status"] == "ACTION_FAILED"


def test_members_come_into_a_channel_and_leave_it(shared: Shared) -> None:
    scene = shared.scene
    scene.create_channel("own")
    keys = {**scene.keys, "ChannelName": "own"}
    scene.call("add_channel_member", **keys, AddedMemberId=shared.other_id)
    scene.perform()
    assert shared.other_id in scene.net.channels["own"].members
    with pytest.raises(ResourceAlreadyExistsError):
        scene.call("add_channel_member", **keys, AddedMemberId=shared.other_id)
    with pytest.raises(ResourceNotFoundError):
        scene.call("add_channel_member", **keys, AddedMemberId="m-STRANGER")
    removal = scene.call("remove_channel_member", **keys, RemovedMemberId=shared.other_id)
    shared.vote(
        removal["ProposalId"], (ALICE, scene.member_id, "YES"), (BOB, shared.other_id, "YES")
    )
    assert scene.net.channels["own"].members == [scene.member_id]
    with pytest.raises(IllegalActionError, match="the last one"):
        scene.call("remove_channel_member", **keys, RemovedMemberId=scene.member_id)
