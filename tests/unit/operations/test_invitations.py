"""Invitations: seen and used by the invited alone, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.unit.operations.consortium import INVITE, Consortium, caller
from tests.unit.operations.installation import ALICE, BOB

from hansa.domain.errors import (
    IllegalActionError,
    ResourceAlreadyExistsError,
    ResourceNotFoundError,
    ResourceNotReadyError,
)
from hansa.domain.lifecycle import Kind, Status
from hansa.store.tables import Event


def test_only_the_invited_sees_and_uses_an_invitation(consortium: Consortium) -> None:
    invitation_id = consortium.invite(BOB.account_id)
    seen = consortium.api.get_network(BOB, {"NetworkId": consortium.network_id})["Network"]
    assert seen["Status"] == "AVAILABLE"
    assert consortium.api.list_networks(BOB, {})["Networks"] == []
    invitation = consortium.api.list_invitations(BOB, {})["Invitations"][0]
    assert invitation["Status"] == "PENDING"
    assert invitation["NetworkSummary"]["Id"] == consortium.network_id
    assert invitation["Arn"] == (
        f"arn:aws:managedblockchain:us-east-1:{BOB.account_id}:invitations/{invitation_id}"
    )
    stranger = caller("9" * 12)
    with pytest.raises(ResourceNotFoundError):
        consortium.api.create_member(stranger, consortium.join_request(invitation_id))
    with pytest.raises(ResourceNotFoundError):
        consortium.api.reject_invitation(stranger, {"InvitationId": invitation_id})


def test_an_invitation_is_used_once(consortium: Consortium) -> None:
    invitation_id = consortium.invite(BOB.account_id)
    request = consortium.join_request(invitation_id)
    first = consortium.api.create_member(BOB, request)
    assert consortium.api.create_member(BOB, request) == first
    with pytest.raises(IllegalActionError, match="is ACCEPTING"):
        consortium.api.create_member(BOB, {**request, "ClientRequestToken": "again"})
    with pytest.raises(IllegalActionError, match="is ACCEPTING"):
        consortium.api.reject_invitation(BOB, {"InvitationId": invitation_id})


def test_a_failed_member_gives_the_invitation_back(consortium: Consortium) -> None:
    invitation_id = consortium.invite(BOB.account_id)
    made = consortium.api.create_member(BOB, consortium.join_request(invitation_id))
    consortium.fail(made["MemberId"])
    assert consortium.api.list_invitations(BOB, {})["Invitations"][0]["Status"] == "PENDING"


def test_an_invitation_that_is_being_used_does_not_expire(consortium: Consortium) -> None:
    def statuses() -> list[str]:
        found = consortium.api.list_invitations(BOB, {})["Invitations"]
        return [str(row["Status"]) for row in found]

    first, second = consortium.invite(BOB.account_id), consortium.invite(BOB.account_id)
    made = consortium.api.create_member(BOB, consortium.join_request(first, "first"))
    failing = consortium.api.create_member(BOB, consortium.join_request(second, "second"))
    consortium.installation.now += timedelta(hours=25)
    consortium.sweep()
    assert statuses() == ["ACCEPTING", "ACCEPTING"]
    consortium.become_available(made["MemberId"])
    consortium.fail(failing["MemberId"])
    assert statuses() == ["ACCEPTED", "EXPIRED"]


def test_a_member_that_is_removed_while_it_joins_has_used_its_invitation(
    consortium: Consortium,
) -> None:
    request = consortium.join_request(consortium.invite(BOB.account_id))
    member_id = consortium.api.create_member(BOB, request)["MemberId"]
    consortium.vote(consortium.propose(Removals=[{"MemberId": member_id}]), 0)
    assert consortium.api.list_invitations(BOB, {})["Invitations"][0]["Status"] == "ACCEPTED"
    consortium.installation.become(Kind.MEMBER, member_id, Status.DELETED)
    with pytest.raises(ResourceNotFoundError):
        consortium.api.get_network(BOB, {"NetworkId": consortium.network_id})


def test_the_invited_see_the_network_but_no_proposals(consortium: Consortium) -> None:
    consortium.invite(BOB.account_id)
    ids = {"NetworkId": consortium.network_id}
    proposal = consortium.api.list_proposals(ALICE, ids)["Proposals"][0]["ProposalId"]  # type: ignore[arg-type]
    assert len(consortium.api.list_members(BOB, ids)["Members"]) == 1  # type: ignore[arg-type]
    with pytest.raises(ResourceNotFoundError):
        consortium.api.list_proposals(BOB, ids)  # type: ignore[arg-type]
    of_it = {**ids, "ProposalId": proposal}
    for operation in ("get_proposal", "list_proposal_votes"):
        with pytest.raises(ResourceNotFoundError):
            getattr(consortium.api, operation)(BOB, of_it)


def test_rejected_and_expired_invitations_are_over(consortium: Consortium) -> None:
    rejected, expired = consortium.invite(BOB.account_id), consortium.invite(BOB.account_id)
    consortium.api.reject_invitation(BOB, {"InvitationId": rejected})
    consortium.installation.now += timedelta(hours=24)
    with pytest.raises(IllegalActionError, match="is EXPIRED"):
        consortium.api.create_member(BOB, consortium.join_request(expired))
    found = consortium.api.list_invitations(BOB, {})["Invitations"]
    assert [row["Status"] for row in found] == ["REJECTED", "EXPIRED"]
    with pytest.raises(ResourceNotFoundError):
        consortium.api.get_network(BOB, {"NetworkId": consortium.network_id})
    consortium.sweep()
    assert consortium.events_of(expired) == ["PENDING", "EXPIRED"]
    with pytest.raises(IllegalActionError, match="is REJECTED"):
        consortium.api.create_member(BOB, consortium.join_request(rejected))
    with pytest.raises(ResourceNotFoundError):
        consortium.api.get_network(BOB, {"NetworkId": consortium.network_id})


def test_member_names_are_unique_in_a_network(consortium: Consortium) -> None:
    invitation_id = consortium.invite(BOB.account_id)
    with pytest.raises(ResourceAlreadyExistsError, match="org1"):
        consortium.api.create_member(BOB, consortium.join_request(invitation_id, "org1"))


def test_members_see_each_other_and_not_each_others_nodes(consortium: Consortium) -> None:
    second = consortium.join(BOB.account_id)
    first = consortium.members[0][1]
    listed = consortium.api.list_members(BOB, {"NetworkId": consortium.network_id})["Members"]
    assert [(m["Id"], m["IsOwned"]) for m in listed] == [(first, False), (second, True)]
    node_id = consortium.installation.node(consortium.network_id, first)
    assert consortium.api.list_nodes(BOB, {"NetworkId": consortium.network_id})["Nodes"] == []
    ids = {"NetworkId": consortium.network_id, "NodeId": node_id}
    with pytest.raises(ResourceNotFoundError):
        consortium.api.get_node(BOB, ids)  # type: ignore[arg-type]
    with pytest.raises(ResourceNotFoundError):
        consortium.api.delete_member(BOB, {"NetworkId": consortium.network_id, "MemberId": first})


def test_what_is_not_available_does_not_take_part(consortium: Consortium) -> None:
    invitation_id = consortium.invite(BOB.account_id)
    made = consortium.api.create_member(BOB, consortium.join_request(invitation_id))
    request = {
        "ClientRequestToken": "early",
        "NetworkId": consortium.network_id,
        "MemberId": made["MemberId"],
        "Actions": {"Invitations": INVITE},
    }
    with pytest.raises(ResourceNotReadyError, match="is CREATING"):
        consortium.api.create_proposal(BOB, request)  # type: ignore[arg-type]
    proposal = consortium.propose(Invitations=INVITE)
    assert consortium.proposal(proposal)["OutstandingVoteCount"] == 1
    vote = {
        "NetworkId": consortium.network_id,
        "ProposalId": proposal,
        "VoterMemberId": made["MemberId"],
        "Vote": "YES",
    }
    with pytest.raises(IllegalActionError, match="is CREATING"):
        consortium.api.vote_on_proposal(BOB, vote)  # type: ignore[arg-type]


def test_events_have_the_guides_shape(consortium: Consortium) -> None:
    consortium.invite(BOB.account_id)
    with consortium.installation.store.read() as session:
        events = [row.content for row in session.scalars(select(Event).order_by(Event.number))]
    invitation, proposal = events
    assert set(invitation) == set(proposal) == {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources",
        "detail",
    }  # fmt: skip
    assert invitation["detail-type"] == "Managed Blockchain Invitation State Change"
    assert (invitation["account"], invitation["detail"]["status"]) == (BOB.account_id, "PENDING")
    assert proposal["detail-type"] == "Managed Blockchain Proposal State Change"
    assert (proposal["account"], proposal["detail"]["status"]) == (ALICE.account_id, "APPROVED")
    assert set(proposal["detail"]) == {
        "proposalId", "networkId", "status", "proposedByMemberId", "proposedByMemberName",
        "expirationDate", "description", "message",
    }  # fmt: skip


def test_tags_of_proposals_and_invitations(consortium: Consortium) -> None:
    invitation_id = consortium.invite(BOB.account_id)
    proposal = consortium.propose(Invitations=INVITE)
    prefix = "arn:aws:managedblockchain:us-east-1"
    tag, show = consortium.api.tag_resource, consortium.api.list_tags_for_resource
    for whose, arn in (
        (ALICE, f"{prefix}::proposals/{proposal}"),
        (BOB, f"{prefix}:{BOB.account_id}:invitations/{invitation_id}"),
    ):
        tag(whose, {"ResourceArn": arn, "Tags": {"a": "b"}})
        assert show(whose, {"ResourceArn": arn}) == {"Tags": {"a": "b"}}
        with pytest.raises(ResourceNotFoundError):
            show(caller("9" * 12), {"ResourceArn": arn})
