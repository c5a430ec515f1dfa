"""Policy decisions on the condition keys of tags, sessions, roles and ways of a request.

As in :mod:`tests.conformance.policy_cases`, of which these are more: from a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.conformance.policy_cases import (
    ACCOUNT,
    ALICE,
    MEMBER,
    NETWORK,
    NODE,
    ROLE,
    SESSION,
    STRANGER,
    Case,
)

USER = f"arn:aws:iam::{ACCOUNT}:user/bob"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"

_STRINGS = ("StringEquals", "StringNotEquals", "StringLike", "StringEqualsIgnoreCase")
_DATES = ("DateLessThan", "DateGreaterThan", "DateEquals")
# Keys that every request may have: the operators that compare them, and values.
_GLOBAL: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aws:PrincipalTag/team": (_STRINGS, ("blue", "red", "b*")),
    "aws:PrincipalAccount": (("StringEquals", "StringNotEquals"), (ACCOUNT, "444455556666")),
    "aws:PrincipalType": (("StringEquals", "StringNotEquals"), ("User", "AssumedRole")),
    "aws:PrincipalArn": (("ArnEquals", "ArnLike", "ArnNotLike"), (ALICE, ROLE, f"{ALICE[:-2]}*")),
    "aws:userid": (_STRINGS, ("AIDAALICE", "AROAOPERATOR:morning", "AROA*")),
    "aws:username": (_STRINGS, ("alice", "Alice", "a*", "bob")),
    "aws:UserAgent": (_STRINGS, ("Boto3/1.43", "aws-cli/2.9", "Boto3*")),
    "aws:SecureTransport": (("Bool",), ("true", "false")),
    "aws:MultiFactorAuthPresent": (("Bool",), ("true", "false")),
    "aws:ViaAWSService": (("Bool",), ("true", "false")),
    "aws:TokenIssueTime": (_DATES, ("2024-01-01T00:00:00Z", "2024-06-30T12:00:00Z")),
    "aws:SourceIdentity": (_STRINGS, ("alice", "bob", "*")),
    "aws:SourceIp": (("IpAddress", "NotIpAddress"), ("203.0.113.9", "10.1.2.3", "10.0.0.0/8")),
}
_RESOURCE_TAG = {"aws:ResourceTag/team": (_STRINGS, ("blue", "red", "${aws:PrincipalTag/team}"))}
_REQUEST_TAG = {"aws:RequestTag/team": (_STRINGS, ("blue", "red", "${aws:PrincipalTag/team}"))}
# Actions with their resources, and the keys that they have beside those of every request.
_ASKED: tuple[tuple[str, str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]], ...] = (
    ("managedblockchain:GetNetwork", NETWORK, _RESOURCE_TAG),
    ("managedblockchain:GetNode", NODE, _RESOURCE_TAG),
    ("managedblockchain:DeleteMember", MEMBER, _RESOURCE_TAG),
    ("managedblockchain:CreateMember", NETWORK, {**_RESOURCE_TAG, **_REQUEST_TAG}),
    ("managedblockchain:CreateNetwork", "*", _REQUEST_TAG),
    ("managedblockchain:CreateAccessor", "*", _REQUEST_TAG),
    ("managedblockchain:TagResource", NODE, {**_RESOURCE_TAG, **_REQUEST_TAG}),
    (
        "iam:PassRole",
        ROLE,
        {"iam:PassedToService": (_STRINGS, ("ec2.amazonaws.com", "ssm.amazonaws.com", "*"))},
    ),
    (
        "iam:PutUserPolicy",
        USER,
        {"iam:PermissionsBoundary": (("ArnEquals", "ArnNotEquals"), (BOUNDARY, f"{BOUNDARY}2"))},
    ),
)
_TRUSTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "sts:AssumeRole": ("sts:RoleSessionName", ("alice", "bob", "${aws:username}")),
    "sts:TagSession": ("aws:RequestTag/team", ("blue", "red", "${aws:PrincipalTag/team}")),
    "sts:SetSourceIdentity": ("sts:SourceIdentity", ("alice", "bob", "${aws:username}")),
}


def key_cases(seed: int, own: int, trusts: int) -> Iterator[Case]:
    """``own`` cases of a principal's own policies, and ``trusts`` of marked sessions of roles."""
    chance = random.Random(seed)
    for _ in range(own):
        yield _own_case(chance)
    for _ in range(trusts):
        yield _trust_case(chance)


def _own_case(chance: random.Random) -> Case:
    action, resource, keys = chance.choice(_ASKED)
    known = {**_GLOBAL, **keys}
    context: dict[str, str | list[str]] = {
        key: chance.choice([value for value in values if _is_literal(value)])
        for key, (_, values) in known.items()
        if chance.random() < 0.7
    }
    statements = [_statement(chance, action, resource, keys) for _ in range(chance.choice([1, 2]))]
    case = Case(
        chance.choice([ALICE, SESSION]), action, resource, context, [_document(*statements)]
    )
    if chance.random() < 0.25:
        case.boundary = _document(_statement(chance, action, resource, keys))
    return case


def _statement(
    chance: random.Random,
    action: str,
    resource: str,
    keys: dict[str, tuple[tuple[str, ...], tuple[str, ...]]],
) -> dict[str, Any]:
    condition: dict[str, Any] = {}
    for among in (keys, _GLOBAL):
        if chance.random() < 0.8:
            key = chance.choice(sorted(among))
            operators, values = among[key]
            operator = chance.choice(operators)
            usable = [value for value in values if "$" not in value or "Not" not in operator]
            if "Ip" not in operator and chance.random() < 0.3:
                operator += "IfExists"
            if chance.random() < 0.15:
                operator, usable = "Null", ["true", "false"]
            condition.setdefault(operator, {})[key] = chance.choice(usable)
    found: dict[str, Any] = {
        "Effect": "Deny" if chance.random() < 0.25 else "Allow",
        "Action": chance.choice([action, f"{action.partition(':')[0]}:*", "*"]),
        "Resource": chance.choice(["*", resource]),
    }
    return {**found, "Condition": condition} if condition else found


def _trust_case(chance: random.Random) -> Case:
    action = chance.choice(sorted(_TRUSTED))
    key, values = _TRUSTED[action]
    context: dict[str, str | list[str]] = {"aws:username": "alice"}
    for name, among in ((key, values[:2]), ("aws:PrincipalTag/team", ("blue", "red"))):
        if chance.random() < 0.8:
            context[name] = chance.choice(among)
    statements = []
    for _ in range(chance.choice([1, 2])):
        operator = chance.choice(["StringEquals", "StringLike", "StringEqualsIfExists"])
        statement: dict[str, Any] = {
            "Effect": "Deny" if chance.random() < 0.15 else "Allow",
            "Principal": {"AWS": chance.choice([ALICE, STRANGER, ACCOUNT, "*"])},
            "Action": chance.choice([action, [*_TRUSTED], "sts:AssumeRole"]),
        }
        if chance.random() < 0.7:
            statement["Condition"] = {operator: {key: chance.choice(values)}}
        statements.append(statement)
    own = {
        "Effect": "Allow",
        "Action": chance.choice(["sts:*", "sts:AssumeRole", action]),
        "Resource": chance.choice(["*", ROLE]),
    }
    principal = chance.choice([ALICE, STRANGER])
    return Case(principal, action, ROLE, context, [_document(own)], trust=_document(*statements))


def _is_literal(value: str) -> bool:
    return not set("*$/") & set(value) or value.startswith(("arn:", "Boto3/", "aws-cli/"))


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
