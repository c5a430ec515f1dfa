"""The whole API as one object: each operation of the service model, by its name."""

from __future__ import annotations

from hansa.awsapi.managedblockchain import ManagedBlockchainOperations
from hansa.operations.accessors import Accessors
from hansa.operations.context import OperationContext
from hansa.operations.invitations import Invitations
from hansa.operations.members import Members
from hansa.operations.networks import Networks
from hansa.operations.nodes import Nodes
from hansa.operations.proposals import Proposals
from hansa.operations.tags import Tags


class ManagedBlockchain:
    """Which noun answers which operation."""

    def __init__(self, context: OperationContext) -> None:
        accessors, invitations = Accessors(context), Invitations(context)
        members, networks = Members(context), Networks(context)
        nodes, proposals, tags = Nodes(context), Proposals(context), Tags(context)
        self.create_accessor = accessors.create
        self.create_member = invitations.create_member
        self.create_network = networks.create
        self.create_node = nodes.create
        self.create_proposal = proposals.create
        self.delete_accessor = accessors.delete
        self.delete_member = members.delete
        self.delete_network = networks.delete
        self.delete_node = nodes.delete
        self.get_accessor = accessors.get
        self.get_member = members.get
        self.get_network = networks.get
        self.get_node = nodes.get
        self.get_proposal = proposals.get
        self.list_accessors = accessors.list
        self.list_invitations = invitations.list
        self.list_members = members.list
        self.list_networks = networks.list
        self.list_nodes = nodes.list
        self.list_proposal_votes = proposals.list_votes
        self.list_proposals = proposals.list
        self.list_tags_for_resource = tags.list_tags
        self.reject_invitation = invitations.reject
        self.tag_resource = tags.tag
        self.untag_resource = tags.untag
        self.update_member = members.update
        self.update_node = nodes.update
        self.vote_on_proposal = proposals.vote


def managed_blockchain(context: OperationContext) -> ManagedBlockchainOperations:
    """The operations, checked by the type checker against the service model."""
    return ManagedBlockchain(context)
