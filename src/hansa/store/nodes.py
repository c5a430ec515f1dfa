"""Peer nodes of members."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Status
from hansa.store.pages import Listing
from hansa.store.tables import Node

_OF_NETWORK = select(Node).where(Node.network_id == bindparam("network_id"))
_OF_ID = _OF_NETWORK.where(Node.id == bindparam("node_id"))
_PRESENT = (
    select(Node)
    .where(Node.member_id == bindparam("member_id"), Node.status != Status.DELETED)
    .order_by(Node.number)
)

NODES_OF_NETWORK = Listing(Node, _OF_NETWORK)
"""The nodes of the network ``network_id``."""


def get_node(session: Session, network_id: str, node_id: str) -> Node | None:
    return session.scalars(_OF_ID, {"network_id": network_id, "node_id": node_id}).one_or_none()


def present_nodes(session: Session, member_id: str) -> Sequence[Node]:
    """The member's nodes that are not deleted, oldest first."""
    return session.scalars(_PRESENT, {"member_id": member_id}).all()
