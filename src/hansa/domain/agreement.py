"""Whose signatures a thing takes: conditions on members, and what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True)
class Signature:
    """Fulfilled by a signature of ``member``."""

    member: str


@dataclass(frozen=True)
class OutOf:
    """Fulfilled by ``needed`` of ``parts``; where ``apart``, each signature counts once."""

    needed: int
    parts: tuple[Condition, ...]
    apart: bool = False


Condition = Signature | OutOf

ALWAYS = OutOf(0, ())
NEVER = OutOf(1, ())


def all_of(conditions: Sequence[Condition]) -> Condition:
    """Fulfilled where all are."""
    return OutOf(len(conditions), tuple(conditions))


def holds(condition: Condition, signers: Collection[str]) -> bool:
    """Whether one signature of each of ``signers`` fulfils it."""
    return _left(condition, frozenset(signers)) is not None


def _left(condition: Condition, signers: frozenset[str]) -> frozenset[str] | None:
    """The signatures that are left once it is fulfilled; None where it is not.

    In the order in which Fabric counts: ``compile`` of its ``common/cauthdsl``.
    """
    if isinstance(condition, Signature):
        return signers - {condition.member} if condition.member in signers else None
    left, found = signers, 0
    for part in condition.parts:
        rest = _left(part, left if condition.apart else signers)
        if rest is not None:
            left, found = rest, found + 1
    return left if found >= condition.needed else None


def indispensable(condition: Condition, members: Collection[str]) -> list[str]:
    """Those of ``members`` without whom the others do not fulfil it; sorted."""
    return [
        member
        for member in sorted(members)
        if not holds(condition, [other for other in members if other != member])
    ]


def fewest(condition: Condition, members: Collection[str]) -> int | None:
    """How many of ``members`` fulfil it at least; None where all of them do not."""
    if not holds(condition, members):
        return None
    needed = indispensable(condition, members)
    others = sorted({*members} - {*needed})
    for more in range(len(others)):
        if any(holds(condition, [*needed, *chosen]) for chosen in combinations(others, more)):
            return len(needed) + more
    return len(members)
