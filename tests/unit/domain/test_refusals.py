"""Whoever sends rubbish fills no disk, hides nobody else, and is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hansa.domain.refusals import OF_ALL_MAX, OF_SOURCE_MAX, WINDOW, RefusalBudget

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_one_source_cannot_use_up_what_others_have() -> None:
    budget = RefusalBudget()
    admitted = [budget.admits("10.0.0.1", "unsigned", AT) for _ in range(1000)]
    assert admitted.count(True) == OF_SOURCE_MAX
    assert all(admitted[:OF_SOURCE_MAX])
    assert budget.admits("10.0.0.2", "unknown-key", AT)


def test_many_sources_are_bounded_together() -> None:
    budget = RefusalBudget()
    admitted = [budget.admits(f"10.0.{n // 250}.{n % 250}", "unsigned", AT) for n in range(5000)]
    assert admitted.count(True) == OF_ALL_MAX


def test_what_is_not_recorded_is_counted_when_the_minute_is_over() -> None:
    budget = RefusalBudget()
    for number in range(OF_SOURCE_MAX + 7):
        budget.admits("10.0.0.1", "unsigned" if number % 2 else "malformed", AT)
    assert budget.over(AT + WINDOW - timedelta(seconds=1)) is None
    counted = budget.over(AT + WINDOW)
    assert counted is not None
    assert (counted.count, counted.since, counted.until) == (7, AT, AT + WINDOW)
    assert counted.causes == {"malformed": 4, "unsigned": 3}
    assert counted.sources == {"10.0.0.1": 7}
    assert budget.over(AT + 3 * WINDOW) is None
    assert budget.admits("10.0.0.1", "unsigned", AT + WINDOW)


def test_a_quiet_minute_has_nothing_to_count() -> None:
    budget = RefusalBudget()
    assert budget.over(AT) is None
    budget.admits("10.0.0.1", "unsigned", AT)
    assert budget.over(AT + WINDOW) is None


def test_the_end_counts_the_minute_that_runs() -> None:
    budget = RefusalBudget()
    for _ in range(OF_SOURCE_MAX + 1):
        budget.admits("10.0.0.1", "unsigned", AT)
    counted = budget.over(AT, ends=True)
    assert counted is not None
    assert counted.count == 1
