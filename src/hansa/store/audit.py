"""The record of calls: appended to, searched, never changed.

It has a database of its own, so that it neither waits for the store's writer nor holds it up, and
is not copied when the store is. One process appends; any other may read meanwhile.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from hansa.domain.audit import (
    NOTHING,
    Call,
    Entry,
    entry_hash,
    event_id,
    read_call,
    resource_of,
    username_of,
    write_call,
)
from hansa.store import faults
from hansa.store.audit_tables import AuditBase, AuditEntry, AuditMark, AuditResource
from hansa.store.cipher import open_key
from hansa.store.database import create_sqlite_engine

_PURPOSE = b"hansa: marks of the record of calls"


class AuditRecord:
    """The entries of one installation. Safe to use from several threads; one of them appends."""

    def __init__(self, engine: Engine, key: bytes, database: Path) -> None:
        self._engine = engine
        self._key = key
        self._database = database

    def append(self, calls: Sequence[Call]) -> None:
        """Add calls, in their order, in one transaction that is on disk when this returns.

        Raises :class:`hansa.store.faults.StoreError` where the machine does not let it; then
        nothing of it was added.
        """
        with faults.told(self._database), self._writer() as session, session.begin():
            head = session.get(AuditMark, "head")
            sequence, previous = (head.sequence, head.hash) if head else (0, NOTHING)
            entries: list[dict[str, Any]] = []
            resources: list[dict[str, Any]] = []
            for call in calls:
                sequence += 1
                row = _row(sequence, previous, call)
                previous = row["hash"]
                entries.append(row)
                resources += _resource_rows(sequence, call)
            session.execute(insert(AuditEntry), entries)
            if resources:
                session.execute(insert(AuditResource), resources)
            self._mark(session, "head", sequence, previous, is_new=head is None)

    def find(self, request_id: str) -> Entry | None:
        """The entry of the call with this request id, or ``None``."""
        with faults.told(self._database), Session(self._engine) as session:
            row = session.scalars(
                select(AuditEntry).where(AuditEntry.event_id == event_id(request_id))
            ).first()
            return None if row is None else entry_of(row)

    def close(self) -> None:
        self._engine.dispose()

    def _writer(self) -> Session:
        return Session(self._engine.execution_options(hansa_begin="BEGIN IMMEDIATE"))

    def _mark(
        self, session: Session, name: str, sequence: int, digest: str, *, is_new: bool
    ) -> None:
        values = {"sequence": sequence, "hash": digest, "seal": self._seal(name, sequence, digest)}
        if is_new:
            session.execute(insert(AuditMark).values(name=name, **values))
        else:
            session.execute(update(AuditMark).where(AuditMark.name == name).values(**values))

    def _seal(self, name: str, sequence: int, digest: str) -> str:
        return hmac.digest(self._key, f"{name} {sequence} {digest}".encode(), "sha256").hex()


def open_audit(database: Path, key_file: Path) -> AuditRecord:
    """The record in the SQLite file ``database``, which is made (0600) where there is none.

    ``key_file`` is the store's, from which the key of the marks is derived. Raises
    :class:`hansa.store.faults.StoreError` and :class:`hansa.store.cipher.CipherError`.
    """
    key = hashlib.sha256(_PURPOSE + open_key(key_file)).digest()
    if not database.exists():
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT, 0o600))
    engine = create_sqlite_engine(database)
    try:
        with faults.told(database):
            AuditBase.metadata.create_all(engine)
    except BaseException:
        engine.dispose()
        raise
    return AuditRecord(engine, key, database)


def entry_of(row: AuditEntry) -> Entry:
    """Raises ``ValueError`` where the row's content is no call."""
    return Entry(row.sequence, row.previous, row.hash, read_call(row.content))


def columns_of(call: Call) -> dict[str, Any]:
    """What an entry's columns say of its call."""
    return {
        "event_id": call.event_id,
        "at": call.at,
        "account_id": call.account_id,
        "event_source": call.event_source,
        "operation": call.operation,
        "username": username_of(call.principal_arn),
        "access_key_id": call.access_key_id,
        "read_only": call.read_only,
    }


def _row(sequence: int, previous: str, call: Call) -> dict[str, Any]:
    content = write_call(call)
    return {
        "sequence": sequence,
        "previous": previous,
        "hash": entry_hash(sequence, previous, content),
        "content": content,
        **columns_of(call),
    }


def _resource_rows(sequence: int, call: Call) -> list[dict[str, Any]]:
    rows = []
    for ordinal, arn in enumerate(call.resources):
        kind, name = resource_of(arn)
        rows.append(
            {"sequence": sequence, "ordinal": ordinal, "arn": arn, "name": name, "type": kind}
        )
    return rows
