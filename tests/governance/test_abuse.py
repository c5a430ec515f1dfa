"""What accounts may not do to each other, by API calls."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.governance.served import (
    Company,
    Member,
    Served,
    accept,
    joined,
    member_configuration,
    network_request,
    pending,
    refusal,
    until,
)

NOBODY = "9" * 12
ABSENT = "A" * 26


@pytest.fixture(scope="module")
def three(served: Served) -> list[Member]:
    return served.consortium(3)


@pytest.fixture(scope="module")
def elsewhere(served: Served) -> Member:
    """The only member of another network."""
    return served.found(served.company())


@pytest.fixture
def proposal(three: list[Member]) -> str:
    return three[0].propose(Invitations=[{"Principal": NOBODY}])


def _invite(member: Member, company: Company) -> str:
    """An invitation of the company to a network that has one member; its id."""
    member.vote(member.propose(Invitations=[{"Principal": company.account_id}]))
    return str(pending(company)[-1]["InvitationId"])


def _use(company: Company, invitation_id: str, network_id: str, name: str = "org") -> Any:
    return company.api.create_member(
        InvitationId=invitation_id,
        NetworkId=network_id,
        MemberConfiguration=member_configuration(name),
    )


def _vote(voter: Company, member: Member, proposal_id: str, **changed: str) -> tuple[str, str]:
    """The refusal of ``voter``'s vote as ``member``."""
    request = {
        "NetworkId": member.network_id,
        "ProposalId": proposal_id,
        "VoterMemberId": member.member_id,
        "Vote": "YES",
    }
    return refusal(voter.api.vote_on_proposal, **request | changed)


def test_only_a_member_votes_for_itself(
    served: Served, three: list[Member], elsewhere: Member, proposal: str
) -> None:
    voter, other = three[1], three[2]
    not_found = "ResourceNotFoundException"
    assert _vote(served.company(), voter, proposal)[0] == not_found
    assert _vote(elsewhere.company, voter, proposal)[0] == not_found
    own = {"VoterMemberId": elsewhere.member_id}
    assert _vote(elsewhere.company, voter, proposal, **own)[0] == not_found
    own["NetworkId"] = elsewhere.network_id
    assert _vote(elsewhere.company, elsewhere, proposal, **own)[0] == not_found
    assert _vote(voter.company, other, proposal)[0] == not_found
    found = voter.proposal(proposal)
    assert (found["YesVoteCount"], found["OutstandingVoteCount"]) == (0, 3)


def test_a_vote_is_one_and_final_and_in_time(
    served: Served, three: list[Member], proposal: str
) -> None:
    voter = three[1]
    assert _vote(voter.company, voter, proposal, Vote="MAYBE")[0] == "InvalidRequestException"
    voter.vote(proposal, "NO")
    code, message = _vote(voter.company, voter, proposal)
    assert (code, "final" in message) == ("IllegalActionException", True)
    served.ahead += timedelta(hours=24)
    code, message = _vote(three[2].company, three[2], proposal)
    assert (code, "EXPIRED" in message) == ("IllegalActionException", True)
    found = voter.proposal(proposal)
    assert (found["YesVoteCount"], found["NoVoteCount"]) == (0, 1)


def test_who_is_removed_does_not_vote(served: Served) -> None:
    founder, second = served.consortium(2)
    other = founder.propose(Invitations=[{"Principal": NOBODY}])
    removal = founder.propose(Removals=[{"MemberId": second.member_id}])
    founder.vote(removal)
    second.vote(removal)
    assert founder.proposal(removal)["Status"] == "APPROVED"
    assert _vote(second.company, second, other)[0] in (
        "IllegalActionException",
        "ResourceNotFoundException",
    )
    founder.vote(other)
    assert founder.proposal(other)["Status"] == "APPROVED"


def test_a_proposal_is_a_members_own(three: list[Member], elsewhere: Member) -> None:
    actions = {"Invitations": [{"Principal": NOBODY}]}
    for company, ids in (
        (elsewhere.company, three[0].ids),
        (three[1].company, three[0].ids),
        (elsewhere.company, {**elsewhere.ids, "NetworkId": three[0].network_id}),
        (elsewhere.company, {**three[0].ids, "NetworkId": elsewhere.network_id}),
    ):
        code, _ = refusal(company.api.create_proposal, **ids, Actions=actions)
        assert code == "ResourceNotFoundException"


