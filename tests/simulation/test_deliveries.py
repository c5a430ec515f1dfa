"""The service is ended at every point of delivery: every event arrives, and none overtakes."""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests.simulation.test_lifecycles import second_member_joins_and_is_removed
from tests.simulation.world import ALICE, BOB, START, CrashingStore, Faults, World

from hansa.delivery.base import Attempt, DeliveryError
from hansa.delivery.courier import Courier
from hansa.delivery.targets import NewTarget, add_target, enable_target
from hansa.domain.events import DeliveryStatus, RetryLimits, TargetKind
from hansa.drivers.fake import Killed
from hansa.store.database import Store, open_store
from hansa.store.deliveries import next_delivery_due
from hansa.store.event_tables import Delivery, EventTarget
from hansa.store.events import record_invitation_event
from hansa.store.tables import Event, Invitation, Network

ROUNDS_MAX = 2000
GOVERNANCE_STRIDE = 24
LIMITS = RetryLimits(attempts_max=10_000, seconds_max=1e9)


@dataclass
class Receiver:
    """Outlives every crash. ``taken`` is what each target took: target, subject, event number."""

    refuses: Callable[[Attempt], bool] = lambda _attempt: False
    taken: list[tuple[str, str, int]] = field(default_factory=list)

    def take(self, attempt: Attempt) -> None:
        if self.refuses(attempt):
            raise DeliveryError("it answered 500")
        self.taken.append((attempt.target_id, attempt.subject, attempt.event_number))

    def check(self, store: Store) -> None:
        """Every event that was for a target has arrived there, in order for each subject."""
        with store.read() as session:
            rows = list(session.scalars(select(Delivery).order_by(Delivery.event_number)))
            events = {event.number: event for event in session.scalars(select(Event))}
            targets = list(session.scalars(select(EventTarget)))
        wanted = {
            (target.id, event.number)
            for target in targets
            for event in events.values()
            if target.account_id == event.account_id
        }
        assert {(row.target_id, row.event_number) for row in rows} == wanted
        assert {row.status for row in rows} <= {DeliveryStatus.DELIVERED}
        expected: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row in rows:
            expected[row.target_id, row.subject].append(row.event_number)
        arrived: dict[tuple[str, str], list[int]] = defaultdict(list)
        for target_id, subject, number in self.taken:
            if number not in arrived[target_id, subject]:
                arrived[target_id, subject].append(number)
        assert arrived == expected


