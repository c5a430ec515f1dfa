"""Votes that come at the same moment: each is counted once, and one alone decides."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from botocore.exceptions import ClientError
from sqlalchemy import select
from tests.governance.served import Member, Served, member_configuration, pending

from hansa.store.tables import Invitation

THREADS = 20
ROUNDS = 10
MEMBERS, PROPOSALS = 20, 50


def _at_once(calls: Sequence[Callable[[], None]]) -> list[str]:
    """What the calls, made by as many threads at one moment, were answered: a code or nothing."""
    barrier = threading.Barrier(len(calls))

    def call(act: Callable[[], None]) -> str:
        barrier.wait(30)
        return _code(act)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(call, calls))


def _code(act: Callable[[], None]) -> str:
    try:
        act()
    except ClientError as fault:
        assert fault.response["ResponseMetadata"]["HTTPStatusCode"] < 500  # noqa: PT017
        return str(fault.response["Error"]["Code"])
    return ""


def test_of_two_last_votes_one_decides(served: Served) -> None:
    three, invited = served.consortium(3), served.company()
    for _ in range(ROUNDS):
        before = len(pending(invited))
        proposal = three[0].propose(Invitations=[{"Principal": invited.account_id}])
        three[0].vote(proposal)
        answers = _at_once([partial(member.vote, proposal) for member in three[1:]])
        assert sorted(answers) == ["", "IllegalActionException"]
        found = three[0].proposal(proposal)
        assert (found["Status"], found["YesVoteCount"]) == ("APPROVED", 2)
        assert len(pending(invited)) == before + 1


def test_one_invitation_makes_one_member(served: Served) -> None:
    """However often, and with however many tokens, it is used at one moment."""
    founder, invited = served.found(served.company()), served.company()
    founder.vote(founder.propose(Invitations=[{"Principal": invited.account_id}]))
    request = {
        "InvitationId": pending(invited)[0]["InvitationId"],
        "NetworkId": founder.network_id,
    }
    configurations = [member_configuration(f"org{number}") for number in range(2, 10)]
    answers = _at_once(
        [
            partial(invited.api.create_member, **request, MemberConfiguration=configuration)
            for configuration in configurations
        ]
    )
    assert Counter(answers) == {"": 1, "IllegalActionException": 7}
    listed = founder.company.api.list_members(NetworkId=founder.network_id)["Members"]
    assert len(listed) == 2


def test_a_thousand_votes_at_once_are_counted_once_each(served: Served) -> None:
    """All have to say YES, so that the last vote of each proposal decides; some vote twice."""
    members = served.consortium(MEMBERS, threshold=100, comparator="GREATER_THAN_OR_EQUAL_TO")
    accounts = [f"{number:012d}" for number in range(PROPOSALS)]
    proposals = [members[0].propose(Invitations=[{"Principal": it}]) for it in accounts]
    votes = [(member, proposal) for proposal in proposals for member in members]
    twice = votes[:: len(votes) // 50]

    def cast(vote: tuple[Member, str]) -> str:
        member, proposal = vote
        return _code(lambda: member.vote(proposal))

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(cast, [*votes, *twice]))
    assert Counter(answers) == {"": len(votes), "IllegalActionException": len(twice)}
    for proposal in proposals:
        found = members[0].proposal(proposal)
        assert (found["Status"], found["YesVoteCount"]) == ("APPROVED", MEMBERS)
        ids = {"NetworkId": members[0].network_id, "ProposalId": proposal}
        listed = members[0].company.api.list_proposal_votes(**ids)["ProposalVotes"]
        assert Counter(vote["MemberId"] for vote in listed) == Counter(
            member.member_id for member in members
        )
    with served.store.read() as session:
        invited = session.scalars(
            select(Invitation.account_id).where(Invitation.network_id == members[0].network_id)
        )
        assert sorted(invited) == sorted([*accounts, *(m.company.account_id for m in members[1:])])
