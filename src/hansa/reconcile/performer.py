"""Performs operations: one step after another, each of which finds done what was done before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from hansa.domain.errors import ServiceError
from hansa.domain.operation import OperationStatus, StepStatus
from hansa.fabric.base import FabricError
from hansa.fabric.rpc.connections import UnreachableError
from hansa.reconcile.worker import BACKOFF_SECONDS
from hansa.store.database import Session, Store
from hansa.store.faults import StoreError
from hansa.store.operation_tables import Operation
from hansa.store.operations import (
    claim_operation,
    end_operation,
    expire_operation_leases,
    held_operation,
    next_operation_due,
    release_operation,
    set_step,
)
from hansa.store.proposals import fail_proposal

log = structlog.get_logger()

# Longer than any step: a build of chaincode may take minutes.
LEASE = timedelta(minutes=15)


THERE = "It was there"
"""What a step tells that found nothing to do."""


@dataclass(frozen=True)
class Step:
    """``act`` may be repeated; it returns what is worth telling.

    It raises :class:`FabricError`, or :class:`UnreachableError` where it may succeed later.
    """

    name: str
    act: Callable[[], str]


def told(act: Callable[[], bool]) -> str:
    """What a step tells whose ``act`` returns whether it had anything to do."""
    return "" if act() else THERE


Planner = Callable[[Session, Operation], Sequence[Step]]
"""The steps of an operation, from what it asks for and what the store says now.

Raises :class:`~hansa.domain.errors.ServiceError` where something it needs is gone.
"""


class Performer:
    """Performs operations of ``planners``, by action. Several may share a store.

    ``step_seconds_max`` is how long a step may fail in a way that may pass; seconds.
    """

    def __init__(
        self,
        name: str,
        store: Store,
        planners: Mapping[str, Planner],
        now: Callable[[], datetime],
        step_seconds_max: float,
    ) -> None:
        self._name = name
        self._store = store
        self._planners = planners
        self._now = now
        self._step_seconds_max = step_seconds_max

    def begin(self) -> None:
        """End leases of a service that was here before. Call once, before the first round."""
        with self._store.write() as session:
            expire_operation_leases(session)

    def next_due(self) -> datetime | None:
        """When there will be something to do, if nobody asks for anything before."""
        with self._store.read() as session:
            return next_operation_due(session)

    def run_once(self) -> bool:
        """Perform the operation that is longest due; False where none is."""
        with self._store.write() as session:
            operation = claim_operation(session, self._name, self._now(), LEASE)
            if operation is None:
                return False
        try:
            self._perform(operation.id)
        except FabricError as fault:
            self._fail(operation.id, str(fault))
        except ServiceError as fault:
            self._fail(operation.id, fault.message)
        except StoreError:
            raise  # such as a full disk: the lease ends, and the operation goes on then
        except Exception:
            log.exception("operation.fault", operation=operation.id)
            self._fail(operation.id, "An internal fault of the service; its log says more")
        return True

    def _perform(self, operation_id: str) -> None:
        steps, reached = self._plan(operation_id)
        for index, step in enumerate(steps):
            if not self._enter(operation_id, index):
                return
            try:
                detail = step.act()
            except UnreachableError as fault:
                if self._put_off(operation_id, index, str(fault)):
                    return
                raise
            self._leave(operation_id, index, detail, is_news=index >= reached)
        with self._store.write() as session:
            operation = held_operation(session, operation_id, self._name)
            if operation is not None:
                end_operation(operation, OperationStatus.SUCCEEDED, "", self._now())

    def _plan(self, operation_id: str) -> tuple[Sequence[Step], int]:
        """The steps, recorded unless those of an earlier attempt are; and how many it has done."""
        with self._store.write() as session:
            operation = held_operation(session, operation_id, self._name)
            if operation is None:
                return (), 0
            steps = self._planners[operation.action](session, operation)
            if [step["Name"] for step in operation.steps] != [step.name for step in steps]:
                operation.steps = [
                    {"Name": step.name, "Status": StepStatus.PENDING, "Detail": ""}
                    for step in steps
                ]
            done = [step for step in operation.steps if step["Status"] == StepStatus.DONE]
            return steps, len(done)

    def _enter(self, operation_id: str, index: int) -> bool:
        """Record that a step begins; False where the operation is to go no further."""
        with self._store.write() as session:
            operation = held_operation(session, operation_id, self._name)
            if operation is None:
                return False
            if operation.cancel_requested:
                reason = "It was cancelled; the steps that are done stay done"
                end_operation(operation, OperationStatus.CANCELLED, reason, self._now())
                return False
            operation.lease_until = self._now() + LEASE
            set_step(operation, index, Status=StepStatus.IN_PROGRESS)
            return True

    def _leave(self, operation_id: str, index: int, detail: str, *, is_news: bool) -> None:
        """Record that a step is done; where ``is_news``, later ones have all their time again."""
        with self._store.write() as session:
            operation = held_operation(session, operation_id, self._name)
            if operation is not None:
                if is_news:
                    operation.attempts = 0
                    operation.failing_since = None
                set_step(operation, index, Status=StepStatus.DONE, Detail=detail)

    def _put_off(self, operation_id: str, index: int, reason: str) -> bool:
        """Try the step again later; False where it has failed for too long."""
        with self._store.write() as session:
            operation = held_operation(session, operation_id, self._name)
            if operation is None:
                return True
            now = self._now()
            operation.failing_since = operation.failing_since or now
            if (now - operation.failing_since).total_seconds() > self._step_seconds_max:
                return False
            delay = BACKOFF_SECONDS[min(operation.attempts, len(BACKOFF_SECONDS) - 1)]
            operation.attempts += 1
            set_step(operation, index, Detail=f"It is tried again, since {reason}")
            release_operation(operation, now + timedelta(seconds=delay))
            return True

    def _fail(self, operation_id: str, reason: str) -> None:
        log.warning("operation.failed", operation=operation_id, reason=reason)
        with self._store.write() as session:
            operation = held_operation(session, operation_id, self._name)
            if operation is None:
                return
            failed = ""
            for index, step in enumerate(operation.steps):
                if step["Status"] == StepStatus.IN_PROGRESS:
                    set_step(operation, index, Status=StepStatus.FAILED, Detail=reason)
                    failed = step["Name"]
            end_operation(operation, OperationStatus.FAILED, reason, self._now())
            if operation.proposal_id is not None:
                told = f"{failed}: {reason}" if failed else reason
                fail_proposal(
                    session, operation.network_id, operation.proposal_id, told, self._now()
                )
