"""The next step for a resource: a pure function of what is wanted and what is seen.

The planner never asks how a resource came to be where it is, so it does not matter which step a
crash came after.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hansa.domain.lifecycle import Admission, Kind, Status
from hansa.domain.workload import Phase


class Step(StrEnum):
    """What to do next about a resource."""

    START = "START"  # apply its workloads
    AWAIT = "AWAIT"  # wait until they are ready
    COMPLETE = "COMPLETE"  # a member's CA runs: enroll the service, drop the password
    ADMIT = "ADMIT"  # a member's CA is set up: add it to the network's consortium
    EXPEL = "EXPEL"  # a member leaves others behind: take it out of consortium and channels
    BECOME_AVAILABLE = "BECOME_AVAILABLE"
    BECOME_UNHEALTHY = "BECOME_UNHEALTHY"
    FAIL_CREATION = "FAIL_CREATION"
    REMOVE = "REMOVE"  # end its workloads and delete their data
    BECOME_DELETED = "BECOME_DELETED"  # forget its keys, release its ports
    WAIT = "WAIT"  # for another resource, or for the driver: look again soon
    TEND = "TEND"  # all is well: look again when something changes
    DROP = "DROP"  # nothing will ever have to be done again


@dataclass(frozen=True)
class Snapshot:
    """One resource as it is.

    ``phases`` are those of its workloads; ``dependents`` is how many resources have to be deleted
    before it; ``prerequisite`` is the status of the resource it becomes AVAILABLE with (a network's
    founder), if any; ``complete`` is False for a member whose CA still has to be set up.
    ``admission`` is a member's to the consortium of its network; ``stays_without`` says that the
    network goes on when it leaves. ``failing_seconds`` is how long its steps have failed or, once
    it runs, its processes have not been ready; None where all is well.
    """

    kind: Kind
    status: Status
    phases: tuple[Phase, ...]
    dependents: int = 0
    prerequisite: Status | None = None
    complete: bool = True
    admission: Admission = Admission.ADMITTED
    stays_without: bool = False
    failing_seconds: float | None = None


@dataclass(frozen=True)
class Patience:
    """How long to bear with a failing creation, and with a node that is down; seconds."""

    create_seconds_max: float
    unhealthy_seconds: float


def next_step(seen: Snapshot, patience: Patience) -> Step:
    """The step that brings the resource nearer to what its status asks for."""
    if seen.status is Status.CREATING:
        return _creating(seen, patience)
    if seen.status is Status.DELETING:
        return _deleting(seen)
    if seen.status is Status.CREATE_FAILED:
        return Step.DROP if _all(seen, Phase.ABSENT) else Step.REMOVE
    if seen.status is Status.DELETED:
        return Step.DROP
    return _running(seen, patience)


def _creating(seen: Snapshot, patience: Patience) -> Step:
    failing = seen.failing_seconds
    hopeless = failing is not None and failing > patience.create_seconds_max
    if hopeless or seen.prerequisite in (Status.CREATE_FAILED, Status.DELETING, Status.DELETED):
        return Step.FAIL_CREATION
    if _any(seen, Phase.ABSENT, Phase.STOPPED):
        return Step.START
    if not _all(seen, Phase.READY):
        return Step.AWAIT
    if not seen.complete:
        return Step.COMPLETE
    if seen.admission is not Admission.ADMITTED:
        return Step.ADMIT
    return Step.WAIT if seen.prerequisite is Status.CREATING else Step.BECOME_AVAILABLE


def _deleting(seen: Snapshot) -> Step:
    if seen.dependents:
        return Step.WAIT
    if seen.stays_without and seen.admission is not Admission.NONE:
        return Step.EXPEL
    return Step.BECOME_DELETED if _all(seen, Phase.ABSENT) else Step.REMOVE


def _running(seen: Snapshot, patience: Patience) -> Step:
    if _any(seen, Phase.ABSENT, Phase.STOPPED):
        return Step.START
    if _all(seen, Phase.READY):
        return Step.TEND if seen.status is Status.AVAILABLE else Step.BECOME_AVAILABLE
    if seen.kind is Kind.NODE and seen.status in (Status.AVAILABLE, Status.UPDATING):
        failing = seen.failing_seconds
        if failing is not None and failing > patience.unhealthy_seconds:
            return Step.BECOME_UNHEALTHY
    return Step.WAIT


def _any(seen: Snapshot, *phases: Phase) -> bool:
    return any(phase in phases for phase in seen.phases)


def _all(seen: Snapshot, phase: Phase) -> bool:
    return all(found is phase for found in seen.phases)
