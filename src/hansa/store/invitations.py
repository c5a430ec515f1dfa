"""Invitations of accounts to networks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Status
from hansa.domain.voting import InvitationStatus
from hansa.store.events import record_invitation_event
from hansa.store.networks import get_network
from hansa.store.pages import Listing
from hansa.store.tables import Invitation, Member

_OF_ACCOUNT = select(Invitation).where(Invitation.account_id == bindparam("account_id"))
_OF_ID = _OF_ACCOUNT.where(Invitation.id == bindparam("invitation_id"))

INVITATIONS_OF_ACCOUNT = Listing(Invitation, _OF_ACCOUNT)
"""All invitations that the account ``account_id`` was ever sent."""


def get_invitation(session: Session, account_id: str, invitation_id: str) -> Invitation | None:
    values = {"account_id": account_id, "invitation_id": invitation_id}
    return session.scalars(_OF_ID, values).one_or_none()


def invitation_of_member(session: Session, member_id: str) -> Invitation | None:
    """The invitation that the member was made of."""
    query = select(Invitation).where(Invitation.member_id == member_id)
    return session.scalars(query).one_or_none()


def pending_invitations(session: Session, network_id: str, now: datetime) -> Sequence[Invitation]:
    """The network's invitations that may still be used, oldest first."""
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.network_id == network_id,
            Invitation.status == InvitationStatus.PENDING,
            Invitation.expires_at > now,
        )
        .order_by(Invitation.number)
    ).all()


def overdue_invitations(session: Session, now: datetime) -> Sequence[Invitation]:
    """All invitations that are PENDING though their time is over, oldest first."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.status == InvitationStatus.PENDING, Invitation.expires_at <= now)
        .order_by(Invitation.number)
    ).all()


def settle_invitation(session: Session, member: Member, now: datetime) -> None:
    """Follow the member that was made of an invitation: ACCEPTED once it is AVAILABLE.

    Where its creation failed the invitation may be used again, for as long as it had. A member that
    is removed while it is CREATING has used it up.
    """
    invitation = invitation_of_member(session, member.id)
    network = get_network(session, member.network_id)
    if invitation is None or network is None:
        return
    if member.status in (Status.AVAILABLE, Status.DELETING):
        invitation.status = InvitationStatus.ACCEPTED
    elif member.status == Status.CREATE_FAILED:
        over = invitation.expires_at <= now
        invitation.status = InvitationStatus.EXPIRED if over else InvitationStatus.PENDING
        invitation.member_id = None
    record_invitation_event(session, network, invitation, now)
