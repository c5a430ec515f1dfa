"""How many orderers it takes to order a channel, and what that allows. Pure.

Source: Raft, as Fabric's etcdraft has it: more than half of a channel's consenters have to run.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True)
class Quorum:
    """``consenters`` of a channel, and the orderers that are ``running``, by their ports."""

    consenters: frozenset[int]
    running: frozenset[int]

    @property
    def needed(self) -> int:
        return len(self.consenters) // 2 + 1

    @property
    def present(self) -> int:
        """How many of the consenters run."""
        return len(self.consenters & self.running)

    @property
    def holds(self) -> bool:
        return self.present >= self.needed

    @property
    def tolerates_loss(self) -> bool:
        """Whether it would hold if one more consenter stopped."""
        return self.present - 1 >= self.needed


def ways(before: AbstractSet[int], after: AbstractSet[int]) -> Iterator[frozenset[int]]:
    """The sets of consenters from one to the other, one step each: who comes, then who goes."""
    current = frozenset(before)
    for coming in sorted(after - before):
        current |= {coming}
        yield current
    for going in sorted(before - after):
        current -= {going}
        yield current


def lost_on_the_way(
    before: AbstractSet[int], after: AbstractSet[int], running: AbstractSet[int]
) -> Quorum | None:
    """The first step from one set to the other that would not hold; None where all do."""
    steps = (Quorum(step, frozenset(running)) for step in ways(before, after))
    return next((quorum for quorum in steps if not quorum.holds), None)
