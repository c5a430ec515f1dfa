"""Members of networks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Status
from hansa.store.pages import Listing
from hansa.store.tables import Member

_OF_NETWORK = select(Member).where(Member.network_id == bindparam("network_id"))
_OF_ID = _OF_NETWORK.where(Member.id == bindparam("member_id"))
_NAMED = _OF_NETWORK.where(Member.name == bindparam("name"), Member.status != Status.DELETED)
_PRESENT = _OF_NETWORK.where(Member.status != Status.DELETED).order_by(Member.number)

MEMBERS_OF_NETWORK = Listing(Member, _OF_NETWORK)
"""The members of the network ``network_id``."""


def get_member(session: Session, network_id: str, member_id: str) -> Member | None:
    values = {"network_id": network_id, "member_id": member_id}
    return session.scalars(_OF_ID, values).one_or_none()


def member_named(session: Session, network_id: str, name: str) -> Member | None:
    """The network's member of this name that is not deleted."""
    return session.scalars(_NAMED, {"network_id": network_id, "name": name}).first()


def present_members(session: Session, network_id: str) -> Sequence[Member]:
    """The members that are not deleted, oldest first."""
    return session.scalars(_PRESENT, {"network_id": network_id}).all()
