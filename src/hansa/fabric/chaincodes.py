"""The seam between the service and chaincode: on peers, and in the channels' definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hansa.fabric.base import NetworkFacts, NodeFacts
from hansa.fabric.chaincode_metrics import ChaincodeMetrics

if TYPE_CHECKING:
    from hansa.fabric.legacy import LegacyChaincodes


@dataclass(frozen=True)
class Collection:
    """A private data collection. ``members`` and ``endorsement`` are policies in words.

    ``blocks_to_live`` 0 keeps its data for ever.
    """

    name: str
    members: str
    required_peers: int
    peers_max: int
    blocks_to_live: int
    member_only_read: bool
    member_only_write: bool
    endorsement: str = ""


@dataclass(frozen=True)
class Definition:
    """A chaincode as the members of a channel have agreed on it, or are to.

    ``endorsement`` is a policy in words; empty for the channel's default. ``sequence`` is 0 by
    Fabric 1's lifecycle, which knows versions alone.
    """

    name: str
    version: str
    sequence: int
    endorsement: str = ""
    needs_init: bool = False
    collections: tuple[Collection, ...] = ()

    @property
    def is_legacy(self) -> bool:
        return self.sequence == 0


@dataclass(frozen=True)
class Committed:
    """``approvals``: which members have approved it, of all that are in the channel."""

    definition: Definition
    approvals: Mapping[str, bool]


@dataclass(frozen=True)
class LogPart:
    """Lines of a log without their ends, and where the next ones begin."""

    lines: tuple[str, ...]
    next_position: str


NO_POSITION = "0-0-0"
"""The position in a log that is not there yet."""


class Chaincodes(Protocol):
    """Every method raises :class:`~hansa.fabric.base.FabricError`, and may be repeated."""

    @property
    def legacy(self) -> LegacyChaincodes:
        """The same by Fabric 1's lifecycle, for channels whose capability asks for it."""
        ...

    def installed(self, node: NodeFacts) -> list[str]:
        """The ids of the packages on the peer."""
        ...

    def install(self, node: NodeFacts, package_id: str, package: bytes) -> bool:
        """Build and install a package; False where it was. What a compiler says is in the error."""
        ...

    def committed(self, node: NodeFacts, channel: str, name: str) -> Committed | None:
        """The definition in force, as the peer's ledger has it."""
        ...

    def committed_names(self, node: NodeFacts, channel: str) -> list[str]: ...

    def approved_package(self, node: NodeFacts, channel: str, definition: Definition) -> str | None:
        """The package with which the peer's member has approved this definition.

        None where it has not; empty where it approved without one.
        """
        ...

    def approve(
        self,
        network: NetworkFacts,
        node: NodeFacts,
        channel: str,
        definition: Definition,
        package_id: str,
    ) -> bool:
        """Approve for the peer's member; False where it had."""
        ...

    def readiness(
        self, node: NodeFacts, channel: str, definition: Definition
    ) -> Mapping[str, bool]:
        """By member of the channel, whether it has approved this definition."""
        ...

    def commit(
        self,
        network: NetworkFacts,
        nodes: Sequence[NodeFacts],
        channel: str,
        definition: Definition,
    ) -> bool:
        """Put the definition in force, endorsed by these peers; False where it was."""
        ...

    def metrics(
        self, node: NodeFacts, channel: str, name: str, chaincode_id: str
    ) -> ChaincodeMetrics:
        """What the peer has counted of the chaincode since the peer's start.

        ``chaincode_id`` as for :meth:`read_output`.
        """
        ...

    def output_ends(self, node: NodeFacts) -> Mapping[str, str]:
        """By the name of each log of chaincode on the node, the position of its end.

        Of a log that is not there yet, it is :data:`NO_POSITION`.
        """
        ...

    def read_output(
        self, node: NodeFacts, chaincode_id: str, position: str | None, lines_max: int
    ) -> LogPart:
        """What the chaincode wrote on the node: the last lines, or those after ``position``.

        ``chaincode_id`` is a package's id, or ``NAME:VERSION`` of the legacy lifecycle.
        """
        ...

    def read_build(
        self, node: NodeFacts, label: str, position: str | None, lines_max: int
    ) -> LogPart:
        """As :meth:`read_output`, what the last build of a package with this label said."""
        ...

    def initialize(
        self, node: NodeFacts, channel: str, name: str, arguments: Sequence[str]
    ) -> bool:
        """Make the first call of a chaincode that asks for one, through this peer's Gateway.

        ``arguments`` begin with the function's name. Returns False where it had been made.
        """
        ...
