"""Every malformed kind of policy document, and what the message says."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hansa.iam.policy import (
    AccessRequest,
    Decision,
    Policy,
    PolicySet,
    PolicySyntaxError,
    evaluate,
    evaluate_trust,
    parse_policy,
)
from hansa.iam.policy_conditions import OPERATORS
from hansa.iam.policy_size import PolicyQuota, PolicySizeError, check_size, policy_size

ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
TRUST: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}


def _document(*, version: str = "2012-10-17", **changes: Any) -> str:
    statement = {**ALLOW, **changes}
    kept = {key: value for key, value in statement.items() if value is not None}
    return json.dumps({"Version": version, "Statement": [kept]})


def _trust(**changes: Any) -> str:
    kept = {key: value for key, value in {**TRUST, **changes}.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 5_000, "not valid JSON"),
        ("1" * 5_000, "not valid JSON"),
        ("[]", "must be a JSON object"),
        ("null", "must be a JSON object"),
        ('{"Version": NaN}', "JSON has no NaN"),
        ('{"Id": "a", "Id": "b"}', '"Id" stands twice'),
        ("{}", "has no Statement"),
        ('{"Statement": "all"}', "The policy: Statement must be"),
        ('{"Statement": []}', "The policy: Statement must be"),
        ('{"Statement": [1]}', "Statement 1 must be an object"),
        ('{"Statement": {}, "Version": "2020-01-01"}', 'Version is "2020-01-01"'),
        ('{"Statement": {}, "Version": 2012}', "Version is 2012"),
        ('{"Statement": {}, "Id": 1}', "The policy: Id must be a text"),
        ('{"Statement": {}, "Statements": {}}', '"Statements" is no element'),
        ('{"Id": "€"}', "U+20AC at position 8"),
        (" " * 131_073, "131073 characters"),
    ],
)
def test_a_malformed_document(text: str, message: str) -> None:
    with pytest.raises(PolicySyntaxError) as raised:
        parse_policy(text)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Effect": None}, "Statement 1: Missing required field Effect"),
        ({"Effect": "allow"}, 'Effect is "allow"; it must be Allow or Deny'),
        ({"Effect": ["Allow"]}, "Effect is"),
        ({"Sid": "not alone"}, "Statement 1: Sid must be alpha-numeric"),
        ({"Sid": 1}, "Sid must be"),
        ({"Sid": "Mine", "Efect": "Allow"}, 'Statement 1 (Mine): "Efect" is no element'),
        ({"Action": None}, "Policy statement must contain actions"),
        ({"Action": []}, "Action is an empty list"),
        ({"Action": [1]}, "Action must be a text or a list of texts"),
        ({"Action": {"ec2": "*"}}, "Action must be a text"),
        ({"Action": "RunInstances"}, "must be prefaced by a vendor"),
        ({"Action": "e*:RunInstances"}, "Vendor e*"),
        ({"Action": "ec2:Run Instances"}, 'Action "ec2:Run Instances"'),
        ({"Action": "ec2:"}, "Action"),
        ({"NotAction": "s3:*"}, "Action and NotAction exclude each other"),
        ({"Resource": None}, "Policy statement must contain resources"),
        ({"Resource": []}, "Resource is an empty list"),
        ({"Resource": [None]}, "Resource must be a text"),
        ({"Resource": "nodes/*"}, 'Resource nodes/* must be in ARN format or "*"'),
        ({"Resource": "arn:aws"}, "must be in ARN format"),
        ({"Resource": "arn:azure:s3:::b"}, 'Partition "azure" is not valid'),
        ({"Resource": "arn:aws:s*:::b"}, "Resource vendor must be fully qualified"),
        ({"Resource": "arn:aws:s3:::${aws:username"}, "no closing brace"),
        ({"Resource": "arn:aws:s3:::${}"}, "is empty"),
        ({"Resource": "arn:aws:s3:::${aws:username, none}"}, "is no policy variable"),
        ({"NotResource": "*"}, "Resource and NotResource exclude each other"),
        ({"Principal": "*"}, "Principal is not allowed"),
        ({"NotPrincipal": "*"}, "NotPrincipal is not allowed"),
        ({"Condition": []}, "Condition must be an object"),
        ({"Condition": {"StringEqual": {}}}, "Invalid Condition type : StringEqual"),
        ({"Condition": {"NullIfExists": {}}}, "Invalid Condition type : NullIfExists"),
        ({"Condition": {"ForAllValues:Null": {}}}, "Invalid Condition type"),
        ({"Condition": {"ForMostValues:Bool": {}}}, "Invalid Condition type"),
        ({"Condition": {"Bool": "true"}}, "Condition Bool must be an object"),
        ({"Condition": {"Bool": {"secure": "true"}}}, "Condition Bool secure"),
        ({"Condition": {"Bool": {"aws:x": None}}}, "Condition Bool aws:x must be a text"),
        ({"Condition": {"Bool": {"aws:x": ["true", {}]}}}, "Condition Bool aws:x must be"),
        ({"Condition": {"Bool": {"aws:x": "yes"}}}, 'is "yes"; Bool compares true or false'),
        ({"Condition": {"Null": {"aws:x": "null"}}}, "Null compares true or false"),
        ({"Condition": {"NumericEquals": {"aws:x": "ten"}}}, "NumericEquals compares a number"),
        ({"Condition": {"NumericEquals": {"aws:x": 1e400}}}, "JSON has no Infinity"),
        ({"Condition": {"DateEquals": {"aws:x": "2024-13-01"}}}, "DateEquals compares a date"),
        ({"Condition": {"DateEquals": {"aws:x": "0000"}}}, "DateEquals compares a date"),
        ({"Condition": {"IpAddress": {"aws:x": "10.0.0.0/33"}}}, "IpAddress compares an IP"),
        ({"Condition": {"IpAddress": {"aws:x": "10.0.0.0/255.0.0.0"}}}, "IpAddress compares"),
        ({"Condition": {"ArnLike": {"aws:x": "arn:aws:s3"}}}, "ArnLike compares an ARN"),
        ({"Condition": {"BinaryEquals": {"aws:x": "*"}}}, "BinaryEquals compares bytes"),
        ({"Condition": {"StringLike": {"aws:x": "${a b}"}}}, "is no policy variable"),
    ],
)
def test_a_malformed_statement(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicySyntaxError) as raised:
        parse_policy(_document(**changes))
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Principal": None}, "Missing required field Principal"),
        ({"NotPrincipal": "*"}, "exclude each other"),
        ({"Principal": {}}, 'Principal must be "*"'),
        ({"Principal": "arn:aws:iam::111122223333:root"}, 'Principal must be "*"'),
        ({"Principal": {"Aws": "*"}}, 'Principal has "Aws"'),
        ({"Principal": {"AWS": []}}, "Principal AWS is an empty list"),
        ({"Principal": {"AWS": 111122223333}}, "Principal AWS must be a text"),
        ({"Principal": {"AWS": "11112222333"}}, 'Invalid principal in policy: "AWS"'),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}}, "Invalid principal"),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:group/g"}}, "Invalid principal"),
        ({"Principal": {"Service": "ec2"}}, "Invalid principal"),
        ({"Principal": {"Federated": ""}}, "is empty"),
        ({"Resource": "*"}, "Has prohibited field Resource"),
        ({"NotResource": "*"}, "Has prohibited field NotResource"),
        ({"Action": "ec2:RunInstances"}, "may only specify STS AssumeRole actions"),
        ({"Action": "*"}, "may only specify STS AssumeRole actions"),
    ],
)
def test_a_malformed_trust_policy(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicySyntaxError) as raised:
        parse_policy(_trust(**changes), trust=True)
    assert message in str(raised.value)


def test_statement_ids_are_unique() -> None:
    twice = [{**ALLOW, "Sid": "Same"}, {**ALLOW, "Sid": "Same"}]
    with pytest.raises(PolicySyntaxError, match='must be unique; "Same" is not'):
        parse_policy(json.dumps({"Statement": twice}))


def test_what_is_well_formed_is_returned_as_it_is() -> None:
    text = _document(
        Sid="",
        Action=["*", "*:*", "ec2:Run*", "ec2:?"],
        Resource=["*", "arn:aws:s3:::${aws:username}/${*}", "arn:aws:sqs"],
        Condition={
            "StringEquals": {},
            "NumericLessThan": {"aws:MultiFactorAuthAge": 300},
            "Bool": {"aws:SecureTransport": True},
            "ForAnyValue:StringLikeIfExists": {"aws:TagKeys": []},
            "DateGreaterThan": {
                "aws:CurrentTime": ["2024", "2024-01-02T03:04:05.6+02:00", "99999"]
            },
        },
    )
    assert parse_policy(text) == json.loads(text)


def test_an_older_version_has_no_variables_to_be_wrong() -> None:
    parse_policy(_document(version="2008-10-17", Resource="arn:aws:s3:::${"))


def test_white_space_does_not_count() -> None:
    assert policy_size(' {\n\t"a": 1 }\r\n') == len('{"a":1}')


@pytest.mark.parametrize("quota", PolicyQuota)
def test_a_quota_is_kept_to_the_character(quota: PolicyQuota) -> None:
    half = quota.characters // 2
    check_size(quota, ["a" * half, " \n", "b" * (quota.characters - half)])
    with pytest.raises(PolicySizeError, match=f"{quota.label}: {quota.characters}"):
        check_size(quota, ["a" * half, "b" * (quota.characters - half), "c"])


# Anything, and what is nearly a policy: the words of the grammar with any values.
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_WORDS = st.sampled_from(
    [
        "*",
        "ec2:*",
        "s3:Get?",
        "arn:aws:s3:::${aws:username}/*",
        "arn:aws:s3",
        "${*}",
        "${",
        "Allow",
        "10.0.0.0/8",
        "2024-01-01",
        "true",
        "12.5",
        "",
        "111122223333",
        "sts:AssumeRole",
        "a*b*c?",
        "arn:*:*:*:*:*",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "${a, 'b*'}",
    ]
)
_VALUES = _WORDS | st.lists(_WORDS, max_size=3) | _JSON
_OPERATOR = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "ForAllValues:", "ForAnyValue:"]),
    st.sampled_from(sorted(OPERATORS)),
    st.sampled_from(["", "", "IfExists"]),
)
_KEYS = st.dictionaries(st.sampled_from(["aws:username", "aws:TagKeys", "aws:x"]), _VALUES)
_CONDITION = st.dictionaries(_OPERATOR, _KEYS, max_size=2) | _JSON
_ACTIONS = st.sampled_from(["*", "s3:*", "S3:get?", "ec2:*", "sts:*", "s3:a*b*c"])
_RESOURCES = st.sampled_from(
    ["*", "arn:aws:s3", "arn:aws:s3:::${aws:username}/*", "arn:aws:s3:*:${aws:x, 'a'}:${*}?", "x"]
)
_NAMED = st.sampled_from(["*", "111122223333", "arn:aws:iam::111122223333:user/a", "arn:aws:s3"])
_PRINCIPAL = st.sampled_from(["*"]) | st.dictionaries(
    st.sampled_from(["AWS", "Service", "Federated"]), st.lists(_NAMED, min_size=1), min_size=1
)
_STATEMENT = st.builds(
    lambda parts, more: {**dict(parts), **more},
    st.tuples(
        st.tuples(st.just("Effect"), st.sampled_from(["Allow", "Deny"])),
        st.tuples(st.sampled_from(["Action", "NotAction"]), _ACTIONS | st.lists(_ACTIONS)),
        st.tuples(st.sampled_from(["Resource", "NotResource"]), _RESOURCES)
        | st.tuples(st.sampled_from(["Principal", "NotPrincipal"]), _PRINCIPAL),
    ),
    st.fixed_dictionaries({}, optional={"Condition": _CONDITION, "Sid": st.text()}),
)
_NEARLY = st.fixed_dictionaries(
    {"Statement": st.lists(_STATEMENT, max_size=2) | _STATEMENT},
    optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17"]), "Id": _VALUES},
)


@settings(max_examples=500, deadline=None)
@given(
    document=_NEARLY | _JSON,
    trust=st.booleans(),
    context=st.dictionaries(
        st.sampled_from(["aws:username", "AWS:tagkeys", "aws:x"]),
        st.lists(_WORDS | st.text(), max_size=3).map(tuple),
    ),
    resource=_WORDS | st.text(),
)
def test_any_json_is_refused_or_decided(
    *, document: Any, trust: bool, context: dict[str, tuple[str, ...]], resource: str
) -> None:
    try:
        policy = Policy("any", parse_policy(json.dumps(document), trust=trust))
    except PolicySyntaxError:
        return
    request = AccessRequest("arn:aws:iam::111122223333:user/a", "s3:GetX", resource, context)
    if trust:
        decision = evaluate_trust(request, policy, (request.principal_arn,))
    else:
        decision = evaluate(request, PolicySet((policy,), (policy,), (policy,)))
    assert isinstance(decision, Decision)


@given(st.text())
def test_any_text_is_refused_or_a_policy(text: str) -> None:
    with suppress(PolicySyntaxError):
        parse_policy(text)
