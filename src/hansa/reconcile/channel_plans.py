"""The steps of operations on channels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from hansa.fabric.base import Fabric, NetworkFacts, NodeFacts
from hansa.fabric.ledgers import ChannelChange, Ledgers
from hansa.operations.facts import available_nodes, network_facts, node_facts
from hansa.reconcile.performer import Planner, Step, told
from hansa.store.database import Session
from hansa.store.members import get_member
from hansa.store.networks import require_network
from hansa.store.nodes import present_nodes
from hansa.store.operation_tables import Operation
from hansa.store.tables import Node


class ChannelPlans:
    """CreateChannel, JoinChannel, UpdateChannel, AddChannelMember, RemoveChannelMember."""

    def __init__(self, ledgers: Ledgers, fabric: Fabric) -> None:
        self._ledgers = ledgers
        self._fabric = fabric

    def planners(self) -> Mapping[str, Planner]:
        """By action."""
        return {
            "CreateChannel": self._create,
            "JoinChannel": self._join,
            "UpdateChannel": self._update,
            "AddChannelMember": self._update,
            "RemoveChannelMember": self._update,
        }

    def _create(self, session: Session, operation: Operation) -> list[Step]:
        network = network_facts(session, require_network(session, operation.network_id))
        name, members = operation.subject, list(operation.request["Members"])
        create = partial(
            self._ledgers.create_channel, network, name, members, operation.request["Capability"]
        )
        own = [
            member_id
            for member_id in members
            if (member := get_member(session, network.network_id, member_id)) is not None
            and member.account_id == operation.account_id
        ]
        nodes = available_nodes(session, own)
        return [
            Step(f"Create channel {name}", lambda: told(create)),
            *(self._join_step(network, node, name) for node in nodes),
            *(self._announce_step(node) for node in _first_of_each_member(nodes)),
        ]

    def _join(self, session: Session, operation: Operation) -> list[Step]:
        network = network_facts(session, require_network(session, operation.network_id))
        node = node_facts(session, _node(session, operation, operation.request["NodeId"]))
        return [
            self._join_step(network, node, operation.subject),
            self._announce_step(node),
        ]

    def _update(self, session: Session, operation: Operation) -> list[Step]:
        network = network_facts(session, require_network(session, operation.network_id))
        batches = operation.request.get("Batches") or {}
        change = ChannelChange(
            timeout=batches.get("Timeout"),
            messages_max=batches.get("MaxMessageCount"),
            preferred_bytes=batches.get("PreferredMaxBytes"),
            absolute_bytes=batches.get("AbsoluteMaxBytes"),
            capability=operation.request.get("Capability"),
            added_member=operation.request.get("AddedMemberId"),
            removed_member=operation.request.get("RemovedMemberId"),
        )
        signers = list(operation.request["Signers"])
        update = partial(self._change, network, operation.subject, change, signers)
        return [Step(f"Change channel {operation.subject}", lambda: told(update))]

    def _change(
        self, network: NetworkFacts, name: str, change: ChannelChange, signers: list[str]
    ) -> bool:
        """Signed by those of ``signers``, who agreed, that are in the channel."""
        channel = self._ledgers.channel(network, name)
        taking_part = [member for member in signers if channel and member in channel.anchor_peers]
        return self._ledgers.change_channel(network, name, change, taking_part)

    def _join_step(self, network: NetworkFacts, node: NodeFacts, channel: str) -> Step:
        join = partial(self._ledgers.join_channel, network, node, channel)
        return Step(f"Join node {node.node_id}", lambda: told(join))

    def _announce_step(self, node: NodeFacts) -> Step:
        announce = partial(self._fabric.announce_node, node)
        return Step(f"Make node {node.node_id} an anchor peer", lambda: told(announce))


def _first_of_each_member(nodes: list[NodeFacts]) -> list[NodeFacts]:
    first: dict[str, NodeFacts] = {}
    for node in nodes:
        first.setdefault(node.member_id, node)
    return list(first.values())


def _node(session: Session, operation: Operation, node_id: str) -> Node:
    for node in present_nodes(session, operation.member_id):
        if node.id == node_id:
            return node
    raise LookupError(f"node {node_id} is gone")
