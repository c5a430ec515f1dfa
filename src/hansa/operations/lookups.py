"""Finding what a request names, or answering ResourceNotFound as AMB does.

An id that exists but may not be seen is answered as one that does not exist.
"""

from __future__ import annotations

from hansa.domain.caller import Caller
from hansa.domain.errors import ResourceNotFoundError
from hansa.domain.lifecycle import Status
from hansa.operations.context import OperationContext
from hansa.store.database import Session
from hansa.store.members import get_member
from hansa.store.networks import get_invited_network, get_visible_network
from hansa.store.nodes import get_node
from hansa.store.resources import Resource
from hansa.store.tables import Member, Network, Node


def not_found(noun: str, resource_id: str) -> ResourceNotFoundError:
    return ResourceNotFoundError(
        f"{noun} {resource_id} was not found; check the id, the region and the account",
        resource_id,
    )


def _still_shown(context: OperationContext, resource: Resource) -> bool:
    if resource.status != Status.DELETED or resource.deleted_at is None:
        return True
    age = context.now() - resource.deleted_at
    return age.total_seconds() < context.settings.deleted_seconds


def find_network(
    context: OperationContext, session: Session, caller: Caller, network_id: str
) -> Network:
    """The network, if the caller's account has a member in it, or an open invitation to it."""
    network = get_visible_network(session, caller.account_id, network_id)
    if network is None:
        network = get_invited_network(session, caller.account_id, network_id, context.now())
    if network is None or not _still_shown(context, network):
        raise not_found("Network", network_id)
    return network


def find_joined_network(
    context: OperationContext, session: Session, caller: Caller, network_id: str
) -> Network:
    """The network, if the caller's account has a member in it: an invitation is not enough."""
    network = get_visible_network(session, caller.account_id, network_id)
    if network is None or not _still_shown(context, network):
        raise not_found("Network", network_id)
    return network


def find_member(
    context: OperationContext, session: Session, caller: Caller, network_id: str, member_id: str
) -> Member:
    """A member of a network that the caller sees."""
    network = find_network(context, session, caller, network_id)
    member = get_member(session, network.id, member_id)
    if member is None or not _still_shown(context, member):
        raise not_found("Member", member_id)
    return member


def find_own_member(
    context: OperationContext, session: Session, caller: Caller, network_id: str, member_id: str
) -> Member:
    """A member of the caller's own account."""
    member = find_member(context, session, caller, network_id, member_id)
    if member.account_id != caller.account_id:
        raise not_found("Member", member_id)
    return member


def find_own_node(
    context: OperationContext,
    session: Session,
    caller: Caller,
    network_id: str,
    node_id: str,
    member_id: str | None,
) -> Node:
    """A node of the caller's own account; of ``member_id``, where it is given."""
    network = find_network(context, session, caller, network_id)
    node = get_node(session, network.id, node_id)
    if (
        node is None
        or node.account_id != caller.account_id
        or (member_id is not None and node.member_id != member_id)
        or not _still_shown(context, node)
    ):
        raise not_found("Node", node_id)
    return node