def test_nobody_is_proposed_by_itself_or_from_elsewhere(
    three: list[Member], elsewhere: Member
) -> None:
    def removal(of: Member) -> tuple[str, str]:
        return refusal(three[0].propose, Removals=[{"MemberId": of.member_id}])

    code, message = removal(three[0])
    assert (code, "the proposer itself" in message) == ("InvalidRequestException", True)
    assert removal(elsewhere)[0] == "ResourceNotFoundException"
    code, message = refusal(elsewhere.propose, Removals=[{"MemberId": elsewhere.member_id}])
    assert (code, "DeleteMember" in message) == ("InvalidRequestException", True)


def test_the_last_member_stays_until_it_deletes_itself(served: Served) -> None:
    founder, second = served.consortium(2)
    each_other = [
        founder.propose(Removals=[{"MemberId": second.member_id}]),
        second.propose(Removals=[{"MemberId": founder.member_id}]),
    ]
    second.vote(each_other[0])
    second.vote(each_other[1])
    founder.vote(each_other[1])
    assert second.proposal(each_other[1])["Status"] == "APPROVED"
    # With the founder gone the second's vote decides on itself; but it is the last one.
    assert second.proposal(each_other[0])["Status"] == "ACTION_FAILED"
    network = {"NetworkId": second.network_id}
    until(lambda: founder.company.api.list_networks()["Networks"] == [], "the founder is gone")
    assert second.company.api.get_network(**network)["Network"]["Status"] == "AVAILABLE"
    assert second.status() == "AVAILABLE"
    second.company.api.delete_member(**second.ids)
    until(lambda: second.company.api.list_networks()["Networks"] == [], "the network is gone")
    assert refusal(second.company.api.get_network, **network)[0] == "ResourceNotFoundException"


def test_an_invitation_is_used_by_whom_it_names_and_once(served: Served) -> None:
    founder, invited = served.found(served.company()), served.company()
    network_id = founder.network_id
    invitation = _invite(founder, invited)
    for thief in (founder.company, served.company()):
        code, _ = refusal(_use, thief, invitation, network_id)
        assert code == "ResourceNotFoundException"
        code, _ = refusal(thief.api.reject_invitation, InvitationId=invitation)
        assert code == "ResourceNotFoundException"
    other = served.found(invited)  # an invitation opens the network that it is for
    assert refusal(_use, invited, invitation, other.network_id)[0] == "ResourceNotFoundException"
    joined(accept(invited, "org2"))
    code, message = refusal(_use, invited, invitation, network_id, "org3")
    assert (code, "is ACCEPTED" in message) == ("IllegalActionException", True)
    code, _ = refusal(invited.api.reject_invitation, InvitationId=invitation)
    assert code == "IllegalActionException"


def test_a_rejected_or_expired_invitation_is_over(served: Served) -> None:
    founder, invited = served.found(served.company()), served.company()
    rejected, expired = _invite(founder, invited), _invite(founder, invited)
    invited.api.reject_invitation(InvitationId=rejected)
    served.ahead += timedelta(hours=24)
    for invitation, status in ((rejected, "REJECTED"), (expired, "EXPIRED")):
        for call in (
            lambda it=invitation: _use(invited, it, founder.network_id),
            lambda it=invitation: invited.api.reject_invitation(InvitationId=it),
        ):
            code, message = refusal(call)
            assert (code, f"is {status}" in message) == ("IllegalActionException", True)
    network = {"NetworkId": founder.network_id}
    assert refusal(invited.api.get_network, **network)[0] == "ResourceNotFoundException"


@pytest.fixture
def gate(served: Served) -> Iterator[threading.Event]:
    """While it is not set, no certificate authority becomes ready."""
    opened = threading.Event()
    served.hold = lambda point: None if "await" not in point else _wait(opened)
    yield opened
    opened.set()
    served.hold = lambda _point: None


def _wait(opened: threading.Event) -> None:
    assert opened.wait(30)


def test_an_invitation_may_expire_while_it_is_being_used(
    served: Served, gate: threading.Event
) -> None:
    gate.set()
    founder, invited = served.found(served.company()), served.company()
    _invite(founder, invited)
    gate.clear()
    member = accept(invited, "slow")
    served.ahead += timedelta(hours=25)
    (invitation,) = invited.api.list_invitations()["Invitations"]
    assert invitation["Status"] == "ACCEPTING"
    network = {"NetworkId": founder.network_id}
    assert invited.api.get_network(**network)["Network"]["Status"] == "AVAILABLE"
    gate.set()
    joined(member)
    (invitation,) = invited.api.list_invitations()["Invitations"]
    assert invitation["Status"] == "ACCEPTED"


