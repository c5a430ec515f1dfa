"""What an operation on a chaincode definition concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.chaincodes import Definition
from hansa.fabric.ledgers import Ledgers
from hansa.operations.definitions import definition_of
from hansa.operations.facts import available_nodes, network_facts
from hansa.reconcile.performer import Step
from hansa.store.database import Session
from hansa.store.members import present_members
from hansa.store.networks import require_network
from hansa.store.operation_tables import Operation


@dataclass(frozen=True)
class Scene:
    """What a definition concerns.

    ``agreed`` are the members that it is approved for: the account's own or, where it was voted on,
    those that voted YES. ``nodes`` are the available peers of all members; ``arguments`` are those
    to initialize with.
    """

    network: NetworkFacts
    channel: str
    definition: Definition
    package_id: str
    arguments: Sequence[str]
    agreed: Sequence[str]
    nodes: Sequence[NodeFacts]

    @property
    def agreed_nodes(self) -> list[NodeFacts]:
        return [node for node in self.nodes if node.member_id in self.agreed]

    def first_joined(self, ledgers: Ledgers, member_id: str) -> NodeFacts | None:
        """The first of the member's peers that has joined the channel."""
        for node in self.nodes:
            if node.member_id == member_id and ledgers.has_joined(node, self.channel):
                return node
        return None

    def first_of(self, ledgers: Ledgers, member_ids: Sequence[str]) -> NodeFacts:
        """As :meth:`first_joined`, of any of these. Raises :class:`FabricError`."""
        for member_id in member_ids:
            node = self.first_joined(ledgers, member_id)
            if node is not None:
                return node
        whose = ", ".join(member_ids) or "nobody, for nobody has agreed"
        raise FabricError(f"no available node in channel {self.channel} is of {whose}")


def read_scene(session: Session, operation: Operation) -> Scene:
    """The scene of an operation whose request names a channel and a definition."""
    members = present_members(session, operation.network_id)
    own = [member.id for member in members if member.account_id == operation.account_id]
    own.sort(key=lambda member_id: member_id != operation.member_id)  # who asks comes first
    return Scene(
        network=network_facts(session, require_network(session, operation.network_id)),
        channel=operation.request["ChannelName"],
        definition=definition_of(operation.request["Definition"]),
        package_id=operation.request.get("PackageId", ""),
        arguments=operation.request.get("InitArguments", []),
        agreed=operation.request.get("Signers", own),
        nodes=available_nodes(session, [member.id for member in members]),
    )


def joined_step(ledgers: Ledgers, scene: Scene, node: NodeFacts, step: Step) -> Step:
    """``step``, where the peer has joined the channel; else nothing is done."""

    def act() -> str:
        if not ledgers.has_joined(node, scene.channel):
            return f"It has not joined channel {scene.channel}"
        return step.act()

    return Step(step.name, act)
