"""Votes are counted as an independent, slow oracle counts them."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hansa.domain.voting import ProposalStatus, VotingPolicy, decide

COMPARATORS = ["GREATER_THAN", "GREATER_THAN_OR_EQUAL_TO"]


def passes(policy: VotingPolicy, votes: tuple[str, ...]) -> bool:
    """Whether a full vote passes, by the words of the guide and in exact fractions."""
    share = Fraction(votes.count("YES"), len(votes))
    threshold = Fraction(policy.percentage, 100)
    return share > threshold if policy.comparator == "GREATER_THAN" else share >= threshold


def oracle(policy: VotingPolicy, yes: int, no: int, outstanding: int) -> ProposalStatus:
    """Tries every way that the outstanding votes may be cast."""
    cast = ("YES",) * yes + ("NO",) * no
    ends = {
        passes(policy, cast + rest) for rest in itertools.product(("YES", "NO"), repeat=outstanding)
    }
    if ends == {True}:
        return ProposalStatus.APPROVED
    return ProposalStatus.REJECTED if ends == {False} else ProposalStatus.IN_PROGRESS


@given(
    percentage=st.integers(0, 100),
    comparator=st.sampled_from(COMPARATORS),
    votes=st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)).filter(sum),
)
def test_decisions_agree_with_the_oracle(
    percentage: int, comparator: str, votes: tuple[int, int, int]
) -> None:
    policy = VotingPolicy(percentage, comparator)
    assert decide(policy, *votes) is oracle(policy, *votes)


@pytest.mark.parametrize(
    ("yes", "no", "status"),
    [
        (4, 2, "APPROVED"),  # full vote
        (4, 0, "APPROVED"),  # partial vote, enough YES
        (3, 3, "REJECTED"),  # full vote, not greater than half
        (0, 3, "REJECTED"),  # partial vote, enough NO
        (3, 2, "IN_PROGRESS"),  # one vote decides; at the deadline it expires
        (2, 2, "IN_PROGRESS"),
    ],
)
def test_the_guides_six_members(yes: int, no: int, status: str) -> None:
    """AMB guide, "Understanding the Proposal Lifecycle": 50 %, greater than, six members."""
    assert decide(VotingPolicy(50, "GREATER_THAN"), yes, no, 6 - yes - no) == status


def test_the_models_example_of_ten_members() -> None:
    """The service model: 50 % GREATER_THAN of ten members takes six YES votes."""
    policy = VotingPolicy(50, "GREATER_THAN")
    assert decide(policy, 5, 0, 5) is ProposalStatus.IN_PROGRESS
    assert decide(policy, 6, 0, 4) is ProposalStatus.APPROVED


def test_thresholds_that_decide_without_a_vote() -> None:
    assert decide(VotingPolicy(0, "GREATER_THAN_OR_EQUAL_TO"), 0, 0, 3) is ProposalStatus.APPROVED
    assert decide(VotingPolicy(100, "GREATER_THAN"), 0, 0, 3) is ProposalStatus.REJECTED
    assert decide(VotingPolicy(100, "GREATER_THAN"), 0, 0, 0) is ProposalStatus.IN_PROGRESS
