"""The principals of a trust policy: how they are written, and whom they name.

Rules: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
EVERYONE = "*"

_ACCOUNT = re.compile(r"[0-9]{12}")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")
_PATH = r"(?:[\x21-\x29\x2b-\x3e\x40-\x7e]+/)*"
_NAME = r"[A-Za-z0-9+=,.@_-]+"
# A role's id with the name of a session: how a trust policy keeps one session of the role.
_UNIQUE_ID = re.compile(rf"A(?:IDA[A-Z0-9]{{12,124}}|ROA[A-Z0-9]{{12,124}}(?::{_NAME})?)")
_AWS_ARN = re.compile(
    r"arn:aws[a-z-]*:(?:"
    rf"iam::[0-9]{{12}}:(?:root|(?:user|role)/{_PATH}{_NAME})"
    rf"|sts::[0-9]{{12}}:(?:assumed-role/{_NAME}/{_NAME}|federated-user/{_NAME}))"
)


def principal_fault(kind: str, value: str) -> str | None:
    """What is wrong with a principal of ``kind``; ``None`` if nothing is."""
    if kind == "AWS" and value != EVERYONE:
        forms = (_ACCOUNT, _AWS_ARN, _UNIQUE_ID)
        if not any(form.fullmatch(value) for form in forms):
            return (
                "is no account id and no ARN of an account's root, a user, a role or a session"
                " (wildcards may not stand within an ARN)"
            )
    if kind == "Service" and _SERVICE.fullmatch(value) is None:
        return "is no service such as ec2.amazonaws.com"
    return None if value else "is empty"


def names_caller(principal: Any, caller: Sequence[str]) -> bool:
    """Whether a ``Principal`` element names the caller, itself or by its account."""
    return names_itself(principal, caller) or any(
        account_of(value) in {account_of(one) for one in caller}
        for kind, value in _principals(principal)
        if kind == "AWS" and is_account(value)
    )


def names_itself(principal: Any, caller: Sequence[str]) -> bool:
    """Whether a ``Principal`` element names the caller other than by its account.

    ``caller`` has all the names of one caller: of a session its ARN and its role's, of a service
    its host name.
    """
    return principal == EVERYONE or any(
        (kind == "AWS" and value == EVERYONE) or (value in caller and _is_of(kind, value))
        for kind, value in _principals(principal)
    )


def is_account(value: str) -> bool:
    """Whether a principal is an account: its id, or the ARN of its root."""
    return _ACCOUNT.fullmatch(value) is not None or value.endswith(":root")


def account_of(value: str) -> str:
    """The account of a principal or of an ARN; empty if it has none."""
    if _ACCOUNT.fullmatch(value) is not None:
        return value
    parts = value.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def _is_of(kind: str, value: str) -> bool:
    """Whether ``value`` names one principal of this kind, rather than an account or another."""
    return not is_account(value) and (kind == "AWS" or _AWS_ARN.fullmatch(value) is None)


def _principals(principal: Any) -> Iterable[tuple[str, str]]:
    if isinstance(principal, Mapping):
        for kind, values in principal.items():
            for value in values if isinstance(values, list) else [values]:
                yield kind, value
