"""The condition keys that a caller and the time give to every request.

Source: the IAM user guide, "AWS global condition context keys".
"""

from __future__ import annotations

from datetime import UTC, datetime

from hansa.domain.caller import Caller


def caller_context(caller: Caller, now: datetime) -> dict[str, str]:
    """The keys and values; those that do not apply to the caller are not there."""
    context = {
        "aws:PrincipalArn": principal_of(caller.principal_arn),
        "aws:PrincipalAccount": caller.account_id,
        "aws:PrincipalType": "User",
        "aws:RequestedRegion": caller.region,
        "aws:CurrentTime": iso_time(now),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:SecureTransport": "true" if caller.is_secure else "false",
        "aws:ViaAWSService": "false",
        "aws:PrincipalIsAWSService": "false",
    }
    if caller.source_ip:
        context["aws:SourceIp"] = caller.source_ip
    if caller.user_agent:
        context["aws:UserAgent"] = caller.user_agent
    kind, _, name = caller.principal_arn.rpartition(":")[2].partition("/")
    if kind == "user":
        context["aws:username"] = name.rpartition("/")[2]
    elif kind == "assumed-role":
        context["aws:PrincipalType"] = "AssumedRole"
    elif kind == "root":
        context["aws:PrincipalType"] = "Account"
    return context


def iso_time(moment: datetime) -> str:
    """A moment as conditions compare it: ``2024-01-31T23:59:59Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def principal_of(arn: str) -> str:
    """The ARN of the role where ``arn`` is that of a session, without the role's path."""
    account, kind, resource = arn.partition(":sts::")[2].partition(":assumed-role/")
    return f"arn:aws:iam::{account}:role/{resource.partition('/')[0]}" if kind else arn
