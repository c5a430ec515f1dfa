"""From the store's rows to Fabric's facts."""

from __future__ import annotations

from collections.abc import Iterable

from hansa.domain.endpoints import Endpoints
from hansa.domain.lifecycle import Status
from hansa.fabric.base import MemberFacts, NetworkFacts, NodeFacts
from hansa.store.cipher import Cipher
from hansa.store.database import Session
from hansa.store.networks import require_network
from hansa.store.nodes import present_nodes
from hansa.store.ports import ports_of
from hansa.store.tables import Member, Network, Node


def network_facts(session: Session, network: Network) -> NetworkFacts:
    return NetworkFacts(
        network_id=network.id,
        region=network.region,
        founder_member_id=network.founder_member_id,
        orderer_ports=_orderer_ports(session, network),
    )


def member_facts(session: Session, cipher: Cipher, member: Member) -> MemberFacts:
    """The member, with its secrets opened."""
    network = require_network(session, member.network_id)
    ports = ports_of(session, member.id)
    return MemberFacts(
        member_id=member.id,
        network_id=member.network_id,
        region=network.region,
        ca_port=ports["ca", 0],
        operations_port=ports["operations", 0],
        admin_username=member.admin_username,
        admin_password=cipher.decrypt(member.admin_password) if member.admin_password else "",
        registrar_secret=cipher.decrypt(member.registrar_secret),
        orderer_ports=_orderer_ports(session, network),
    )


def node_facts(session: Session, node: Node) -> NodeFacts:
    """The peer, with its older siblings to find the others by."""
    network = require_network(session, node.network_id)
    ports = ports_of(session, node.id)
    # Older ones only: a new node must not change, and so restart, those that run.
    siblings = [
        other.id for other in present_nodes(session, node.member_id) if other.number < node.number
    ]
    return NodeFacts(
        node_id=node.id,
        member_id=node.member_id,
        network_id=node.network_id,
        region=network.region,
        peer_port=ports["peer", 0],
        chaincode_port=ports["chaincode", 0],
        operations_port=ports["operations", 0],
        instance_type=node.instance_type,
        siblings=tuple(
            (sibling, port)
            for sibling in siblings
            if (port := ports_of(session, sibling).get(("peer", 0))) is not None
        ),
        orderer_ports=_orderer_ports(session, network),
    )


def peer_endpoint(endpoints: Endpoints, node: NodeFacts) -> str:
    """The peer's public ``HOST:PORT``."""
    spelled = endpoints.in_region(node.region)
    return spelled.peer(node.node_id, node.member_id, node.network_id, node.peer_port)


def orderer_endpoints(endpoints: Endpoints, network: NetworkFacts) -> list[str]:
    """The public ``HOST:PORT`` of the network's orderers, in order."""
    spelled = endpoints.in_region(network.region)
    return [
        spelled.orderer(network.network_id, ordinal, port)
        for ordinal, (port, _) in enumerate(network.orderer_ports)
    ]


def available_nodes(session: Session, member_ids: Iterable[str]) -> list[NodeFacts]:
    """The nodes of these members that are AVAILABLE."""
    return [
        node_facts(session, node)
        for member_id in member_ids
        for node in present_nodes(session, member_id)
        if node.status == Status.AVAILABLE
    ]


def _orderer_ports(session: Session, network: Network) -> tuple[tuple[int, int], ...]:
    ports = ports_of(session, network.id)
    return tuple(
        (ports["orderer", ordinal], ports["operations", ordinal])
        for ordinal in range(network.orderers)
        if ("orderer", ordinal) in ports
    )
