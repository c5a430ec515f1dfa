from __future__ import annotations

import pytest

from hansa.domain.agreement import (
    ALWAYS,
    NEVER,
    Condition,
    OutOf,
    Signature,
    all_of,
    fewest,
    holds,
    indispensable,
)

A, B, C = (Signature(name) for name in "abc")
MEMBERS = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("condition", "signers", "wanted"),
    [
        (A, "a", True),
        (A, "bc", False),
        (ALWAYS, "", True),
        (NEVER, "abc", False),
        (OutOf(2, (A, B, C)), "ac", True),
        (OutOf(2, (A, B, C)), "c", False),
        (all_of([A, OutOf(1, (B, C))]), "ac", True),
        (all_of([A, OutOf(1, (B, C))]), "bc", False),
        (all_of([A, A]), "a", True),
        (OutOf(2, (A, A), apart=True), "a", False),
        (OutOf(2, (OutOf(1, (A, B), apart=True), A), apart=True), "ab", False),
        (OutOf(2, (A, OutOf(1, (A, B), apart=True)), apart=True), "ab", True),
    ],
)
def test_who_fulfils_it(condition: Condition, signers: str, *, wanted: bool) -> None:
    assert holds(condition, [*signers]) is wanted


@pytest.mark.parametrize(
    ("condition", "needed", "number"),
    [
        (OutOf(2, (A, B, C)), [], 2),
        (all_of([A, OutOf(1, (B, C))]), ["a"], 2),
        (all_of([A, B, C]), MEMBERS, 3),
        (ALWAYS, [], 0),
        (OutOf(1, (A, B, C)), [], 1),
        (all_of([A, NEVER]), MEMBERS, None),
    ],
)
def test_how_many_and_whom_it_takes(
    condition: Condition, needed: list[str], number: int | None
) -> None:
    assert indispensable(condition, MEMBERS) == needed
    assert fewest(condition, MEMBERS) == number


def test_a_large_majority_is_counted_in_time() -> None:
    members = [f"m-{number:02}" for number in range(14)]
    majority = OutOf(8, tuple(map(Signature, members)))
    assert fewest(all_of([majority, majority]), members) == 8
