"""The steps of operations on identities."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial

from hansa.domain.lifecycle import Status
from hansa.fabric.base import MemberFacts, NetworkFacts, NodeFacts
from hansa.fabric.genesis import SYSTEM_CHANNEL
from hansa.fabric.identities import Identities
from hansa.fabric.ledgers import Ledgers
from hansa.fabric.rpc.connections import UnreachableError
from hansa.operations.facts import member_facts, network_facts, node_facts
from hansa.operations.lookups import not_found
from hansa.reconcile.performer import THERE, Planner, Step
from hansa.store.cipher import Cipher
from hansa.store.database import Session
from hansa.store.members import get_member
from hansa.store.networks import require_network
from hansa.store.nodes import present_nodes
from hansa.store.operation_tables import Operation

# How often, and how long apart, to look whether a node has the blocks.
_LOOKS_MAX = 100
_LOOK_SECONDS = 0.05


class IdentityPlans:
    """RevokeIdentity."""

    def __init__(self, ledgers: Ledgers, identities: Identities, cipher: Cipher) -> None:
        self._ledgers = ledgers
        self._identities = identities
        self._cipher = cipher

    def planners(self) -> Mapping[str, Planner]:
        """By action."""
        return {"RevokeIdentity": self._revoke}

    def _revoke(self, session: Session, operation: Operation) -> list[Step]:
        network = network_facts(session, require_network(session, operation.network_id))
        row = get_member(session, network.network_id, operation.member_id)
        if row is None or row.status == Status.DELETED:
            raise not_found("Member", operation.member_id)
        member, name = member_facts(session, self._cipher, row), operation.subject
        nodes = [
            node_facts(session, node)
            for node in present_nodes(session, row.id)
            if node.status == Status.AVAILABLE
        ]
        # The consortium before the channels: one that is made meanwhile has it from there.
        return [
            Step(f"Revoke identity {name}", partial(self._revoke_in_authority, member, name)),
            Step("Tell the consortium", partial(self._publish, network, member, SYSTEM_CHANNEL)),
            Step("Tell the channels", partial(self._publish_in_channels, network, member)),
            *(
                Step(f"Await node {node.node_id}", partial(self._await_node, network, node))
                for node in nodes
            ),
        ]

    def _revoke_in_authority(self, member: MemberFacts, name: str) -> str:
        self._identities.revoke(member, name)
        return ""

    def _publish(self, network: NetworkFacts, member: MemberFacts, channel: str) -> str:
        return "" if self._identities.publish(network, member, channel) else THERE

    def _publish_in_channels(self, network: NetworkFacts, member: MemberFacts) -> str:
        told = [
            name
            for name in self._ledgers.channel_names(network)
            if self._identities.publish(network, member, name)
        ]
        return ", ".join(told) or THERE

    def _await_node(self, network: NetworkFacts, node: NodeFacts) -> str:
        """Until the node has all blocks that its channels have now."""
        heights = {
            name: channel.height
            for name in self._ledgers.joined_channels(node)
            if (channel := self._ledgers.channel(network, name)) is not None
        }
        pause = threading.Event()
        for _ in range(_LOOKS_MAX):
            there = self._ledgers.joined_channels(node)
            if all(there.get(name, height) >= height for name, height in heights.items()):
                return ""
            pause.wait(_LOOK_SECONDS)
        raise UnreachableError(f"node {node.node_id} does not have the newest blocks yet")
