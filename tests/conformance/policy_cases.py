"""Policy decisions to compare: generated from a fixed seed, so that every run asks the same."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hansa.iam.policy import (
    AccessRequest,
    Decision,
    Policy,
    PolicySet,
    evaluate,
    evaluate_assume_role,
    parse_policy,
)

ACCOUNT = "111122223333"
OTHER = "444455556666"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
STRANGER = f"arn:aws:iam::{OTHER}:user/mallory"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Operator/morning"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Auditor"
REGION = "us-east-1"
NETWORK = f"arn:aws:managedblockchain:{REGION}::networks/n-MWY63ZJZU5HGNCMBQER7IN6OIU"
MEMBER = f"arn:aws:managedblockchain:{REGION}:{ACCOUNT}:members/m-K46ICRRXJRCGRNNS4ES4XUUS5A"
NODE = f"arn:aws:managedblockchain:{REGION}:{ACCOUNT}:nodes/nd-6EAJ5VA43JGGNPXOUZP7Y47E4Y"

_ASKED = (
    ("GetNetwork", NETWORK),
    ("CreateMember", NETWORK),
    ("GetMember", MEMBER),
    ("DeleteMember", MEMBER),
    ("GetNode", NODE),
    ("DeleteNode", NODE),
    ("ListNetworks", "*"),
    ("CreateNetwork", "*"),
    ("TagResource", NODE),
)
_ACTIONS = (
    "*",
    "managedblockchain:*",
    "managedblockchain:Get*",
    "MANAGEDBLOCKCHAIN:get*",
    "managedblockchain:*N*",
    "managedblockchain:GetNod?",
    "managedblockchain:DeleteMember",
    "managedblockchain:?etMember",
    "ec2:*",
    "managedblockchain:*Member",
)
_RESOURCES = (
    "*",
    NETWORK,
    NODE,
    MEMBER.lower(),
    "arn:aws:managedblockchain:*:*:*",
    f"arn:aws:managedblockchain:{REGION}:{ACCOUNT}:nodes/*",
    f"arn:aws:managedblockchain:{REGION}::networks/*",
    f"arn:aws:managedblockchain:eu-*:{ACCOUNT}:members/*",
    f"arn:aws:managedblockchain:us-*-?:{ACCOUNT}:members/m-*5A",
    "arn:aws:managedblockchain:*::networks/n-*",
    f"arn:aws:managedblockchain:*:{ACCOUNT}:nodes/nd-6EAJ5VA43????XOUZ*",
    "arn:aws:managedblockchain:*:*:nodes/${aws:PrincipalTag/kind, 'nd'}-*",
    f"arn:aws:managedblockchain:{REGION}:*:members/${{aws:PrincipalTag/kind}}-*5A",
)
_CONTEXTS: dict[str, tuple[str | list[str], ...]] = {
    "aws:PrincipalTag/team": ("blue", "Blue", "bl*", "green"),
    "aws:PrincipalTag/kind": ("nd", "m", "*", "blue"),
    "aws:TagKeys": (["team", "stage"], ["team"], ["team", "cost"], ["other", "thing"]),
    "aws:SourceIp": ("203.0.113.9", "10.1.2.3", "2001:db8::7"),
    "aws:SecureTransport": ("true", "false"),
    "aws:MultiFactorAuthAge": ("0", "299", "300", "3601"),
    "aws:CurrentTime": ("2024-01-01T00:00:00Z", "2024-06-30T12:00:00Z", "2025-03-01T08:30:15Z"),
    "aws:SourceArn": (NODE, MEMBER, "arn:aws:s3:::bucket/key"),
    "aws:RequestedRegion": ("us-east-1", "eu-west-1"),
}
_SCALARS: dict[str, tuple[tuple[str, ...], tuple[Any, ...]]] = {
    "aws:PrincipalTag/team": (
        (
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ),
        ("blue", "BLUE", "b*", "?l*", "green", "bl${*}", "${aws:PrincipalTag/kind}", "*", "x y"),
    ),
    "aws:SourceIp": (
        ("IpAddress", "NotIpAddress"),
        ("203.0.113.0/24", "10.0.0.0/8", "203.0.113.9/32", "2001:db8::/32", "10.1.0.0/15"),
    ),
    "aws:SecureTransport": (("Bool",), ("true", "false")),
    "aws:MultiFactorAuthAge": (
        (
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ),
        ("300", "0", "3600", "299"),
    ),
    "aws:CurrentTime": (
        (
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ),
        ("2024-01-01T00:00:00Z", "2024-06-30T12:00:00Z", "2025-01-01T00:00:00Z", "2024-12-31"),
    ),
    "aws:SourceArn": (
        ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
        (NODE, "arn:aws:managedblockchain:*:*:nodes/*", "arn:aws:s3:::bucket/*", "arn:*:*:*:*:*"),
    ),
    "aws:RequestedRegion": (("StringEquals", "StringNotEquals"), ("us-east-1", "eu-west-1")),
}
_TAG_KEYS = ("team", "stage", "cost", "t*", "TEAM")
_SET_OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
_PRINCIPALS: tuple[Any, ...] = (
    {"AWS": ALICE},
    {"AWS": STRANGER},
    {"AWS": [ALICE, STRANGER]},
    {"AWS": ACCOUNT},
    {"AWS": f"arn:aws:iam::{OTHER}:root"},
    {"AWS": ["111111111111", f"arn:aws:iam::{ACCOUNT}:root"]},
    {"AWS": "*"},
    "*",
    {"Service": "ec2.amazonaws.com"},
)


@dataclass
class Case:
    """A request and all policies that bear on it; documents as they stand in JSON."""

    principal: str
    action: str
    resource: str
    context: dict[str, str | list[str]]
    identity: list[dict[str, Any]]
    boundary: dict[str, Any] | None = None
    session: dict[str, Any] | None = None
    trust: dict[str, Any] | None = field(default=None)

    def decide(self) -> Decision:
        """What Hansa decides."""
        given = {
            key: (value,) if isinstance(value, str) else tuple(value)
            for key, value in self.context.items()
        }
        request = AccessRequest(self.principal, self.action, self.resource, given)
        policies = PolicySet(
            tuple(_policy(document) for document in self.identity),
            None if self.boundary is None else (_policy(self.boundary),),
            None if self.session is None else (_policy(self.session),),
        )
        if self.trust is None:
            return evaluate(request, policies)
        trust = _policy(self.trust, trust=True)
        return evaluate_assume_role(request, trust, (self.principal,), policies)

    def simulation(self) -> dict[str, Any]:
        """The same for iam-simulate."""
        found: dict[str, Any] = {
            "request": {
                "principal": self.principal,
                "action": self.action,
                "resource": {"resource": self.resource, "accountId": ACCOUNT},
                "contextVariables": self.context,
            },
            "identityPolicies": [
                {"name": str(number), "policy": document}
                for number, document in enumerate(self.identity)
            ],
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
        }
        if self.boundary is not None:
            found["permissionBoundaryPolicies"] = [{"name": "boundary", "policy": self.boundary}]
        if self.session is not None:
            found["sessionPolicy"] = self.session
        if self.trust is not None:
            found["resourcePolicy"] = self.trust
        return found


def cases(seed: int, own: int, trusts: int) -> Iterator[Case]:
    """``own`` cases of a principal's own policies, and ``trusts`` of roles being assumed."""
    chance = random.Random(seed)
    for _ in range(own):
        yield _own_case(chance)
    for _ in range(trusts):
        yield _trust_case(chance)


