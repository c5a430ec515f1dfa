"""Work to do: one row a resource, claimed under a lease that a dead worker loses."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Kind
from hansa.store.tables import Work


def add_work(session: Session, kind: Kind, resource_id: str, now: datetime) -> None:
    """Have the resource looked at now, or right after the look that is under way.

    A living lease is kept, so that two workers never act on one resource at a time.
    """
    work = session.get(Work, resource_id)
    if work is None:
        session.add(Work(resource_id=resource_id, kind=kind, due_at=now, generation=1))
        return
    work.due_at = now
    work.generation += 1
    work.attempts = 0
    work.failing_since = None


def wake_work(session: Session, resource_id: str, now: datetime) -> None:
    """Have the resource looked at now, if it is looked at at all; what fails stays known."""
    work = session.get(Work, resource_id)
    if work is not None:
        work.due_at = now
        work.generation += 1


def claim_work(session: Session, owner: str, now: datetime, lease: timedelta) -> Work | None:
    """The work that is longest due and that nobody has a living lease on; it is ``owner``'s now."""
    work = session.scalars(
        select(Work)
        .where(Work.due_at <= now, or_(Work.lease_until.is_(None), Work.lease_until <= now))
        .order_by(Work.due_at)
        .limit(1)
    ).one_or_none()
    if work is not None:
        work.lease_owner = owner
        work.lease_until = now + lease
    return work


def next_due(session: Session) -> datetime | None:
    """When there is something to claim: the earliest moment of all rows."""
    moments = [
        max(work.due_at, work.lease_until) if work.lease_until else work.due_at
        for work in session.scalars(select(Work))
    ]
    return min(moments, default=None)


def expire_leases(session: Session) -> None:
    """End every lease. For the start of the one service that uses this store."""
    for work in session.scalars(select(Work).where(Work.lease_until.is_not(None))):
        work.lease_owner = None
        work.lease_until = None
