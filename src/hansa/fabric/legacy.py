"""The seam between the service and Fabric 1's chaincode lifecycle: one system chaincode, ``lscc``.

Chaincode is installed under a name and a version, and put in force ("instantiated", "upgraded") by
one member for all, with its endorsement policy; there are no approvals. Source: "Chaincode for
Operators" in the documentation of Fabric 1.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from hansa.fabric.base import NetworkFacts, NodeFacts
from hansa.fabric.chaincodes import Definition
from hansa.fabric.packages import package_parts


@dataclass(frozen=True)
class LegacyPackage:
    """A package as peers of Fabric 1 know it; ``code`` is a gzipped tar, ``path`` Go's."""

    name: str
    version: str
    language: str
    path: str
    code: bytes

    @property
    def fingerprint(self) -> str:
        """What peers tell packages apart by: SHA-256 over the hashes of the code and the name."""
        named = hashlib.sha256(f"{self.name}{self.version}".encode())
        code = hashlib.sha256(self.code)
        return hashlib.sha256(code.digest() + named.digest()).hexdigest()

    def at(self, version: str) -> LegacyPackage:
        """The same code as another version."""
        return replace(self, version=version)


@dataclass(frozen=True)
class Installed:
    """What a peer has."""

    name: str
    version: str
    fingerprint: str


@dataclass(frozen=True)
class Instantiated:
    """What is in force in a channel, and the fingerprint of its package.

    ``definition`` has sequence 0, a signature policy, and is always initialized.
    """

    definition: Definition
    fingerprint: str


class LegacyChaincodes(Protocol):
    """Every method raises :class:`~hansa.fabric.base.FabricError`, and may be repeated."""

    def installed(self, node: NodeFacts) -> list[Installed]:
        """Also those whose build has failed: a peer keeps them."""
        ...

    def install(self, node: NodeFacts, package: LegacyPackage) -> bool:
        """Build and install a package; False where it was."""
        ...

    def instantiated(self, node: NodeFacts, channel: str, name: str) -> Instantiated | None:
        """What is in force, as the peer's ledger has it; also in a channel raised to Fabric 2."""
        ...

    def instantiated_names(self, node: NodeFacts, channel: str) -> list[str]: ...

    def put_in_force(
        self,
        network: NetworkFacts,
        node: NodeFacts,
        channel: str,
        wanted: Instantiated,
        arguments: Sequence[str],
    ) -> bool:
        """Instantiate or upgrade, signed for the member of ``node``; False where it was in force.

        ``arguments`` are those of the chaincode's ``Init``, which is run on this peer.
        """
        ...


def legacy_package(content: bytes, name: str, version: str) -> LegacyPackage:
    """A package of Fabric 2 as one of Fabric 1: both hold the same archive of code."""
    metadata, code = package_parts(content)
    return LegacyPackage(
        name=name,
        version=version,
        language=str(metadata["type"]).lower(),
        path=str(metadata.get("path") or ""),
        code=code,
    )
