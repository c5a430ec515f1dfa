"""The record of calls: entries, their chain, and what is found in it."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hansa.domain.audit import (
    NOTHING,
    Call,
    Outcome,
    canonical,
    entry_hash,
    read_call,
    resource_of,
    username_of,
    write_call,
)
from hansa.domain.errors import Ruling
from hansa.store.audit import AuditRecord, open_audit
from hansa.store.audit_search import AuditQuery, search, walk
from hansa.store.audit_verify import verify

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
NETWORK = "arn:aws:managedblockchain:us-east-1::networks/n-A"
DENIED = Call(
    "request-2",
    AT,
    service="managedblockchain",
    operation="GetNetwork",
    account_id="1" * 12,
    principal_arn="arn:aws:iam::111111111111:user/team/alice",
    access_key_id="AKIDALICE",
    read_only=True,
    resources=(NETWORK,),
    parameters={"NetworkId": "n-Ä"},
    status=403,
    error_code="AccessDeniedException",
    ruling=Ruling("managedblockchain:GetNetwork", "*", "with an explicit deny", "p", "No", True),
)
STRANGER = Call("request-1", AT, status=403, signature_cause="unknown-key")


def calls(count: int, **members: object) -> list[Call]:
    return [
        replace(DENIED, request_id=f"r{number}", at=AT + timedelta(seconds=number), **members)  # type: ignore[arg-type]
        for number in range(1, count + 1)
    ]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[AuditRecord]:
    opened = reopened(tmp_path)
    yield opened
    opened.close()


def reopened(directory: Path, keep: timedelta | None = None) -> AuditRecord:
    return open_audit(directory / "audit.db", directory / "key", keep, synchronous="OFF")


def numbers(record: AuditRecord, **query: object) -> list[int]:
    return [entry.sequence for entry in walk(record, AuditQuery(**query))]  # type: ignore[arg-type]


def test_a_call_is_found_by_its_request_id(record: AuditRecord) -> None:
    record.append([STRANGER, DENIED])
    found = record.find("request-2")
    assert found is not None
    assert found.call == DENIED
    assert found.call.outcome is Outcome.DENIED
    assert found.sequence == 2
    assert found.previous == entry_hash(1, NOTHING, write_call(STRANGER))
    assert found.hash == entry_hash(2, found.previous, write_call(DENIED))
    assert record.find(DENIED.event_id) == found
    assert record.find("request-3") is None


def test_anybody_can_compute_an_entrys_hash_from_its_json(record: AuditRecord) -> None:
    record.append([DENIED])
    entry = record.find("request-2")
    assert entry is not None
    document = {
        "call": json.loads(write_call(entry.call)),
        "previous": entry.previous,
        "sequence": entry.sequence,
    }
    assert entry.hash == entry_hash(1, NOTHING, canonical(document["call"]))
    assert canonical(document).startswith('{"call":{"access_key_id":"AKIDALICE"')


def test_what_is_no_call_is_told() -> None:
    for text in ("", "[]", "{}", '{"at":"x"}', '{"at":"2026-11-21T09:00:00+00:00","what":1}'):
        with pytest.raises(ValueError, match=r"."):
            read_call(text)


def test_the_chain_goes_on_after_a_restart(record: AuditRecord, tmp_path: Path) -> None:
    record.append([DENIED])
    again = reopened(tmp_path)
    again.append([Call("request-9", AT)])
    first, second = again.find("request-2"), again.find("request-9")
    assert first is not None
    assert second is not None
    assert (second.sequence, second.previous) == (2, first.hash)
    again.close()
    assert verify(record).fault == ""


def test_only_its_user_reads_the_record(record: AuditRecord, tmp_path: Path) -> None:
    record.append([DENIED])
    for name in ("audit.db", "audit.db-wal", "audit.head"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [1, 2, 3, 4]),
        ({"account_id": "1" * 12}, [1, 3, 4]),
        ({"account_id": "2" * 12}, [2]),
        ({"operation": "CreateNetwork"}, [2]),
        ({"event_source": "iam.amazonaws.com"}, [3]),
        ({"username": "alice"}, [1, 3, 4]),
        ({"username": "work"}, [2]),
        ({"access_key_id": "ASIAB"}, [2]),
        ({"read_only": True}, [1, 4]),
        ({"read_only": False, "account_id": "1" * 12}, [3]),
        ({"resource_name": "n-A"}, [1, 4]),
        ({"resource_name": NETWORK}, [1, 4]),
        ({"resource_name": NETWORK.replace("us-east", "eu-west")}, []),
        ({"resource_type": "AWS::IAM::User"}, [3]),
        ({"resource_type": "AWS::IAM::User", "resource_name": "n-A"}, []),
        ({"refused": True}, [1, 4]),
        ({"since": AT + timedelta(seconds=2)}, [2, 3, 4]),
        ({"before": AT + timedelta(seconds=2)}, [1]),
        ({"event_id": DENIED.event_id}, []),
    ],
)
def test_queries(record: AuditRecord, query: dict[str, object], found: list[int]) -> None:
    first, second, third, fourth = calls(4)
    allowed: dict[str, object] = {"error_code": "", "ruling": None, "status": 200}
    role = "arn:aws:sts::222222222222:assumed-role/operator/work"
    record.append(
        [
            first,
            replace(
                second,
                operation="CreateNetwork",
                account_id="2" * 12,
                principal_arn=role,
                access_key_id="ASIAB",
                read_only=False,
                resources=(),
                **allowed,
            ),
            replace(
                third,
                service="iam",
                operation="CreateUser",
                read_only=False,
                resources=("arn:aws:iam::111111111111:user/team/bob",),
                **allowed,
            ),
            fourth,
        ]
    )
    assert numbers(record, **query) == found
    newest_first = search(record, AuditQuery(**query), 100)  # type: ignore[arg-type]
    assert [entry.sequence for entry in newest_first] == found[::-1]


def test_pages_go_from_the_newest_to_the_oldest(record: AuditRecord) -> None:
    record.append(calls(5))
    first = search(record, AuditQuery(), 2)
    second = search(record, AuditQuery(), 2, first[-1].sequence)
    last = search(record, AuditQuery(), 2, second[-1].sequence)
    assert [[e.sequence for e in page] for page in (first, second, last)] == [[5, 4], [3, 2], [1]]


def test_what_is_old_is_removed_and_the_rest_stays_verifiable(tmp_path: Path) -> None:
    record = reopened(tmp_path, keep=timedelta(days=1))
    record.append(calls(3))
    late = replace(DENIED, request_id="late", at=AT + timedelta(days=1, seconds=3))
    record.append([late])
    assert numbers(record) == [3, 4]
    assert record.find("r1") is None
    verdict = verify(record)
    assert (verdict.fault, verdict.entries) == ("", 2)
    record.append([replace(late, at=AT + timedelta(days=9), request_id="later")])
    assert numbers(record) == [5]
    record.close()
    again = reopened(tmp_path)
    assert verify(again).fault == ""
    again.close()


def test_much_that_is_old_goes_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hansa.store.audit._REMOVED_AT_ONCE", 2)
    record = reopened(tmp_path, keep=timedelta(days=1))
    record.append(calls(5))
    for number, left in ((1, [3, 4, 5, 6]), (2, [5, 6, 7]), (3, [6, 7, 8])):
        record.append([replace(DENIED, request_id=f"l{number}", at=AT + timedelta(days=3))])
        assert numbers(record) == left
    assert verify(record).fault == ""
    record.close()


def test_where_an_entry_is_missing_nothing_is_removed_any_more(tmp_path: Path) -> None:
    record = reopened(tmp_path, keep=timedelta(days=1))
    record.append(calls(5))
    with closing(sqlite3.connect(tmp_path / "audit.db", isolation_level=None)) as database:
        database.execute("DELETE FROM entries WHERE sequence = 3")
    for number in (1, 2):
        late = AT + timedelta(days=3 * number)
        record.append([replace(DENIED, request_id=f"l{number}", at=late)])
    assert numbers(record) == [4, 5, 6, 7]
    assert "entries 3 to 3 are missing" in verify(record).fault
    record.close()


@pytest.mark.parametrize(
    ("arn", "kind", "name"),
    [
        (NETWORK, "AWS::ManagedBlockchain::Network", "n-A"),
        ("arn:aws:iam::111111111111:user/team/bob", "AWS::IAM::User", "bob"),
        ("arn:aws:s3:::bucket", "AWS::S3::Bucket", "bucket"),
        ("arn:aws:s3:::bucket/a/key", "AWS::S3::Object", "arn:aws:s3:::bucket/a/key"),
        ("arn:aws:ssm:us-east-1:1:parameter/a/b", "AWS::SSM::Parameter", "a/b"),
        ("arn:aws:secretsmanager:us-east-1:1:secret:db", "AWS::SecretsManager::Secret", "db"),
        ("arn:aws:sts::1:assumed-role/operator/work", "AWS::STS::AssumedRole", "operator/work"),
        ("anything", "", "anything"),
    ],
)
def test_resources_by_type_and_name(arn: str, kind: str, name: str) -> None:
    assert resource_of(arn) == (kind, name)


def test_usernames() -> None:
    assert username_of("arn:aws:iam::1:user/team/alice") == "alice"
    assert username_of("arn:aws:sts::1:assumed-role/operator/work") == "work"
    assert username_of("arn:aws:iam::1:root") == "root"


def test_any_text_can_be_recorded(record: AuditRecord) -> None:
    odd = replace(
        DENIED,
        request_id="odd\ud800",
        operation="\ud800",
        resources=("arn:\udfff\0",),
        principal_arn="\x00\ud800",
        access_key_id="é\u2028",
        parameters={"\ud800": "\ud800'\"\n"},
    )
    record.append([odd, DENIED])
    assert verify(record).fault == ""
    assert numbers(record) == [1, 2]
