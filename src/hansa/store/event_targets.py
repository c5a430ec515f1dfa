"""Event targets: where the events of an account go."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hansa.store.event_tables import Delivery, EventTarget


def event_targets(session: Session) -> Sequence[EventTarget]:
    """All targets, oldest first."""
    return session.scalars(
        select(EventTarget).order_by(EventTarget.created_at, EventTarget.id)
    ).all()


def targets_of_account(session: Session, account_id: str) -> Sequence[EventTarget]:
    return session.scalars(
        select(EventTarget)
        .where(EventTarget.account_id == account_id)
        .order_by(EventTarget.created_at, EventTarget.id)
    ).all()


def get_event_target(session: Session, target_id: str) -> EventTarget | None:
    return session.get(EventTarget, target_id)


def delete_event_target(session: Session, target: EventTarget) -> None:
    """Delete it with its deliveries, whatever became of them."""
    session.execute(delete(Delivery).where(Delivery.target_id == target.id))
    session.delete(target)


def delivery_counts(session: Session) -> dict[str, dict[str, int]]:
    """How many deliveries each target has, by status."""
    counts: dict[str, dict[str, int]] = {}
    rows = session.execute(
        select(Delivery.target_id, Delivery.status, func.count()).group_by(
            Delivery.target_id, Delivery.status
        )
    )
    for target_id, status, count in rows:
        counts.setdefault(target_id, {})[status] = count
    return counts
