"""What differs between networks, members and nodes when they are made true."""

from __future__ import annotations

from dataclasses import dataclass

from hansa.domain.lifecycle import Admission, Kind, Status
from hansa.domain.workload import Workload
from hansa.fabric.base import Fabric, MemberFacts, NetworkFacts, NodeFacts
from hansa.operations.facts import member_facts, network_facts, node_facts
from hansa.store.cipher import Cipher
from hansa.store.database import Session
from hansa.store.members import get_member, present_members
from hansa.store.networks import get_network
from hansa.store.nodes import present_nodes
from hansa.store.resources import Resource, kind_of
from hansa.store.tables import Member, Network

Facts = NetworkFacts | MemberFacts | NodeFacts


@dataclass(frozen=True)
class Relations:
    """What else bears on a resource: see :class:`hansa.reconcile.plan.Snapshot`."""

    dependents: int
    prerequisite: Status | None
    complete: bool
    admission: Admission = Admission.ADMITTED
    stays_without: bool = False


def relations_of(session: Session, resource: Resource) -> Relations:
    """What the store says about the resources that ``resource`` depends on, or that on it."""
    if isinstance(resource, Network):
        founder = get_member(session, resource.id, resource.founder_member_id)
        return Relations(
            dependents=len(present_members(session, resource.id)),
            prerequisite=Status(founder.status) if founder else None,
            complete=True,
        )
    if isinstance(resource, Member):
        nodes = len(present_nodes(session, resource.id))
        network = get_network(session, resource.network_id)
        return Relations(
            dependents=nodes,
            prerequisite=None,
            complete=resource.admin_password is None,
            admission=Admission(resource.admission),
            stays_without=network is not None and network.status == Status.AVAILABLE,
        )
    return Relations(dependents=0, prerequisite=None, complete=True)


def workload_names_of(fabric: Fabric, resource: Resource) -> list[str]:
    """The names of the resource's workloads, whether or not they exist."""
    orderers = resource.orderers if isinstance(resource, Network) else 0
    return fabric.workload_names(kind_of(resource), resource.id, orderers)


def facts_of(session: Session, cipher: Cipher, resource: Resource) -> Facts:
    if isinstance(resource, Network):
        return network_facts(session, resource)
    if isinstance(resource, Member):
        return member_facts(session, cipher, resource)
    return node_facts(session, resource)


def workloads_of(fabric: Fabric, facts: Facts) -> list[Workload]:
    match facts:
        case NetworkFacts():
            return fabric.network_workloads(facts)
        case MemberFacts():
            return fabric.member_workloads(facts)
        case NodeFacts():
            return fabric.node_workloads(facts)


def forget(fabric: Fabric, kind: Kind, resource_id: str) -> None:
    """Delete the keys and blocks of a resource that is gone."""
    match kind:
        case Kind.NETWORK:
            fabric.forget_network(resource_id)
        case Kind.MEMBER:
            fabric.forget_member(resource_id)
        case Kind.NODE:
            fabric.forget_node(resource_id)
