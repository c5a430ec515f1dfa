from __future__ import annotations

import pytest

from hansa.domain.lifecycle import EDGES, IllegalEdgeError, Kind, Status, check_edge


@pytest.mark.parametrize("kind", Kind)
def test_every_life_can_end(kind: Kind) -> None:
    """From each status a path leads to DELETED, and from DELETED nowhere."""
    assert EDGES[kind][Status.DELETED] == frozenset()
    for start in EDGES[kind]:
        reached = {start}
        while more := {after for s in reached for after in EDGES[kind][s]} - reached:
            reached |= more
        assert Status.DELETED in reached


def test_only_edges_of_the_table_are_legal() -> None:
    check_edge(Kind.NODE, Status.CREATING, Status.AVAILABLE)
    with pytest.raises(IllegalEdgeError, match="a network cannot go from DELETED to AVAILABLE"):
        check_edge(Kind.NETWORK, Status.DELETED, Status.AVAILABLE)
