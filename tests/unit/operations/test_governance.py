"""Proposals, votes, invitations and what they bring about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.unit.operations.installation import ALICE, BOB, Installation

from hansa.domain.caller import Caller
from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
    ResourceLimitExceededError,
    ResourceNotFoundError,
    ResourceNotReadyError,
)
from hansa.domain.lifecycle import Kind, Status
from hansa.drivers.fake import FakeDriver, FakeMachine
from hansa.fabric.fake import FakeFabric, FakeMaterial
from hansa.reconcile.sweep import Sweep
from hansa.store.invitations import settle_invitation
from hansa.store.resources import get_resource
from hansa.store.tables import Event, Member


def caller(account_id: str) -> Caller:
    return Caller(account_id, f"arn:aws:iam::{account_id}:user/x", "AKID", "us-east-1")


def configuration(name: str) -> Any:
    return {
        "Name": name,
        "FrameworkConfiguration": {
            "Fabric": {"AdminUsername": "admin", "AdminPassword": "Password123"}
        },
    }


class Consortium:
    """A network and its members, as their accounts see it."""

    def __init__(self, installation: Installation, **network: Any) -> None:
        self.installation = installation
        self.api = installation.api
        self.network_id, founder = installation.network(**network)
        self.members: list[tuple[Caller, str]] = [(ALICE, founder)]
        self.tokens = 0

    def propose(self, who: int = 0, **actions: Any) -> str:
        self.tokens += 1
        whose, member_id = self.members[who]
        request = {
            "ClientRequestToken": f"p{self.tokens}",
            "NetworkId": self.network_id,
            "MemberId": member_id,
            "Actions": actions,
        }
        return str(self.api.create_proposal(whose, request)["ProposalId"])  # type: ignore[arg-type]

    def vote(self, proposal_id: str, who: int, vote: str = "YES") -> None:
        whose, member_id = self.members[who]
        request = {
            "NetworkId": self.network_id,
            "ProposalId": proposal_id,
            "VoterMemberId": member_id,
            "Vote": vote,
        }
        self.api.vote_on_proposal(whose, request)  # type: ignore[arg-type]

    def proposal(self, proposal_id: str) -> Any:
        ids = {"NetworkId": self.network_id, "ProposalId": proposal_id}
        return self.api.get_proposal(self.members[0][0], ids)["Proposal"]  # type: ignore[arg-type]

    def invite(self, account_id: str) -> str:
        """An approved invitation of the account; its id."""
        proposal = self.propose(Invitations=[{"Principal": account_id}])
        for who in range(len(self.members)):
            if self.proposal(proposal)["Status"] == "IN_PROGRESS":
                self.vote(proposal, who)
        invitations = self.api.list_invitations(caller(account_id), {})["Invitations"]
        assert invitations
        return str(invitations[-1]["InvitationId"])

    def join_request(self, invitation_id: str, name: str = "") -> Any:
        return {
            "ClientRequestToken": f"t{invitation_id}",
            "InvitationId": invitation_id,
            "NetworkId": self.network_id,
            "MemberConfiguration": configuration(name or f"org{len(self.members) + 1}"),
        }

    def join(self, account_id: str) -> str:
        """A new, AVAILABLE member of the account."""
        invitation_id = self.invite(account_id)
        whose = caller(account_id)
        member_id = self.api.create_member(whose, self.join_request(invitation_id))["MemberId"]
        self.installation.become(Kind.MEMBER, member_id, Status.AVAILABLE)
        with self.installation.store.write() as session:
            member = get_resource(session, Kind.MEMBER, member_id)
            assert isinstance(member, Member)
            settle_invitation(session, member, self.installation.now)
        self.members.append((whose, member_id))
        return str(member_id)

    def sweep(self) -> None:
        """What the service does by the clock."""
        fabric, driver = FakeFabric(FakeMaterial()), FakeDriver(FakeMachine())
        Sweep(self.installation.store, driver, fabric, lambda: self.installation.now).run_once()


@pytest.fixture
def consortium(installation: Installation) -> Consortium:
    return Consortium(installation)


@pytest.fixture
def six(installation: Installation) -> Consortium:
    """The guide's example: six members, more than half of which have to say yes."""
    standard = {"Fabric": {"Edition": "STANDARD"}}
    made = Consortium(installation, FrameworkConfiguration=standard)
    for number in range(5):
        made.join(f"{number + 2}" * 12)
    return made


