"""How many orderers it takes."""

from __future__ import annotations

import pytest

from hansa.domain.quorum import Quorum, lost_on_the_way, ways

ALL = {1, 2, 3}


@pytest.mark.parametrize(
    ("consenters", "running", "needed", "holds", "tolerates"),
    [
        ({1, 2, 3}, {1, 2, 3}, 2, True, True),
        ({1, 2, 3}, {1, 2}, 2, True, False),
        ({1, 2, 3}, {1}, 2, False, False),
        ({1, 2}, {1, 2, 3}, 2, True, False),
        ({1}, {1, 2}, 1, True, False),
        ({1}, {2, 3}, 1, False, False),
    ],
)
def test_more_than_half_have_to_run(
    consenters: set[int],
    running: set[int],
    needed: int,
    holds: bool,  # noqa: FBT001
    tolerates: bool,  # noqa: FBT001
) -> None:
    quorum = Quorum(frozenset(consenters), frozenset(running))
    assert (quorum.needed, quorum.holds, quorum.tolerates_loss) == (needed, holds, tolerates)


def test_who_comes_comes_first() -> None:
    assert [*ways({1, 2}, {3})] == [{1, 2, 3}, {2, 3}, {3}]
    assert [*ways(ALL, ALL)] == []


def test_each_step_has_to_hold() -> None:
    assert lost_on_the_way({1, 2}, {3}, ALL) is None
    assert lost_on_the_way({1, 2}, ALL, {1, 2}) is None
    lost = lost_on_the_way({1}, {1, 2, 3}, {1})
    assert lost is not None
    assert lost.consenters == {1, 2}
