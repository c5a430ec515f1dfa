"""When to try again, when to give up, and what a target wants."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hansa.domain.events import (
    RETRY_SECONDS_MAX,
    DetailType,
    EventFilter,
    RetryLimits,
    retry_seconds,
)

EVENT = {"detail-type": DetailType.PROPOSAL.value, "detail": {"networkId": "n-A"}}


@given(attempts=st.integers(1, 10_000), drawn=st.floats(0, 1, exclude_max=True))
def test_the_wait_doubles_to_a_limit_and_is_at_least_half(attempts: int, drawn: float) -> None:
    longest = retry_seconds(attempts, lambda: 0)
    assert longest / 2 <= retry_seconds(attempts, lambda: drawn) <= longest <= RETRY_SECONDS_MAX
    assert retry_seconds(attempts + 1, lambda: 0) == min(2 * longest, RETRY_SECONDS_MAX)


def test_the_first_wait_is_a_second() -> None:
    assert retry_seconds(1, lambda: 0) == 1


def test_either_limit_ends_it() -> None:
    limits = RetryLimits(attempts_max=3, seconds_max=100)
    assert not limits.are_reached(2, 99)
    assert limits.are_reached(3, 0)
    assert limits.are_reached(1, 100)


def test_an_empty_filter_wants_all() -> None:
    assert EventFilter().matches(EVENT)


def test_both_parts_of_a_filter_have_to_match() -> None:
    proposals = (DetailType.PROPOSAL,)
    assert EventFilter(proposals, ("n-B", "n-A")).matches(EVENT)
    assert not EventFilter(proposals, ("n-B",)).matches(EVENT)
    assert not EventFilter((DetailType.INVITATION,), ("n-A",)).matches(EVENT)
