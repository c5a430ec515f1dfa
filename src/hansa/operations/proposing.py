"""Making a proposal, whatever it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hansa.domain import names
from hansa.domain.errors import ResourceNotReadyError
from hansa.domain.lifecycle import Status
from hansa.domain.voting import ProposalStatus
from hansa.operations.context import OperationContext
from hansa.store.database import Session
from hansa.store.tables import Member, Network, Proposal


def open_proposal(
    context: OperationContext,
    session: Session,
    network: Network,
    member: Member,
    description: str | None,
    *,
    invitations: Sequence[str] = (),
    removals: Sequence[str] = (),
) -> Proposal:
    """A proposal of ``member``, IN_PROGRESS. It is for the caller to settle it."""
    now = context.now()
    proposal = Proposal(
        id=names.new_id("proposal", context.choice),
        network_id=network.id,
        member_id=member.id,
        member_name=member.name,
        description=description,
        invitations=[*invitations],
        removals=[*removals],
        status=ProposalStatus.IN_PROGRESS,
        status_reason="",
        created_at=now,
        expires_at=now + timedelta(hours=network.proposal_duration_hours),
    )
    session.add(proposal)
    session.flush()
    return proposal


def check_may_take_part(network: Network, member: Member) -> None:
    """Raise :class:`ResourceNotReadyError` unless network and member are AVAILABLE."""
    for noun, resource in (("Network", network), ("Member", member)):
        if resource.status not in (Status.AVAILABLE, Status.UPDATING):
            raise ResourceNotReadyError(
                f"{noun} {resource.id} is {resource.status}; "
                "a proposal can be made once it is AVAILABLE"
            )
