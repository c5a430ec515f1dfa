"""The outbox of events, written in the transaction of what they tell.

Shapes: AMB guide, "Automating Managed Blockchain Proposal Notifications with CloudWatch Events".
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Status
from hansa.store.tables import Event, Invitation, Member, Network, Proposal

_NAMESPACE = uuid.UUID("6f8b2f8e-5a0c-4e0d-9f0c-1d8a3c1f4b52")

_OUTCOMES = {
    "APPROVED": "the proposal was approved",
    "REJECTED": "the proposal was rejected",
    "EXPIRED": "the proposal expired",
    "ACTION_FAILED": "the proposal was approved, but an action failed",
}


def record_invitation_event(
    session: Session, network: Network, invitation: Invitation, now: datetime
) -> None:
    """Tell the invited account of the invitation's status."""
    detail = {
        "invitationId": invitation.id,
        "networkId": network.id,
        "networkName": network.name,
        "status": invitation.status,
        "expirationDate": _moment(invitation.expires_at),
        "message": (
            f"You have received invitation {invitation.id} for Amazon Managed Blockchain Network "
            f"{network.id} and it will expire at {invitation.expires_at:%Y-%m-%d %H:%M} UTC."
        ),
    }
    kind = "Managed Blockchain Invitation State Change"
    _record(session, network, invitation.account_id, invitation.id, kind, detail, now)


def record_proposal_event(
    session: Session, network: Network, proposal: Proposal, now: datetime
) -> None:
    """Tell every account with a member in the network of the proposal's status."""
    detail = {
        "proposalId": proposal.id,
        "networkId": network.id,
        "status": proposal.status,
        "proposedByMemberId": proposal.member_id,
        "proposedByMemberName": proposal.member_name,
        "expirationDate": _moment(proposal.expires_at),
        "description": proposal.description,
        "message": (
            f"Voting on proposal {proposal.id} in Amazon Managed Blockchain Network {network.id} "
            f"completed at {_moment(now)} UTC and {_OUTCOMES[proposal.status]}."
        ),
    }
    kind = "Managed Blockchain Proposal State Change"
    for account_id in _member_accounts(session, network.id):
        _record(session, network, account_id, proposal.id, kind, detail, now)


def events_after(session: Session, number: int, limit: int) -> Sequence[Event]:
    """The events that came after the one of that number, oldest first."""
    query = select(Event).where(Event.number > number).order_by(Event.number).limit(limit)
    return session.scalars(query).all()


def _member_accounts(session: Session, network_id: str) -> Sequence[str]:
    return session.scalars(
        select(Member.account_id)
        .where(Member.network_id == network_id, Member.status != Status.DELETED)
        .distinct()
        .order_by(Member.account_id)
    ).all()


def _record(
    session: Session,
    network: Network,
    account_id: str,
    subject: str,
    kind: str,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    # Made of what it tells, so that one happening is never told under two ids.
    told = f"{account_id} {subject} {detail['status']} {now.isoformat()}"
    event_id = str(uuid.uuid5(_NAMESPACE, told))
    content = {
        "version": "0",
        "id": event_id,
        "detail-type": kind,
        "source": "aws.managedblockchain",
        "account": account_id,
        "time": _moment(now),
        "region": network.region,
        "resources": [],
        "detail": detail,
    }
    session.add(
        Event(id=event_id, account_id=account_id, subject=subject, content=content, created_at=now)
    )


def _moment(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
