"""The record of calls: appended to, searched, never changed.

It has a database of its own, so that it neither waits for the store's writer nor holds it up, and
is not copied when the store is. One process appends; any other may read meanwhile.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select
from sqlalchemy.orm import Session

from hansa.domain.audit import (
    NOTHING,
    Call,
    Entry,
    entry_hash,
    event_id,
    plain,
    read_call,
    resource_of,
    username_of,
    write_call,
)
from hansa.store import faults
from hansa.store.audit_marks import Mark, Seal, get_mark, put_mark, read_mark_file, write_mark_file
from hansa.store.audit_tables import AuditBase, AuditEntry, AuditMark, AuditResource
from hansa.store.cipher import open_key
from hansa.store.database import create_sqlite_engine

# Of the tables and made once: through the ORM, an insert takes five times as long.
_INSERT_ENTRY = insert(cast("Table", AuditEntry.__table__))
_INSERT_RESOURCE = insert(cast("Table", AuditResource.__table__))

_PURPOSE = b"hansa: marks of the record of calls"
_FILE_INTERVAL = timedelta(minutes=1)
_REMOVAL_INTERVAL = timedelta(hours=1)
# What is removed at once, so that nobody waits long for the writer.
_REMOVED_AT_ONCE = 2000


@dataclass
class _Writing:
    """What the one writer knows: the newest entry, and when it last did what is not always due."""

    head: Mark
    file_at: datetime | None = None
    removed_at: datetime | None = None


class AuditRecord:
    """The entries of one installation; see :func:`open_audit`.

    Safe to use from several threads, of which one appends.
    """

    def __init__(self, engine: Engine, seal: Seal, database: Path, keep: timedelta | None) -> None:
        self.seal = seal
        self._engine = engine
        self._writer = engine.execution_options(hansa_begin="BEGIN IMMEDIATE")
        self._database = database
        self._keep = keep
        self._writing: _Writing | None = None

    @property
    def mark_file(self) -> Path:
        """Where the newest entry is noted outside the database, about every minute."""
        return self._database.with_suffix(".head")

    def append(self, calls: Sequence[Call]) -> None:
        """Add calls, in their order, in one transaction that is on disk when this returns.

        Raises :class:`hansa.store.faults.StoreError` where the machine does not let it; then
        nothing of it was added.
        """
        writing = self._writing or self._take_up()
        sequence, previous = writing.head.sequence, writing.head.hash
        entries: list[dict[str, Any]] = []
        resources: list[dict[str, Any]] = []
        for call in calls:
            sequence += 1
            row = _row(sequence, previous, call)
            previous = row["hash"]
            entries.append(row)
            resources += resource_rows(sequence, call)
        head = self.seal.mark("head", sequence, previous)
        with self._write() as connection:
            connection.execute(_INSERT_ENTRY, entries)
            if resources:
                connection.execute(_INSERT_RESOURCE, resources)
            put_mark(connection, head)
        writing.head = head
        self._do_what_is_due(writing, calls[-1].at)

    def find(self, request_id: str) -> Entry | None:
        """The entry of the call with this request id, or ``None``. An event id will do as well."""
        ids = (event_id(request_id), request_id)
        with self.read() as session:
            row = session.scalars(select(AuditEntry).where(AuditEntry.event_id.in_(ids))).first()
            return None if row is None else entry_of(row)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the record."""
        with faults.told(self._database), Session(self._engine, autoflush=False) as session:
            yield session

    def close(self) -> None:
        """Note the newest entry outside, if this was the writer, and close the database."""
        if self._writing is not None:
            write_mark_file(self.mark_file, self._writing.head)
        self._engine.dispose()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with faults.told(self._database), self._writer.begin() as connection:
            yield connection

    def _take_up(self) -> _Writing:
        """Find where the chain goes on.

        Where the database knows less than the file outside, it was put back to a former state, and
        the chain goes on from what the file says: the entries between are then missing for good.
        Where its head was not sealed here, a number is left out, so that this is seen as well.
        """
        with self.read() as session:
            found = get_mark(session, "head")
            newest = session.scalar(select(func.max(AuditEntry.sequence))) or 0
        outside = read_mark_file(self.mark_file)
        known = [mark for mark in (found, outside) if mark and self.seal.fits(mark, "head")]
        head = max(known, key=lambda mark: mark.sequence, default=Mark("head", 0, NOTHING, ""))
        if newest > head.sequence:
            head = Mark("head", newest + 1, NOTHING, "")
        self._writing = _Writing(head)
        return self._writing

    def _do_what_is_due(self, writing: _Writing, now: datetime) -> None:
        if writing.file_at is None or now - writing.file_at >= _FILE_INTERVAL:
            writing.file_at = now
            write_mark_file(self.mark_file, writing.head)
        due = writing.removed_at is None or now - writing.removed_at >= _REMOVAL_INTERVAL
        if self._keep is not None and due and not self._remove_before(now - self._keep):
            writing.removed_at = now

    def _remove_before(self, moment: datetime) -> bool:
        """Remove some of what is older; whether there is more.

        The newest entry stays, and so does everything from where one is missing: that is evidence.
        """
        with self._write() as connection:
            start = (
                connection.scalar(select(AuditMark.sequence).where(AuditMark.name == "base")) or 0
            )
            rows = connection.execute(
                select(AuditEntry.sequence, AuditEntry.hash, AuditEntry.at)
                .order_by(AuditEntry.sequence)
                .limit(_REMOVED_AT_ONCE + 1)
            ).all()
            numbered = zip(itertools.count(start + 1), rows[:-1], strict=False)
            old = list(
                itertools.takewhile(
                    lambda each: each[1].sequence == each[0] and each[1].at < moment, numbered
                )
            )
            if not old:
                return False
            last = old[-1][1]
            put_mark(connection, self.seal.mark("base", last.sequence, last.hash))
            for table in (AuditResource, AuditEntry):
                connection.execute(delete(table).where(table.sequence <= last.sequence))
            return len(old) == _REMOVED_AT_ONCE