INVITE = [{"Principal": "999999999999"}]


@pytest.mark.parametrize(
    ("votes", "status", "yes", "no", "outstanding"),
    [
        ("YYYNNY", "APPROVED", 4, 2, 0),
        ("YYYY", "APPROVED", 4, 0, 0),
        ("YNYNYN", "REJECTED", 3, 3, 0),
        ("NNN", "REJECTED", 0, 3, 0),
        ("YYNN", "IN_PROGRESS", 2, 2, 2),
    ],
)
def test_the_guides_outcomes(
    six: Consortium, votes: str, status: str, yes: int, no: int, outstanding: int
) -> None:
    proposal = six.propose(2, Invitations=INVITE)
    for who, vote in enumerate(votes):
        six.vote(proposal, who, "YES" if vote == "Y" else "NO")
    found = six.proposal(proposal)
    counts = ("YesVoteCount", "NoVoteCount", "OutstandingVoteCount")
    assert (found["Status"], *(found[name] for name in counts)) == (status, yes, no, outstanding)
    invited = six.api.list_invitations(caller("9" * 12), {})["Invitations"]
    assert bool(invited) == (status == "APPROVED")


def test_a_proposal_expires_by_the_clock_not_by_a_read(six: Consortium) -> None:
    proposal = six.propose(Invitations=INVITE)
    six.installation.now += timedelta(hours=24)
    assert six.proposal(proposal)["Status"] == "IN_PROGRESS"
    with pytest.raises(IllegalActionError, match="is EXPIRED"):
        six.vote(proposal, 0)
    six.sweep()
    assert six.proposal(proposal)["Status"] == "EXPIRED"
    with pytest.raises(IllegalActionError, match="is EXPIRED"):
        six.vote(proposal, 0)


def test_a_decided_proposal_never_expires(six: Consortium) -> None:
    proposal = six.propose(Invitations=INVITE)
    for who in range(4):
        six.vote(proposal, who)
    six.installation.now += timedelta(hours=48)
    six.sweep()
    assert six.proposal(proposal)["Status"] == "APPROVED"


def test_votes_are_final_and_one_a_member(six: Consortium) -> None:
    proposal = six.propose(Invitations=INVITE)
    six.vote(proposal, 0, "NO")
    with pytest.raises(IllegalActionError, match="a vote is final"):
        six.vote(proposal, 0)
    ids = {"NetworkId": six.network_id, "ProposalId": proposal}
    votes = six.api.list_proposal_votes(ALICE, ids)["ProposalVotes"]  # type: ignore[arg-type]
    assert votes == [{"Vote": "NO", "MemberName": "org1", "MemberId": six.members[0][1]}]


def test_votes_of_strangers_and_for_others_are_refused(six: Consortium) -> None:
    proposal = six.propose(Invitations=INVITE)
    request = {
        "NetworkId": six.network_id,
        "ProposalId": proposal,
        "VoterMemberId": six.members[1][1],
        "Vote": "YES",
    }
    with pytest.raises(ResourceNotFoundError):  # another account's member
        six.api.vote_on_proposal(ALICE, request)  # type: ignore[arg-type]
    with pytest.raises(ResourceNotFoundError):  # an account without a member
        six.api.vote_on_proposal(caller("9" * 12), request)  # type: ignore[arg-type]
    other = six.installation.network(Name="other", ClientRequestToken="other")[1]
    with pytest.raises(ResourceNotFoundError):  # a member of another network
        six.api.vote_on_proposal(ALICE, {**request, "VoterMemberId": other})  # type: ignore[arg-type]
    assert six.proposal(proposal)["OutstandingVoteCount"] == 6


def test_a_member_that_leaves_changes_what_is_outstanding(six: Consortium) -> None:
    proposal = six.propose(Invitations=INVITE)
    for who in range(3):
        six.vote(proposal, who)
    whose, member_id = six.members[5]
    six.api.delete_member(whose, {"NetworkId": six.network_id, "MemberId": member_id})
    assert six.proposal(proposal)["Status"] == "APPROVED"  # three of five


