"""Ids, ARNs and secrets of IAM.

Prefixes of ids: the IAM user guide, "IAM identifiers", "Unique identifiers".
"""

from __future__ import annotations

from hansa.domain.names import ID_ALPHABET, Choice

_SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"  # noqa: S105
_PREFIXES = {
    "user": "AIDA",
    "group": "AGPA",
    "role": "AROA",
    "policy": "ANPA",
    "access key": "AKIA",
    "temporary key": "ASIA",
}
AWS_POLICY_PREFIX = "arn:aws:iam::aws:policy/"


def new_iam_id(kind: str, choice: Choice) -> str:
    """A fresh id, of 17 characters after its prefix for entities, of 16 for keys, as AWS's are."""
    length = 16 if kind.endswith("key") else 17
    return _PREFIXES[kind] + "".join(choice(ID_ALPHABET) for _ in range(length))


def new_account_id(choice: Choice) -> str:
    return choice("123456789") + "".join(choice("0123456789") for _ in range(11))


def new_secret(choice: Choice, length: int = 40) -> str:
    """A secret access key; with another ``length``, the secret part of a session token."""
    return "".join(choice(_SECRET) for _ in range(length))


def assumed_role_arn(account_id: str, role: str, session_name: str) -> str:
    return f"arn:aws:sts::{account_id}:assumed-role/{role}/{session_name}"


def root_arn(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:root"
