"""The table of operations: long work that Fabric does for a member."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hansa.store.tables import Base


class Operation(Base):
    """``request`` is what was asked for; ``steps`` are dictionaries of Name, Status and Detail.

    ``due_at`` is null once it has ended, and as long as the proposal ``proposal_id`` is undecided.
    ``failing_since`` is when its present step began to fail in a way that may pass.
    """

    __tablename__ = "operations"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    network_id: Mapped[str] = mapped_column(ForeignKey("networks.id"), index=True)
    member_id: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[str] = mapped_column(String(12), index=True)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(256))
    request: Mapped[dict[str, Any]]
    proposal_id: Mapped[str | None] = mapped_column(String(32), index=True)
    status: Mapped[str] = mapped_column(String(20))
    status_reason: Mapped[str] = mapped_column(Text, default="")
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    __table_args__ = (Index("ix_operations_due_at", "due_at"),)


class ChaincodePackage(Base):
    """A package that an account has given; its content is a file, see ``hansa.fabric.packages``."""

    __tablename__ = "chaincode_packages"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(String(12))
    package_id: Mapped[str] = mapped_column(String(320))
    label: Mapped[str] = mapped_column(String(128))
    language: Mapped[str] = mapped_column(String(16))
    size: Mapped[int]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("account_id", "package_id"),)
