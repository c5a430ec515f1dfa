"""When a proposal is decided: AMB's voting rules, in integers.

AMB guide, "Understanding the Proposal Lifecycle": the YES votes, as a share of all members, have to
be greater than (or equal to) the threshold; a proposal is approved or rejected as soon as the votes
still outstanding cannot change that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProposalStatus(StrEnum):
    IN_PROGRESS = "IN_PROGRESS"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    ACTION_FAILED = "ACTION_FAILED"


class InvitationStatus(StrEnum):
    PENDING = "PENDING"
    ACCEPTING = "ACCEPTING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class VotingPolicy:
    """``comparator`` is GREATER_THAN or GREATER_THAN_OR_EQUAL_TO; ``percentage`` is 0 to 100."""

    percentage: int
    comparator: str

    def is_met(self, yes: int, total: int) -> bool:
        """Whether ``yes`` votes of ``total`` members pass the threshold."""
        share, threshold = yes * 100, self.percentage * total
        return share > threshold if self.comparator == "GREATER_THAN" else share >= threshold


def decide(policy: VotingPolicy, yes: int, no: int, outstanding: int) -> ProposalStatus:
    """APPROVED or REJECTED once that is certain, else IN_PROGRESS.

    ``outstanding`` members may still vote. A vote is final, also when its member has left since.
    """
    total = yes + no + outstanding
    if total == 0:
        return ProposalStatus.IN_PROGRESS  # nobody is left to decide it
    if policy.is_met(yes, total):
        return ProposalStatus.APPROVED
    if not policy.is_met(yes + outstanding, total):
        return ProposalStatus.REJECTED
    return ProposalStatus.IN_PROGRESS
