"""The steps of operations on chaincode by Fabric 1's lifecycle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hansa.fabric.base import NodeFacts
from hansa.fabric.ledgers import Ledgers
from hansa.fabric.legacy import Instantiated, LegacyChaincodes, LegacyPackage, legacy_package
from hansa.reconcile.chaincode_scene import Scene, joined_step
from hansa.reconcile.performer import THERE, Step


class LegacyPlans:
    """``package_file`` says where the content of a package lies."""

    def __init__(
        self, ledgers: Ledgers, legacy: LegacyChaincodes, package_file: Callable[[str], Path]
    ) -> None:
        self._ledgers = ledgers
        self._legacy = legacy
        self._package_file = package_file

    def install(self, node: NodeFacts, package_id: str, name: str, version: str) -> Step:
        def install() -> str:
            package = self._package(package_id, name, version)
            return "" if self._legacy.install(node, package) else THERE

        return Step(f"Install on node {node.node_id}", install)

    def deploy(self, scene: Scene) -> list[Step]:
        """On all nodes of those that agreed; put in force for the first with a node there."""
        wanted = scene.definition
        chosen = (scene.package_id, wanted.name, wanted.version)
        return [
            *(
                joined_step(self._ledgers, scene, node, self.install(node, *chosen))
                for node in scene.agreed_nodes
            ),
            Step(
                f"Put version {wanted.version} in force",
                lambda: self._put_in_force(scene),
            ),
        ]

    def _put_in_force(self, scene: Scene) -> str:
        node, wanted = scene.first_of(self._ledgers, scene.agreed), scene.definition
        package = self._package(scene.package_id, wanted.name, wanted.version)
        fresh = self._legacy.put_in_force(
            scene.network,
            node,
            scene.channel,
            Instantiated(wanted, package.fingerprint),
            scene.arguments,
        )
        return "" if fresh else THERE

    def _package(self, package_id: str, name: str, version: str) -> LegacyPackage:
        return legacy_package(self._package_file(package_id).read_bytes(), name, version)
