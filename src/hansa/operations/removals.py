"""Ending a member: what its owner's DeleteMember and an approved removal have in common."""

from __future__ import annotations

from hansa.domain.lifecycle import Kind, Status
from hansa.operations.context import OperationContext
from hansa.store.database import Session
from hansa.store.invitations import settle_invitation
from hansa.store.members import present_members
from hansa.store.nodes import present_nodes
from hansa.store.resources import change_status
from hansa.store.tables import Member, Network
from hansa.store.work import add_work


def begin_member_deletion(
    context: OperationContext, session: Session, network: Network, member: Member, reason: str
) -> None:
    """Mark the member and its nodes for deletion; with the last member, the network."""
    now = context.now()
    for node in present_nodes(session, member.id):
        if node.status != Status.DELETING:
            change_status(session, node, Status.DELETING, "Its member is being deleted", now)
            add_work(session, Kind.NODE, node.id, now)
    joining = member.status == Status.CREATING
    change_status(session, member, Status.DELETING, reason, now)
    if joining:
        settle_invitation(session, member, now)
    add_work(session, Kind.MEMBER, member.id, now)
    others = [
        other for other in present_members(session, network.id) if other.status != Status.DELETING
    ]
    if not others and network.status != Status.DELETING:
        change_status(session, network, Status.DELETING, "Its last member is being deleted", now)
        add_work(session, Kind.NETWORK, network.id, now)
