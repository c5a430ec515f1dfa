"""Proposals, votes and what they bring about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.operations.consortium import INVITE, Consortium, caller
from tests.unit.operations.installation import ALICE

from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceLimitExceededError,
    ResourceNotFoundError,
)


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
    found = six.proposal(proposal)  # exact, and changes nothing
    assert (found["Status"], found["OutstandingVoteCount"]) == ("EXPIRED", 0)
    assert six.events_of(proposal) == []
    with pytest.raises(IllegalActionError, match="is EXPIRED"):
        six.vote(proposal, 0)
    six.sweep()
    assert set(six.events_of(proposal)) == {"EXPIRED"}
    with pytest.raises(IllegalActionError, match="is EXPIRED"):
        six.vote(proposal, 0)


def test_who_leaves_after_the_deadline_decides_nothing(six: Consortium) -> None:
    proposal = six.propose(Invitations=INVITE)
    for who in range(3):
        six.vote(proposal, who)
    six.installation.now += timedelta(hours=24)
    whose, member_id = six.members[5]
    six.api.delete_member(whose, {"NetworkId": six.network_id, "MemberId": member_id})
    assert six.proposal(proposal)["Status"] == "EXPIRED"
    assert six.api.list_invitations(caller("9" * 12), {})["Invitations"] == []


def test_what_a_departure_decides_is_done_once(six: Consortium) -> None:
    """The first proposal's removal decides the second, which the departure decides, too."""
    removal = six.propose(Removals=[{"MemberId": six.members[4][1]}])
    invitation = six.propose(Invitations=INVITE)
    for proposal in (removal, invitation):
        for who in range(3):
            six.vote(proposal, who)
    whose, member_id = six.members[5]
    six.api.delete_member(whose, {"NetworkId": six.network_id, "MemberId": member_id})
    assert [six.proposal(p)["Status"] for p in (removal, invitation)] == ["APPROVED"] * 2
    assert len(six.api.list_invitations(caller("9" * 12), {})["Invitations"]) == 1
    told = six.events_of(invitation)
    assert told == ["APPROVED"] * 6  # one for each account


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


def test_who_is_joining_takes_one_place(consortium: Consortium) -> None:
    """Neither the invitation that is being used counts, nor a member that came to nothing."""
    for number in range(2, 4):
        consortium.join(str(number) * 12)
    fourth, stranger = caller("4" * 12), caller("9" * 12)
    request = consortium.join_request(consortium.invite(fourth.account_id))
    made = consortium.api.create_member(fourth, request)["MemberId"]
    consortium.invite(stranger.account_id)  # the fifth
    with pytest.raises(ResourceLimitExceededError, match="can have 5 members; it has 5"):
        consortium.propose(Invitations=INVITE)
    consortium.fail(made)
    with pytest.raises(ResourceLimitExceededError, match="can have 5 members; it has 5"):
        consortium.propose(Invitations=INVITE)
    consortium.installation.now += timedelta(hours=24)
    consortium.propose(Invitations=[*INVITE, *INVITE])  # both invitations have expired


def test_a_network_has_so_many_members(consortium: Consortium) -> None:
    for number in range(2, 6):
        consortium.join(str(number) * 12)
    with pytest.raises(ResourceLimitExceededError, match="can have 5 members; it has 5"):
        consortium.propose(Invitations=INVITE)
