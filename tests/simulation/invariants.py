"""What has to hold of an installation that has settled, whatever happened before."""

from __future__ import annotations

from sqlalchemy import select
from tests.simulation.world import World

from hansa.domain.lifecycle import EDGES, Kind, Status
from hansa.domain.workload import Phase
from hansa.store.resources import transitions
from hansa.store.tables import Member, Network, Node, Port, Work

SETTLED = {Status.AVAILABLE, Status.CREATE_FAILED, Status.DELETED, Status.FAILED}


def check(world: World) -> None:
    """Converged, nothing orphaned, nothing leaked, no illegal status edge."""
    with world.store.read() as session:
        resources = [
            resource
            for table in (Network, Member, Node)
            for resource in session.scalars(select(table))
        ]
        ports = list(session.scalars(select(Port)))
        work = {row.resource_id for row in session.scalars(select(Work))}
        history = transitions(session)

    statuses = {resource.id: Status(resource.status) for resource in resources}
    unsettled = {i: s for i, s in statuses.items() if s not in SETTLED}
    assert not unsettled, f"not settled: {unsettled}"

    expected = {
        name
        for resource in resources
        if resource.status == Status.AVAILABLE
        for name in _workload_names(resource)
    }
    running = {n for n, p in world.machine.processes.items() if p.phase is Phase.READY}
    assert running == expected, "processes and intent differ"
    assert set(world.machine.processes) == expected, "orphaned processes"

    living = {i for i, s in statuses.items() if s is not Status.DELETED}
    assert {port.resource_id for port in ports} <= living, "leaked ports"
    assert world.material.made <= living, "leaked keys"
    assert work <= living, "work for what is gone"
    pids = [process.pid for process in world.machine.processes.values()]
    assert len(pids) == len(set(pids))

    for resource in resources:
        if isinstance(resource, Member) and resource.status == Status.AVAILABLE:
            assert resource.admin_password is None, "a password is kept though the CA has it"
            assert resource.id in world.material.enrolled, "a member was not completed"
    _check_history(history, statuses)


def _workload_names(resource: Network | Member | Node) -> list[str]:
    if isinstance(resource, Network):
        return [f"{resource.id}-orderer{ordinal}" for ordinal in range(resource.orderers)]
    return [f"{resource.id}-{'ca' if isinstance(resource, Member) else 'peer'}"]


def _check_history(history: list, statuses: dict[str, Status]) -> None:  # type: ignore[type-arg]
    last: dict[str, str] = {}
    for change in history:
        assert change.before == last.get(change.resource_id), f"a gap before {change.after}"
        if change.before is not None:
            legal = EDGES[Kind(change.kind)][Status(change.before)]
            assert Status(change.after) in legal, f"{change.before} -> {change.after}"
        last[change.resource_id] = change.after
    assert last == {i: s.value for i, s in statuses.items()}, "history and present differ"
