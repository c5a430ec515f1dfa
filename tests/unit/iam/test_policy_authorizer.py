"""The authorizer: what it asks of policies, and how it refuses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from hansa.domain.caller import Caller
from hansa.domain.errors import AccessDeniedError
from hansa.iam.authorizer import PolicyAuthorizer
from hansa.iam.policy import Policy, PolicySet, parse_policy
from hansa.wire.authorize import Authorizer

ACCOUNT = "111122223333"
NODE = f"arn:aws:managedblockchain:us-east-1:{ACCOUNT}:nodes/nd-A"
OTHER = f"arn:aws:managedblockchain:us-east-1:{ACCOUNT}:nodes/nd-B"
GET = "managedblockchain:GetNode"
NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def _caller(resource: str = "user/staff/alice", service: str = "iam") -> Caller:
    arn = f"arn:aws:{service}::{ACCOUNT}:{resource}"
    return Caller(ACCOUNT, arn, "AKIAEXAMPLE", "us-east-1", source_ip="203.0.113.9")


class Stored:
    """One policy, the same for every caller."""

    def __init__(self, *statements: dict[str, Any]) -> None:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        self._policy = Policy("p", parse_policy(json.dumps(document)))

    def policies_of(self, caller: Caller) -> PolicySet:
        return PolicySet((self._policy,))


def _allow(condition: dict[str, Any] | None = None, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": GET, "Resource": resource, "Condition": condition or {}}


def _allowed(authorizer: Authorizer, caller: Caller, arns: Sequence[str] = (NODE,)) -> bool:
    try:
        authorizer.authorize(caller, GET, arns, {"aws:TagKeys": ["a", "b"], "aws:Via": "x"})
    except AccessDeniedError:
        return False
    return True


def test_a_refusal_is_in_the_words_of_aws() -> None:
    authorizer = PolicyAuthorizer(Stored(_allow(resource=NODE)), lambda: NOW)
    caller = _caller()
    authorizer.authorize(caller, GET, [NODE], {})
    with pytest.raises(AccessDeniedError) as raised:
        authorizer.authorize(caller, GET, [NODE, OTHER], {})
    assert raised.value.message == (
        f"User: {caller.principal_arn} is not authorized to perform: {GET} on resource: {OTHER} "
        f"because no identity-based policy allows the {GET} action"
    )
    deny = {**_allow(), "Effect": "Deny"}
    with pytest.raises(AccessDeniedError, match="with an explicit deny in an identity-based polic"):
        PolicyAuthorizer(Stored(_allow(), deny), lambda: NOW).authorize(caller, GET, [NODE], {})


def test_the_root_of_an_account_may_do_everything() -> None:
    authorizer = PolicyAuthorizer(Stored({**_allow(), "Effect": "Deny"}), lambda: NOW)
    assert _allowed(authorizer, _caller("root"))
    assert not _allowed(authorizer, _caller("user/root"))
    assert not _allowed(authorizer, _caller("user/x:root", "sts"))


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:username": "alice"}},
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
        {"StringEquals": {"aws:PrincipalType": "User"}},
        {"StringEquals": {"aws:userid": "AIDAEXAMPLE"}},
        {"StringEquals": {"aws:PrincipalTag/Team": "blue"}},
        {"StringEquals": {"aws:ResourceTag/Stage": "test"}},
        {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
        {"StringEquals": {"aws:Via": "x"}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/staff/*"}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b", "c"]}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"DateEquals": {"aws:CurrentTime": "2024-05-06T07:08:09Z"}},
        {"NumericEquals": {"aws:EpochTime": str(int(NOW.timestamp()))}},
    ],
)
def test_condition_keys(condition: dict[str, dict[str, Any]]) -> None:
    def authorizer(condition: dict[str, Any]) -> PolicyAuthorizer:
        return PolicyAuthorizer(
            Stored(_allow(condition)),
            lambda: NOW,
            principal_context=lambda _: {
                "aws:userid": "AIDAEXAMPLE",
                "aws:PrincipalTag/team": "blue",
            },
            resource_tags=lambda arn, _: {"stage": "test"} if arn == NODE else {},
        )

    assert _allowed(authorizer(condition), _caller())
    absent = {"Null": {key: "true" for keys in condition.values() for key in keys}}
    assert not _allowed(authorizer(absent), _caller())


def test_tags_are_those_of_each_resource() -> None:
    tags = {NODE: {"stage": "test"}, OTHER: {"stage": "live"}}
    condition = {"StringEquals": {"aws:ResourceTag/stage": "test"}}
    authorizer = PolicyAuthorizer(
        Stored(_allow(condition)), lambda: NOW, resource_tags=lambda arn, _: tags.get(arn, {})
    )
    assert _allowed(authorizer, _caller(), [NODE])
    assert not _allowed(authorizer, _caller(), [NODE, OTHER])
    assert not _allowed(authorizer, _caller(), ["*"])


def test_a_session_has_the_arn_of_its_role_and_no_username() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/path/Operator"
    condition = {"ArnEquals": {"aws:PrincipalArn": role}, "Null": {"aws:username": "true"}}
    authorizer = PolicyAuthorizer(
        Stored(_allow(condition)),
        lambda: NOW,
        principal_context=lambda _: {"aws:PrincipalArn": role},
    )
    assert _allowed(authorizer, _caller("assumed-role/Operator/morning", "sts"))
