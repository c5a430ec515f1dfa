"""Members of networks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Status
from hansa.store.tables import Member


def members_of(network_id: str) -> Select[Member]:
    return select(Member).where(Member.network_id == network_id)


def get_member(session: Session, network_id: str, member_id: str) -> Member | None:
    return session.scalars(members_of(network_id).where(Member.id == member_id)).one_or_none()


def member_named(session: Session, network_id: str, name: str) -> Member | None:
    """The network's member of this name that is not deleted."""
    return session.scalars(
        members_of(network_id).where(Member.name == name, Member.status != Status.DELETED)
    ).first()


def present_members(session: Session, network_id: str) -> Sequence[Member]:
    """The members that are not deleted, oldest first."""
    return session.scalars(
        members_of(network_id).where(Member.status != Status.DELETED).order_by(Member.number)
    ).all()
