"""The outbox of events, written with their deliveries in the transaction of what they tell.

Shapes: AMB guide, "Automating Managed Blockchain Proposal Notifications with CloudWatch Events".
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hansa.domain.events import DetailType
from hansa.domain.lifecycle import Status
from hansa.store.deliveries import begin_delivery
from hansa.store.event_targets import targets_of_account
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
    account_id, kind = invitation.account_id, DetailType.INVITATION
    _record(session, network, account_id, invitation.id, kind, detail, now)


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
            f"completed at {now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} UTC and "
            f"{_OUTCOMES[proposal.status]}."
        ),
    }
    for account_id in _member_accounts(session, network.id):
        _record(session, network, account_id, proposal.id, DetailType.PROPOSAL, detail, now)


def get_event(session: Session, event_id: str) -> Event | None:
    return session.scalars(select(Event).where(Event.id == event_id)).one_or_none()


def events_after(
    session: Session, number: int, limit: int, account_id: str | None = None
) -> Sequence[Event]:
    """The events after the one of that number, of one account or of all; oldest first."""
    query = select(Event).where(Event.number > number, *_of(account_id))
    return session.scalars(query.order_by(Event.number).limit(limit)).all()


def latest_events(
    session: Session, limit: int | None, since: datetime | None, account_id: str | None = None
) -> Sequence[Event]:
    """The last ``limit`` events, no older than ``since``; None is no bound. Oldest first."""
    query = select(Event).where(*_of(account_id)).order_by(Event.number.desc())
    if since is not None:
        query = query.where(Event.created_at >= since)
    return session.scalars(query.limit(limit)).all()[::-1]


def last_event_number(session: Session) -> int:
    """The number of the newest event; 0 where there was none."""
    return session.scalar(select(func.max(Event.number))) or 0


def _of(account_id: str | None) -> list[ColumnElement[bool]]:
    return [] if account_id is None else [Event.account_id == account_id]


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
    kind: DetailType,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    # Made of what it tells, so that one happening is never told under two ids.
    told = f"{account_id} {subject} {detail['status']} {now.isoformat()}"
    event_id = str(uuid.uuid5(_NAMESPACE, told))
    content: dict[str, Any] = {
        "version": "0",
        "id": event_id,
        "detail-type": kind.value,
        "source": "aws.managedblockchain",
        "account": account_id,
        "time": _moment(now),
        "region": network.region,
        "resources": [],
        "detail": detail,
    }
    event = Event(
        id=event_id, account_id=account_id, subject=subject, content=content, created_at=now
    )
    session.add(event)
    session.flush()
    for target in targets_of_account(session, account_id):
        if target.filter.matches(content):
            begin_delivery(session, target, event, now)


def _moment(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
