"""Deliveries: in order, tried again, given up after a limit, independent of each other."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import structlog
from tests.unit.delivery.post import Post
from tests.unit.operations.consortium import Consortium
from tests.unit.operations.installation import ALICE, BOB

from hansa.delivery import courier as module
from hansa.delivery.base import Attempt, StoppedError
from hansa.delivery.targets import enable_target, remove_target
from hansa.domain.events import DetailType
from hansa.store.deliveries import DeliveryFilter, renew_deliveries
from hansa.store.events import events_after


def test_events_arrive_in_the_order_in_which_they_happened(post: Post) -> None:
    post.target()
    for subject, status in (("i-A", "PENDING"), ("i-B", "PENDING"), ("i-A", "ACCEPTING")):
        post.event(subject, status)
    post.work()
    assert post.subjects() == ["i-A PENDING", "i-B PENDING", "i-A ACCEPTING"]
    assert post.statuses() == ["DELIVERED"] * 3
    assert not post.courier.run_once()


def test_a_target_gets_what_happens_once_it_is_there(post: Post) -> None:
    post.event("i-A")
    post.target()
    post.event("i-B")
    post.work()
    assert post.subjects() == ["i-B PENDING"]


def test_a_failure_holds_back_its_own_subject_only(post: Post) -> None:
    post.target()
    post.refuses = lambda attempt: attempt.subject == "i-A"
    post.event("i-A", "PENDING")
    post.event("i-A", "ACCEPTING")
    post.event("i-B", "PENDING")
    post.work()
    assert post.subjects() == ["i-B PENDING"]
    post.refuses = lambda _: False
    post.wait()
    assert post.subjects() == ["i-B PENDING", "i-A PENDING", "i-A ACCEPTING"]


def test_a_failure_holds_back_its_own_target_only(post: Post) -> None:
    bad, good = post.target(), post.target()
    post.refuses = lambda attempt: attempt.target_id == bad
    post.event("i-A", "PENDING")
    post.event("i-A", "ACCEPTING")
    post.work()
    assert post.statuses(good) == ["DELIVERED", "DELIVERED"]
    assert post.statuses(bad) == ["PENDING", "PENDING"]


def test_it_waits_longer_after_every_failure(post: Post) -> None:
    post.target()
    post.refuses = lambda _: True
    post.event("i-A")
    waited = []
    for _ in range(4):
        post.work()
        (row,) = post.rows()
        waited.append((row.due_at - post.installation.now).total_seconds())
        assert row.reason == "it answered 500: what it said"
        post.installation.now = row.due_at
    assert waited == [1, 2, 4, 8]


def test_what_fails_too_often_is_dead_and_holds_nothing_back(post: Post) -> None:
    post.target()
    post.refuses = lambda attempt: b'"status":"PENDING"' in attempt.body
    post.event("i-A", "PENDING")
    post.event("i-A", "ACCEPTING")
    for _ in range(post.limits.attempts_max):
        assert post.statuses() == ["PENDING", "PENDING"]
        post.wait()
    assert post.statuses() == ["DEAD", "DELIVERED"]
    assert len(post.tried) == post.limits.attempts_max + 1


def test_what_fails_too_long_is_dead(post: Post) -> None:
    post.target()
    post.refuses = lambda _: True
    post.event("i-A")
    post.installation.now += timedelta(days=3)  # the service was down: no attempt was made yet
    post.work()
    assert post.statuses() == ["PENDING"]
    post.installation.now += timedelta(seconds=post.limits.seconds_max)
    post.work()
    assert post.statuses() == ["DEAD"]


def test_what_is_dead_can_be_delivered_again(post: Post) -> None:
    post.target()
    post.refuses = lambda _: True
    post.event("i-A")
    post.event("i-B")
    for _ in range(post.limits.attempts_max):
        post.wait()
    assert post.statuses() == ["DEAD", "DEAD"]
    post.refuses = lambda _: False
    with post.installation.store.write() as session:
        assert renew_deliveries(session, DeliveryFilter(), post.installation.now) == 2
    post.work()
    assert post.subjects() == ["i-A PENDING", "i-B PENDING"]


def test_a_target_gets_its_accounts_events_that_its_filter_wants(post: Post) -> None:
    consortium = Consortium(post.installation)
    every = post.target()
    proposals = post.target(detail_types=(DetailType.PROPOSAL,))
    other = post.installation.network(Name="other", ClientRequestToken="other")[0]
    elsewhere = post.target(network_ids=(other,))
    here = post.target(network_ids=(consortium.network_id,))
    bobs = post.target(account_id=BOB.account_id)
    consortium.invite(BOB.account_id)
    post.work()
    kinds = {target: _kinds(post, target) for target in (every, proposals, here, bobs)}
    assert kinds == {every: ["P"], proposals: ["P"], here: ["P"], bobs: ["I"]}
    assert _kinds(post, elsewhere) == []


def _kinds(post: Post, target_id: str) -> list[str]:
    bodies = [json.loads(each.body) for each in post.tried if each.target_id == target_id]
    return [body["detail-type"].removeprefix("Managed Blockchain ")[0] for body in bodies]


def test_a_disabled_target_is_sent_nothing_and_misses_nothing(post: Post) -> None:
    target = post.target()
    post.event("i-A")
    enable_target(post.installation.store, target, enabled=False)
    post.event("i-A", "ACCEPTING")
    post.work()
    assert post.taken == []
    enable_target(post.installation.store, target, enabled=True)
    post.work()
    assert post.subjects() == ["i-A PENDING", "i-A ACCEPTING"]


def test_a_target_that_is_removed_meanwhile(post: Post) -> None:
    target = post.target()

    def remove(attempt: Attempt) -> bool:
        remove_target(post.installation.store, target)
        return True

    post.refuses = remove
    post.event("i-A")
    post.event("i-B")
    post.work()
    assert len(post.tried) == 1
    assert post.rows() == []


def test_a_target_that_is_disabled_meanwhile(post: Post) -> None:
    target = post.target()

    def disable(attempt: Attempt) -> bool:
        enable_target(post.installation.store, target, enabled=False)
        return False

    post.refuses = disable
    post.event("i-A")
    post.event("i-B")
    post.work()
    assert post.statuses() == ["DELIVERED", "PENDING"]


def test_what_was_under_way_at_the_end_of_the_service_is_sent_again(post: Post) -> None:
    post.target()
    post.event("i-A", "PENDING")
    post.event("i-A", "ACCEPTING")

    def end(attempt: Attempt) -> bool:
        raise KeyboardInterrupt

    post.refuses = end
    with pytest.raises(KeyboardInterrupt):
        post.courier.run_once()
    post.refuses = lambda _: False
    restarted = post.new_courier()
    assert not restarted.run_once()  # it may still be under way, until its lease ends
    restarted.begin()
    while restarted.run_once():
        pass
    assert post.subjects() == ["i-A PENDING", "i-A ACCEPTING"]
    assert [attempt.number for attempt in post.tried] == [1, 2, 1]


def test_the_end_of_the_service_is_no_failure_of_the_target(post: Post) -> None:
    post.target()
    post.event("i-A")

    def stop(attempt: Attempt) -> bool:
        raise StoppedError

    post.refuses = stop
    for _ in range(post.limits.attempts_max + 1):
        assert post.courier.run_once()
    post.refuses = lambda _: False
    restarted = post.new_courier()
    restarted.begin()
    assert restarted.run_once()
    assert [attempt.number for attempt in post.tried] == [1] * (post.limits.attempts_max + 2)
    assert post.statuses() == ["DELIVERED"]


def test_a_lost_lease_records_nothing(post: Post) -> None:
    """The attempt took so long that another was begun: what comes of that one counts."""
    post.target()
    post.event("i-A")
    other = post.new_courier()

    def dawdle(attempt: Attempt) -> bool:
        post.refuses = lambda _: False
        post.installation.now += timedelta(hours=1)
        assert other.run_once()
        return True

    post.refuses = dawdle
    post.work()
    assert post.statuses() == ["DELIVERED"]


def test_a_target_is_sent_one_event_at_a_time_and_others_meanwhile(post: Post) -> None:
    slow, quick = post.target(), post.target()
    post.event("i-A")
    post.event("i-B")
    other = post.new_courier()
    seen: list[str] = []

    def meanwhile(attempt: Attempt) -> bool:
        if attempt.target_id == slow and not seen:
            seen.append("begun")
            while other.run_once():
                pass
            seen.extend(target for target, _, _ in post.taken)
        return False

    post.refuses = meanwhile
    post.work()
    assert seen == ["begun", quick, quick]
    assert sorted(post.statuses()) == ["DELIVERED"] * 4


def test_targets_take_turns(post: Post) -> None:
    first, second = post.target(), post.target()
    for number in range(3):
        post.event(f"i-{number}")
    while post.courier.run_once():
        post.installation.now += timedelta(milliseconds=1)
    assert [target for target, _, _ in post.taken] in ([first, second] * 3, [second, first] * 3)


def test_a_fault_of_ours_is_a_failed_attempt(post: Post) -> None:
    post.target()

    def fail(attempt: Attempt) -> bool:
        raise ZeroDivisionError

    post.refuses = fail
    post.event("i-A")
    with structlog.testing.capture_logs() as lines:
        post.work()
    (row,) = post.rows()
    assert (row.status, row.attempts) == ("PENDING", 1)
    assert row.reason == "an internal fault of the service; its log says more"
    assert lines[0]["event"] == "delivery.fault"


def test_a_secret_that_cannot_be_read_is_a_failed_attempt(post: Post) -> None:
    post.target()
    post.event("i-A")
    (post.installation.directory / "key").unlink()
    post.installation.store.close()
    post.installation.open()
    post.courier = post.new_courier()
    post.work()
    assert "restore the data directory" in post.rows()[0].reason
    assert post.tried == []


def test_the_log_tells_nothing_secret(post: Post) -> None:
    post.target(url="https://example.com/hooks/T0KEN")
    post.target(url="", command=["/bin/echo", "T0KEN"])
    post.refuses = lambda attempt: attempt.number == 1
    post.event("i-A")
    with structlog.testing.capture_logs() as lines:
        post.work()
        post.wait()
    assert {line["event"] for line in lines} == {"delivery.failed", "delivery.delivered"}
    assert "T0KEN" not in str(lines)
    secret = next(attempt.secret for attempt in post.tried if attempt.secret)
    assert secret.startswith("whsec_")
    assert secret not in str(lines)
    assert secret not in str(post.tried)
    assert "what it said" not in str(lines)


def test_it_looks_again_in_a_moment_for_what_another_process_changed(post: Post) -> None:
    now = post.installation.now
    assert post.courier.next_due() == now + module.LOOK_AGAIN
    post.target()
    post.event("i-A")
    assert post.courier.next_due() <= post.installation.now
    post.refuses = lambda _: True
    post.work()
    assert post.courier.next_due() == post.installation.now + timedelta(seconds=1)


def test_the_body_is_the_event_as_eventbridge_has_it(post: Post) -> None:
    post.target()
    post.event("i-A")
    post.work()
    with post.installation.store.read() as session:
        (event,) = events_after(session, 0, 10)
    body = json.loads(post.tried[0].body)
    assert body == event.content
    assert list(body) == [
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"
    ]  # fmt: skip
    assert (body["id"], body["account"]) == (event.id, ALICE.account_id)
