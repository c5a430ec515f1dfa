"""Doing a step. Every act may be repeated: what was done before is found done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from hansa.domain.lifecycle import Kind, Status
from hansa.domain.workload import Observation, Phase
from hansa.drivers.base import Driver, TemporaryDriverError
from hansa.fabric.base import Fabric, MemberFacts
from hansa.reconcile.consortium import Consortium
from hansa.reconcile.nouns import Facts, forget, workloads_of
from hansa.reconcile.plan import Step
from hansa.store.database import Session, Store
from hansa.store.invitations import settle_invitation
from hansa.store.members import get_member
from hansa.store.ports import release_ports
from hansa.store.resources import Resource, change_status, get_resource
from hansa.store.tables import Member, Network, Node
from hansa.store.tags import remove_tags
from hansa.store.work import wake_work

AWAIT_SECONDS_MAX = 10.0

_CREATED = {
    Kind.NETWORK: "Network created successfully",
    Kind.MEMBER: "Network member created successfully",
    Kind.NODE: "Node created successfully",
}


class Acts:
    """The steps of the plan that change something."""

    def __init__(
        self, store: Store, driver: Driver, fabric: Fabric, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._driver = driver
        self._fabric = fabric
        self._now = now
        self._consortium = Consortium(store, fabric)

    def do(  # noqa: C901  # a flat table of steps
        self,
        step: Step,
        kind: Kind,
        resource_id: str,
        status: Status,
        facts: Facts | None,
        seen: tuple[Observation, ...],
    ) -> None:
        """Do ``step`` for a resource that was seen in ``status``.

        Raises :class:`hansa.drivers.base.DriverError`, :class:`hansa.fabric.base.FabricError`.
        """
        match step:
            case Step.START:
                self._start(facts)
            case Step.AWAIT:
                self._await(facts, seen)
            case Step.COMPLETE:
                self._complete(resource_id, facts)
            case Step.ADMIT:
                self._consortium.admit(resource_id)
            case Step.EXPEL:
                self._consortium.expel(resource_id)
            case Step.REMOVE:
                for observation in seen:
                    self._driver.remove(observation.name)
            case Step.BECOME_DELETED:
                forget(self._fabric, kind, resource_id)
                self._become(kind, resource_id, status, Status.DELETED, "Deleted")
            case Step.BECOME_AVAILABLE:
                reason = _CREATED[kind] if status is Status.CREATING else "Running"
                self._become(kind, resource_id, status, Status.AVAILABLE, reason)
            case Step.BECOME_UNHEALTHY:
                reason = next((o.reason for o in seen if o.reason), "Its process is not ready")
                self._become(kind, resource_id, status, Status.UNHEALTHY, reason)
            case Step.FAIL_CREATION:
                self._become(kind, resource_id, status, Status.CREATE_FAILED, "")

    def _start(self, facts: Facts | None) -> None:
        if facts is not None:
            for workload in workloads_of(self._fabric, facts):
                self._driver.apply(workload)

    def _await(self, facts: Facts | None, seen: tuple[Observation, ...]) -> None:
        if any(observation.phase is Phase.DOWN for observation in seen):
            # It could not start, perhaps for a port that has been reserved anew since.
            self._start(facts)
        for observation in seen:
            if observation.phase is Phase.READY:
                continue
            found = self._driver.await_ready(observation.name, AWAIT_SECONDS_MAX)
            if found.phase is not Phase.READY:
                raise TemporaryDriverError(
                    found.reason or f"{found.name} has not become ready yet; its log says more"
                )

    def _complete(self, member_id: str, facts: Facts | None) -> None:
        if not isinstance(facts, MemberFacts):
            raise TypeError(f"{member_id} is not a member")
        self._driver.amend(self._fabric.complete_member(facts))
        with self._store.write() as session:
            member = get_resource(session, Kind.MEMBER, member_id)
            if isinstance(member, Member):
                member.admin_password = None

    def _become(
        self, kind: Kind, resource_id: str, before: Status, after: Status, reason: str
    ) -> None:
        """Change the status, unless an operation changed it first."""
        with self._store.write() as session:
            resource = get_resource(session, kind, resource_id)
            if resource is None or resource.status != before:
                return
            reason = reason or _why_it_failed(session, resource)
            enter_status(session, resource, after, reason, self._now())


def enter_status(
    session: Session, resource: Resource, after: Status, reason: str, now: datetime
) -> None:
    """Change the status, and what goes with it: ports, tags, the invitation, whom it concerns."""
    before = Status(resource.status)
    change_status(session, resource, after, reason, now)
    if after is Status.DELETED:
        release_ports(session, resource.id)
        remove_tags(session, resource.id)
    if isinstance(resource, Member):
        if before is Status.CREATING:
            settle_invitation(session, resource, now)
        wake_work(session, resource.network_id, now)
    elif isinstance(resource, Node):
        wake_work(session, resource.member_id, now)


def _why_it_failed(session: Session, resource: Resource) -> str:
    """The fault of its own last step, or that of the member without which there is no network."""
    if isinstance(resource, Network):
        founder = get_member(session, resource.id, resource.founder_member_id)
        if founder is not None and founder.status == Status.CREATE_FAILED:
            return f"Its first member {founder.id} was not created: {founder.status_reason}"
    return resource.status_reason
