"""The steps of operations on chaincode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hansa.fabric.base import FabricError, NodeFacts
from hansa.fabric.chaincodes import Chaincodes
from hansa.fabric.endorsement import in_words, missing
from hansa.fabric.ledgers import Ledgers
from hansa.operations.facts import node_facts
from hansa.reconcile.chaincode_scene import Scene, joined_step, read_scene
from hansa.reconcile.legacy_plans import LegacyPlans
from hansa.reconcile.performer import THERE, Planner, Step
from hansa.store.database import Session
from hansa.store.nodes import present_nodes
from hansa.store.operation_tables import Operation


class ChaincodePlans:
    """InstallChaincode, ApproveChaincode, CommitChaincode, DeployChaincode, UpgradeChaincode.

    ``package_file`` says where the content of a package lies.
    """

    def __init__(
        self, ledgers: Ledgers, chaincodes: Chaincodes, package_file: Callable[[str], Path]
    ) -> None:
        self._ledgers = ledgers
        self._chaincodes = chaincodes
        self._package_file = package_file
        self._legacy = LegacyPlans(ledgers, chaincodes.legacy, package_file)

    def planners(self) -> Mapping[str, Planner]:
        """By action."""
        return {
            "InstallChaincode": self._install,
            "ApproveChaincode": self._approve,
            "CommitChaincode": self._commit,
            "DeployChaincode": self._deploy,
            "UpgradeChaincode": self._deploy,
        }

    def _install(self, session: Session, operation: Operation) -> list[Step]:
        package_id = operation.request["PackageId"]
        nodes = [
            node_facts(session, node)
            for node in present_nodes(session, operation.member_id)
            if node.id == operation.request["NodeId"]
        ]
        if name := operation.request.get("LegacyName"):
            version = operation.request["LegacyVersion"]
            return [self._legacy.install(node, package_id, name, version) for node in nodes]
        return [self._install_step(node, package_id) for node in nodes]

    def _approve(self, session: Session, operation: Operation) -> list[Step]:
        scene = read_scene(session, operation)
        return [self._approve_step(scene, operation.member_id)]

    def _commit(self, session: Session, operation: Operation) -> list[Step]:
        return [self._commit_step(read_scene(session, operation), [operation.member_id])]

    def _deploy(self, session: Session, operation: Operation) -> list[Step]:
        scene = read_scene(session, operation)
        if scene.definition.is_legacy:
            return self._legacy.deploy(scene)
        nodes = scene.agreed_nodes
        members = [*dict.fromkeys(node.member_id for node in nodes)]
        return [
            *([self._votes_step(scene)] if operation.proposal_id else []),
            *(
                joined_step(self._ledgers, scene, node, self._install_step(node, scene.package_id))
                for node in nodes
            ),
            *(self._approve_step(scene, member_id) for member_id in members),
            self._commit_step(scene, scene.agreed),
            *([self._initialize_step(scene)] if scene.arguments else []),
        ]

    def _votes_step(self, scene: Scene) -> Step:
        """Before anything is changed: the network's approval may not be enough in the channel."""

        def check() -> str:
            first = scene.first_of(self._ledgers, scene.agreed)
            if self._is_in_force(scene, first):
                return THERE
            approvals = self._chaincodes.readiness(first, scene.channel, scene.definition)
            able = {m for m in scene.agreed if scene.first_joined(self._ledgers, m) is not None}
            self._check_agreement(scene, {m: a or m in able for m, a in approvals.items()})
            return ""

        return Step("Count the members that agreed", check)

    def _install_step(self, node: NodeFacts, package_id: str) -> Step:
        def install() -> str:
            content = self._package_file(package_id).read_bytes()
            return "" if self._chaincodes.install(node, package_id, content) else THERE

        return Step(f"Install on node {node.node_id}", install)

    def _approve_step(self, scene: Scene, member_id: str) -> Step:
        def approve() -> str:
            node = scene.first_joined(self._ledgers, member_id)
            if node is None:
                return f"None of its nodes has joined channel {scene.channel}"
            fresh = self._chaincodes.approve(
                scene.network, node, scene.channel, scene.definition, scene.package_id
            )
            return "" if fresh else THERE

        return Step(f"Approve for member {member_id}", approve)

    def _commit_step(self, scene: Scene, member_ids: Sequence[str]) -> Step:
        """Signed for the first of these members that has a node in the channel."""
        return Step(
            f"Put sequence {scene.definition.sequence} in force",
            lambda: self._put_in_force(scene, scene.first_of(self._ledgers, member_ids)),
        )

    def _initialize_step(self, scene: Scene) -> Step:
        def initialize() -> str:
            node = scene.first_of(self._ledgers, scene.agreed)
            name = scene.definition.name
            fresh = self._chaincodes.initialize(node, scene.channel, name, scene.arguments)
            return "" if fresh else THERE

        return Step("Initialize", initialize)

    def _put_in_force(self, scene: Scene, first: NodeFacts) -> str:
        if self._is_in_force(scene, first):
            return THERE
        approvals = self._chaincodes.readiness(first, scene.channel, scene.definition)
        self._check_agreement(scene, approvals)
        others = [
            node
            for member, approved in approvals.items()
            if approved
            and member != first.member_id
            and (node := scene.first_joined(self._ledgers, member)) is not None
        ]
        try:
            self._chaincodes.commit(
                scene.network, [first, *others], scene.channel, scene.definition
            )
        except FabricError:
            if self._is_in_force(scene, first):  # somebody else has put it in force meanwhile
                return THERE
            raise
        return ""

    def _check_agreement(self, scene: Scene, approvals: Mapping[str, bool]) -> None:
        """Raise :class:`FabricError` unless these satisfy what the channel asks for."""
        channel = self._ledgers.channel(scene.network, scene.channel)
        if channel is None:
            raise FabricError(f"channel {scene.channel} is not there any more")
        agreed = [member for member, approved in approvals.items() if approved]
        lacking = missing(channel.lifecycle_policy, agreed, channel.members)
        if not lacking:
            return
        asked = in_words(channel.lifecycle_policy, channel.members)
        raise FabricError(
            f"it is not in force yet: it takes {asked}, and lacks {lacking}. They approve it by "
            f"DeployChaincode with the same definition and sequence {scene.definition.sequence}, "
            "or by voting on a proposal of it"
        )

    def _is_in_force(self, scene: Scene, node: NodeFacts) -> bool:
        committed = self._chaincodes.committed(node, scene.channel, scene.definition.name)
        return committed is not None and committed.definition == scene.definition