def open_audit(
    database: Path, key_file: Path, keep: timedelta | None = None, synchronous: str = "FULL"
) -> AuditRecord:
    """The record in the SQLite file ``database``, which is made (0600) where there is none.

    It is ``audit.db`` in the data directory. ``key_file`` is the store's, from which the key of the
    seals is derived. Entries older than ``keep`` are removed while others are added. Of
    ``synchronous``, see :func:`hansa.store.database.open_store`. Raises
    :class:`hansa.store.faults.StoreError` and :class:`hansa.store.cipher.CipherError`.
    """
    seal = Seal(hashlib.sha256(_PURPOSE + open_key(key_file)).digest())
    if not database.exists():
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT, 0o600))
    engine = create_sqlite_engine(database, synchronous)
    try:
        with faults.told(database):
            AuditBase.metadata.create_all(engine)
    except BaseException:
        engine.dispose()
        raise
    return AuditRecord(engine, seal, database, keep)


def entry_of(row: AuditEntry) -> Entry:
    """Raises ``ValueError`` where the row's content is no call."""
    return Entry(row.sequence, row.previous, row.hash, read_call(row.content))


def columns_of(call: Call) -> dict[str, Any]:
    """What an entry's columns say of its call."""
    columns = {
        "event_id": call.event_id,
        "at": call.at,
        "account_id": call.account_id,
        "event_source": call.event_source,
        "operation": call.operation,
        "username": username_of(call.principal_arn),
        "access_key_id": call.access_key_id,
        "read_only": call.read_only,
        "outcome": str(call.outcome),
    }
    return {k: plain(value) if isinstance(value, str) else value for k, value in columns.items()}


def resource_rows(sequence: int, call: Call) -> list[dict[str, Any]]:
    """What is kept of an entry's resources to find it by them."""
    rows = []
    for ordinal, arn in enumerate(map(plain, call.resources)):
        kind, name = resource_of(arn)
        rows.append(
            {"sequence": sequence, "ordinal": ordinal, "arn": arn, "name": name, "type": kind}
        )
    return rows


def _row(sequence: int, previous: str, call: Call) -> dict[str, Any]:
    content = write_call(call)
    return {
        "sequence": sequence,
        "previous": previous,
        "hash": entry_hash(sequence, previous, content),
        "content": content,
        **columns_of(call),
    }
