"""STS: roles are assumed by whom they trust, and sessions never do more than their role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.operations.test_iam import READ_ONLY, World, document, trust

from hansa.domain.errors import AccessDeniedError
from hansa.domain.iam_errors import MalformedPolicyDocumentError, ValidationError


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.identity.uses.close()
    made.store.close()


def test_who_is_calling(world: World) -> None:
    sts, one = world.identity.sts, world.one
    answer = sts.get_caller_identity(one, {})
    assert answer["Arn"] == one.principal_arn
    assert answer["UserId"].startswith("AIDA")
    role = world.role("r", trust(one.principal_arn))
    made = sts.assume_role(one, {"RoleArn": role, "RoleSessionName": "s"})
    answer = sts.get_caller_identity(world.session(made), {})
    assert answer["Arn"] == f"arn:aws:sts::{one.account_id}:assumed-role/r/s"
    assert answer["UserId"] == made["AssumedRoleUser"]["AssumedRoleId"]
    info = sts.get_access_key_info(world.two, {"AccessKeyId": one.access_key_id})
    assert info == {"Account": one.account_id}


def test_an_assumed_role_does_what_the_role_may_until_it_ends(world: World) -> None:
    role = world.role("r", trust(world.one.account_id), document())
    answer = world.identity.sts.assume_role(
        world.one, {"RoleArn": role, "RoleSessionName": "s", "DurationSeconds": 900}
    )
    session = world.session(answer)
    assert world.may(session, "managedblockchain:ListNetworks")
    assert not world.may(session, "managedblockchain:CreateNetwork")
    found = world.identity.credentials.find(session.access_key_id)
    assert found is not None
    assert found.expires_at == world.now + timedelta(seconds=900)
    assert found.session_token == answer["Credentials"]["SessionToken"]
    stored = (world.directory / "hansa.db-wal").read_text("latin-1")
    assert answer["Credentials"]["SessionToken"] not in stored


def test_without_trust_nobody_assumes_and_names_cannot_be_guessed(world: World) -> None:
    role = world.role("r", trust(world.one.account_id), document("*"))
    sts = world.identity.sts
    refused = []
    for arn in (role, role.replace("role/r", "role/none")):
        with pytest.raises(AccessDeniedError) as raised:
            sts.assume_role(world.two, {"RoleArn": arn, "RoleSessionName": "s"})
        refused.append(str(raised.value).replace(arn, "ROLE"))
    assert refused[0] == refused[1]


def test_an_account_that_is_trusted_still_decides_who_of_it(world: World) -> None:
    sts = world.identity.sts
    role = world.role("r", trust(f"arn:aws:iam::{world.one.account_id}:root"))
    request = {"RoleArn": role, "RoleSessionName": "s"}
    ann = world.user("ann")
    with pytest.raises(AccessDeniedError):
        sts.assume_role(ann, request)
    bob = world.user("bob", document("sts:AssumeRole", role))
    assert sts.assume_role(bob, request)["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_another_account_needs_the_trust_and_its_own_leave(world: World) -> None:
    sts = world.identity.sts
    role = world.role("r", trust(world.two.principal_arn))
    request = {"RoleArn": role, "RoleSessionName": "s"}
    session = world.session(sts.assume_role(world.two, request))
    assert session.account_id == world.one.account_id
    detach = {
        "UserName": "administrator",
        "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
    }
    world.identity.iam.detach_user_policy(world.two, detach)
    with pytest.raises(AccessDeniedError):
        sts.assume_role(world.two, request)


def test_the_external_id_is_a_condition(world: World) -> None:
    text = trust(world.two.account_id, StringEquals={"sts:ExternalId": "secret-7"})
    request = {"RoleArn": world.role("r", text), "RoleSessionName": "s"}
    sts = world.identity.sts
    for wrong in ({}, {"ExternalId": "secret-8"}):
        with pytest.raises(AccessDeniedError):
            sts.assume_role(world.two, {**request, **wrong})
    assert sts.assume_role(world.two, {**request, "ExternalId": "secret-7"})


def test_a_session_policy_narrows_and_never_widens(world: World) -> None:
    sts = world.identity.sts
    role = world.role("r", trust(world.one.account_id), document("managedblockchain:List*"))
    request = {"RoleArn": role, "RoleSessionName": "s"}
    wide = world.session(sts.assume_role(world.one, {**request, "Policy": document("*")}))
    assert world.may(wide, "managedblockchain:ListNetworks")
    assert not world.may(wide, "iam:CreateUser")
    narrow = world.session(sts.assume_role(world.one, {**request, "Policy": document("s3:Get*")}))
    assert not world.may(narrow, "managedblockchain:ListNetworks")
    arns = world.session(
        sts.assume_role(world.one, {**request, "PolicyArns": [{"arn": READ_ONLY}]})
    )
    assert world.may(arns, "managedblockchain:ListNetworks")
    with pytest.raises(MalformedPolicyDocumentError):
        sts.assume_role(world.one, {**request, "Policy": "{"})


def test_durations_are_bounded(world: World) -> None:
    sts = world.identity.sts
    role = world.role("r", trust(world.one.account_id), document("*"), MaxSessionDuration=7200)
    request = {"RoleArn": role, "RoleSessionName": "s"}
    assert sts.assume_role(world.one, {**request, "DurationSeconds": 7200})
    with pytest.raises(ValidationError, match="MaxSessionDuration"):
        sts.assume_role(world.one, {**request, "DurationSeconds": 7201})
    session = world.session(sts.assume_role(world.one, request))
    with pytest.raises(ValidationError, match="role chaining"):
        sts.assume_role(session, {**request, "DurationSeconds": 3601})
    assert sts.assume_role(session, request)


def test_a_role_with_a_path_is_trusted_by_its_own_arn(world: World) -> None:
    sts = world.identity.sts
    first = world.role("a", trust(world.one.account_id), document("*"), Path="/deep/path/")
    second = world.role("b", trust(first))
    session = world.session(sts.assume_role(world.one, {"RoleArn": first, "RoleSessionName": "s"}))
    assert sts.assume_role(session, {"RoleArn": second, "RoleSessionName": "t"})


def test_sessions_end_with_their_role(world: World) -> None:
    sts, iam = world.identity.sts, world.identity.iam
    role = world.role("r", trust(world.one.account_id))
    session = world.session(sts.assume_role(world.one, {"RoleArn": role, "RoleSessionName": "s"}))
    iam.delete_role(world.one, {"RoleName": "r"})
    world.role("r", trust(world.one.account_id), document("*"))
    assert not world.may(session, "managedblockchain:ListNetworks")


def test_a_changed_trust_policy_holds_at_once(world: World) -> None:
    role = world.role("r", trust(world.two.account_id))
    request = {"RoleArn": role, "RoleSessionName": "s"}
    assert world.identity.sts.assume_role(world.two, request)
    update = {"RoleName": "r", "PolicyDocument": trust(world.one.account_id)}
    world.identity.iam.update_assume_role_policy(world.one, update)
    with pytest.raises(AccessDeniedError):
        world.identity.sts.assume_role(world.two, request)
    shown = world.identity.iam.get_role(world.one, {"RoleName": "r"})["Role"]
    assert json.loads(shown["AssumeRolePolicyDocument"]) == json.loads(update["PolicyDocument"])


def test_what_is_not_supported_is_refused_and_not_dropped(world: World) -> None:
    role = world.role("r", trust(world.one.account_id))
    request = {"RoleArn": role, "RoleSessionName": "s"}
    contexts = [{"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter"}]
    with pytest.raises(ValidationError, match="ProvidedContexts"):
        world.identity.sts.assume_role(world.one, {**request, "ProvidedContexts": contexts})
    with pytest.raises(AccessDeniedError, match="MFA"):
        world.identity.sts.get_session_token(world.one, {"TokenCode": "123456"})


def test_a_session_makes_no_further_session_tokens(world: World) -> None:
    credentials = world.identity.sts.get_session_token(world.one, {})["Credentials"]
    temporary = type(world.one)(
        world.one.account_id, world.one.principal_arn, credentials["AccessKeyId"], "us-east-1"
    )
    with pytest.raises(AccessDeniedError, match="session credentials"):
        world.identity.sts.get_session_token(temporary, {})
