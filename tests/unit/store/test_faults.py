"""What SQLite reports of the machine, as callers read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from hansa.store.database import open_store
from hansa.store.faults import StoreError
from hansa.store.tables import Tag


def test_a_full_disk_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path / "hansa.db", tmp_path / "key")
    tags = [Tag(resource_id="n", key=str(number), value="v" * 200) for number in range(2000)]
    expected = pytest.raises(StoreError, match="the disk is full.*free some space")
    with expected as fault, store.write() as session:
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
        session.add_all(tags)
    assert str(tmp_path) not in fault.value.message, "callers learn where the data is"
    with store.read() as session:
        assert session.query(Tag).count() == 0
    store.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" * 300])
def test_a_spoilt_database_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hansa.db").write_bytes(content)
    with pytest.raises(StoreError, match="its database is spoilt; restore a backup"):
        open_store(tmp_path / "hansa.db", tmp_path / "key")


def test_a_database_that_is_not_there_any_more_is_told(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data.db", tmp_path / "key")
    store.close()
    for file in tmp_path.glob("data.db*"):
        file.unlink()
    (tmp_path / "data.db").mkdir()
    with pytest.raises(StoreError, match="it cannot open its database"), store.read() as session:
        session.query(Tag).count()
    store.close()


def test_a_fault_of_ours_stays_what_it_is(tmp_path: Path) -> None:
    store = open_store(tmp_path / "hansa.db", tmp_path / "key")
    with pytest.raises(OperationalError, match="no such table"), store.read() as session:
        session.connection().exec_driver_sql("SELECT * FROM missing")
    store.close()