def _own_case(chance: random.Random) -> Case:
    action, resource = chance.choice(_ASKED)
    case = Case(
        chance.choice([ALICE, SESSION]),
        f"managedblockchain:{action}",
        resource,
        _context(chance),
        [_document(chance) for _ in range(chance.choice([1, 1, 2]))],
    )
    if chance.random() < 0.25:
        case.boundary = _document(chance, deny=0.1)
    if case.principal == SESSION and chance.random() < 0.5:
        case.session = _document(chance, deny=0.1)
    return case


def _trust_case(chance: random.Random) -> Case:
    principal = chance.choice([ALICE, STRANGER])
    context: dict[str, str | list[str]] = {}
    if chance.random() < 0.6:
        context["sts:ExternalId"] = chance.choice(["unique", "guess"])
    statements = []
    for _ in range(chance.choice([1, 1, 2])):
        statement: dict[str, Any] = {
            "Effect": "Deny" if chance.random() < 0.2 else "Allow",
            "Principal": chance.choice(_PRINCIPALS),
            "Action": chance.choice(["sts:AssumeRole", "sts:AssumeRole", "sts:TagSession"]),
        }
        if chance.random() < 0.4:
            operator = chance.choice(["StringEquals", "StringNotEquals", "StringEqualsIfExists"])
            statement["Condition"] = {operator: {"sts:ExternalId": "unique"}}
        statements.append(statement)
    own: dict[str, Any] = {
        "Effect": "Deny" if chance.random() < 0.1 else "Allow",
        "Action": chance.choice(["sts:AssumeRole", "sts:*", "*", "ec2:*"]),
        "Resource": chance.choice(["*", ROLE, f"arn:aws:iam::{ACCOUNT}:role/Other"]),
    }
    trust = {"Version": "2012-10-17", "Statement": statements}
    identity = [{"Version": "2012-10-17", "Statement": own}]
    return Case(principal, "sts:AssumeRole", ROLE, context, identity, trust=trust)


