"""Policy documents with every kind of fault, through the real API: refused, and the fault named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.clients.identities import Installation, allow, document, refused

pytestmark = pytest.mark.clients

S = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
MALFORMED: dict[str, tuple[Any, str]] = {
    "not JSON": ("{'Version': 1}", "it is not valid JSON"),
    "a list": ("[]", "it must be a JSON object"),
    "an element twice": ('{"Id":"a","Id":"b","Statement":[]}', '"Id" stands twice'),
    "NaN": ('{"Statement": NaN}', "JSON has no NaN"),
    "no Statement": ({}, "the policy has no Statement"),
    "an empty Statement": ({"Statement": []}, "Statement must be an object or a list of at least"),
    "an unknown version": ({"Version": "2024-01-01", "Statement": S}, 'Version is "2024-01-01"'),
    "an unknown element": ({"Statement": S, "Comment": "x"}, '"Comment" is no element here'),
    "an unknown part": ({"Statement": {**S, "Why": "x"}}, 'Statement 1: "Why" is no element'),
    "no Effect": ({"Statement": {"Action": "*", "Resource": "*"}}, "Missing required field Effect"),
    "a wrong Effect": ({"Statement": {**S, "Effect": "allow"}}, "it must be Allow or Deny"),
    "no Action": ({"Statement": {"Effect": "Deny", "Resource": "*"}}, "must contain actions"),
    "no Resource": ({"Statement": {"Effect": "Deny", "Action": "*"}}, "must contain resources"),
    "Action and NotAction": ({"Statement": {**S, "NotAction": "*"}}, "exclude each other"),
    "Resource and NotResource": ({"Statement": {**S, "NotResource": "*"}}, "exclude each other"),
    "an action of no service": ({"Statement": {**S, "Action": "Get"}}, "prefaced by a vendor"),
    "an empty list": ({"Statement": {**S, "Action": []}}, "Action is an empty list"),
    "a number": ({"Statement": {**S, "Action": 5}}, "must be a text or a list of texts, not 5"),
    "no ARN": ({"Statement": {**S, "Resource": "bucket"}}, 'Resource bucket must be in ARN format'),
    "an ARN of nowhere": ({"Statement": {**S, "Resource": "arn:xyz:s3:::b"}}, 'Partition "xyz"'),
    "a Principal": ({"Statement": {**S, "Principal": "*"}}, "should not specify a principal"),
    "a Sid twice": ({"Statement": [{**S, "Sid": "a"}, {**S, "Sid": "a"}]}, "must be unique"),
    "a Sid with a space": ({"Statement": {**S, "Sid": "a b"}}, "Sid must be alpha-numeric"),
    "an unknown operator": (
        {"Statement": {**S, "Condition": {"StringIs": {"aws:username": "a"}}}},
        "Invalid Condition type : StringIs",
    ),
    "a key of no service": (
        {"Statement": {**S, "Condition": {"StringEquals": {"username": "a"}}}},
        "Condition StringEquals username Actions/Conditions must be prefaced by a vendor",
    ),
    "no number": (
        {"Statement": {**S, "Condition": {"NumericEquals": {"aws:EpochTime": "soon"}}}},
        'is "soon"; NumericEquals compares a number',
    ),
    "no date": (
        {"Statement": {**S, "Condition": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}}}},
        'is "tomorrow"; DateLessThan compares a date',
    ),
    "no address": (
        {"Statement": {**S, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/64"}}}},
        'is "10.0.0.0/64"; IpAddress compares an IP address',
    ),
    "no truth": (
        {"Statement": {**S, "Condition": {"Bool": {"aws:SecureTransport": "maybe"}}}},
        'is "maybe"; Bool compares true or false',
    ),
    "a condition that is a text": (
        {"Statement": {**S, "Condition": "aws:username"}},
        "Condition must be an object of operators",
    ),
    "an open variable": (
        {"Version": "2012-10-17", "Statement": {**S, "Resource": "arn:aws:s3:::b/${aws:username"}},
        "has no closing brace",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_policy_is_refused_and_its_fault_named(
    installation: Installation, kind: str
) -> None:
    given, fault = MALFORMED[kind]
    text = given if isinstance(given, str) else json.dumps(given)
    iam = installation.client("iam")
    attempts: list[Callable[[], Any]] = [
        lambda: iam.put_user_policy(UserName="administrator", PolicyName="p", PolicyDocument=text),
        lambda: iam.create_policy(PolicyName="never", PolicyDocument=text),
        lambda: iam.simulate_custom_policy(PolicyInputList=[text], ActionNames=["s3:GetObject"]),
    ]
    for attempt in attempts:
        assert fault in refused("MalformedPolicyDocument", attempt)


MALFORMED_TRUST: dict[str, tuple[dict[str, Any], str]] = {
    "no Principal": ({"Action": "sts:AssumeRole"}, "Missing required field Principal"),
    "a Resource": (
        {"Action": "sts:AssumeRole", "Principal": "*", "Resource": "*"},
        "Has prohibited field Resource",
    ),
    "another service's action": (
        {"Action": "s3:GetObject", "Principal": "*"},
        "AssumeRole policy may only specify STS AssumeRole actions",
    ),
    "a principal of no kind": (
        {"Action": "sts:AssumeRole", "Principal": {"User": "a"}},
        'has "User"',
    ),
    "a wildcard in a principal": (
        {"Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}},
        "Invalid principal in policy",
    ),
    "a principal that is not there": (
        {"Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:user/a"}},
        'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/a"',
    ),
    "no service": (
        {"Action": "sts:AssumeRole", "Principal": {"Service": "my laptop"}},
        "is no service such as ec2.amazonaws.com",
    ),
}


@pytest.mark.parametrize("kind", MALFORMED_TRUST)
def test_a_malformed_trust_policy_is_refused_and_its_fault_named(
    installation: Installation, kind: str
) -> None:
    statement, fault = MALFORMED_TRUST[kind]
    text = document({"Effect": "Allow", **statement})
    iam = installation.client("iam")
    assert fault in refused(
        "MalformedPolicyDocument",
        lambda: iam.create_role(RoleName="never", AssumeRolePolicyDocument=text),
    )


def test_a_policy_that_is_too_long_names_its_quota(installation: Installation, name: str) -> None:
    iam = installation.client("iam")
    iam.create_user(UserName=name)
    long = document(*[allow("s3:GetObject", f"arn:aws:s3:::{n:0>60}") for n in range(60)])
    put = {"UserName": name, "PolicyName": "p"}
    message = refused("LimitExceeded", lambda: iam.put_user_policy(**put, PolicyDocument=long))
    assert "UserPolicySize: 2048" in message
    message = refused(
        "LimitExceeded", lambda: iam.create_policy(PolicyName=name, PolicyDocument=long)
    )
    assert "PolicySize: 6144" in message
