"""The tables of the delivery of events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hansa.domain.events import EventFilter
from hansa.store.tables import Base


class EventTarget(Base):
    """Where an account's events go: a webhook has ``url`` and ``secret``, a command ``command``.

    ``secret`` is sealed by the cipher. ``detail_types`` and ``network_ids`` are the filter; one
    that is empty wants all. A target that is not ``enabled`` keeps what comes, for later.
    ``tried_at`` is when anything was last sent to it, which gives every target its turn.
    """

    __tablename__ = "event_targets"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(12), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    url: Mapped[str | None] = mapped_column(Text)
    secret: Mapped[str | None] = mapped_column(Text)
    command: Mapped[list[str] | None]
    timeout_seconds: Mapped[float]
    detail_types: Mapped[list[str]]
    network_ids: Mapped[list[str]]
    enabled: Mapped[bool]
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]

    @property
    def filter(self) -> EventFilter:
        return EventFilter(tuple(self.detail_types), tuple(self.network_ids))


class Delivery(Base):
    """An event on its way to a target; those of one target and ``subject`` go one after another.

    ``attempts`` counts what was begun, and is committed before it is; ``lease_until`` is set while
    one is under way. ``reason`` is why the last one failed. ``settled_at`` is when it became
    DELIVERED or DEAD.
    """

    __tablename__ = "deliveries"
    target_id: Mapped[str] = mapped_column(ForeignKey("event_targets.id"), primary_key=True)
    event_number: Mapped[int] = mapped_column(ForeignKey("events.number"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    first_attempt_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_deliveries_heads", "target_id", "status", "subject", "event_number"),
        Index("ix_deliveries_event_number", "event_number"),
    )
