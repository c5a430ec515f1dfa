"""Chaincode of the networks that this installation runs, by Fabric 1's lifecycle."""

from __future__ import annotations

from collections.abc import Sequence

from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.legacy import Installed, Instantiated, LegacyPackage
from hansa.fabric.reach import Reach
from hansa.fabric.rpc.connections import UnreachableError
from hansa.fabric.rpc.legacy import (
    LSCC,
    force_arguments,
    install_arguments,
    installed_of,
    instantiated_of,
    names_of,
)
from hansa.fabric.rpc.peer import INSTALL_SECONDS_MAX, ChaincodeError
from hansa.fabric.rpc.proposals import Call
from hansa.fabric.submission import build_log, submit


class LocalLegacy:
    """Implements :class:`hansa.fabric.legacy.LegacyChaincodes`. Safe for several threads."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def installed(self, node: NodeFacts) -> list[Installed]:
        return installed_of(self._reach.peer(node).query(LSCC, b"getinstalledchaincodes"))

    def install(self, node: NodeFacts, package: LegacyPackage) -> bool:
        for found in self.installed(node):
            if (found.name, found.version) == (package.name, package.version):
                check_same(found, package.fingerprint, node)
                return False
        arguments = install_arguments(package)
        try:
            self._reach.peer(node).query(LSCC, *arguments, seconds_max=INSTALL_SECONDS_MAX)
        except ChaincodeError as fault:
            raise FabricError(f"{fault}{build_log(self._reach, node, package.name)}") from fault
        return True

    def instantiated(self, node: NodeFacts, channel: str, name: str) -> Instantiated | None:
        if name not in self.instantiated_names(node, channel):
            return None  # a peer would log an error
        peer = self._reach.peer(node)
        words = (channel.encode(), name.encode())
        data = peer.query(LSCC, b"getccdata", *words, channel=channel)
        try:
            collections = peer.query(LSCC, b"getcollectionsconfig", words[1], channel=channel)
        except ChaincodeError as refusal:
            if "collections config not defined" not in str(refusal):
                raise
            collections = b""
        return instantiated_of(data, collections)

    def instantiated_names(self, node: NodeFacts, channel: str) -> list[str]:
        return names_of(self._reach.peer(node).query(LSCC, b"getchaincodes", channel=channel))

    def put_in_force(
        self,
        network: NetworkFacts,
        node: NodeFacts,
        channel: str,
        wanted: Instantiated,
        arguments: Sequence[str],
    ) -> bool:
        name = wanted.definition.name
        before = self.instantiated(node, channel, name)
        if before == wanted:
            return False
        words = force_arguments(
            channel, wanted.definition, arguments, is_upgrade=before is not None
        )
        call = Call(channel, LSCC, words)
        try:
            submit(self._reach, network, [node], call, INSTALL_SECONDS_MAX)
        except UnreachableError:
            raise
        except FabricError as fault:
            # Somebody else's, or this step's before a crash, may have come first.
            if self.instantiated(node, channel, name) == wanted:
                return False
            log = build_log(self._reach, node, name) if "build" in str(fault) else ""
            raise FabricError(f"{fault}{log}") from fault
        return True


def check_same(found: Installed, fingerprint: str, node: NodeFacts) -> None:
    """Raises :class:`FabricError` where the peer has other code under this name and version."""
    if found.fingerprint != fingerprint:
        raise FabricError(
            f"node {node.node_id} has other code installed as version {found.version} of "
            f"{found.name}, and Fabric 1 never replaces it: deploy with another Version, or with "
            "none, which takes the next that is free"
        )
