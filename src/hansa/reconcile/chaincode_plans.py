"""The steps of operations on chaincode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.chaincodes import Chaincodes, Definition
from hansa.fabric.ledgers import Ledgers
from hansa.operations.definitions import definition_of
from hansa.operations.facts import available_nodes, network_facts, node_facts
from hansa.reconcile.performer import THERE, Planner, Step
from hansa.store.database import Session
from hansa.store.members import present_members
from hansa.store.networks import require_network
from hansa.store.nodes import present_nodes
from hansa.store.operation_tables import Operation


@dataclass(frozen=True)
class _Scene:
    """What a definition concerns: ``nodes`` are the available peers of all members."""

    network: NetworkFacts
    channel: str
    definition: Definition
    package_id: str
    own_members: Sequence[str]
    nodes: Sequence[NodeFacts]


class ChaincodePlans:
    """InstallChaincode, ApproveChaincode, CommitChaincode, DeployChaincode.

    ``package_file`` says where the content of a package lies.
    """

    def __init__(
        self, ledgers: Ledgers, chaincodes: Chaincodes, package_file: Callable[[str], Path]
    ) -> None:
        self._ledgers = ledgers
        self._chaincodes = chaincodes
        self._package_file = package_file

    def planners(self) -> Mapping[str, Planner]:
        """By action."""
        return {
            "InstallChaincode": self._install,
            "ApproveChaincode": self._approve,
            "CommitChaincode": self._commit,
            "DeployChaincode": self._deploy,
        }

    def _install(self, session: Session, operation: Operation) -> list[Step]:
        package_id = operation.request["PackageId"]
        nodes = [
            node_facts(session, node)
            for node in present_nodes(session, operation.member_id)
            if node.id == operation.request["NodeId"]
        ]
        return [self._install_step(node, package_id) for node in nodes]

    def _approve(self, session: Session, operation: Operation) -> list[Step]:
        scene = _scene(session, operation)
        return [self._approve_step(scene, operation.member_id)]

    def _commit(self, session: Session, operation: Operation) -> list[Step]:
        return [self._commit_step(_scene(session, operation), operation.member_id)]

    def _deploy(self, session: Session, operation: Operation) -> list[Step]:
        scene = _scene(session, operation)
        own = [node for node in scene.nodes if node.member_id in scene.own_members]
        members = [*dict.fromkeys(node.member_id for node in own)]
        return [
            *(self._install_joined_step(scene, node) for node in own),
            *(self._approve_step(scene, member_id) for member_id in members),
            self._commit_step(scene, operation.member_id),
        ]

    def _install_step(self, node: NodeFacts, package_id: str) -> Step:
        def install() -> str:
            content = self._package_file(package_id).read_bytes()
            return "" if self._chaincodes.install(node, package_id, content) else THERE

        return Step(f"Install on node {node.node_id}", install)

    def _install_joined_step(self, scene: _Scene, node: NodeFacts) -> Step:
        step = self._install_step(node, scene.package_id)

        def install() -> str:
            if not self._ledgers.has_joined(node, scene.channel):
                return f"It has not joined channel {scene.channel}"
            return step.act()

        return Step(step.name, install)

    def _approve_step(self, scene: _Scene, member_id: str) -> Step:
        def approve() -> str:
            node = self._first_joined(scene, member_id)
            if node is None:
                return f"None of its nodes has joined channel {scene.channel}"
            fresh = self._chaincodes.approve(
                scene.network, node, scene.channel, scene.definition, scene.package_id
            )
            return "" if fresh else THERE

        return Step(f"Approve for member {member_id}", approve)

    def _commit_step(self, scene: _Scene, member_id: str) -> Step:
        return Step(
            f"Put sequence {scene.definition.sequence} in force",
            lambda: self._put_in_force(scene, member_id),
        )

    def _put_in_force(self, scene: _Scene, member_id: str) -> str:
        first = self._first_joined(scene, member_id)
        if first is None:
            raise FabricError(
                f"none of the nodes of member {member_id} has joined channel {scene.channel}"
            )
        committed = self._chaincodes.committed(first, scene.channel, scene.definition.name)
        if committed is not None and committed.definition == scene.definition:
            return THERE
        approvals = self._chaincodes.readiness(first, scene.channel, scene.definition)
        self._check_agreement(scene, approvals)
        others = [
            node
            for member, approved in approvals.items()
            if approved
            and member != member_id
            and (node := self._first_joined(scene, member)) is not None
        ]
        self._chaincodes.commit(scene.network, [first, *others], scene.channel, scene.definition)
        return ""

    def _check_agreement(self, scene: _Scene, approvals: Mapping[str, bool]) -> None:
        """Fabric's samples, and channels made here, ask for more than half of the members."""
        missing = sorted(member for member, approved in approvals.items() if not approved)
        if 2 * len(missing) < len(approvals):
            return
        raise FabricError(
            f"it is not in force yet: {len(approvals) - len(missing)} of {len(approvals)} members "
            f"have approved it, and it takes more than half. {', '.join(missing)} approve it by "
            f"DeployChaincode with the same definition and sequence {scene.definition.sequence}; "
            "the call that makes them enough puts it in force"
        )

    def _first_joined(self, scene: _Scene, member_id: str) -> NodeFacts | None:
        for node in scene.nodes:
            if node.member_id == member_id and self._ledgers.has_joined(node, scene.channel):
                return node
        return None


def _scene(session: Session, operation: Operation) -> _Scene:
    members = present_members(session, operation.network_id)
    return _Scene(
        network=network_facts(session, require_network(session, operation.network_id)),
        channel=operation.request["ChannelName"],
        definition=definition_of(operation.request["Definition"]),
        package_id=operation.request.get("PackageId", ""),
        own_members=[m.id for m in members if m.account_id == operation.account_id],
        nodes=available_nodes(session, [member.id for member in members]),
    )
