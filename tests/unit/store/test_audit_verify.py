"""Whoever changes the record of calls behind the service's back is found out."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.store.test_audit import AT, DENIED, calls, reopened

from hansa.domain.audit import entry_hash
from hansa.store.audit import AuditRecord
from hansa.store.audit_verify import Verdict, verify

COUNT = 6


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A record of six calls that nobody has open."""
    record = reopened(tmp_path)
    record.append(calls(COUNT))
    record.close()
    return tmp_path


@pytest.fixture
def database(directory: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(directory / "audit.db", isolation_level=None)) as connection:
        yield connection


def verdict(directory: Path, noted: tuple[int, str] | None = None) -> Verdict:
    record = reopened(directory)
    try:
        return verify(record, noted)
    finally:
        record.close()


def add_one(directory: Path) -> None:
    """The service starts, answers one call, and stops."""
    record = reopened(directory)
    record.append([replace(DENIED, request_id="after", at=AT + timedelta(hours=1))])
    record.close()


def test_a_record_as_it_was_written(directory: Path) -> None:
    found = verdict(directory)
    assert (found.fault, found.entries, found.sequence) == ("", COUNT, COUNT)
    assert verdict(directory, (found.sequence, found.hash)).fault == ""


def test_an_empty_record(tmp_path: Path) -> None:
    found = verdict(tmp_path)
    assert (found.fault, found.entries, found.sequence) == ("", 0, 0)


def _rehash(database: sqlite3.Connection, first: int) -> None:
    """What somebody does who knows how the chain is made, and has not the key."""
    rows = database.execute(
        "SELECT sequence, previous, content FROM entries WHERE sequence >= ? ORDER BY 1", (first,)
    ).fetchall()
    previous = rows[0][1]
    for number, _, content in rows:
        digest = entry_hash(number, previous, content)
        database.execute(
            "UPDATE entries SET previous = ?, hash = ? WHERE sequence = ?",
            (previous, digest, number),
        )
        previous = digest


def _change_content(database: sqlite3.Connection) -> None:
    database.execute("UPDATE entries SET content = replace(content, '403', '200') WHERE sequence=3")


def _change_and_rehash(database: sqlite3.Connection) -> None:
    _change_content(database)
    _rehash(database, 3)


