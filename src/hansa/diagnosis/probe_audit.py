"""Recorded calls: from the record on this machine, else by CloudTrail's API."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from hansa.client.installation import Installation
from hansa.diagnosis.probe_api import answered
from hansa.domain.audit import Call, event_id
from hansa.domain.errors import Ruling
from hansa.store.audit import AuditRecord, open_audit
from hansa.store.audit_search import AuditQuery, search
from hansa.store.audit_writer import DELAY_SECONDS
from hansa.store.cipher import CipherError
from hansa.store.faults import StoreError

LAST = "last"
"""Stands for the request id of the newest refusal."""

RECENT = timedelta(hours=1)
_TOLD_MAX = 100
_TRIES = 10


class LocalRecord:
    """The record of calls of the installation on this machine."""

    def __init__(self, record: AuditRecord) -> None:
        self._record = record

    def find(self, request_id: str) -> Call | None:
        """The call with a request id, or the newest that was refused.

        One that was answered just now is waited for until it has been written.
        """
        if request_id == LAST:
            time.sleep(2 * DELAY_SECONDS)
            found = search(self._record, AuditQuery(refused=True), 1)
            return found[0].call if found else None
        for _ in range(_TRIES):
            entry = self._record.find(request_id)
            if entry is not None:
                return entry.call
            time.sleep(DELAY_SECONDS)
        return None

    def refused(self, access_key_id: str, now: datetime) -> list[Call]:
        """The calls with a key that were refused in the last hour, newest first."""
        query = AuditQuery(access_key_id=access_key_id, refused=True, since=now - RECENT)
        return [entry.call for entry in search(self._record, query, _TOLD_MAX)]


@contextmanager
def open_record(installation: Installation) -> Iterator[LocalRecord | None]:
    """The record of calls of the installation, or ``None`` where it cannot be read."""
    database = installation.data_dir / "audit.db"
    key_file = installation.data_dir / "secrets" / "store.key"
    record = None
    try:
        if database.exists() and key_file.exists():
            record = open_audit(database, key_file)
    except (StoreError, CipherError, OSError):
        record = None
    if record is None:
        yield None
        return
    try:
        yield LocalRecord(record)
    finally:
        record.close()


def find_by_api(cloudtrail: Callable[[], Any], request_id: str) -> Call | str:
    """The call with a request id, as LookupEvents tells it; or why it is not told."""
    wanted = {"AttributeKey": "EventId", "AttributeValue": event_id(request_id)}
    output, refusal = answered(lambda: cloudtrail().lookup_events(LookupAttributes=[wanted]))
    if output is None:
        return refusal.told
    if not output["Events"]:
        return "no call of the account has that request id; callers who are not known have none"
    return call_from(json.loads(output["Events"][0]["CloudTrailEvent"]))


def call_from(record: dict[str, Any]) -> Call:
    """The call that a record in CloudTrail's form tells."""
    who, more = record.get("userIdentity", {}), record.get("additionalEventData", {})
    ruling = more.get("ruling")
    return Call(
        request_id=record["requestID"],
        at=datetime.fromisoformat(record["eventTime"]),
        service=str(record.get("eventSource", "")).partition(".")[0],
        operation=record.get("eventName", ""),
        region=record.get("awsRegion", ""),
        account_id=who.get("accountId", ""),
        principal_arn=who.get("arn", ""),
        access_key_id=who.get("accessKeyId", ""),
        source_ip=record.get("sourceIPAddress", ""),
        user_agent=record.get("userAgent", ""),
        resources=tuple(each["ARN"] for each in record.get("resources", [])),
        status=int(more.get("httpStatus", 0)),
        error_code=record.get("errorCode", ""),
        error_message=record.get("errorMessage", ""),
        signature_cause=more.get("signatureCause", ""),
        ruling=None if ruling is None else _ruling(ruling),
    )


def _ruling(told: dict[str, Any]) -> Ruling:
    return Ruling(
        told["action"],
        told["resource"],
        told["reason"],
        told.get("policy", ""),
        told.get("statement", ""),
        bool(told.get("explicit_deny", False)),
    )
