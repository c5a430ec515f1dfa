"""The tables of the record of calls, which has a database of its own.

The columns beside an entry's content are there to find it; the content alone is hashed, and what
the columns say is compared with it when the record is verified.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hansa.store.types import UtcDateTime


class AuditBase(DeclarativeBase):
    metadata = MetaData()
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime}


class AuditEntry(AuditBase):
    """``content`` is the call's canonical JSON; ``event_id`` follows from its request id."""

    __tablename__ = "entries"
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(String(36), index=True)
    at: Mapped[datetime]
    account_id: Mapped[str] = mapped_column(String(12))
    event_source: Mapped[str] = mapped_column(String(96))
    operation: Mapped[str] = mapped_column(String(256))
    username: Mapped[str] = mapped_column(String(256))
    access_key_id: Mapped[str] = mapped_column(String(128))
    read_only: Mapped[bool]
    outcome: Mapped[str] = mapped_column(String(16))
    __table_args__ = (Index("ix_entries_account", "account_id", "sequence"),)


class AuditResource(AuditBase):
    """A resource that an entry's call was about."""

    __tablename__ = "resources"
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    arn: Mapped[str] = mapped_column(String(2048))
    name: Mapped[str] = mapped_column(String(2048), index=True)
    type: Mapped[str] = mapped_column(String(96))


class AuditMark(AuditBase):
    """An entry that is known by its ``seal`` (HMAC), which nobody can make without the key.

    ``head`` is the newest entry; ``base`` is the one before the oldest that is kept.
    """

    __tablename__ = "marks"
    name: Mapped[str] = mapped_column(String(8), primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))
