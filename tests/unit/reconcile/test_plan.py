"""The planner: every row of the table of situations."""

from __future__ import annotations

import itertools

import pytest

from hansa.domain.lifecycle import Kind, Status
from hansa.domain.workload import Phase
from hansa.reconcile.plan import Patience, Snapshot, Step, next_step

PATIENCE = Patience(create_seconds_max=300, unhealthy_seconds=5)
READY, ABSENT, STARTING, DOWN, STOPPED = (
    Phase.READY,
    Phase.ABSENT,
    Phase.STARTING,
    Phase.DOWN,
    Phase.STOPPED,
)


def seen(status: Status, *phases: Phase, kind: Kind = Kind.NODE, **more: object) -> Snapshot:
    return Snapshot(kind=kind, status=status, phases=phases, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("snapshot", "step"),
    [
        (seen(Status.CREATING, ABSENT), Step.START),
        (seen(Status.CREATING, READY, ABSENT), Step.START),
        (seen(Status.CREATING, STOPPED), Step.START),
        (seen(Status.CREATING, STARTING), Step.AWAIT),
        (seen(Status.CREATING, READY, DOWN), Step.AWAIT),
        (seen(Status.CREATING, READY), Step.BECOME_AVAILABLE),
        (seen(Status.CREATING, READY, kind=Kind.MEMBER, complete=False), Step.COMPLETE),
        (seen(Status.CREATING, READY, prerequisite=Status.CREATING), Step.WAIT),
        (seen(Status.CREATING, READY, prerequisite=Status.AVAILABLE), Step.BECOME_AVAILABLE),
        (seen(Status.CREATING, READY, prerequisite=Status.CREATE_FAILED), Step.FAIL_CREATION),
        (seen(Status.CREATING, DOWN, failing_seconds=300), Step.AWAIT),
        (seen(Status.CREATING, DOWN, failing_seconds=301), Step.FAIL_CREATION),
        (seen(Status.AVAILABLE, READY), Step.TEND),
        (seen(Status.AVAILABLE, ABSENT), Step.START),
        (seen(Status.AVAILABLE, STOPPED), Step.START),
        (seen(Status.AVAILABLE, DOWN), Step.WAIT),
        (seen(Status.AVAILABLE, DOWN, failing_seconds=5), Step.WAIT),
        (seen(Status.AVAILABLE, DOWN, failing_seconds=6), Step.BECOME_UNHEALTHY),
        (seen(Status.AVAILABLE, DOWN, kind=Kind.MEMBER, failing_seconds=6), Step.WAIT),
        (seen(Status.UPDATING, READY), Step.BECOME_AVAILABLE),
        (seen(Status.UNHEALTHY, READY), Step.BECOME_AVAILABLE),
        (seen(Status.UNHEALTHY, DOWN, failing_seconds=60), Step.WAIT),
        (seen(Status.FAILED, READY), Step.BECOME_AVAILABLE),
        (seen(Status.DELETING, READY), Step.REMOVE),
        (seen(Status.DELETING, READY, dependents=1), Step.WAIT),
        (seen(Status.DELETING, ABSENT, DOWN), Step.REMOVE),
        (seen(Status.DELETING, ABSENT), Step.BECOME_DELETED),
        (seen(Status.CREATE_FAILED, DOWN), Step.REMOVE),
        (seen(Status.CREATE_FAILED, ABSENT), Step.DROP),
        (seen(Status.DELETED, ABSENT), Step.DROP),
    ],
)
def test_next_step(snapshot: Snapshot, step: Step) -> None:
    assert next_step(snapshot, PATIENCE) is step


def test_every_situation_has_a_step() -> None:
    """No combination raises, and nothing that is to go is ever started."""
    for kind, status, first, second in itertools.product(Kind, Status, Phase, Phase):
        step = next_step(seen(status, first, second, kind=kind), PATIENCE)
        if status in (Status.DELETING, Status.DELETED, Status.CREATE_FAILED):
            assert step in (Step.REMOVE, Step.BECOME_DELETED, Step.DROP)
