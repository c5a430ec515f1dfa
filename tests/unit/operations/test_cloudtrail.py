"""LookupEvents: the caller's own calls, by one attribute and by time, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.operations.installation import ALICE, BOB
from tests.unit.store.test_audit import AT, DENIED, NETWORK, calls, reopened

from hansa.domain.audit import Call
from hansa.domain.cloudtrail import trail_record
from hansa.domain.errors import ServiceError
from hansa.operations.cloudtrail import CloudTrail
from hansa.store.audit import AuditRecord


@pytest.fixture
def record(tmp_path: Path) -> Iterator[AuditRecord]:
    opened = reopened(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def trail(record: AuditRecord) -> CloudTrail:
    return CloudTrail(record)


def sources(trail: CloudTrail, **request: Any) -> list[str]:
    events = trail.lookup_events(ALICE, request)["Events"]
    return [json.loads(event["CloudTrailEvent"])["requestID"] for event in events]


def by(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def test_an_account_sees_its_own_calls_only(record: AuditRecord, trail: CloudTrail) -> None:
    mine, theirs = calls(2)
    record.append([mine, replace(theirs, account_id=BOB.account_id), Call("stranger", AT)])
    assert sources(trail) == ["r1"]
    assert sources(trail, **by("EventId", theirs.event_id)) == []
    assert sources(trail, **by("ResourceName", "n-A")) == ["r1"]
    (event,) = trail.lookup_events(BOB, {})["Events"]
    assert event["EventId"] == theirs.event_id


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("EventId", calls(1)[0].event_id, ["r1"]),
        ("EventName", "GetNetwork", ["r3", "r2", "r1"]),
        ("EventName", "getnetwork", []),
        ("ReadOnly", "true", ["r3", "r2", "r1"]),
        ("ReadOnly", "false", []),
        ("Username", "alice", ["r3", "r2", "r1"]),
        ("Username", "bob", []),
        ("ResourceType", "AWS::ManagedBlockchain::Network", ["r3", "r2", "r1"]),
        ("ResourceName", NETWORK, ["r3", "r2", "r1"]),
        ("EventSource", "managedblockchain.amazonaws.com", ["r3", "r2", "r1"]),
        ("AccessKeyId", "AKIDALICE", ["r3", "r2", "r1"]),
    ],
)
def test_attributes(
    record: AuditRecord, trail: CloudTrail, key: str, value: str, found: list[str]
) -> None:
    record.append(calls(3))
    assert sources(trail, **by(key, value)) == found


def test_times_are_whole_seconds_and_both_ends_count(
    record: AuditRecord, trail: CloudTrail
) -> None:
    halves = [replace(c, at=c.at + timedelta(milliseconds=500)) for c in calls(4)]
    record.append(halves)
    second = timedelta(seconds=1)
    assert sources(trail, StartTime=AT + 2 * second, EndTime=AT + 3 * second) == ["r3", "r2"]
    assert sources(trail, EndTime=AT + second) == ["r1"]
    assert sources(trail, StartTime=AT + 4 * second) == ["r4"]


def test_pages_neither_repeat_nor_leave_out(record: AuditRecord, trail: CloudTrail) -> None:
    record.append(calls(7))
    found: list[str] = []
    request: dict[str, Any] = {"MaxResults": 3, **by("Username", "alice")}
    for _ in range(3):
        answer = trail.lookup_events(ALICE, request)
        found += [event["EventId"] for event in answer["Events"]]
        record.append([replace(DENIED, request_id=f"new{len(found)}")])  # it grows meanwhile
        request["NextToken"] = answer.get("NextToken")
    assert request["NextToken"] is None
    assert found == [call.event_id for call in calls(7)[::-1]]


def test_without_a_size_a_page_has_fifty(record: AuditRecord, trail: CloudTrail) -> None:
    record.append(calls(60))
    answer = trail.lookup_events(ALICE, {})
    assert len(answer["Events"]) == 50
    rest = trail.lookup_events(ALICE, {"NextToken": answer["NextToken"]})
    assert len(rest["Events"]) == 10
    assert "NextToken" not in rest


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (by("ReadOnly", "perhaps"), "InvalidLookupAttributesException"),
        (
            {"LookupAttributes": by("EventName", "a")["LookupAttributes"] * 2},
            "InvalidLookupAttributesException",
        ),
        ({"StartTime": AT, "EndTime": AT - timedelta(1)}, "InvalidTimeRangeException"),
        ({"NextToken": "nonsense"}, "InvalidNextTokenException"),
    ],
)
def test_what_is_refused(trail: CloudTrail, request_: dict[str, Any], code: str) -> None:
    with pytest.raises(ServiceError) as raised:
        trail.lookup_events(ALICE, request_)
    assert raised.value.code == code


def test_a_token_is_good_for_its_query_and_account_only(
    record: AuditRecord, trail: CloudTrail
) -> None:
    record.append(calls(3))
    token = trail.lookup_events(ALICE, {"MaxResults": 1})["NextToken"]
    for caller, request in ((ALICE, by("Username", "alice")), (BOB, {})):
        with pytest.raises(ServiceError, match="NextToken is not valid"):
            trail.lookup_events(caller, {**request, "NextToken": token})


def test_there_are_no_insights(record: AuditRecord, trail: CloudTrail) -> None:
    record.append(calls(1))
    assert trail.lookup_events(ALICE, {"EventCategory": "insight"}) == {"Events": []}


def test_the_record_of_a_denied_call() -> None:
    record = trail_record(DENIED)
    assert record["eventVersion"] == "1.11"
    assert record["userIdentity"] == {
        "type": "IAMUser",
        "arn": "arn:aws:iam::111111111111:user/team/alice",
        "accountId": "1" * 12,
        "accessKeyId": "AKIDALICE",
        "userName": "alice",
    }
    assert record["eventTime"] == "2026-11-21T09:00:00Z"
    assert record["requestParameters"] == {"networkId": "n-Ä"}
    assert record["responseElements"] is None
    assert (record["errorCode"], record["readOnly"]) == ("AccessDeniedException", True)
    assert record["resources"] == [{"ARN": NETWORK, "type": "AWS::ManagedBlockchain::Network"}]
    assert record["additionalEventData"]["outcome"] == "denied"
    assert record["additionalEventData"]["ruling"]["statement"] == "No"
    assert (record["eventType"], record["recipientAccountId"]) == ("AwsApiCall", "1" * 12)


@pytest.mark.parametrize(
    ("arn", "identity"),
    [
        (
            "arn:aws:sts::111111111111:assumed-role/operator/work",
            {
                "type": "AssumedRole",
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "arn": "arn:aws:iam::111111111111:role/operator",
                        "accountId": "1" * 12,
                        "userName": "operator",
                    }
                },
            },
        ),
        ("arn:aws:iam::111111111111:root", {"type": "Root"}),
        ("", {"type": "Unknown"}),
    ],
)
def test_identities(arn: str, identity: dict[str, Any]) -> None:
    found = trail_record(replace(DENIED, principal_arn=arn))["userIdentity"]
    assert {name: found[name] for name in identity} == identity


def test_tags_keep_their_spelling() -> None:
    call = replace(DENIED, parameters={"Tags": {"Team": "a"}, "Nested": [{"NetworkId": "n"}]})
    assert trail_record(call)["requestParameters"] == {
        "tags": {"Team": "a"},
        "nested": [{"networkId": "n"}],
    }
