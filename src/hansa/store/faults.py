"""What SQLite reports of the machine, as an error that says what to do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from hansa.domain.errors import InternalServiceError

# A disk with less than this left is full for SQLite, which then reports any fault of writing.
_ROOM_BYTES = 65_536
_REASONS = {
    sqlite3.SQLITE_IOERR: "its disk reports a fault; see the machine's system log",
    sqlite3.SQLITE_READONLY: (
        "it may not write its database; give the data directory back to the user it runs as"
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot open its database; see that the data directory is in its place, and belongs to "
        "the user it runs as"
    ),
    sqlite3.SQLITE_BUSY: "another program holds its database; end that program",
    sqlite3.SQLITE_CORRUPT: "its database is spoilt; restore a backup of the data directory",
    sqlite3.SQLITE_NOTADB: "its database is spoilt; restore a backup of the data directory",
}


class StoreError(InternalServiceError):
    """The machine does not let the store be read or written; nothing of the request was done."""


@contextmanager
def told(database: Path) -> Iterator[None]:
    """Turns what SQLite reports of the machine into :class:`StoreError`, and nothing else."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as fault:
        reason = _reason(fault.orig if isinstance(fault, DatabaseError) else fault, database)
        if not reason:
            raise
        raise StoreError(f"The service cannot read or write what it keeps: {reason}.") from fault


def _reason(fault: BaseException | None, database: Path) -> str:
    # The lower byte is the kind of fault, the rest its detail: SQLite, "Result and Error Codes".
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    full = code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(database))
    if full:
        return (
            "the disk is full. Nothing of this was done; free some space where the service keeps "
            "its data, and try again"
        )
    return _REASONS.get(code, "")


def _is_full(database: Path) -> bool:
    try:
        return shutil.disk_usage(database.parent).free < _ROOM_BYTES
    except OSError:
        return False
