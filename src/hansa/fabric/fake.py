"""Fabric without Fabric, for speed and for faults: no keys, no blocks, the same promises.

``FakeMaterial`` is what would be on disk and outlives the service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hansa.domain.workload import Probe, Program, Workload
from hansa.fabric.base import MemberFacts, NetworkFacts, NodeFacts


@dataclass
class FakeMaterial:
    """``made`` holds the ids of resources whose keys exist; ``enrolled`` those of members whose
    CA knows the service; ``passwords`` the bootstrap passwords that a CA has been given.
    """

    made: set[str] = field(default_factory=set)
    enrolled: set[str] = field(default_factory=set)
    passwords: dict[str, str] = field(default_factory=dict)
    announced: set[str] = field(default_factory=set)
    consortium: set[str] = field(default_factory=set)


class FakeFabric:
    """Implements :class:`hansa.fabric.base.Fabric` on a :class:`FakeMaterial`.

    ``faults`` is called with the name of each point that is passed, and raises what is to go wrong.
    """

    def __init__(
        self, material: FakeMaterial, faults: Callable[[str], None] = lambda _point: None
    ) -> None:
        self._material = material
        self._faults = faults

    def network_workloads(self, network: NetworkFacts) -> list[Workload]:
        self._faults(f"make {network.network_id}")
        self._material.made |= {network.network_id, network.founder_member_id}
        self._material.consortium.add(network.founder_member_id)
        self._faults(f"made {network.network_id}")
        return [
            _workload(
                f"{network.network_id}-orderer{i}", network.network_id, Program.ORDERER, ports
            )
            for i, ports in enumerate(network.orderer_ports)
        ]

    def member_workloads(self, member: MemberFacts) -> list[Workload]:
        self._faults(f"make {member.member_id}")
        self._material.made.add(member.member_id)
        if member.admin_password:
            self._material.passwords[member.member_id] = member.admin_password
        self._faults(f"made {member.member_id}")
        return [self._ca(member)]

    def complete_member(self, member: MemberFacts) -> Workload:
        self._faults(f"enroll {member.member_id}")
        self._material.enrolled.add(member.member_id)
        self._faults(f"enrolled {member.member_id}")
        return self._ca(member)

    def admit_member(self, network: NetworkFacts, member_id: str) -> None:
        self._faults(f"admit {member_id} to {network.network_id}")
        self._material.consortium.add(member_id)
        self._faults(f"admitted {member_id}")

    def expel_member(
        self, network: NetworkFacts, member_id: str, remaining: tuple[str, ...]
    ) -> None:
        self._faults(f"expel {member_id} from {network.network_id} of {len(remaining)}")
        self._material.consortium.discard(member_id)
        self._faults(f"expelled {member_id}")

    def node_workloads(self, node: NodeFacts) -> list[Workload]:
        self._faults(f"make {node.node_id}")
        self._material.made.add(node.node_id)
        self._faults(f"made {node.node_id}")
        ports = (node.peer_port, node.chaincode_port, node.operations_port)
        return [_workload(f"{node.node_id}-peer", node.node_id, Program.PEER, ports)]

    def announce_node(self, node: NodeFacts) -> bool:
        self._faults(f"announce {node.node_id}")
        before = len(self._material.announced)
        self._material.announced.add(node.node_id)
        return len(self._material.announced) > before

    def forget_network(self, network_id: str) -> None:
        self._forget(network_id)

    def forget_member(self, member_id: str) -> None:
        self._forget(member_id)

    def forget_node(self, node_id: str) -> None:
        self._forget(node_id)

    def workload_names(self, kind: str, resource_id: str, orderers: int = 1) -> list[str]:
        if kind == "network":
            return [f"{resource_id}-orderer{ordinal}" for ordinal in range(orderers)]
        return [f"{resource_id}-{'ca' if kind == 'member' else 'peer'}"]

    def _forget(self, resource_id: str) -> None:
        self._faults(f"forget {resource_id}")
        material = self._material
        for ids in (material.made, material.enrolled, material.announced, material.consortium):
            ids.discard(resource_id)
        self._material.passwords.pop(resource_id, None)
        self._faults(f"forgot {resource_id}")

    def _ca(self, member: MemberFacts) -> Workload:
        ports = (member.ca_port, member.operations_port)
        name = f"{member.member_id}-ca"
        return _workload(name, member.member_id, Program.FABRIC_CA_SERVER, ports)


def _workload(name: str, resource_id: str, program: Program, ports: tuple[int, ...]) -> Workload:
    return Workload(
        name=name,
        resource_id=resource_id,
        program=program,
        arguments=(),
        environment={},
        files={},
        ports=ports,
        hostnames=(),
        probe=Probe(url=f"http://127.0.0.1:{ports[-1]}/healthz"),
    )
