"""The seam between the reconciler and Fabric: facts in, workloads out.

The reconciler speaks of networks, members and nodes; this protocol turns each into the workloads
that make it real and into the few acts that only Fabric's own protocols can do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from hansa.domain.workload import Workload


@dataclass(frozen=True)
class NetworkFacts:
    """``orderer_ports`` holds, per orderer, its (service, operations) ports, in order.

    ``founder_member_id`` is the member created with the network.
    """

    network_id: str
    region: str
    founder_member_id: str
    orderer_ports: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class MemberFacts:
    """``admin_password`` is empty once the CA has it. ``orderer_ports`` are the network's."""

    member_id: str
    network_id: str
    region: str
    ca_port: int
    operations_port: int
    admin_username: str
    admin_password: str = field(repr=False)
    registrar_secret: str = field(repr=False)
    orderer_ports: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class NodeFacts:
    """A peer; ``siblings`` are the (node id, peer port) of the member's other nodes."""

    node_id: str
    member_id: str
    network_id: str
    region: str
    peer_port: int
    chaincode_port: int
    operations_port: int
    instance_type: str
    siblings: tuple[tuple[str, int], ...] = ()
    orderer_ports: tuple[tuple[int, int], ...] = ()


class FabricError(Exception):
    """Fabric refused or did not answer; the text is for a person. It may be tried again."""


class Fabric(Protocol):
    """Every method may be repeated after a crash at any point, with the same outcome.

    Private keys are made once and kept in files of mode 0600; whoever comes first makes them, so
    that network, member and node can be prepared at the same time, in any order.
    """

    def network_workloads(self, network: NetworkFacts) -> list[Workload]:
        """The ordering service. Makes its keys, the founder's CA and the genesis block."""
        ...

    def member_workloads(self, member: MemberFacts) -> list[Workload]:
        """The member's CA server, with its administrator as bootstrap identity."""
        ...

    def complete_member(self, member: MemberFacts) -> Workload:
        """Once the CA is ready: enroll the service's registrar, add the member's affiliation.

        Returns the CA's workload without the bootstrap password, to be kept from now on
        (it is equal to the first but for that file, and needs no restart).
        """
        ...

    def admit_member(self, network: NetworkFacts, member_id: str) -> None:
        """Add the member to the network's consortium, so that channels can be made with it.

        Its keys are made if :meth:`member_workloads` has not made them. Does nothing where it is
        in it. Raises :class:`FabricError`.
        """
        ...

    def expel_member(
        self, network: NetworkFacts, member_id: str, remaining: tuple[str, ...]
    ) -> None:
        """Take the member out of the consortium and of every channel that any ``remaining`` is in.

        Its certificates are worth nothing in those channels from then on. Signed by the ordering
        service and by the service's administrators of the ``remaining`` members (and its own). In
        a channel whose policies ask for other signatures it stays as a name, with an MSP that no
        certificate satisfies. Does nothing where it is in none. Raises :class:`FabricError`.
        """
        ...

    def node_workloads(self, node: NodeFacts) -> list[Workload]:
        """The peer. Makes its node certificate and its TLS certificate."""
        ...

    def announce_node(self, node: NodeFacts) -> bool:
        """Make the peer an anchor peer of each channel it has joined that has none of its member.

        Returns whether anything was changed. Raises :class:`FabricError`.
        """
        ...

    def forget_network(self, network_id: str) -> None:
        """Delete the network's keys and blocks."""
        ...

    def forget_member(self, member_id: str) -> None: ...

    def forget_node(self, node_id: str) -> None: ...

    def workload_names(self, kind: str, resource_id: str, orderers: int = 1) -> list[str]:
        """The names of a resource's workloads, whether or not they exist.

        ``kind`` is ``network``, ``member`` or ``node``.
        """
        ...
