"""An outbox and its targets, with a clock that stands and receivers that only pretend."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from tests.unit.operations.installation import ALICE, Installation

from hansa.delivery.base import Attempt, DeliveryError
from hansa.delivery.courier import Courier
from hansa.delivery.targets import NewTarget, add_target
from hansa.domain.events import EventFilter, RetryLimits, TargetKind
from hansa.store.deliveries import DeliveryFilter, deliveries, next_delivery_due
from hansa.store.event_tables import Delivery
from hansa.store.events import record_invitation_event
from hansa.store.tables import Invitation, Network

LIMITS = RetryLimits(attempts_max=5, seconds_max=86_400)


@dataclass
class Post:
    """``taken`` is what targets took: target, subject, status. ``refuses`` says who refuses."""

    installation: Installation
    refuses: Callable[[Attempt], bool] = lambda _attempt: False
    limits: RetryLimits = LIMITS
    taken: list[tuple[str, str, str]] = field(default_factory=list)
    tried: list[Attempt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.courier = self.new_courier()

    def new_courier(self) -> Courier:
        senders = {TargetKind.WEBHOOK: self.send, TargetKind.COMMAND: self.send}
        store, clock = self.installation.store, self.installation
        return Courier(store, senders, self.limits, lambda: clock.now, lambda: 0.0)

    def send(self, attempt: Attempt) -> None:
        self.tried.append(attempt)
        if self.refuses(attempt):
            raise DeliveryError("it answered 500", "what it said")
        status = json.loads(attempt.body)["detail"]["status"]
        self.taken.append((attempt.target_id, attempt.subject, status))

    def target(self, **wanted: Any) -> str:
        """The id of a new target: a webhook of Alice's, unless something else is wanted."""
        filters = EventFilter(*(wanted.pop(name, ()) for name in ("detail_types", "network_ids")))
        if not wanted.get("command"):
            wanted.setdefault("url", "https://example.com/events")
        new = NewTarget(**{"account_id": ALICE.account_id, "filter": filters, **wanted})
        clock = self.installation
        clock.now += timedelta(seconds=1)
        made = add_target(clock.store, new, clock.now, clock.choice, lambda count: b"k" * count)
        return made.target_id

    def event(
        self, subject: str, status: str = "PENDING", account_id: str = ALICE.account_id
    ) -> None:
        """Something happens to the invitation ``subject`` of the network n-TRADE."""
        clock = self.installation
        clock.now += timedelta(seconds=1)
        network = Network(id="n-TRADE", name="trade", region="us-east-1")
        invitation = Invitation(
            id=subject,
            account_id=account_id,
            status=status,
            expires_at=clock.now + timedelta(hours=1),
        )
        with clock.store.write() as session:
            record_invitation_event(session, network, invitation, clock.now)

    def work(self) -> None:
        """Make every attempt that is due now."""
        while self.courier.run_once():
            pass

    def wait(self) -> None:
        """Let time pass until an attempt is due, and make all that are then."""
        now = self.installation.now
        with self.installation.store.read() as session:
            due = next_delivery_due(session, now)
        assert due is not None
        self.installation.now = max(now, due)
        self.work()

    def rows(self) -> list[Delivery]:
        with self.installation.store.read() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.event_number)))

    def statuses(self, target_id: str | None = None) -> list[str]:
        with self.installation.store.read() as session:
            found = deliveries(session, DeliveryFilter(target_id), 1000)
        return [delivery.status for delivery, _ in found]

    def subjects(self) -> list[str]:
        return [f"{subject} {status}" for _, subject, status in self.taken]
