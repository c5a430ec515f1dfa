"""AssumeRole: session tags, source identities, session policies, and whom a role trusts."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.operations.test_iam import READ_ONLY, World, document

from hansa.domain.caller import Caller
from hansa.domain.errors import AccessDeniedError
from hansa.domain.iam_errors import (
    InvalidParameterValueError,
    MalformedPolicyDocumentError,
    PackedPolicyTooLargeError,
    ValidationError,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.identity.uses.close()
    made.store.close()


def trusting(principal: Any, *actions: str, **condition: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": principal if isinstance(principal, dict) else {"AWS": principal},
        "Action": ["sts:AssumeRole", *actions],
        **({"Condition": condition} if condition else {}),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def tagged(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def assume(world: World, caller: Caller, role: str, **more: Any) -> Any:
    request = {"RoleArn": role, "RoleSessionName": "s", **more}
    return world.identity.sts.assume_role(caller, request)


def of_team(name: str, action: str = "managedblockchain:ListNetworks") -> str:
    statement = {
        "Effect": "Allow",
        "Action": [action, "sts:*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": name}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_session_tags_need_leave_to_tag_and_take_the_place_of_the_roles(world: World) -> None:
    account, tags = world.one.account_id, tagged(Team="blue")
    plain = world.role("plain", trusting(account))
    with pytest.raises(AccessDeniedError, match="sts:TagSession on resource"):
        assume(world, world.one, plain, Tags=tags)
    text = trusting(account, "sts:TagSession", StringLike={"aws:RequestTag/Team": "b*"})
    role = world.role("r", text, of_team("blue"), Tags=tagged(team="red"))
    with pytest.raises(AccessDeniedError):
        assume(world, world.one, role, Tags=tagged(Team="green"))
    answer = assume(world, world.one, role, Tags=tags)
    assert answer["PackedPolicySize"] in range(1, 10)
    assert world.may(world.session(answer), "managedblockchain:ListNetworks")


def test_transitive_tags_are_inherited_and_the_others_are_not(world: World) -> None:
    account = world.one.account_id
    first = world.role("a", trusting(account, "sts:TagSession"), document("*"))
    second = world.role("b", trusting(first, "sts:TagSession"), of_team("blue"))
    third = world.role("c", trusting(second, "sts:TagSession"), of_team("blue"))
    stern = world.role("d", trusting(first))
    tags = tagged(Team="blue", Stage="test")
    with pytest.raises(InvalidParameterValueError, match="must be included in the requested tags"):
        assume(world, world.one, first, Tags=tags, TransitiveTagKeys=["other"])
    answer = assume(world, world.one, first, Tags=tags, TransitiveTagKeys=["team"])
    caller = world.session(answer)
    with pytest.raises(InvalidParameterValueError, match="conflicts with a transitive tag key"):
        assume(world, caller, second, Tags=tagged(TEAM="red"))
    with pytest.raises(AccessDeniedError, match="sts:TagSession"):
        assume(world, caller, stern)
    chained = world.session(assume(world, caller, second))
    assert world.may(chained, "managedblockchain:ListNetworks")
    context = world.identity.policies.principal_context(chained)
    assert {key for key in context if "Tag/" in key} == {"aws:PrincipalTag/Team"}
    last = world.session(assume(world, chained, third))
    assert world.may(last, "managedblockchain:ListNetworks")


def test_session_tags_that_cannot_be(world: World) -> None:
    role = world.role("r", trusting(world.one.account_id, "sts:TagSession"))
    with pytest.raises(InvalidParameterValueError, match="case insensitive"):
        assume(world, world.one, role, Tags=tagged(team="a", Team="b"))
    with pytest.raises(ValidationError, match="reserved"):
        assume(world, world.one, role, Tags=[{"Key": "AWS:x", "Value": "1"}])
    draw = random.Random(5)
    many = {
        f"k{n}": "".join(draw.choice(string.ascii_letters) for _ in range(256)) for n in range(50)
    }
    with pytest.raises(PackedPolicyTooLargeError, match="session tags consumes [0-9]{3}% of"):
        assume(world, world.one, role, Tags=tagged(**many))
    long = document("managedblockchain:" + "x" * 2100)
    with pytest.raises(PackedPolicyTooLargeError, match="Packed policy consumes"):
        assume(world, world.one, role, Policy=long)


def test_a_source_identity_needs_leave_stays_and_is_a_condition(world: World) -> None:
    account = world.one.account_id
    plain = world.role("plain", trusting(account))
    with pytest.raises(AccessDeniedError, match="sts:SetSourceIdentity"):
        assume(world, world.one, plain, SourceIdentity="ann")
    named = trusting(account, "sts:SetSourceIdentity", StringEquals={"sts:SourceIdentity": "ann"})
    first = world.role("a", named, document("*"))
    for wrong in ({}, {"SourceIdentity": "bob"}):
        with pytest.raises(AccessDeniedError):
            assume(world, world.one, first, **wrong)
    answer = assume(world, world.one, first, SourceIdentity="ann")
    assert answer["SourceIdentity"] == "ann"
    caller = world.session(answer)
    context = world.identity.policies.principal_context(caller)
    assert context["aws:SourceIdentity"] == "ann"
    assert context["aws:TokenIssueTime"] == "2026-11-21T09:00:00Z"
    assert context["aws:MultiFactorAuthPresent"] == "false"
    assert "aws:TokenIssueTime" not in world.identity.policies.principal_context(world.one)
    without = world.role("b", trusting(first))
    with pytest.raises(AccessDeniedError, match="sts:SetSourceIdentity"):
        assume(world, caller, without)
    second = world.role("c", trusting(first, "sts:SetSourceIdentity"))
    with pytest.raises(AccessDeniedError, match="cannot be changed"):
        assume(world, caller, second, SourceIdentity="bob")
    assert assume(world, caller, second)["SourceIdentity"] == "ann"


def test_session_policies_have_limits_and_have_to_exist(world: World) -> None:
    role = world.role("r", trusting(world.one.account_id), document("*"))
    arns = [{"arn": READ_ONLY}] * 11
    with pytest.raises(ValidationError, match="10 managed"):
        assume(world, world.one, role, PolicyArns=arns)
    none = f"arn:aws:iam::{world.one.account_id}:policy/none"
    with pytest.raises(ValidationError, match="does not exist or is not attachable"):
        assume(world, world.one, role, PolicyArns=[{"arn": none}])
    assert assume(world, world.one, role, PolicyArns=arns[:10])["PackedPolicySize"] > 0


def test_who_is_made_again_under_the_name_is_not_trusted(world: World) -> None:
    iam, one = world.identity.iam, world.one
    ann = world.user("ann")
    first = iam.get_user(one, {"UserName": "ann"})["User"]
    role = world.role("r", trusting([first["Arn"], one.account_id]))
    only = world.role("only", trusting(first["Arn"]))
    assert assume(world, ann, only)
    key = {"UserName": "ann", "AccessKeyId": ann.access_key_id}
    iam.delete_access_key(one, key)
    iam.delete_user(one, {"UserName": "ann"})
    shown = iam.get_role(one, {"RoleName": "r"})["Role"]["AssumeRolePolicyDocument"]
    assert json.loads(shown)["Statement"][0]["Principal"]["AWS"] == [
        first["UserId"],
        one.account_id,
    ]
    again = world.user("ann", document("sts:AssumeRole"))
    assert again.principal_arn == first["Arn"]
    with pytest.raises(AccessDeniedError):
        assume(world, again, only)
    assert assume(world, again, role)  # by its account, not by its name
    with pytest.raises(MalformedPolicyDocumentError, match=f'"AWS":"{first["UserId"]}"'):
        iam.update_assume_role_policy(one, {"RoleName": "r", "PolicyDocument": shown})
    iam.update_assume_role_policy(
        one, {"RoleName": "only", "PolicyDocument": trusting(again.principal_arn)}
    )
    assert assume(world, again, only)


def test_a_role_that_is_made_again_is_not_trusted_nor_are_its_sessions(world: World) -> None:
    iam, one = world.identity.iam, world.one
    first = world.role("first", trusting(one.account_id), document("*"))
    session_arn = f"arn:aws:sts::{one.account_id}:assumed-role/first/s"
    by_role = world.role("by-role", trusting(first))
    by_session = world.role("by-session", trusting(session_arn))
    for role, shown in ((by_role, first), (by_session, session_arn)):
        caller = world.session(assume(world, one, first))
        assert assume(world, caller, role)
        found = iam.get_role(one, {"RoleName": role.rpartition("/")[2]})["Role"]
        assert shown in found["AssumeRolePolicyDocument"]
    iam.delete_role_policy(one, {"RoleName": "first", "PolicyName": "p0"})
    iam.delete_role(one, {"RoleName": "first"})
    world.role("first", trusting(one.account_id), document("*"))
    caller = world.session(assume(world, one, first))
    for role in (by_role, by_session):
        with pytest.raises(AccessDeniedError):
            assume(world, caller, role)


def test_a_denied_principal_stays_denied_and_not_principal_spares_the_right_one(
    world: World,
) -> None:
    one = world.one
    ann, bob = world.user("ann", document("sts:*")), world.user("bob", document("sts:*"))
    allow = {"Effect": "Allow", "Principal": {"AWS": one.account_id}, "Action": "sts:AssumeRole"}
    spared = [ann.principal_arn, f"arn:aws:iam::{one.account_id}:root"]
    deny = {"Effect": "Deny", "NotPrincipal": {"AWS": spared}, "Action": "sts:AssumeRole"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})
    role = world.role("r", text)
    assert assume(world, ann, role)
    shown = world.identity.iam.get_role(one, {"RoleName": "r"})["Role"]
    assert json.loads(shown["AssumeRolePolicyDocument"]) == json.loads(text)
    with pytest.raises(AccessDeniedError):
        assume(world, bob, world.role("q", trusting(ann.principal_arn)))


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::{one}:user/nobody",
        "arn:aws:iam::{one}:user/other/administrator",
        "arn:aws:iam::{one}:role/none",
        "arn:aws:sts::{one}:assumed-role/none/s",
        "arn:aws:iam::999999999999:root",
        "999999999999",
        "AIDAAAAAAAAAAAAAAAAAA",
        "arn:aws-cn:iam::{one}:user/administrator",
    ],
)
def test_a_principal_that_does_not_exist_cannot_be_trusted(world: World, principal: str) -> None:
    value = principal.format(one=world.one.account_id)
    with pytest.raises(MalformedPolicyDocumentError, match="Invalid principal in policy") as raised:
        world.role("r", trusting(value))
    assert f'"AWS":"{value}"' in raised.value.message


def test_trust_in_a_principal_of_another_account(world: World) -> None:
    role = world.role("r", trusting(world.two.principal_arn))
    assert assume(world, world.two, role)
    with pytest.raises(AccessDeniedError):
        assume(world, world.one, role)
