"""Networks, and who may see them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from hansa.domain.lifecycle import Status
from hansa.domain.voting import InvitationStatus
from hansa.store.pages import Listing
from hansa.store.tables import Invitation, Member, Network, Transition

_ended, _left = aliased(Transition), aliased(Transition)
_ENDED_WITH_MEMBER = (
    exists()
    .where(
        and_(_ended.resource_id == Network.id, _ended.after == Status.DELETING),
        and_(_left.resource_id == Member.id, _left.after == Status.DELETED),
        _ended.number < _left.number,
    )
    .correlate(Network, Member)
)
# Statements are made once: to make one takes SQLAlchemy longer than to run it.
_VISIBLE = select(Network).where(
    exists().where(
        Member.network_id == Network.id,
        Member.account_id == bindparam("account_id"),
        or_(
            Member.status != Status.DELETED,
            and_(Network.status.in_((Status.DELETING, Status.DELETED)), _ENDED_WITH_MEMBER),
        ),
    )
)
_VISIBLE_OF_ID = _VISIBLE.where(Network.id == bindparam("network_id"))
_OF_ID = select(Network).where(Network.id == bindparam("network_id"))

_INVITED_OF_ID = _OF_ID.where(
    exists().where(
        Invitation.network_id == Network.id,
        Invitation.account_id == bindparam("account_id"),
        or_(
            Invitation.status == InvitationStatus.ACCEPTING,
            and_(
                Invitation.status == InvitationStatus.PENDING,
                Invitation.expires_at > bindparam("now"),
            ),
        ),
    )
)

VISIBLE_NETWORKS = Listing(Network, _VISIBLE)
"""Networks that the account ``account_id`` has a member in.

One that ends stays visible to its last members, and to nobody who left it before.
"""


def get_invited_network(
    session: Session, account_id: str, network_id: str, now: datetime
) -> Network | None:
    """The network, if the account has an open invitation to it."""
    values = {"account_id": account_id, "network_id": network_id, "now": now}
    return session.scalars(_INVITED_OF_ID, values).one_or_none()


def get_network(session: Session, network_id: str) -> Network | None:
    return session.scalars(_OF_ID, {"network_id": network_id}).one_or_none()


def require_network(session: Session, network_id: str) -> Network:
    """The network that another row refers to. Raises ``LookupError``."""
    network = get_network(session, network_id)
    if network is None:
        raise LookupError(f"network {network_id} is not in the store")
    return network


def get_visible_network(session: Session, account_id: str, network_id: str) -> Network | None:
    """The network, if it is one of the account's :data:`VISIBLE_NETWORKS`."""
    values = {"account_id": account_id, "network_id": network_id}
    return session.scalars(_VISIBLE_OF_ID, values).one_or_none()


def network_named(session: Session, account_id: str, name: str) -> Network | None:
    """The network of this name that the account made and that is not deleted."""
    return session.scalars(
        select(Network).where(
            Network.account_id == account_id,
            Network.name == name,
            Network.status != Status.DELETED,
        )
    ).first()


def count_networks(session: Session, account_id: str, edition: str) -> int:
    """Networks of ``edition`` that the account made and that are not deleted."""
    return session.scalar(
        select(func.count())
        .select_from(Network)
        .where(
            Network.account_id == account_id,
            Network.edition == edition,
            Network.status != Status.DELETED,
        )
    ) or 0  # fmt: skip
