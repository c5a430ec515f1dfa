"""Finding entries of the record of calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from hansa.domain.audit import Entry, Outcome, resource_of
from hansa.store.audit import AuditRecord, entry_of
from hansa.store.audit_tables import AuditEntry, AuditResource

_AT_ONCE = 500


@dataclass(frozen=True)
class AuditQuery:
    """Which calls: those for which everything that is given here holds.

    ``resource_name`` is the name of a resource, or its ARN. ``since`` is the first moment that
    counts, ``before`` the first that does not.
    """

    account_id: str | None = None
    event_id: str | None = None
    operation: str | None = None
    event_source: str | None = None
    username: str | None = None
    access_key_id: str | None = None
    read_only: bool | None = None
    resource_type: str | None = None
    resource_name: str | None = None
    refused: bool = False
    since: datetime | None = None
    before: datetime | None = None


_COLUMNS = (
    "account_id",
    "event_id",
    "operation",
    "event_source",
    "username",
    "access_key_id",
    "read_only",
)


def search(
    record: AuditRecord, query: AuditQuery, size: int, below: int | None = None
) -> Sequence[Entry]:
    """The newest ``size`` entries, newest first, of those with a number less than ``below``."""
    statement = _statement(query).order_by(AuditEntry.sequence.desc()).limit(size)
    if below is not None:
        statement = statement.where(AuditEntry.sequence < below)
    with record.read() as session:
        return [entry_of(row) for row in session.scalars(statement)]


def walk(record: AuditRecord, query: AuditQuery) -> Iterator[Entry]:
    """All entries, oldest first; what is added meanwhile is not among them."""
    statement = _statement(query).order_by(AuditEntry.sequence)
    options = {"yield_per": _AT_ONCE}
    with record.read() as session:
        for row in session.scalars(statement, execution_options=options):
            yield entry_of(row)


def _statement(query: AuditQuery) -> Select[AuditEntry]:
    statement: Any = select(AuditEntry)
    for name in _COLUMNS:
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(AuditEntry, name) == value)
    if query.refused:
        statement = statement.where(AuditEntry.outcome != str(Outcome.ALLOWED))
    if query.since is not None:
        statement = statement.where(AuditEntry.at >= query.since)
    if query.before is not None:
        statement = statement.where(AuditEntry.at < query.before)
    if query.resource_type is not None or query.resource_name is not None:
        statement = statement.where(AuditEntry.sequence.in_(_about(query)))
    return statement  # type: ignore[no-any-return]


def _about(query: AuditQuery) -> Any:
    about = select(AuditResource.sequence)
    if query.resource_type is not None:
        about = about.where(AuditResource.type == query.resource_type)
    name = query.resource_name
    if name is not None and name.startswith("arn:"):
        about = about.where(AuditResource.arn == name)
        name = resource_of(name)[1]
    if name is not None:
        about = about.where(AuditResource.name == name)
    return about