def _document(chance: random.Random, deny: float = 0.25) -> dict[str, Any]:
    statements = [_statement(chance, deny) for _ in range(chance.choice([1, 2, 3]))]
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(chance: random.Random, deny: float) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": "Deny" if chance.random() < deny else "Allow"}
    actions = chance.sample(_ACTIONS, chance.choice([1, 1, 2]))
    found["Action" if chance.random() < 0.85 else "NotAction"] = actions
    resources = chance.sample(_RESOURCES, chance.choice([1, 2, 3]))
    if chance.random() < 0.4:
        resources = ["*"]
    found["Resource" if chance.random() < 0.85 else "NotResource"] = resources
    if chance.random() < 0.7:
        found["Condition"] = _condition(chance)
    return found


def _condition(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(chance.choice([1, 1, 2])):
        kind = chance.random()
        if kind < 0.2:
            operator = f"{chance.choice(['ForAllValues', 'ForAnyValue'])}:"
            operator += chance.choice(_SET_OPERATORS)
            key = "aws:TagKeys"
            values: Any = chance.sample(_TAG_KEYS, chance.choice([1, 2, 3]))
        elif kind < 0.3:
            operator, key, values = "Null", chance.choice(sorted(_CONTEXTS)), chance.choice(_TRUTHS)
        else:
            key = chance.choice(sorted(_SCALARS))
            operators, among = _SCALARS[key]
            operator = chance.choice(operators) + ("IfExists" if chance.random() < 0.25 else "")
            usable = [value for value in among if _comparable(operator, value)]
            values = chance.sample(usable, chance.choice([1, 1, 2]))
        found.setdefault(operator, {})[key] = values
    return found


def _comparable(operator: str, value: str) -> bool:
    """Whether both evaluators follow AWS's documentation; see ``KNOWN`` of the oracle's test."""
    if "${*}" in value:
        return "Like" in operator
    return "${" not in value or "Not" not in operator


def _context(chance: random.Random) -> dict[str, str | list[str]]:
    return {
        key: chance.choice(values) for key, values in _CONTEXTS.items() if chance.random() < 0.65
    }


def _policy(document: dict[str, Any], *, trust: bool = False) -> Policy:
    return Policy("generated", parse_policy(json.dumps(document), trust=trust))


_TRUTHS = ("true", "false")
