"""The record of calls: entries, their chain, and what is found in it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hansa.domain.audit import NOTHING, Call, Outcome, entry_hash, write_call
from hansa.domain.errors import Ruling
from hansa.store.audit import AuditRecord, open_audit

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DENIED = Call(
    "request-2",
    AT,
    service="managedblockchain",
    operation="GetNetwork",
    account_id="1" * 12,
    access_key_id="AKIDALICE",
    resources=("arn:aws:managedblockchain:us-east-1::networks/n-A",),
    parameters={"NetworkId": "n-Ä"},
    status=403,
    error_code="AccessDeniedException",
    ruling=Ruling("managedblockchain:GetNetwork", "*", "with an explicit deny", "p", "No", True),
)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[AuditRecord]:
    opened = open_audit(tmp_path / "audit.db", tmp_path / "key")
    yield opened
    opened.close()


def test_a_call_is_found_by_its_request_id(record: AuditRecord) -> None:
    first = Call("request-1", AT, status=403, signature_cause="unknown-key")
    record.append([first, DENIED])
    found = record.find("request-2")
    assert found is not None
    assert found.call == DENIED
    assert found.call.outcome is Outcome.DENIED
    assert found.sequence == 2
    assert found.previous == entry_hash(1, NOTHING, write_call(first))
    assert found.hash == entry_hash(2, found.previous, write_call(DENIED))
    assert record.find("request-3") is None


def test_the_chain_goes_on_after_a_restart(record: AuditRecord, tmp_path: Path) -> None:
    record.append([DENIED])
    again = open_audit(tmp_path / "audit.db", tmp_path / "key")
    again.append([Call("request-9", AT)])
    first, second = again.find("request-2"), again.find("request-9")
    assert first is not None
    assert second is not None
    assert (second.sequence, second.previous) == (2, first.hash)
    again.close()


def test_only_its_user_reads_the_record(record: AuditRecord, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "audit.db").stat().st_mode) == 0o600
