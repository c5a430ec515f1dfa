"""Proposals and the votes on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hansa.domain.voting import ProposalStatus
from hansa.store.tables import Proposal, Vote


def proposals_of(network_id: str) -> Select[Proposal]:
    return select(Proposal).where(Proposal.network_id == network_id)


def get_proposal(session: Session, network_id: str, proposal_id: str) -> Proposal | None:
    query = proposals_of(network_id).where(Proposal.id == proposal_id)
    return session.scalars(query).one_or_none()


def open_proposals(session: Session, network_id: str) -> Sequence[Proposal]:
    """The network's proposals that are IN_PROGRESS, oldest first."""
    query = proposals_of(network_id).where(Proposal.status == ProposalStatus.IN_PROGRESS)
    return session.scalars(query.order_by(Proposal.number)).all()


def overdue_proposals(session: Session, now: datetime) -> Sequence[Proposal]:
    """All proposals that are IN_PROGRESS though their time is over, oldest first."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.status == ProposalStatus.IN_PROGRESS, Proposal.expires_at <= now)
        .order_by(Proposal.number)
    ).all()


def votes_on(proposal_id: str) -> Select[Vote]:
    return select(Vote).where(Vote.proposal_id == proposal_id)


def get_votes(session: Session, proposal_id: str) -> Sequence[Vote]:
    """The votes cast, in order."""
    return session.scalars(votes_on(proposal_id).order_by(Vote.number)).all()
