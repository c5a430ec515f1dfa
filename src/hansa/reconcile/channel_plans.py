"""The steps of operations on channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial

from hansa.domain.endpoints import Endpoints
from hansa.domain.lifecycle import Kind
from hansa.domain.workload import Phase
from hansa.drivers.base import Driver, DriverError, PermanentDriverError
from hansa.fabric.base import Fabric, FabricError, NetworkFacts, NodeFacts
from hansa.fabric.ledgers import ChannelChange, Ledgers
from hansa.fabric.rpc.connections import UnreachableError
from hansa.operations.channel_requests import change_of
from hansa.operations.facts import available_nodes, network_facts, node_facts, peer_endpoint
from hansa.reconcile.acts import AWAIT_SECONDS_MAX
from hansa.reconcile.consenter_plans import ConsenterPlans
from hansa.reconcile.performer import Planner, Step, told
from hansa.store.database import Session
from hansa.store.members import get_member
from hansa.store.networks import require_network
from hansa.store.nodes import present_nodes
from hansa.store.operation_tables import Operation
from hansa.store.tables import Node


class ChannelPlans:
    """CreateChannel, JoinChannel, LeaveChannel, and changes of a channel's configuration."""

    def __init__(
        self, ledgers: Ledgers, fabric: Fabric, driver: Driver, endpoints: Endpoints
    ) -> None:
        self._ledgers = ledgers
        self._fabric = fabric
        self._driver = driver
        self._endpoints = endpoints

    def planners(self) -> Mapping[str, Planner]:
        """By action."""
        return {
            "CreateChannel": self._create,
            "JoinChannel": self._join,
            "LeaveChannel": self._leave,
            "UpdateChannel": self._update,
            "AddChannelMember": self._update,
            "RemoveChannelMember": self._update,
            "SetAnchorPeers": self._update,
            "SetConsenters": ConsenterPlans(self._ledgers, self._endpoints).plan,
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

    def _leave(self, session: Session, operation: Operation) -> list[Step]:
        network = network_facts(session, require_network(session, operation.network_id))
        node = node_facts(session, _node(session, operation, operation.request["NodeId"]))
        others = [
            other
            for other in available_nodes(session, [node.member_id])
            if other.node_id != node.node_id
        ]
        name = operation.subject
        (workload,) = self._fabric.workload_names(Kind.NODE, node.node_id)
        return [
            Step(
                f"Stop node {node.node_id}, delete what it has of channel {name}, start it again",
                lambda: told(partial(self._leave_while_stopped, node, name, workload)),
            ),
            Step(f"Await node {node.node_id}", lambda: self._await(workload)),
            Step(
                f"Hand over what node {node.node_id} was an anchor peer for",
                lambda: told(partial(self._hand_over, network, node, others, name)),
            ),
        ]

    def _leave_while_stopped(self, node: NodeFacts, channel: str, workload: str) -> bool:
        if not self._ledgers.has_joined(node, channel):
            return False
        with _driver_faults():
            self._driver.pause(workload, partial(self._ledgers.leave_channel, node, channel))
        return True

    def _await(self, workload: str) -> str:
        with _driver_faults():
            found = self._driver.await_ready(workload, AWAIT_SECONDS_MAX)
        if found.phase is not Phase.READY:
            raise UnreachableError(found.reason or f"{workload} is not ready yet")
        return ""

    def _hand_over(
        self, network: NetworkFacts, node: NodeFacts, others: list[NodeFacts], name: str
    ) -> bool:
        """Leave anchor peers that have the channel: the member's others, or one of its nodes."""
        # So that it is known to be out of the channel, and announced if it comes back. What else
        # there is to announce, the sweep does again.
        with suppress(FabricError):
            self._fabric.announce_node(node)
        channel = self._ledgers.channel(network, name)
        anchors = channel.anchor_peers.get(node.member_id, ()) if channel else ()
        left = peer_endpoint(self._endpoints, node)
        if left not in anchors:
            return False
        staying = [anchor for anchor in anchors if anchor != left] or [
            peer_endpoint(self._endpoints, other)
            for other in others
            if self._ledgers.has_joined(other, name)
        ][:1]
        change = ChannelChange(anchor_peers={node.member_id: tuple(staying)})
        return self._ledgers.change_channel(network, name, change, [node.member_id])

    def _update(self, session: Session, operation: Operation) -> list[Step]:
        network = network_facts(session, require_network(session, operation.network_id))
        signers = list(operation.request["Signers"])
        change = change_of(operation.request)
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


@contextmanager
def _driver_faults() -> Iterator[None]:
    """What a driver cannot do, as a failure of the step: tried again where that may help."""
    try:
        yield
    except PermanentDriverError as fault:
        raise FabricError(str(fault)) from fault
    except DriverError as fault:
        raise UnreachableError(str(fault)) from fault


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
