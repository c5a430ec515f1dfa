"""The schema, its migrations, and what a commit promises."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text
from tests.unit.operations.installation import START

from hansa.store.cipher import CipherError, open_cipher
from hansa.store.database import HEAD_REVISION, SchemaError, create_sqlite_engine, open_store
from hansa.store.migrations import configuration, known_revisions
from hansa.store.tables import Account, Base, Installation, Principal


def test_the_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    open_store(tmp_path / "hansa.db", tmp_path / "key").close()
    engine = create_sqlite_engine(tmp_path / "hansa.db")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_head_is_the_one_the_program_expects() -> None:
    assert ScriptDirectory.from_config(configuration()).get_heads() == [HEAD_REVISION]


def test_an_older_database_is_migrated_and_backed_up(tmp_path: Path) -> None:
    """From every revision there was, with what is in it."""
    for revision in known_revisions() - {HEAD_REVISION}:
        file = tmp_path / f"{revision}.db"
        engine = create_sqlite_engine(file)
        with engine.connect() as connection:
            older = configuration()
            older.attributes["connection"] = connection
            command.upgrade(older, revision)
            connection.commit()
        engine.dispose()
        with contextlib.closing(sqlite3.connect(file)) as database:
            database.execute("INSERT INTO installation VALUES ('abc', '2026-11-21 09:00:00')")
            database.commit()
        store = open_store(file, tmp_path / "key")
        with store.read() as session:
            assert session.scalars(select(Installation)).one().id == "abc"
            context = MigrationContext.configure(session.connection())
            assert compare_metadata(context, Base.metadata) == []
        store.close()
        backup = tmp_path / f"{revision}.db.{revision}.bak"
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_a_database_of_a_newer_hansa_is_refused(tmp_path: Path) -> None:
    open_store(tmp_path / "hansa.db", tmp_path / "key").close()
    with sqlite3.connect(tmp_path / "hansa.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SchemaError, match="used by a newer one"):
        open_store(tmp_path / "hansa.db", tmp_path / "key")


def test_commits_are_synchronous_and_files_private(tmp_path: Path) -> None:
    store = open_store(tmp_path / "hansa.db", tmp_path / "key")
    with store.read() as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        assert driver.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert driver.execute("PRAGMA synchronous").fetchone() == (2,)
        assert driver.execute("PRAGMA foreign_keys").fetchone() == (1,)
    store.close()
    for name in ("hansa.db", "key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_write_that_raises_changes_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "hansa.db", tmp_path / "key")

    def fail() -> None:
        with store.write() as session:
            session.add(Account(id="1" * 12, name="x", created_at=START))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as session:
        assert not list(session.scalars(select(Account)))
    with store.write() as session:
        session.add(Account(id="1" * 12, name="x", created_at=START))
    with store.read() as session:
        assert session.scalars(select(Account)).one().created_at == START
    store.close()


def test_secrets_are_sealed_each_with_its_own_key(tmp_path: Path) -> None:
    cipher = open_cipher(tmp_path / "key")
    sealed = [cipher.encrypt("Password123"), cipher.encrypt("Password123")]
    assert sealed[0] != sealed[1]
    assert "Password" not in sealed[0]
    assert open_cipher(tmp_path / "key").decrypt(sealed[0]) == "Password123"
    with pytest.raises(CipherError, match="cannot be decrypted"):
        open_cipher(tmp_path / "other").decrypt(sealed[0])


def test_a_spoilt_key_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"")
    with pytest.raises(CipherError, match="does not hold a key"):
        open_cipher(tmp_path / "key")


def test_trust_in_a_name_becomes_trust_in_who_has_it(tmp_path: Path) -> None:
    engine = create_sqlite_engine(tmp_path / "hansa.db")
    ann, gone = "arn:aws:iam::111122223333:user/eng/ann", "arn:aws:iam::111122223333:user/gone"
    document = (
        '{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": '
        '{{"AWS": ["{}", "{}", "*"]}}, "Action": "sts:AssumeRole"}}]}}'
    )
    with engine.connect() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        account = {"id": "111122223333", "at": "2026-01-01 00:00:00"}
        connection.execute(text("INSERT INTO accounts VALUES (:id, 'a', :at)"), account)
        for row in (("AIDAANN", "user", "ann", "/eng/", None), ("AROAR", "role", "r", "/", 1)):
            values = dict(zip(("id", "kind", "name", "path", "trust"), row, strict=True))
            trust = document.format(ann, gone) if values["trust"] else None
            connection.execute(
                text(
                    "INSERT INTO principals (id, account_id, kind, name, folded_name, path, trust,"
                    " created_at) VALUES (:id, '111122223333', :kind, :name, :name, :path, :trust,"
                    " '2026-01-01 00:00:00')"
                ),
                {**values, "trust": trust},
            )
        connection.commit()
    engine.dispose()
    store = open_store(tmp_path / "hansa.db", tmp_path / "key")
    with store.read() as session:
        role = session.get(Principal, "AROAR")
        assert role is not None
        assert role.trust == document.format("AIDAANN", gone)
    store.close()
