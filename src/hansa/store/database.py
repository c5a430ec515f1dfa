"""Opening the store: one writer, many readers, and a schema that fits this program."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.orm import Session

from hansa.store import faults
from hansa.store.cipher import Cipher, open_cipher

__all__ = [
    "HEAD_REVISION",
    "SchemaError",
    "Session",
    "Store",
    "create_sqlite_engine",
    "current_revision",
    "is_current",
    "open_store",
]

HEAD_REVISION = "0007"


class SchemaError(Exception):
    """The database does not fit this program; the text says what to do."""


class Store:
    """The installation's database.

    :meth:`read` gives a session that sees one state and changes nothing; :meth:`write` gives the
    one writer's session, which commits when the block ends and rolls back when it raises.
    """

    def __init__(self, engine: Engine, cipher: Cipher, database: Path) -> None:
        self.cipher = cipher
        self._database = database
        self._engine = engine
        self._writing = engine.execution_options(hansa_begin="BEGIN IMMEDIATE")
        self._writer = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Session]:
        with (
            faults.told(self._database),
            Session(self._engine, autoflush=False, expire_on_commit=False) as session,
        ):
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        with (
            faults.told(self._database),
            self._writer,
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def close(self) -> None:
        self._engine.dispose()


def open_store(database: Path, key_file: Path, synchronous: str = "FULL") -> Store:
    """The store in the SQLite file ``database``, made or migrated where it has to be.

    Raises :class:`SchemaError` where a newer Hansa made it,
    :class:`hansa.store.faults.StoreError` where the machine does not let it be opened, and
    :class:`hansa.store.cipher.CipherError` where ``key_file`` is spoilt. ``synchronous`` is
    SQLite's pragma: anything but FULL is for stores that need not survive a loss of power.
    """
    if not database.exists():
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT, 0o600))
    engine = create_sqlite_engine(database, synchronous)
    try:
        with faults.told(database):
            _fit_schema(engine, database)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, open_cipher(key_file), database)


def create_sqlite_engine(database: Path, synchronous: str = "FULL") -> Engine:
    """WAL, so that readers do not wait; synchronous=FULL, so that a commit survives power loss."""
    engine = create_engine(
        f"sqlite:///{database}", connect_args={"check_same_thread": False, "timeout": 30}
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: object, _record: object) -> None:
        # The driver's own transaction control begins too late; ours is in _begin.
        connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # By the driver itself: SQLAlchemy's way to a statement costs as much as a short read.
        statement = connection.get_execution_options().get("hansa_begin", "BEGIN")
        connection.connection.driver_connection.execute(statement)  # type: ignore[union-attr]

    return engine


def current_revision(engine: Engine) -> str | None:
    """The revision the database is at; None where it is empty."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_current(database: Path) -> bool:
    """Whether the database in this file can be opened as it is, without a migration."""
    engine = create_sqlite_engine(database)
    try:
        with faults.told(database):
            return current_revision(engine) == HEAD_REVISION
    finally:
        engine.dispose()


def _fit_schema(engine: Engine, database: Path) -> None:
    found = current_revision(engine)
    if found == HEAD_REVISION:
        return
    # Imported here: Alembic costs a tenth of a second that a start without migration can save.
    from hansa.store.migrations import known_revisions, upgrade  # noqa: PLC0415

    if found is not None and found not in known_revisions():
        raise SchemaError(
            f"{database} has schema revision {found}, which this version of Hansa does not know; "
            "it was used by a newer one: start that, or restore a backup made before the upgrade"
        )
    if found is not None:
        _back_up(engine, database, found)
    with engine.connect() as connection:
        upgrade(connection)
        connection.commit()


def _back_up(engine: Engine, database: Path, revision: str) -> None:
    with engine.connect() as connection:
        connection.commit()
        connection.connection.driver_connection.execute(  # type: ignore[union-attr]
            "PRAGMA wal_checkpoint(TRUNCATE)"
        )
    backup = database.with_name(f"{database.name}.{revision}.bak")
    shutil.copyfile(database, backup)
    backup.chmod(0o600)
