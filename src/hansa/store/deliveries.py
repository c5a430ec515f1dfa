"""Deliveries: which event goes to which target next, and what became of it.

Of the deliveries to one target that have the same subject, only the first that is PENDING can be
claimed; and a target is sent one event at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from hansa.domain.events import DeliveryStatus
from hansa.store.event_tables import Delivery, EventTarget
from hansa.store.tables import Event

_PENDING = Delivery.status == DeliveryStatus.PENDING


@dataclass(frozen=True)
class DeliveryFilter:
    """Which deliveries are meant; a part that is None means all."""

    target_id: str | None = None
    event_id: str | None = None
    status: DeliveryStatus | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        clauses = []
        if self.target_id is not None:
            clauses.append(Delivery.target_id == self.target_id)
        if self.event_id is not None:
            numbers = select(Event.number).where(Event.id == self.event_id)
            clauses.append(Delivery.event_number.in_(numbers))
        if self.status is not None:
            clauses.append(Delivery.status == self.status)
        return clauses


def begin_delivery(session: Session, target: EventTarget, event: Event, now: datetime) -> None:
    """Have the event, which has its number, delivered to the target."""
    session.add(
        Delivery(
            target_id=target.id,
            event_number=event.number,
            subject=event.subject,
            status=DeliveryStatus.PENDING,
            attempts=0,
            due_at=now,
            reason="",
        )
    )


def is_delivery_due(session: Session, now: datetime) -> bool:
    due = next_delivery_due(session, now)
    return due is not None and due <= now


def claim_delivery(session: Session, now: datetime, grace: timedelta) -> Delivery | None:
    """The next delivery that is due, counted as an attempt and leased.

    The lease ends ``grace`` after the target's timeout. Targets take turns: the one that was sent
    nothing for longest comes first.
    """
    target_id, number = _next_due(session, now)
    if target_id is None:
        return None
    target = session.get_one(EventTarget, target_id)
    delivery = session.get_one(Delivery, (target_id, number))
    delivery.attempts += 1
    delivery.first_attempt_at = delivery.first_attempt_at or now
    delivery.lease_until = now + timedelta(seconds=target.timeout_seconds) + grace
    target.tried_at = now
    return delivery


def next_delivery_due(session: Session, now: datetime) -> datetime | None:
    """When there is something to claim; None while nothing waits, or all that does is under way."""
    ready = _heads(now).with_only_columns(func.min(Delivery.due_at))
    lease_ends = select(func.min(Delivery.lease_until)).where(_PENDING)
    moments = [session.scalar(ready), session.scalar(lease_ends)]
    return min((moment for moment in moments if moment is not None), default=None)


def release_deliveries(session: Session) -> None:
    """End every lease. For the start of the one service that uses this store."""
    for delivery in session.scalars(select(Delivery).where(Delivery.lease_until.is_not(None))):
        delivery.lease_until = None


def deliveries(
    session: Session, wanted: DeliveryFilter, limit: int
) -> list[tuple[Delivery, Event]]:
    """The newest deliveries with their events, oldest first."""
    rows = session.execute(
        select(Delivery, Event)
        .join(Event, Event.number == Delivery.event_number)
        .where(*wanted.clauses())
        .order_by(Delivery.event_number.desc(), Delivery.target_id)
        .limit(limit)
    ).all()
    return [(delivery, event) for delivery, event in reversed(rows)]


def renew_deliveries(session: Session, wanted: DeliveryFilter, now: datetime) -> int:
    """Deliver again what is not under way, with all its attempts; how many those are."""
    count = 0
    settled = Delivery.status != DeliveryStatus.PENDING
    for delivery in session.scalars(select(Delivery).where(settled, *wanted.clauses())):
        delivery.status = DeliveryStatus.PENDING
        delivery.attempts = 0
        delivery.first_attempt_at = None
        delivery.settled_at = None
        delivery.due_at = now
        count += 1
    return count


def delete_old_events(session: Session, before: datetime, limit: int) -> int:
    """Delete events of before that moment, ``limit`` at most; how many were deleted.

    Not those that an enabled target still waits for; and never the newest, whose number the next
    one has to be greater than.
    """
    waited_for = exists().where(
        Delivery.event_number == Event.number,
        _PENDING,
        Delivery.target_id == EventTarget.id,
        EventTarget.enabled,
    )
    newest = select(func.max(Event.number)).scalar_subquery()
    numbers = session.scalars(
        select(Event.number)
        .where(Event.created_at < before, Event.number < newest, ~waited_for)
        .order_by(Event.number)
        .limit(limit)
    ).all()
    session.execute(delete(Delivery).where(Delivery.event_number.in_(numbers)))
    session.execute(delete(Event).where(Event.number.in_(numbers)))
    return len(numbers)


def _next_due(session: Session, now: datetime) -> tuple[str | None, int]:
    row = session.execute(
        _heads(now)
        .where(Delivery.due_at <= now)
        .order_by(EventTarget.tried_at.nulls_first(), EventTarget.id, Delivery.event_number)
        .limit(1)
    ).first()
    return (None, 0) if row is None else (row.target_id, row.event_number)


def _heads(now: datetime) -> Select[str, int]:
    """What may be sent when it is due: the first of each subject, to a target that is free."""
    earlier, under_way = aliased(Delivery), aliased(Delivery)
    held_back = exists().where(
        earlier.target_id == Delivery.target_id,
        earlier.status == DeliveryStatus.PENDING,
        earlier.subject == Delivery.subject,
        earlier.event_number < Delivery.event_number,
    )
    busy = exists().where(
        under_way.target_id == Delivery.target_id,
        under_way.status == DeliveryStatus.PENDING,
        under_way.lease_until > now,
    )
    free = or_(Delivery.lease_until.is_(None), Delivery.lease_until <= now)
    return (
        select(Delivery.target_id, Delivery.event_number)
        .join(EventTarget, EventTarget.id == Delivery.target_id)
        .where(EventTarget.enabled, _PENDING, free, ~held_back, ~busy)
    )
