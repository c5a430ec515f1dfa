"""Fabric 1's chaincode lifecycle without Fabric, on a :class:`hansa.fabric.fake_ledgers.FakeNet`.

``faults`` is called with the name of each point that is passed, and raises what is to go wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.legacy import Installed, Instantiated, LegacyPackage

if TYPE_CHECKING:
    from hansa.fabric.fake_ledgers import FakeNet


class FakeLegacy:
    """Implements :class:`hansa.fabric.legacy.LegacyChaincodes`."""

    def __init__(self, net: FakeNet, faults: Callable[[str], None]) -> None:
        self._net = net
        self._faults = faults

    def installed(self, node: NodeFacts) -> list[Installed]:
        self._faults(f"read {node.node_id}")
        return list(self._net.legacy_installed.get(node.node_id, ()))

    def install(self, node: NodeFacts, package: LegacyPackage) -> bool:
        wanted = Installed(package.name, package.version, package.fingerprint)
        for found in self.installed(node):
            if (found.name, found.version) == (wanted.name, wanted.version):
                if found != wanted:
                    raise FabricError(f"{found.name}:{found.version} has other code")
                return False
        self._net.legacy_installed.setdefault(node.node_id, []).append(wanted)
        self._done(f"install {node.node_id} {wanted.name}:{wanted.version}")
        return True

    def instantiated(self, node: NodeFacts, channel: str, name: str) -> Instantiated | None:
        self._faults(f"read {node.node_id}")
        return self._net.instantiated.get((channel, name))

    def instantiated_names(self, node: NodeFacts, channel: str) -> list[str]:
        self._faults(f"read {node.node_id}")
        return sorted(name for where, name in self._net.instantiated if where == channel)

    def put_in_force(
        self,
        network: NetworkFacts,
        node: NodeFacts,
        channel: str,
        wanted: Instantiated,
        arguments: Sequence[str],
    ) -> bool:
        self._faults(f"put in force in {network.network_id}")
        definition = wanted.definition
        before = self.instantiated(node, channel, definition.name)
        if before == wanted:
            return False
        if before is not None and before.definition.version == definition.version:
            raise FabricError("version already exists for chaincode")
        package = Installed(definition.name, definition.version, wanted.fingerprint)
        if package not in self.installed(node):
            raise FabricError("it is not installed")
        self._net.instantiated[channel, definition.name] = wanted
        act = "instantiate" if before is None else "upgrade"
        self._done(" ".join([act, definition.name, definition.version, *arguments]))
        return True

    def _done(self, act: str) -> None:
        self._net.acts.append(act)
        self._faults(f"done {act}")
