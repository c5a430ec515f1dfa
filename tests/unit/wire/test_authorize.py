"""What the caller of an operation has to be allowed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hansa.domain.caller import Caller
from hansa.wire.authorize import hansafabric_arns, permissions

CALLER = Caller("111122223333", "arn:aws:iam::111122223333:user/a", "AKIA", "eu-west-1")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
TAGS = {"team": "blue"}
_ARN = "arn:aws:managedblockchain:eu-west-1:"


def asked(action: str, request: dict[str, Any]) -> list[tuple[str, list[str], dict[str, Any]]]:
    return [
        (
            needed.action,
            list(needed.resource_arns),
            {k: v for k, v in needed.context.items() if "Tag" in k},
        )
        for needed in permissions(action, ("*",), CALLER, request, NOW)
    ]


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("CreateNetwork", ":networks/*"),
        ("CreateNode", "111122223333:nodes/*"),
        ("CreateProposal", ":proposals/*"),
        ("CreateAccessor", "111122223333:accessors/*"),
    ],
)
def test_who_creates_with_tags_has_to_be_allowed_to_tag(operation: str, kind: str) -> None:
    action = f"managedblockchain:{operation}"
    context = {"aws:TagKeys": ["team"], "aws:RequestTag/team": "blue"}
    assert asked(action, {"Tags": TAGS}) == [
        (action, ["*"], context),
        ("managedblockchain:TagResource", [_ARN + kind], context),
    ]
    assert asked(action, {}) == [(action, ["*"], {})]
    assert asked(action, {"Tags": {}}) == [(action, ["*"], {"aws:TagKeys": []})]


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("CreateChannel", ":channels/*"), ("PackageChaincode", "111122223333:packages/*")],
)
def test_who_creates_with_tags_in_hansafabric_too(operation: str, kind: str) -> None:
    action = f"hansafabric:{operation}"
    (_, (tagging, arns, _)) = asked(action, {"Tags": TAGS})
    assert (tagging, arns) == (
        "hansafabric:TagResource",
        [f"arn:aws:hansafabric:eu-west-1:{kind}"],
    )


def test_tagging_is_about_what_is_tagged() -> None:
    arn = "arn:aws:hansafabric:eu-west-1::channels/n-A/trade"
    assert hansafabric_arns("TagResource", CALLER, {"ResourceArn": arn}) == (arn,)


def test_a_package_is_looked_at_by_its_arn() -> None:
    arn = "arn:aws:hansafabric:eu-west-1:111122223333:packages/asset:1"
    assert hansafabric_arns("GetPackage", CALLER, {"PackageId": "asset:1"}) == (arn,)


def test_a_members_tags_are_those_of_its_configuration() -> None:
    member = {"MemberConfiguration": {"Name": "org1", "Tags": {"team": "red"}}}
    red = {"aws:TagKeys": ["team"], "aws:RequestTag/team": "red"}
    blue = {"aws:TagKeys": ["team"], "aws:RequestTag/team": "blue"}
    members = [_ARN + "111122223333:members/*"]
    assert asked("managedblockchain:CreateMember", member) == [
        ("managedblockchain:CreateMember", ["*"], red),
        ("managedblockchain:TagResource", members, red),
    ]
    assert asked("managedblockchain:CreateNetwork", {**member, "Tags": TAGS}) == [
        ("managedblockchain:CreateNetwork", ["*"], blue),
        ("managedblockchain:TagResource", [_ARN + ":networks/*"], blue),
        ("managedblockchain:TagResource", members, red),
    ]


def test_of_iam_the_permission_to_tag_is_its_own() -> None:
    tags = [{"Key": "team", "Value": "blue"}]
    found = asked("iam:CreateRole", {"Tags": tags, "PolicyArn": "p"})
    assert [(action, context["aws:RequestTag/team"]) for action, _, context in found] == [
        ("iam:CreateRole", "blue"),
        ("iam:TagRole", "blue"),
    ]
    assert [action for action, *_ in asked("iam:TagRole", {"Tags": tags})] == ["iam:TagRole"]
    untag = asked("managedblockchain:UntagResource", {"TagKeys": ["team"]})
    assert untag == [("managedblockchain:UntagResource", ["*"], {"aws:TagKeys": ["team"]})]


def test_where_there_are_no_arns_nothing_is_asked() -> None:
    assert permissions("sts:GetCallerIdentity", (), CALLER, {}, NOW) == []


def test_how_the_request_came_is_a_condition() -> None:
    secure = Caller(
        *("1" * 12, "arn:aws:iam::111111111111:user/a", "AKIA", "eu-west-1"),
        source_ip="203.0.113.7",
        is_secure=True,
        user_agent="aws-cli/2",
    )
    (needed,) = permissions("sts:GetAccessKeyInfo", ("*",), secure, {}, NOW)
    assert needed.context["aws:SecureTransport"] == "true"
    assert needed.context["aws:SourceIp"] == "203.0.113.7"
    assert needed.context["aws:UserAgent"] == "aws-cli/2"
    (needed,) = permissions("sts:GetAccessKeyInfo", ("*",), CALLER, {}, NOW)
    assert needed.context["aws:SecureTransport"] == "false"
    assert not {"aws:SourceIp", "aws:UserAgent", "aws:CalledVia"} & set(needed.context)


def test_a_call_of_chaincode_is_one_on_it_in_its_channel() -> None:
    channel = {"NetworkId": "n-1", "ChannelName": "trade"}
    arn = "arn:aws:hansafabric:eu-west-1::channels/n-1/trade"
    assert hansafabric_arns("GetChannel", CALLER, channel) == [arn]
    called = channel | {"ChaincodeName": "asset", "MemberId": "m-1"}
    for operation in ("InvokeChaincode", "QueryChaincode"):
        assert hansafabric_arns(operation, CALLER, called) == [f"{arn}/chaincode/asset"]


@pytest.mark.parametrize(
    ("operation", "request_", "arn"),
    [
        ("RegisterIdentity", {"Name": "clerk"}, "111122223333:identities/m-1/clerk"),
        ("EnrollIdentity", {"Name": "clerk"}, "111122223333:identities/m-1/clerk"),
        ("ListIdentities", {}, "111122223333:identities/m-1/*"),
    ],
)
def test_requests_about_identities_name_them(
    operation: str, request_: dict[str, str], arn: str
) -> None:
    asked_of = {"NetworkId": "n-1", "MemberId": "m-1", **request_}
    (found,) = hansafabric_arns(operation, CALLER, asked_of)
    assert found == f"arn:aws:hansafabric:eu-west-1:{arn}"
