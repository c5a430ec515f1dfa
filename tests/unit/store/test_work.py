"""Leases: one worker a resource, and nobody waits for the dead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.operations.installation import START

from hansa.domain.lifecycle import Kind
from hansa.store.database import Store, open_store
from hansa.store.tables import Work
from hansa.store.work import add_work, claim_work, expire_leases, next_due, wake_work

LEASE = timedelta(seconds=60)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "hansa.db", tmp_path / "key")
    with opened.write() as session:
        add_work(session, Kind.NETWORK, "n-A", START)
    yield opened
    opened.close()


def claim(store: Store, owner: str, seconds: float = 0) -> str | None:
    with store.write() as session:
        work = claim_work(session, owner, START + timedelta(seconds=seconds), LEASE)
        return work.resource_id if work else None


def test_a_lease_is_one_workers(store: Store) -> None:
    assert claim(store, "one") == "n-A"
    assert claim(store, "two") is None
    assert claim(store, "two", 59) is None


def test_a_dead_workers_lease_expires(store: Store) -> None:
    claim(store, "one")
    with store.read() as session:
        assert next_due(session) == START + LEASE
    assert claim(store, "two", 60) == "n-A"


def test_a_new_start_takes_over_at_once(store: Store) -> None:
    claim(store, "one")
    with store.write() as session:
        expire_leases(session)
    assert claim(store, "two") == "n-A"


def test_a_request_during_a_look_is_counted_and_keeps_the_lease(store: Store) -> None:
    claim(store, "one")
    for again in (add_work, None):
        with store.write() as session:
            before = session.get_one(Work, "n-A").generation
            if again is not None:
                again(session, Kind.NETWORK, "n-A", START)
            else:
                wake_work(session, "n-A", START)
            work = session.get_one(Work, "n-A")
            assert (work.generation, work.lease_owner) == (before + 1, "one")
    assert claim(store, "two") is None


def test_the_longest_due_comes_first(store: Store) -> None:
    with store.write() as session:
        add_work(session, Kind.NODE, "nd-B", START - timedelta(seconds=5))
    assert claim(store, "one") == "nd-B"
    assert claim(store, "one") == "n-A"
