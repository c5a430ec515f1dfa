"""Peer nodes of members."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Status
from hansa.store.tables import Node


def nodes_of(network_id: str) -> Select[Node]:
    return select(Node).where(Node.network_id == network_id)


def get_node(session: Session, network_id: str, node_id: str) -> Node | None:
    return session.scalars(nodes_of(network_id).where(Node.id == node_id)).one_or_none()


def present_nodes(session: Session, member_id: str) -> Sequence[Node]:
    """The member's nodes that are not deleted, oldest first."""
    return session.scalars(
        select(Node)
        .where(Node.member_id == member_id, Node.status != Status.DELETED)
        .order_by(Node.number)
    ).all()