def test_a_removal_is_carried_out(six: Consortium) -> None:
    _, target = six.members[5]
    proposal = six.propose(Removals=[{"MemberId": target}])
    for who in range(4):
        six.vote(proposal, who)
    assert six.proposal(proposal)["Status"] == "APPROVED"
    ids = {"NetworkId": six.network_id, "MemberId": target}
    member = six.api.get_member(ALICE, ids)["Member"]  # type: ignore[arg-type]
    assert (member["Status"], member["StatusReason"]) == (
        "DELETING", "Removed by an approved proposal",
    )  # fmt: skip


def test_a_part_that_fails_does_not_keep_the_others(six: Consortium) -> None:
    (_, kept), (whose, gone) = six.members[4], six.members[5]
    proposal = six.propose(Removals=[{"MemberId": gone}, {"MemberId": kept}], Invitations=INVITE)
    six.api.delete_member(whose, {"NetworkId": six.network_id, "MemberId": gone})
    for who in range(3):
        six.vote(proposal, who)
    assert six.proposal(proposal)["Status"] == "ACTION_FAILED"
    ids = {"NetworkId": six.network_id, "MemberId": kept}
    assert six.api.get_member(ALICE, ids)["Member"]["Status"] == "DELETING"  # type: ignore[arg-type]
    assert six.api.list_invitations(caller("9" * 12), {})["Invitations"]


def test_the_last_member_is_not_removed_by_a_proposal(consortium: Consortium) -> None:
    second = consortium.join("2" * 12)
    against_second = consortium.propose(0, Removals=[{"MemberId": second}])
    against_first = consortium.propose(1, Removals=[{"MemberId": consortium.members[0][1]}])
    consortium.vote(against_first, 1)
    consortium.vote(against_second, 0)
    consortium.vote(against_second, 1)
    consortium.vote(against_first, 0)
    statuses = {consortium.proposal(p)["Status"] for p in (against_first, against_second)}
    assert statuses == {"APPROVED", "ACTION_FAILED"}
    network = consortium.api.get_network(ALICE, {"NetworkId": consortium.network_id})["Network"]
    assert network["Status"] == "AVAILABLE"


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ({}, "'actions' is empty"),
        ({"Invitations": [], "Removals": []}, "'actions' is empty"),
        ({"Invitations": [{"Principal": "bob"}]}, "12 digits"),
    ],
)
def test_bad_actions_are_refused(consortium: Consortium, actions: Any, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        consortium.propose(**actions)
    ids = {"NetworkId": consortium.network_id}
    assert consortium.api.list_proposals(ALICE, ids)["Proposals"] == []  # type: ignore[arg-type]


def test_removals_of_unknown_members_oneself_and_twice(consortium: Consortium) -> None:
    second = consortium.join("2" * 12)
    with pytest.raises(ResourceNotFoundError, match="m-X"):
        consortium.propose(Removals=[{"MemberId": "m-X"}])
    with pytest.raises(InvalidRequestError, match="the proposer itself"):
        consortium.propose(Removals=[{"MemberId": consortium.members[0][1]}])
    with pytest.raises(InvalidRequestError, match="more than once"):
        consortium.propose(Removals=[{"MemberId": second}, {"MemberId": second}])


def test_a_network_has_so_many_members(consortium: Consortium) -> None:
    for number in range(2, 6):
        consortium.join(str(number) * 12)
    with pytest.raises(ResourceLimitExceededError, match="can have 5 members; it has 5"):
        consortium.propose(Invitations=INVITE)


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
    consortium.installation.become(Kind.MEMBER, made["MemberId"], Status.CREATE_FAILED)
    with consortium.installation.store.write() as session:
        member = get_resource(session, Kind.MEMBER, made["MemberId"])
        assert isinstance(member, Member)
        settle_invitation(session, member, consortium.installation.now)
    assert consortium.api.list_invitations(BOB, {})["Invitations"][0]["Status"] == "PENDING"


def test_rejected_and_expired_invitations_are_over(consortium: Consortium) -> None:
    rejected, expired = consortium.invite(BOB.account_id), consortium.invite(BOB.account_id)
    consortium.api.reject_invitation(BOB, {"InvitationId": rejected})
    consortium.installation.now += timedelta(hours=24)
    with pytest.raises(IllegalActionError, match="is EXPIRED"):
        consortium.api.create_member(BOB, consortium.join_request(expired))
    consortium.sweep()
    found = consortium.api.list_invitations(BOB, {})["Invitations"]
    assert [row["Status"] for row in found] == ["REJECTED", "EXPIRED"]
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
