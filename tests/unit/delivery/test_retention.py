"""How long events are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.unit.delivery.post import Post

from hansa.delivery import retention as module
from hansa.delivery.retention import Retention
from hansa.delivery.targets import enable_target
from hansa.store.events import events_after, last_event_number

KEEP = timedelta(days=30)


def _retention(post: Post) -> Retention:
    made = Retention(post.installation.store, KEEP, lambda: post.installation.now)
    made.begin()
    return made


def _subjects(post: Post) -> list[str]:
    with post.installation.store.read() as session:
        return [event.subject for event in events_after(session, 0, 100)]


def _clean(post: Post) -> None:
    retention = _retention(post)
    while retention.run_once():
        pass


def test_old_events_go_with_their_deliveries(post: Post) -> None:
    post.target()
    post.event("i-OLD")
    post.work()
    post.installation.now += KEEP - timedelta(seconds=10)
    post.event("i-NEW")
    _clean(post)
    assert _subjects(post) == ["i-OLD", "i-NEW"]
    post.installation.now += timedelta(seconds=11)
    _clean(post)
    assert _subjects(post) == ["i-NEW"]
    assert len(post.rows()) == 1


def test_what_is_still_tried_is_kept_and_what_is_dead_is_not(post: Post) -> None:
    dead, tried = post.target(), post.target()
    post.refuses = lambda attempt: attempt.target_id == dead or attempt.subject == "i-TRIED"
    post.event("i-DEAD")
    for _ in range(post.limits.attempts_max):
        post.wait()
    assert post.statuses(dead) == ["DEAD"]
    post.event("i-TRIED")
    post.event("i-LAST")
    post.installation.now += KEEP * 2
    _clean(post)
    assert _subjects(post) == ["i-TRIED", "i-LAST"]
    assert post.statuses(tried)[0] == "PENDING"


def test_a_disabled_target_keeps_nothing_for_ever(post: Post) -> None:
    target = post.target()
    enable_target(post.installation.store, target, enabled=False)
    post.event("i-OLD")
    post.event("i-LAST")
    post.installation.now += KEEP * 2
    _clean(post)
    assert _subjects(post) == ["i-LAST"]


def test_numbers_go_on_after_the_last_event(post: Post) -> None:
    post.event("i-A")
    post.event("i-B")
    with post.installation.store.read() as session:
        last = last_event_number(session)
    post.installation.now += KEEP * 2
    _clean(post)
    post.event("i-C")
    with post.installation.store.read() as session:
        assert last_event_number(session) == last + 1


def test_it_deletes_a_part_at_a_time_and_then_rests(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVENTS_AT_ONCE", 2)
    for number in range(4):
        post.event(f"i-{number}")
    post.installation.now += KEEP * 2
    retention = _retention(post)
    assert [retention.run_once() for _ in range(3)] == [True, True, False]
    assert _subjects(post) == ["i-3"]
    assert retention.next_due() == post.installation.now + module.AGAIN