@dataclass
class Line:
    """An outbox with two targets, in one thread, whose service may end at any point."""

    directory: Path
    receiver: Receiver
    seed: int = 1
    kill_at: frozenset[int] = frozenset()
    faults: Faults = field(default_factory=Faults)
    now: datetime = START
    crashes: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        passed = self.faults.at

        def at(point: str) -> None:
            if len(self.faults.passed) in self.kill_at:
                self.faults.kill_at = len(self.faults.passed)
            passed(point)

        self.faults.at = at  # type: ignore[method-assign]
        self.restart()

    def restart(self) -> None:
        self.store = open_store(self.directory / "hansa.db", self.directory / "key", "OFF")
        self.store.__class__ = CrashingStore
        self.store.faults = self.faults  # type: ignore[attr-defined]
        self.courier = Courier(
            self.store,
            {TargetKind.WEBHOOK: self._send},
            LIMITS,
            lambda: self.now,
            self.random.random,
        )

    def survive(self, act: Callable[[], object]) -> object:
        """``act()``; where the service ends in it, it starts again, and the answer is None."""
        try:
            return act()
        except Killed:
            while True:
                self.crashes += 1
                self.store.close()
                try:
                    self.restart()
                    self.courier.begin()
                    return None
                except Killed:
                    continue

    def _send(self, attempt: Attempt) -> None:
        self.faults.at("send")
        self.receiver.take(attempt)
        self.faults.at("sent")

    def happen(self, subject: str) -> None:
        self.now += timedelta(seconds=1)
        network = Network(id="n-TRADE", name="trade", region="us-east-1")
        invitation = Invitation(
            id=subject, account_id=ALICE.account_id, status="PENDING", expires_at=self.now
        )
        with self.store.write() as session:
            record_invitation_event(session, network, invitation, self.now)

    def turn(self, number: int, *, enabled: bool) -> None:
        with self.store.read() as session:
            targets = session.scalars(select(EventTarget.id).order_by(EventTarget.id)).all()
        enable_target(self.store, targets[number], enabled=enabled)

    def deliver(self) -> None:
        """Deliver all there is, through every crash and failure."""
        for _ in range(ROUNDS_MAX):
            if self.survive(self.courier.run_once) is not False:
                continue
            with self.store.read() as session:
                due = next_delivery_due(session, self.now)
            if due is None:
                return
            self.now = max(self.now, due)
        raise AssertionError("deliveries do not end")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of an outbox with two targets of one account."""
    directory = tmp_path_factory.mktemp("template")
    store = open_store(directory / "hansa.db", directory / "key", "OFF")
    _add_targets(store, [ALICE.account_id] * 2)
    store.close()
    return directory


def _add_targets(store: Store, account_ids: Sequence[str]) -> None:
    for account_id in account_ids:
        wanted = NewTarget(account_id, "https://example.com/")
        add_target(store, wanted, START, random.SystemRandom().choice, bytes)


def _copy(template: Path, directory: Path) -> Path:
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(template, directory)
    return directory


def _refuses_now_and_then(attempt: Attempt) -> bool:
    return attempt.subject == "i-A" and attempt.number % 2 == 1


def _some_events(line: Line) -> None:
    for subject in ("i-A", "i-A", "i-B"):
        line.survive(lambda subject=subject: line.happen(subject))  # type: ignore[misc]
        line.survive(line.courier.run_once)
    line.deliver()


def test_killed_at_every_point(template: Path, tmp_path: Path) -> None:
    rehearsal = Line(_copy(template, tmp_path / "rehearsal"), Receiver(_refuses_now_and_then))
    _some_events(rehearsal)
    rehearsal.receiver.check(rehearsal.store)
    rehearsal.store.close()
    points = len(rehearsal.faults.passed)
    assert set(rehearsal.faults.passed) == {"commit", "committed", "send", "sent"}
    for point in range(points):
        receiver = Receiver(_refuses_now_and_then)
        directory = _copy(template, tmp_path / "line")
        line = Line(directory, receiver, kill_at=frozenset({point}))
        _some_events(line)
        assert line.crashes == 1
        receiver.check(line.store)
        line.store.close()


STEPS = st.one_of(
    st.tuples(st.just("happen"), st.sampled_from(["i-A", "i-B", "i-C"])),
    st.tuples(st.just("work"), st.integers(1, 4)),
    st.tuples(st.just("turn"), st.tuples(st.integers(0, 1), st.booleans())),
    st.tuples(st.just("wait"), st.integers(1, 100)),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(STEPS, max_size=25),
    kill_at=st.frozensets(st.integers(0, 150), max_size=8),
    seed=st.integers(0, 1000),
)
def test_whatever_happens(
    template: Path,
    tmp_path: Path,
    steps: list[tuple[str, object]],
    kill_at: frozenset[int],
    seed: int,
) -> None:
    """Events, failures, crashes and targets that are switched off and on, as they are drawn."""
    chance = random.Random(seed)
    receiver = Receiver(lambda _: chance.random() < 0.4)
    line = Line(_copy(template, tmp_path / "line"), receiver, seed, kill_at)
    for kind, value in steps:
        if kind == "happen":
            line.survive(lambda value=value: line.happen(value))  # type: ignore[misc]
        elif kind == "turn":
            line.survive(lambda value=value: line.turn(value[0], enabled=value[1]))  # type: ignore[misc]
        elif kind == "wait":
            line.now += timedelta(seconds=value)  # type: ignore[arg-type]
        else:
            for _ in range(value):  # type: ignore[call-overload]
                line.survive(line.courier.run_once)
    line.kill_at = frozenset()
    for number in (0, 1):
        line.turn(number, enabled=True)
    line.deliver()
    receiver.check(line.store)
    line.store.close()


def _told(store: Store) -> list[tuple[str, str, str]]:
    """What each account is told, in order: account, kind, status."""
    with store.read() as session:
        contents = [
            event.content for event in session.scalars(select(Event).order_by(Event.number))
        ]
    return [(each["account"], each["detail-type"], each["detail"]["status"]) for each in contents]


def test_governance_tells_everything_once_over_crashes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    def run(kill_at: int | None) -> World:
        world = World(tmp_path_factory.mktemp("world"), seed=1)
        world.faults.kill_at = None if kill_at is None else kill_at
        second_member_joins_and_is_removed(world)
        return world

    rehearsal = run(None)
    expected = _told(rehearsal.store)
    invitation = "Managed Blockchain Invitation State Change"
    statuses = [status for _, kind, status in expected if kind == invitation]
    assert statuses == ["PENDING", "ACCEPTING", "ACCEPTED"]
    proposals = [account for account, kind, _ in expected if kind != invitation]
    assert proposals == [ALICE.account_id, ALICE.account_id, BOB.account_id]
    for point in range(0, len(rehearsal.faults.passed), GOVERNANCE_STRIDE):
        world = run(point)
        assert world.crashes == 1
        assert _told(world.store) == expected
        world.store.close()
    rehearsal.store.close()
