"""CloudTrail's LookupEvents: the calls of the caller's own account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hansa.domain.audit import canonical
from hansa.domain.caller import Caller
from hansa.domain.cloudtrail import lookup_event, trail_record
from hansa.domain.errors import ServiceError
from hansa.store.audit import AuditRecord
from hansa.store.audit_search import AuditQuery, search
from hansa.store.pages import PageTokenError, list_digest, read_token, write_token

PAGE_SIZE = 50

_MEMBERS = {
    "EventId": "event_id",
    "EventName": "operation",
    "Username": "username",
    "ResourceType": "resource_type",
    "ResourceName": "resource_name",
    "EventSource": "event_source",
    "AccessKeyId": "access_key_id",
}


class InvalidLookupAttributesError(ServiceError):
    code = "InvalidLookupAttributesException"
    status = 400


class InvalidTimeRangeError(ServiceError):
    code = "InvalidTimeRangeException"
    status = 400


class InvalidNextTokenError(ServiceError):
    code = "InvalidNextTokenException"
    status = 400


class CloudTrail:
    """The operations of CloudTrail over the record of calls."""

    def __init__(self, record: AuditRecord) -> None:
        self._record = record

    def lookup_events(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """The newest first. There are no insight events."""
        asked = {name: value for name, value in request.items() if name != "NextToken"}
        asked.pop("MaxResults", None)
        digest = list_digest(f"LookupEvents {caller.account_id}", asked)
        query = _query(caller, request)
        below = _below(request.get("NextToken"), digest)
        if request.get("EventCategory") == "insight":
            return {"Events": []}
        size = request.get("MaxResults", PAGE_SIZE)
        entries = search(self._record, query, size + 1, below)
        answer: dict[str, Any] = {
            "Events": [
                lookup_event(entry.call, canonical(trail_record(entry.call)))
                for entry in entries[:size]
            ]
        }
        if len(entries) > size:
            answer["NextToken"] = write_token(entries[size - 1].sequence, digest)
        return answer


def _query(caller: Caller, request: Mapping[str, Any]) -> AuditQuery:
    since, until = request.get("StartTime"), request.get("EndTime")
    if since is not None and until is not None and since > until:
        raise InvalidTimeRangeError("StartTime is after EndTime; exchange them.")
    return AuditQuery(
        account_id=caller.account_id,
        since=since,
        before=None if until is None else _second_after(until),
        **_attribute(request.get("LookupAttributes") or []),
    )


def _attribute(given: list[Mapping[str, str]]) -> dict[str, Any]:
    if len(given) > 1:
        raise InvalidLookupAttributesError(
            "LookupAttributes can have one attribute only; look for the others in what is found."
        )
    if not given:
        return {}
    key, value = given[0]["AttributeKey"], given[0]["AttributeValue"]
    if key != "ReadOnly":
        return {_MEMBERS[key]: value}
    if value not in ("true", "false"):
        raise InvalidLookupAttributesError("The value of ReadOnly has to be true or false.")
    return {"read_only": value == "true"}


def _second_after(moment: datetime) -> datetime:
    """Events are told to the second, so one within the last second is not after it."""
    return moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)


def _below(token: str | None, digest: str) -> int | None:
    if token is None:
        return None
    try:
        return read_token(token, digest, int)
    except PageTokenError as fault:
        raise InvalidNextTokenError(f"The NextToken is not valid: {fault}.") from fault
