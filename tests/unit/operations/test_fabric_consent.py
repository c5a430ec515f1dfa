"""Changes of channels that several accounts share: proposed, voted on, done or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from tests.unit.operations.fabric_scene import Scene
from tests.unit.operations.installation import ALICE, BOB, network_request

from hansa.domain.errors import (
    IllegalActionError,
    ResourceAlreadyExistsError,
    ResourceNotFoundError,
)
from hansa.domain.lifecycle import Kind, Status
from hansa.operations.decisions import settle_open_proposals
from hansa.store.networks import require_network


@dataclass
class Shared:
    """A channel of ALICE's member and one of BOB's, in a network of both."""

    scene: Scene
    other_id: str

    def vote(self, proposal_id: str, *votes: tuple[Any, str, str]) -> None:
        for caller, member_id, vote in votes:
            self.scene.installation.api.vote_on_proposal(
                caller,
                {
                    "NetworkId": self.scene.network_id,
                    "ProposalId": proposal_id,
                    "VoterMemberId": member_id,
                    "Vote": vote,
                },
            )
        self.scene.perform()

    def proposal(self, proposal_id: str) -> Any:
        request = {"NetworkId": self.scene.network_id, "ProposalId": proposal_id}
        return self.scene.installation.api.get_proposal(BOB, request)["Proposal"]


@pytest.fixture
def shared(scene: Scene) -> Shared:
    api = scene.installation.api
    proposed = api.create_proposal(
        ALICE,
        {
            **scene.keys,
            "ClientRequestToken": "invite",
            "Actions": {"Invitations": [{"Principal": BOB.account_id}]},
        },
    )
    vote = {"ProposalId": proposed["ProposalId"], "VoterMemberId": scene.member_id, "Vote": "YES"}
    api.vote_on_proposal(ALICE, {"NetworkId": scene.network_id, **vote})
    (invitation,) = api.list_invitations(BOB, {})["Invitations"]
    created = api.create_member(
        BOB,
        {
            "ClientRequestToken": "join",
            "NetworkId": scene.network_id,
            "InvitationId": invitation["InvitationId"],
            "MemberConfiguration": network_request()["MemberConfiguration"] | {"Name": "org2"},
        },
    )
    scene.installation.become(Kind.MEMBER, created["MemberId"], Status.AVAILABLE)
    scene.create_channel(Members=[created["MemberId"]])
    return Shared(scene, created["MemberId"])


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
