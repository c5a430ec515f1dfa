"""What networks, members and nodes have in common: a status, its history, their disappearance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Kind, Status, check_edge
from hansa.domain.voting import InvitationStatus
from hansa.store.networks import get_visible_network
from hansa.store.tables import Accessor, Invitation, Member, Network, Node, Proposal, Transition

Resource = Network | Member | Node

_TABLES: dict[Kind, type[Network | Member | Node]] = {
    Kind.NETWORK: Network,
    Kind.MEMBER: Member,
    Kind.NODE: Node,
}


_OWNED = {"members": Member, "nodes": Node, "invitations": Invitation, "accessors": Accessor}


def kind_of(resource: Resource) -> Kind:
    return next(kind for kind, table in _TABLES.items() if isinstance(resource, table))


def get_resource(session: Session, kind: Kind, resource_id: str) -> Resource | None:
    table: Any = _TABLES[kind]
    found: Resource | None = session.scalars(
        select(table).where(table.id == resource_id)
    ).one_or_none()
    return found


def is_seen(session: Session, account_id: str, collection: str, resource_id: str) -> bool:
    """Whether a resource is the account's own, or in a network that it sees.

    ``collection`` is that of its ARN: ``members``. A network is seen by invitation too.
    """
    if collection == "networks":
        if get_visible_network(session, account_id, resource_id) is not None:
            return True
        open_ones = (InvitationStatus.PENDING, InvitationStatus.ACCEPTING)
        invited = select(Invitation.id).where(
            Invitation.network_id == resource_id,
            Invitation.account_id == account_id,
            Invitation.status.in_(open_ones),
        )
        return session.scalars(invited).first() is not None
    if collection == "proposals":
        of = select(Proposal.network_id).where(Proposal.id == resource_id)
        network_id = session.scalars(of).first() or ""
        return get_visible_network(session, account_id, network_id) is not None
    table: Any = _OWNED.get(collection)
    if table is None:
        return False
    own = select(table.id).where(table.id == resource_id, table.account_id == account_id)
    return session.scalars(own).first() is not None


def present_resources(session: Session) -> list[Resource]:
    """All networks, members and nodes that are not deleted."""
    found: list[Resource] = []
    for table in _TABLES.values():
        rows: Any = session.scalars(select(table).where(table.status != Status.DELETED))
        found.extend(rows)
    return found


def record_creation(session: Session, resource: Resource, now: datetime) -> None:
    """The first entry of the resource's history."""
    session.add(
        Transition(
            kind=kind_of(resource), resource_id=resource.id, before=None, after=resource.status,
            reason=resource.status_reason, at=now,
        )
    )  # fmt: skip


def change_status(
    session: Session, resource: Resource, after: Status, reason: str, now: datetime
) -> None:
    """Move ``resource`` along an edge of its lifecycle and record it.

    Raises :class:`hansa.domain.lifecycle.IllegalEdgeError`.
    """
    kind = kind_of(resource)
    before = Status(resource.status)
    check_edge(kind, before, after)
    resource.status = after
    resource.status_reason = reason
    if after is Status.DELETED:
        resource.deleted_at = now
    session.add(
        Transition(
            kind=kind, resource_id=resource.id, before=before, after=after, reason=reason, at=now
        )
    )


def transitions(session: Session) -> list[Transition]:
    """All changes of status, oldest first."""
    return list(session.scalars(select(Transition).order_by(Transition.number)))
