"""Networks, and who may see them."""

from __future__ import annotations

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Status
from hansa.domain.voting import InvitationStatus
from hansa.store.tables import Invitation, Member, Network


def visible_to(account_id: str) -> Select[Network]:
    """Networks that the account has a member in; one that ends is shown to its last members."""
    membership = exists().where(
        Member.network_id == Network.id,
        Member.account_id == account_id,
        or_(
            Member.status != Status.DELETED,
            Network.status.in_((Status.DELETING, Status.DELETED)),
        ),
    )
    return select(Network).where(membership)


def get_invited_network(session: Session, account_id: str, network_id: str) -> Network | None:
    """The network, if the account has an open invitation to it."""
    invited = exists().where(
        Invitation.network_id == Network.id,
        Invitation.account_id == account_id,
        Invitation.status.in_((InvitationStatus.PENDING, InvitationStatus.ACCEPTING)),
    )
    query = select(Network).where(Network.id == network_id, invited)
    return session.scalars(query).one_or_none()


def get_network(session: Session, network_id: str) -> Network | None:
    return session.scalars(select(Network).where(Network.id == network_id)).one_or_none()


def get_visible_network(session: Session, account_id: str, network_id: str) -> Network | None:
    return session.scalars(visible_to(account_id).where(Network.id == network_id)).one_or_none()


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