def _remove(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM entries WHERE sequence = 3")


def _remove_first(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM entries WHERE sequence = 1")


def _remove_and_renumber(database: sqlite3.Connection) -> None:
    _remove(database)
    database.execute("UPDATE entries SET sequence = sequence - 1 WHERE sequence > 3")


def _remove_renumber_rehash(database: sqlite3.Connection) -> None:
    """A whole chain again, one shorter: only the sealed mark of its end tells."""
    previous = database.execute("SELECT previous FROM entries WHERE sequence = 3").fetchone()[0]
    _remove(database)
    database.execute("DELETE FROM resources WHERE sequence = 6")
    database.execute("UPDATE entries SET sequence = sequence - 1 WHERE sequence > 3")
    database.execute("UPDATE entries SET previous = ? WHERE sequence = 3", (previous,))
    _rehash(database, 3)


def _swap(database: sqlite3.Connection) -> None:
    for before, after in ((3, 99), (4, 3), (99, 4)):
        database.execute("UPDATE entries SET sequence = ? WHERE sequence = ?", (after, before))


def _cut_end(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM entries WHERE sequence > 4")
    database.execute("DELETE FROM resources WHERE sequence > 4")


def _cut_all(database: sqlite3.Connection) -> None:
    for table in ("entries", "resources", "marks"):
        database.execute(f"DELETE FROM {table}")


def _cut_end_and_mark(database: sqlite3.Connection) -> None:
    _cut_end(database)
    digest = database.execute("SELECT hash FROM entries WHERE sequence = 4").fetchone()[0]
    database.execute("UPDATE marks SET sequence = 4, hash = ? WHERE name = 'head'", (digest,))


def _hide_from_search(database: sqlite3.Connection) -> None:
    database.execute("UPDATE entries SET account_id = '999999999999' WHERE sequence = 3")


def _hide_resource(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM resources WHERE sequence = 3")


def _add(database: sqlite3.Connection) -> None:
    database.execute(
        "INSERT INTO entries SELECT 7, hash, hash, content, event_id, at, account_id, "
        "event_source, operation, username, access_key_id, read_only, outcome "
        "FROM entries WHERE sequence = 6"
    )
    database.execute("INSERT INTO resources SELECT 7, 0, arn, name, type FROM resources LIMIT 1")
    _rehash(database, 7)


def _pretend_removed(database: sqlite3.Connection) -> None:
    digest = database.execute("SELECT hash FROM entries WHERE sequence = 2").fetchone()[0]
    database.execute("DELETE FROM entries WHERE sequence <= 2")
    seal = database.execute("SELECT seal FROM marks").fetchone()[0]
    database.execute("INSERT INTO marks VALUES ('base', 2, ?, ?)", (digest, seal))


TAMPERINGS: list[tuple[Callable[[sqlite3.Connection], None], int, str]] = [
    (_change_content, 3, "changed"),
    (_change_and_rehash, 6, "another than the one that was sealed"),
    (_remove, 3, "entries 3 to 3 are missing"),
    (_remove_first, 1, "entries 1 to 1 are missing"),
    (_remove_and_renumber, 3, "changed"),
    (_remove_renumber_rehash, 6, "cut off"),
    (_swap, 3, "changed"),
    (_cut_end, 5, "entries 5 to 6 are missing"),
    (_cut_all, 1, "entries 1 to 6 are missing"),
    (_cut_end_and_mark, 5, "entries 5 to 6 are missing"),
    (_hide_from_search, 3, "found by"),
    (_hide_resource, 3, "found by"),
    (_add, 7, "added by somebody else"),
    (_pretend_removed, 3, "not genuine"),
]


@pytest.mark.parametrize(
    ("tamper", "broken", "fault"), TAMPERINGS, ids=[case[0].__name__[1:] for case in TAMPERINGS]
)
def test_tampering_is_found(
    directory: Path,
    database: sqlite3.Connection,
    tamper: Callable[[sqlite3.Connection], None],
    broken: int,
    fault: str,
) -> None:
    """Also once the service has gone on with the record: it covers nothing up."""
    before = verdict(directory)
    tamper(database)
    found = verdict(directory)
    right = 0 if tamper is _pretend_removed else broken - 1
    assert (found.broken, found.entries) == (broken, right)
    assert fault in found.fault
    add_one(directory)
    assert verdict(directory).fault != ""
    assert verdict(directory, (before.sequence, before.hash)).fault != ""


def test_a_former_copy_put_back_is_found(directory: Path) -> None:
    shutil.copy(directory / "audit.db", directory / "former.db")
    add_one(directory)
    (directory / "former.db").replace(directory / "audit.db")
    found = verdict(directory)
    assert (found.broken, found.entries) == (7, 6)
    assert "entries 7 to 7 are missing" in found.fault
    add_one(directory)
    assert "entries 7 to 7 are missing" in verdict(directory).fault


def test_a_record_that_was_deleted_is_found(directory: Path) -> None:
    (directory / "audit.db").unlink()
    assert "entries 1 to 6 are missing" in verdict(directory).fault
    add_one(directory)
    assert "entries 1 to 6 are missing" in verdict(directory).fault


def test_the_mark_outside_cannot_be_made_up(directory: Path) -> None:
    file = directory / "audit.head"
    document = json.loads(file.read_text())
    file.write_text(json.dumps({**document, "sequence": 5}))
    assert "audit.head is not genuine" in verdict(directory).fault
    file.write_text("")
    assert "audit.head is not genuine" in verdict(directory).fault


def test_without_the_mark_outside_the_sealed_end_still_counts(
    directory: Path, database: sqlite3.Connection
) -> None:
    (directory / "audit.head").unlink()
    assert verdict(directory).fault == ""
    _cut_end(database)
    assert "entries 5 to 6 are missing" in verdict(directory).fault


def test_what_was_noted_elsewhere_binds_even_who_has_the_key(directory: Path) -> None:
    before = verdict(directory)
    (directory / "audit.db").unlink()
    (directory / "audit.head").unlink()
    forged = reopened(directory)
    forged.append(calls(COUNT, status=200))
    forged.close()
    assert verdict(directory).fault == ""
    assert "noted" in verdict(directory, (before.sequence, before.hash)).fault
    assert "cut off" in verdict(directory, (before.sequence + 1, before.hash)).fault


def test_verifying_a_record_that_grows(directory: Path) -> None:
    writer: AuditRecord = reopened(directory)
    for number in range(5):
        writer.append([replace(DENIED, request_id=f"more{number}")])
        assert verdict(directory).fault == ""
    writer.close()