def test_a_number_is_invited_before_there_is_an_account(served: Served) -> None:
    founder, number = served.found(served.company()), "210987654321"
    founder.vote(founder.propose(Invitations=[{"Principal": number}]))
    late = served.company(number)
    assert len(pending(late)) == 1
    joined(accept(late, "late"))


def test_a_token_is_an_accounts_own(served: Served, three: list[Member]) -> None:
    request = network_request(ClientRequestToken="the-same")
    made = [served.company().api.create_network(**request)["NetworkId"] for _ in range(2)]
    assert made[0] != made[1]
    proposals = {
        member.company.api.create_proposal(
            **member.ids,
            ClientRequestToken="the-same",
            Actions={"Invitations": [{"Principal": NOBODY}]},
        )["ProposalId"]
        for member in three
        for _ in range(2)
    }
    assert len(proposals) == len(three)


def _calls(member: Member, node: str, proposal: str, invitation: str) -> dict[str, dict[str, Any]]:
    """A request for every operation that names a resource, by operation."""
    network, ids = {"NetworkId": member.network_id}, member.ids
    of_node, of_proposal = {**ids, "NodeId": node}, {**network, "ProposalId": proposal}
    arn = f"arn:aws:managedblockchain:us-east-1:{member.company.account_id}:members/"
    tagged = {"ResourceArn": arn + member.member_id}
    return {
        "get_network": network,
        "list_members": network,
        "list_nodes": network,
        "list_proposals": network,
        "get_member": ids,
        "update_member": {**ids, "LogPublishingConfiguration": {}},
        "delete_member": ids,
        "create_node": {**ids, "NodeConfiguration": {"InstanceType": "bc.t3.small"}},
        "get_node": of_node,
        "update_node": {**of_node, "LogPublishingConfiguration": {}},
        "delete_node": of_node,
        "create_proposal": {**ids, "Actions": {"Invitations": [{"Principal": NOBODY}]}},
        "get_proposal": of_proposal,
        "list_proposal_votes": of_proposal,
        "vote_on_proposal": {**of_proposal, "VoterMemberId": member.member_id, "Vote": "NO"},
        "create_member": {
            **network,
            "InvitationId": invitation,
            "MemberConfiguration": member_configuration("x"),
        },
        "reject_invitation": {"InvitationId": invitation},
        "tag_resource": {**tagged, "Tags": {"a": "b"}},
        "untag_resource": {**tagged, "TagKeys": ["a"]},
        "list_tags_for_resource": tagged,
    }


def test_what_is_others_is_answered_as_what_is_not_there(served: Served) -> None:
    owner, stranger = served.found(served.company()), served.company()
    node = owner.company.api.create_node(
        **owner.ids, NodeConfiguration={"InstanceType": "bc.t3.small"}
    )["NodeId"]
    proposal = owner.propose(Invitations=[{"Principal": NOBODY}])
    invitation = _invite(owner, owner.company)
    theirs = _calls(owner, node, proposal, invitation)
    nothing = Member(owner.company, f"n-{ABSENT}", f"m-{ABSENT}")
    absent = _calls(nothing, f"nd-{ABSENT}", f"p-{ABSENT}", f"in-{ABSENT}")
    for operation, request in theirs.items():
        answers = [
            refusal(getattr(stranger.api, operation), **asked)
            for asked in (request, absent[operation])
        ]
        assert answers[0][0] == answers[1][0] == "ResourceNotFoundException", operation
        for real, made_up in zip(_ids(request), _ids(absent[operation]), strict=True):
            answers[0] = (answers[0][0], answers[0][1].replace(real, made_up))
        assert answers[0] == answers[1], operation
    assert owner.status() == "AVAILABLE"
    assert owner.proposal(proposal)["NoVoteCount"] == 0


def _ids(request: dict[str, Any]) -> list[str]:
    names = [name for name in request if name.endswith("Id")]
    arns = [request["ResourceArn"]] if "ResourceArn" in request else []
    return [*(request[name] for name in names), *arns]
