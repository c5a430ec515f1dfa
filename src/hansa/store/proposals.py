"""Proposals and the votes on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hansa.domain.operation import OperationStatus
from hansa.domain.voting import ProposalStatus
from hansa.store.events import record_proposal_event
from hansa.store.networks import require_network
from hansa.store.operations import end_operation, operation_of_proposal
from hansa.store.pages import Listing
from hansa.store.tables import Network, Proposal, Vote

_OF_NETWORK = select(Proposal).where(Proposal.network_id == bindparam("network_id"))
_OF_ID = _OF_NETWORK.where(Proposal.id == bindparam("proposal_id"))
_OPEN = _OF_NETWORK.where(Proposal.status == ProposalStatus.IN_PROGRESS).order_by(Proposal.number)
_OVERDUE = (
    select(Proposal)
    .where(Proposal.status == ProposalStatus.IN_PROGRESS, Proposal.expires_at <= bindparam("now"))
    .order_by(Proposal.number)
)
_VOTES = select(Vote).where(Vote.proposal_id == bindparam("proposal_id"))

PROPOSALS_OF_NETWORK = Listing(Proposal, _OF_NETWORK)
"""The proposals of the network ``network_id``."""

VOTES_ON_PROPOSAL = Listing(Vote, _VOTES)
"""The votes cast on the proposal ``proposal_id``."""


def get_proposal(session: Session, network_id: str, proposal_id: str) -> Proposal | None:
    values = {"network_id": network_id, "proposal_id": proposal_id}
    return session.scalars(_OF_ID, values).one_or_none()


def open_proposals(session: Session, network_id: str) -> Sequence[Proposal]:
    """The network's proposals that are IN_PROGRESS, oldest first."""
    return session.scalars(_OPEN, {"network_id": network_id}).all()


def overdue_proposals(session: Session, now: datetime) -> Sequence[Proposal]:
    """All proposals that are IN_PROGRESS though their time is over, oldest first."""
    return session.scalars(_OVERDUE, {"now": now}).all()


def expire_proposal(session: Session, network: Network, proposal: Proposal, now: datetime) -> None:
    """Record that the time of ``proposal``, which is IN_PROGRESS, is over."""
    proposal.status = ProposalStatus.EXPIRED
    operation = operation_of_proposal(session, proposal.id)
    if operation is not None:
        reason = f"Proposal {proposal.id} expired before enough members had voted for it"
        end_operation(operation, OperationStatus.FAILED, reason, now)
    record_proposal_event(session, network, proposal, now)


def fail_proposal(
    session: Session, network_id: str, proposal_id: str, reason: str, now: datetime
) -> None:
    """Record that what was approved could not be done."""
    proposal = get_proposal(session, network_id, proposal_id)
    if proposal is None:
        return
    proposal.status = ProposalStatus.ACTION_FAILED
    proposal.status_reason = reason
    record_proposal_event(session, require_network(session, network_id), proposal, now)


def get_votes(session: Session, proposal_id: str) -> Sequence[Vote]:
    """The votes cast, in order."""
    return session.scalars(_VOTES.order_by(Vote.number), {"proposal_id": proposal_id}).all()
