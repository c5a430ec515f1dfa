"""One round of work: claim a resource, look, plan, do one step, record what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from hansa.domain.lifecycle import Kind, Status
from hansa.domain.workload import Observation, Phase
from hansa.drivers.base import Driver, DriverError, PermanentDriverError, PortTakenError
from hansa.fabric.base import Fabric, FabricError
from hansa.reconcile.acts import Acts, enter_status
from hansa.reconcile.nouns import Facts, facts_of, relations_of, workload_names_of
from hansa.reconcile.plan import Patience, Snapshot, Step, next_step
from hansa.store.database import Session, Store
from hansa.store.resources import Resource, get_resource, kind_of
from hansa.store.tables import Work
from hansa.store.work import claim_work, expire_leases, next_due

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
TEND_SECONDS = 3600.0  # the sweep brings forward what changes before
WAIT_SECONDS = 1.0  # what it waits for wakes it; this is for a wake that was lost in a crash
BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


@dataclass(frozen=True)
class Claim:
    """A resource this worker holds the lease of, with all that planning and acting need."""

    kind: Kind
    resource_id: str
    generation: int
    status: Status
    failing_since: datetime | None
    snapshot: Snapshot
    facts: Facts | None
    seen: tuple[Observation, ...]


class Worker:
    """Makes resources true, one step of one resource at a time.

    Several workers may share a store. ``reserve_again`` gives a resource that is still CREATING
    another port for one that a stranger holds.
    """

    def __init__(
        self,
        name: str,
        store: Store,
        driver: Driver,
        fabric: Fabric,
        now: Callable[[], datetime],
        patience: Patience,
        reserve_again: Callable[[Session, str, int], None],
    ) -> None:
        self._name = name
        self._store = store
        self._driver = driver
        self._fabric = fabric
        self._now = now
        self._patience = patience
        self._reserve_again = reserve_again
        self._acts = Acts(store, driver, fabric, now)

    def run_once(self) -> bool:
        """Do what is longest due; False where nothing is due."""
        with self._store.write() as session:
            work = claim_work(session, self._name, self._now(), LEASE)
            if work is None:
                return False
        try:
            self._work_on(work)
        except Exception:
            # Such as a store that is out of disk: nobody may wait for this lease to end by itself.
            self._give_back(work.resource_id)
            raise
        return True

    def _work_on(self, work: Work) -> None:
        claim = self._look(work)
        if claim is None:
            return
        step = next_step(claim.snapshot, self._patience)
        try:
            if step not in (Step.TEND, Step.WAIT, Step.DROP):
                self._acts.do(
                    step, claim.kind, claim.resource_id, claim.status, claim.facts, claim.seen
                )
        except (DriverError, FabricError, OSError) as fault:
            self._record_failure(claim, fault)
        except Exception as fault:
            log.exception("reconcile.fault", resource=claim.resource_id, step=step)
            self._record_failure(claim, fault)
        else:
            self._record_success(claim, step)

    def _give_back(self, resource_id: str) -> None:
        """End the lease of a look that failed; it is looked at again in a moment."""
        with self._store.write() as session:
            work = session.get(Work, resource_id)
            if work is not None and work.lease_owner == self._name:
                work.due_at = self._now() + timedelta(seconds=WAIT_SECONDS)
                work.lease_owner = None
                work.lease_until = None

    def next_due(self) -> datetime | None:
        """When there will be something to do, if nobody asks for anything before."""
        with self._store.read() as session:
            return next_due(session)

    def begin(self) -> None:
        """End leases of a service that was here before. Call once, before the first round."""
        with self._store.write() as session:
            expire_leases(session)

    def _look(self, work: Work) -> Claim | None:
        """The claimed resource as it is; None, and the work is dropped, where there is none."""
        kind = Kind(work.kind)
        with self._store.read() as session:
            resource = get_resource(session, kind, work.resource_id)
            if resource is None:
                self._drop(work.resource_id)
                return None
            status = Status(resource.status)
            relations = relations_of(session, resource)
            names = workload_names_of(self._fabric, resource)
            gone = status in _ENDING
            facts = None if gone else facts_of(session, self._store.cipher, resource)
        # A look at the machine may take a while: no transaction waits for it.
        seen = tuple(self._driver.observe(name) for name in names)
        failing_since = self._failing_since(work, status, seen)
        snapshot = Snapshot(
            kind=kind,
            status=status,
            phases=tuple(observation.phase for observation in seen),
            dependents=relations.dependents,
            prerequisite=relations.prerequisite,
            complete=relations.complete,
            admission=relations.admission,
            stays_without=relations.stays_without,
            failing_seconds=(
                None if failing_since is None else (self._now() - failing_since).total_seconds()
            ),
        )
        return Claim(
            kind, work.resource_id, work.generation, status, failing_since, snapshot, facts, seen
        )  # fmt: skip

    def _failing_since(
        self, work: Work, status: Status, seen: tuple[Observation, ...]
    ) -> datetime | None:
        """Since when a resource that is being created fails, or one that should run does not."""
        if status is Status.CREATING or status in _ENDING:
            return work.failing_since
        if all(observation.phase is Phase.READY for observation in seen):
            return None
        return work.failing_since or self._now()

    def _drop(self, resource_id: str) -> None:
        with self._store.write() as session:
            work = session.get(Work, resource_id)
            if work is not None:
                session.delete(work)

    def _record_success(self, claim: Claim, step: Step) -> None:
        with self._store.write() as session:
            work = self._own(session, claim)
            if work is None:
                return
            if step is Step.DROP and work.generation == claim.generation:
                session.delete(work)
                return
            work.attempts = 0
            work.failing_since = claim.failing_since
            if step is Step.WAIT and claim.status is Status.UNHEALTHY:
                self._renew_reason(session, claim)
            self._release(work, claim, _DUE_IN_SECONDS.get(step, 0))

    def _renew_reason(self, session: Session, claim: Claim) -> None:
        """Why a node is down may change while it is: its port may be taken meanwhile."""
        resource = get_resource(session, claim.kind, claim.resource_id)
        reason = next((seen.reason for seen in claim.seen if seen.reason), "")
        if resource is not None and resource.status == claim.status and reason:
            resource.status_reason = reason

    def _record_failure(self, claim: Claim, fault: Exception) -> None:
        log.warning("reconcile.failed", resource=claim.resource_id, reason=str(fault))
        with self._store.write() as session:
            work = self._own(session, claim)
            resource = get_resource(session, claim.kind, claim.resource_id)
            if work is None or resource is None:
                return
            work.failing_since = claim.failing_since or self._now()
            delay = BACKOFF_SECONDS[min(work.attempts, len(BACKOFF_SECONDS) - 1)]
            work.attempts += 1
            self._release(work, claim, delay)
            if isinstance(fault, PortTakenError) and claim.status is Status.CREATING:
                self._reserve_again(session, resource.id, fault.port)
            if resource.status == claim.status:
                self._record_reason(session, resource, fault)

    def _record_reason(self, session: Session, resource: Resource, fault: Exception) -> None:
        expected = isinstance(fault, DriverError | FabricError | OSError)
        reason = str(fault) if expected else "An internal fault of the service; its log says more"
        after = _after_permanent_failure(kind_of(resource), Status(resource.status))
        if isinstance(fault, PermanentDriverError) and after is not None:
            enter_status(session, resource, after, reason, self._now())
        else:
            resource.status_reason = reason

    def _own(self, session: Session, claim: Claim) -> Work | None:
        """The work row, if the lease is still this worker's."""
        work = session.get(Work, claim.resource_id)
        return work if work is not None and work.lease_owner == self._name else None

    def _release(self, work: Work, claim: Claim, due_in_seconds: float) -> None:
        if work.generation == claim.generation:
            work.due_at = self._now() + timedelta(seconds=due_in_seconds)
        work.lease_owner = None
        work.lease_until = None


_ENDING = frozenset({Status.DELETED, Status.CREATE_FAILED, Status.DELETING})

_DUE_IN_SECONDS = {Step.TEND: TEND_SECONDS, Step.WAIT: WAIT_SECONDS}


def _after_permanent_failure(kind: Kind, status: Status) -> Status | None:
    """The status that says so: of a resource being created, or of a node that runs no more."""
    if status is Status.CREATING:
        return Status.CREATE_FAILED
    if kind is Kind.NODE and status in (Status.AVAILABLE, Status.UPDATING, Status.UNHEALTHY):
        return Status.FAILED
    return None
