"""What nobody asked for: processes that die or recover, peers that join channels, orphans."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from hansa.domain.lifecycle import Status
from hansa.domain.voting import InvitationStatus
from hansa.domain.workload import Phase
from hansa.drivers.base import Driver, DriverError
from hansa.fabric.base import Fabric, FabricError, NodeFacts
from hansa.operations.facts import node_facts
from hansa.reconcile.nouns import workload_names_of
from hansa.store.database import Store
from hansa.store.events import record_invitation_event
from hansa.store.invitations import overdue_invitations
from hansa.store.networks import require_network
from hansa.store.proposals import expire_proposal, overdue_proposals
from hansa.store.resources import Resource, kind_of, present_resources
from hansa.store.tables import Node, Work
from hansa.store.work import add_work, wake_work

log = structlog.get_logger()

_STEADY = (Status.AVAILABLE, Status.UPDATING, Status.UNHEALTHY, Status.FAILED)
ANNOUNCE_AGAIN_SECONDS_MAX = 60.0


class Sweep:
    """Looks over everything now and then, and asks for work where status and sight differ."""

    def __init__(
        self, store: Store, driver: Driver, fabric: Fabric, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._driver = driver
        self._fabric = fabric
        self._now = now
        self._announce_at: dict[str, datetime] = {}
        self._announce_failures: dict[str, int] = {}

    def begin(self) -> None:
        """After a start of the service: look at everything, and end what nobody wants."""
        wanted: set[str] = set()
        with self._store.write() as session:
            for resource in present_resources(session):
                wanted.update(workload_names_of(self._fabric, resource))
                add_work(session, kind_of(resource), resource.id, self._now())
        for name in list(self._driver.names()):
            if name not in wanted:
                log.warning("sweep.orphan", workload=name)
                self._driver.remove(name)

    def run_once(self) -> bool:
        """Ask for work where it is needed; whether any was asked for, or an event recorded."""
        expired = self._expire()
        with self._store.read() as session:
            steady = [r for r in present_resources(session) if r.status in _STEADY]
            changed = [r.id for r in steady if self._differs(r)]
            nodes = [
                node_facts(session, resource)
                for resource in steady
                if isinstance(resource, Node) and resource.id not in changed
            ]
        if changed:
            self._wake(changed)
        for facts in nodes:
            self._announce(facts)
        return bool(changed) or expired

    def _expire(self) -> bool:
        """End the proposals and invitations whose time is over; whether there were any."""
        with self._store.read() as session:
            if not overdue_proposals(session, self._now()) and not overdue_invitations(
                session, self._now()
            ):
                return False
        with self._store.write() as session:
            now = self._now()
            for proposal in overdue_proposals(session, now):
                network = require_network(session, proposal.network_id)
                expire_proposal(session, network, proposal, now)
            for invitation in overdue_invitations(session, now):
                invitation.status = InvitationStatus.EXPIRED
                record_invitation_event(
                    session, require_network(session, invitation.network_id), invitation, now
                )
        return True

    def _wake(self, resource_ids: list[str]) -> None:
        with self._store.write() as session:
            for resource_id in resource_ids:
                work = session.get(Work, resource_id)
                # One that fails already is looked at by its own schedule.
                if work is not None and work.failing_since is None:
                    wake_work(session, resource_id, self._now())
                elif work is not None:
                    work.due_at = min(work.due_at, self._now() + timedelta(seconds=1))

    def _differs(self, resource: Resource) -> bool:
        names = workload_names_of(self._fabric, resource)
        phases = [self._driver.observe(name).phase for name in names]
        ready = all(phase is Phase.READY for phase in phases)
        return ready != (resource.status == Status.AVAILABLE)

    def _announce(self, facts: NodeFacts) -> None:
        now = self._now()
        if now < self._announce_at.get(facts.node_id, now):
            return
        try:
            if self._fabric.announce_node(facts):
                log.info("sweep.announced", node=facts.node_id)
            self._announce_failures.pop(facts.node_id, None)
        except (FabricError, DriverError, OSError) as fault:
            failures = self._announce_failures.get(facts.node_id, 0) + 1
            self._announce_failures[facts.node_id] = failures
            delay = min(2.0**failures, ANNOUNCE_AGAIN_SECONDS_MAX)
            self._announce_at[facts.node_id] = now + timedelta(seconds=delay)
            log.warning("sweep.announce_failed", node=facts.node_id, reason=str(fault))
