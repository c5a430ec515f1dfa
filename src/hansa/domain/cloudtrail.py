"""Calls in CloudTrail's form.

Source: the CloudTrail user guide, "CloudTrail record contents" and "userIdentity element".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from hansa.domain.audit import Call, resource_of, username_of
from hansa.domain.conditions import principal_of

EVENT_VERSION = "1.11"


def trail_record(call: Call) -> dict[str, Any]:
    """The record of one call; members that do not apply are not there."""
    record: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": _user_identity(call),
        "eventTime": _moment(call.at),
        "eventSource": call.event_source,
        "eventName": call.operation,
        "awsRegion": call.region,
        "sourceIPAddress": call.source_ip,
        "userAgent": call.user_agent,
        "errorCode": call.error_code,
        "errorMessage": call.error_message,
        "requestParameters": _lower(call.parameters),
        "responseElements": _lower(call.answer),
        "additionalEventData": _more(call),
        "requestID": call.request_id,
        "eventID": call.event_id,
        "readOnly": call.read_only,
        "resources": [_resource(arn) for arn in call.resources],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.account_id,
        "eventCategory": "Management",
    }
    always = ("requestParameters", "responseElements")
    return {k: v for k, v in record.items() if k in always or v not in ("", None, [])}


def lookup_event(call: Call, record: str) -> dict[str, Any]:
    """The call as LookupEvents lists it; ``record`` is its record as JSON."""
    event: dict[str, Any] = {
        "EventId": call.event_id,
        "EventName": call.operation,
        "ReadOnly": "true" if call.read_only else "false",
        "AccessKeyId": call.access_key_id,
        "EventTime": call.at.replace(microsecond=0),
        "EventSource": call.event_source,
        "Username": username_of(call.principal_arn),
        "Resources": [_named(arn) for arn in call.resources],
        "CloudTrailEvent": record,
    }
    return {name: value for name, value in event.items() if value != ""}


def _named(arn: str) -> dict[str, str]:
    kind, name = resource_of(arn)
    return {"ResourceType": kind, "ResourceName": name}


def _resource(arn: str) -> dict[str, str]:
    parts = arn.split(":", 5)
    account = parts[4] if len(parts) == 6 else ""
    resource = {"ARN": arn, "type": resource_of(arn)[0], "accountId": account}
    return {name: value for name, value in resource.items() if value}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _user_identity(call: Call) -> dict[str, Any]:
    identity: dict[str, Any] = {
        "type": "Unknown",
        "arn": call.principal_arn,
        "accountId": call.account_id,
        "accessKeyId": call.access_key_id,
    }
    kind = call.principal_arn.rpartition(":")[2].partition("/")[0]
    if kind == "root":
        identity["type"] = "Root"
    elif kind == "user":
        identity |= {"type": "IAMUser", "userName": username_of(call.principal_arn)}
    elif kind == "assumed-role":
        role = principal_of(call.principal_arn)
        issuer = {
            "type": "Role",
            "arn": role,
            "accountId": role.split(":")[4],
            "userName": role.rpartition("/")[2],
        }
        identity |= {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}}
    return {name: value for name, value in identity.items() if value != ""}


def _more(call: Call) -> dict[str, Any] | None:
    """What CloudTrail has no member for."""
    more: dict[str, Any] = {"outcome": str(call.outcome), "httpStatus": call.status}
    if call.signature_cause:
        more["signatureCause"] = call.signature_cause
    if call.ruling is not None:
        more["ruling"] = _lower(asdict(call.ruling))
    return more


def _lower(value: Any) -> Any:
    """Names of members as CloudTrail spells them; tags keep their own."""
    if isinstance(value, Mapping):
        return {
            name[:1].lower() + name[1:]: item if name == "Tags" else _lower(item)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_lower(item) for item in value]
    return value
