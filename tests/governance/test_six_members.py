"""The guide's examples of a vote, by API calls, while the clock moves.

AMB guide, "Understanding the Proposal Lifecycle": six members, more than half of which have to say
YES within 24 hours; Org3 proposes to invite account 123456789012.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.governance.served import Company, Member, Served, pending, refusal, until

from hansa.store.proposals import get_proposal

INVITED = "123456789012"


@pytest.fixture(scope="module")
def six(served: Served) -> list[Member]:
    return served.consortium(6)


@pytest.fixture(scope="module")
def invited(served: Served) -> Company:
    return served.company(INVITED)


def _vote(six: list[Member], votes: str) -> str:
    """Org3's proposal, on which the members vote in turn; ``.`` is a member that does not."""
    proposal_id = six[2].propose(Invitations=[{"Principal": INVITED}])
    for member, vote in zip(six, votes, strict=True):
        if vote != ".":
            assert member.proposal(proposal_id)["Status"] == "IN_PROGRESS"
            member.vote(proposal_id, "YES" if vote == "Y" else "NO")
    return proposal_id


def _counts(member: Member, proposal_id: str) -> tuple[str, int, int, int]:
    found = member.proposal(proposal_id)
    counts = (found[f"{name}VoteCount"] for name in ("Yes", "No", "Outstanding"))
    return (found["Status"], *counts)


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ("YYYNNY", ("APPROVED", 4, 2, 0)),
        ("YYYY..", ("APPROVED", 4, 0, 0)),
        ("YNYNYN", ("REJECTED", 3, 3, 0)),
        (".NN.N.", ("REJECTED", 0, 3, 0)),
    ],
    ids=["approved-full", "approved-partial", "rejected-full", "rejected-partial"],
)
def test_votes_decide(
    served: Served,
    six: list[Member],
    invited: Company,
    votes: str,
    outcome: tuple[str, int, int, int],
) -> None:
    before = len(pending(invited))
    proposal_id = _vote(six, votes)
    assert _counts(six[0], proposal_id) == outcome
    assert len(pending(invited)) == before + (outcome[0] == "APPROVED")
    code, message = refusal(six[5].vote, proposal_id)
    assert code == "IllegalActionException"
    assert outcome[0] in message
    served.ahead += timedelta(hours=25)
    assert _counts(six[0], proposal_id) == outcome


def test_too_few_votes_in_time_decide_nothing(
    served: Served, six: list[Member], invited: Company
) -> None:
    proposal_id = _vote(six, "YYYNN.")
    served.ahead += timedelta(hours=23, minutes=59)
    assert _counts(six[0], proposal_id) == ("IN_PROGRESS", 3, 2, 1)
    served.ahead += timedelta(minutes=1)
    assert _counts(six[0], proposal_id) == ("EXPIRED", 3, 2, 0)
    code, message = refusal(six[5].vote, proposal_id)
    assert (code, "EXPIRED" in message) == ("IllegalActionException", True)
    assert pending(invited) == []

    def recorded() -> bool:
        with served.store.read() as session:
            proposal = get_proposal(session, six[0].network_id, proposal_id)
            return proposal is not None and proposal.status == "EXPIRED"

    until(recorded, "the deadline is recorded by itself")
