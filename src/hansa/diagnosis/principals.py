"""What the ARNs of callers, and the reasons of decisions, say. Pure."""

from __future__ import annotations


def kind_of(reason: str) -> str:
    """Which kind of policy the reason of a decision is about."""
    for text, kind in (("permissions boundary", "boundary"), ("session policy", "session")):
        if text in reason:
            return kind
    return "trust" if "trust policy" in reason else "identity"


def holder_of(principal_arn: str) -> tuple[str, str]:
    """The kind and the name of the user or role whose policies a caller has."""
    kind, _, name = principal_arn.rpartition(":")[2].partition("/")
    if kind == "assumed-role":
        return "role", name.partition("/")[0]
    return ("role" if kind == "role" else "user"), name.rpartition("/")[2]


def policy_source(principal_arn: str) -> str:
    """The ARN that IAM knows a caller's policies by: of a session, that of its role."""
    if ":assumed-role/" not in principal_arn:
        return principal_arn
    return f"arn:aws:iam::{principal_arn.split(':')[4]}:role/{holder_of(principal_arn)[1]}"
