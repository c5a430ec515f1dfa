"""IAM: principals, keys and policies, by their operations."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.operations.installation import START

from hansa.domain.caller import Caller
from hansa.domain.errors import AccessDeniedError, ServiceError
from hansa.domain.iam_errors import (
    DeleteConflictError,
    EntityAlreadyExistsError,
    LimitExceededError,
    MalformedPolicyDocumentError,
    NoSuchEntityError,
    UnmodifiableEntityError,
    ValidationError,
)
from hansa.iam.first import Administrator, create_account
from hansa.operations.identity import Identity, open_identity
from hansa.store.database import open_store

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonManagedBlockchainReadOnlyAccess"


def document(action: str = "managedblockchain:ListNetworks", resource: str = "*") -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal: str, **condition: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        **({"Condition": condition} if condition else {}),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class World:
    """Two accounts, a clock that stands, and the parts that decide who may do what."""

    def __init__(self, directory: Path) -> None:
        self.now: datetime = START
        self.choice = random.Random(3).choice
        self.directory = directory
        self.store = open_store(directory / "hansa.db", directory / "key")
        self.identity = self.open()
        self.one = self.administrator("one")
        self.two = self.administrator("two")

    def open(self) -> Identity:
        self.identity = open_identity(self.store, lambda: self.now, self.choice)
        return self.identity

    def administrator(self, name: str) -> Caller:
        made, file = create_account(
            self.store, self.directory / "accounts", name, self.now, self.choice
        )
        assert file.stat().st_mode & 0o777 == 0o600
        return self.as_administrator(made)

    def as_administrator(self, made: Administrator) -> Caller:
        arn = f"arn:aws:iam::{made.account_id}:user/administrator"
        return Caller(made.account_id, arn, made.access_key_id, "us-east-1")

    def user(self, name: str, *policies: str) -> Caller:
        """A user of the first account, calling with a key of his own."""
        self.identity.iam.create_user(self.one, {"UserName": name})
        for number, text in enumerate(policies):
            self.identity.iam.put_user_policy(
                self.one,
                {"UserName": name, "PolicyName": f"p{number}", "PolicyDocument": text},
            )
        key = self.identity.iam.create_access_key(self.one, {"UserName": name})["AccessKey"]
        arn = f"arn:aws:iam::{self.one.account_id}:user/{name}"
        return Caller(self.one.account_id, arn, key["AccessKeyId"], "us-east-1")

    def session(self, answer: Any) -> Caller:
        """The caller with the credentials of AssumeRole."""
        arn = answer["AssumedRoleUser"]["Arn"]
        account = arn.split(":")[4]
        return Caller(account, arn, answer["Credentials"]["AccessKeyId"], "us-east-1")

    def role(self, name: str, text: str, *policies: str, **more: Any) -> str:
        request = {"RoleName": name, "AssumeRolePolicyDocument": text, **more}
        role = self.identity.iam.create_role(self.one, request)["Role"]
        for number, policy in enumerate(policies):
            self.identity.iam.put_role_policy(
                self.one,
                {"RoleName": name, "PolicyName": f"p{number}", "PolicyDocument": policy},
            )
        return str(role["Arn"])

    def may(self, caller: Caller, action: str, resource: str = "*") -> bool:
        try:
            self.identity.authorizer.authorize(caller, action, (resource,), {})
        except AccessDeniedError:
            return False
        return True


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.identity.uses.close()
    made.store.close()


def test_users_are_created_shown_listed_and_deleted(world: World) -> None:
    iam, one = world.identity.iam, world.one
    tags = [{"Key": "team", "Value": "red"}]
    user = iam.create_user(one, {"UserName": "Ann", "Path": "/eng/", "Tags": tags})["User"]
    assert user["Arn"] == f"arn:aws:iam::{one.account_id}:user/eng/Ann"
    assert user["UserId"].startswith("AIDA")
    assert user["Tags"] == tags
    assert iam.get_user(one, {"UserName": "ann"})["User"] == user
    assert iam.get_user(one, {})["User"]["UserName"] == "administrator"
    assert [u["UserName"] for u in iam.list_users(one, {})["Users"]] == ["administrator", "Ann"]
    assert [u["UserName"] for u in iam.list_users(one, {"PathPrefix": "/eng/"})["Users"]] == ["Ann"]
    with pytest.raises(EntityAlreadyExistsError):
        iam.create_user(one, {"UserName": "ANN"})
    iam.untag_user(one, {"UserName": "Ann", "TagKeys": ["team"]})
    assert iam.list_user_tags(one, {"UserName": "Ann"})["Tags"] == []
    iam.delete_user(one, {"UserName": "Ann"})
    with pytest.raises(NoSuchEntityError):
        iam.get_user(one, {"UserName": "Ann"})


def test_accounts_do_not_see_each_other(world: World) -> None:
    world.user("ann")
    iam, two = world.identity.iam, world.two
    for call in (iam.get_user, iam.delete_user, iam.create_access_key):
        with pytest.raises(NoSuchEntityError):
            call(two, {"UserName": "ann"})
    made = iam.create_policy(world.one, {"PolicyName": "p", "PolicyDocument": document()})
    with pytest.raises(NoSuchEntityError):
        iam.attach_user_policy(
            two, {"UserName": "administrator", "PolicyArn": made["Policy"]["Arn"]}
        )


def test_lists_come_in_pages(world: World) -> None:
    iam, one = world.identity.iam, world.one
    for number in range(5):
        iam.create_group(one, {"GroupName": f"g{number}"})
    seen, request = [], {"MaxItems": 2}
    while True:
        answer = iam.list_groups(one, request)
        seen += [group["GroupName"] for group in answer["Groups"]]
        if not answer["IsTruncated"]:
            break
        request = {"MaxItems": 2, "Marker": answer["Marker"]}
    assert seen == [f"g{number}" for number in range(5)]
    with pytest.raises(ValidationError):
        iam.list_groups(one, {"Marker": "nonsense"})


def test_a_user_has_two_keys_at_most_and_a_key_is_sealed(world: World) -> None:
    world.user("ann")
    iam, one = world.identity.iam, world.one
    second = iam.create_access_key(one, {"UserName": "ann"})["AccessKey"]
    with pytest.raises(LimitExceededError):
        iam.create_access_key(one, {"UserName": "ann"})
    assert world.identity.credentials.find(second["AccessKeyId"]) is not None
    assert second["SecretAccessKey"] not in (world.directory / "hansa.db").read_text("latin-1")
    assert second["SecretAccessKey"] not in (world.directory / "hansa.db-wal").read_text("latin-1")
    iam.delete_access_key(one, {"UserName": "ann", "AccessKeyId": second["AccessKeyId"]})
    assert world.identity.credentials.find(second["AccessKeyId"]) is None
    assert len(iam.list_access_keys(one, {"UserName": "ann"})["AccessKeyMetadata"]) == 1


def test_a_key_is_deactivated_at_once(world: World) -> None:
    ann = world.user("ann")
    found = world.identity.credentials.find(ann.access_key_id)
    assert found is not None
    assert found.active
    request = {"UserName": "ann", "AccessKeyId": ann.access_key_id, "Status": "Inactive"}
    world.identity.iam.update_access_key(world.one, request)
    found = world.identity.credentials.find(ann.access_key_id)
    assert found is not None
    assert not found.active


def test_the_last_use_of_a_key_is_told_and_kept(world: World) -> None:
    ann = world.user("ann")
    iam, request = world.identity.iam, {"AccessKeyId": ann.access_key_id}
    never = iam.get_access_key_last_used(world.one, request)["AccessKeyLastUsed"]
    assert never == {"LastUsedDate": None, "ServiceName": "N/A", "Region": "N/A"}
    world.identity.uses.note(ann.access_key_id, "sts", "us-east-1")
    world.now += timedelta(seconds=20)
    world.identity.uses.note(ann.access_key_id, "managedblockchain", "eu-west-1")
    expected = {
        "LastUsedDate": world.now,
        "ServiceName": "managedblockchain",
        "Region": "eu-west-1",
    }
    assert iam.get_access_key_last_used(world.one, request)["AccessKeyLastUsed"] == expected
    world.identity.uses.close()
    world.open()
    answer = world.identity.iam.get_access_key_last_used(world.one, request)
    assert answer["UserName"] == "ann"
    assert answer["AccessKeyLastUsed"] == expected
    with pytest.raises(NoSuchEntityError):
        world.identity.iam.get_access_key_last_used(world.two, request)


def test_what_is_in_use_is_not_deleted_and_all_of_it_is_told(world: World) -> None:
    world.user("ann", document())
    iam, one = world.identity.iam, world.one
    iam.create_group(one, {"GroupName": "g"})
    iam.add_user_to_group(one, {"GroupName": "g", "UserName": "ann"})
    iam.attach_user_policy(one, {"UserName": "ann", "PolicyArn": READ_ONLY})
    with pytest.raises(DeleteConflictError) as raised:
        iam.delete_user(one, {"UserName": "ann"})
    for word in ("access keys", "groups", "inline", "detach"):
        assert word in str(raised.value)
    with pytest.raises(DeleteConflictError):
        iam.delete_group(one, {"GroupName": "g"})


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}'],
)
def test_a_malformed_document_is_refused_everywhere(world: World, text: str) -> None:
    iam, one = world.identity.iam, world.one
    user = {"UserName": "administrator", "PolicyName": "p"}
    with pytest.raises(MalformedPolicyDocumentError):
        iam.put_user_policy(one, {**user, "PolicyDocument": text})
    with pytest.raises(MalformedPolicyDocumentError):
        iam.create_policy(one, {"PolicyName": "p", "PolicyDocument": text})
    with pytest.raises(MalformedPolicyDocumentError):
        iam.create_role(one, {"RoleName": "r", "AssumeRolePolicyDocument": text})


def test_versions_of_a_policy(world: World) -> None:
    iam, one = world.identity.iam, world.one
    ann = world.user("ann")
    made = iam.create_policy(one, {"PolicyName": "p", "PolicyDocument": document()})["Policy"]
    arn = {"PolicyArn": made["Arn"]}
    iam.attach_user_policy(one, {"UserName": "ann", **arn})
    assert world.may(ann, "managedblockchain:ListNetworks")
    other = document("managedblockchain:ListAccessors")
    iam.create_policy_version(one, {**arn, "PolicyDocument": other, "SetAsDefault": True})
    assert not world.may(ann, "managedblockchain:ListNetworks")
    assert world.may(ann, "managedblockchain:ListAccessors")
    iam.set_default_policy_version(one, {**arn, "VersionId": "v1"})
    assert world.may(ann, "managedblockchain:ListNetworks")
    for _ in range(3):
        iam.create_policy_version(one, {**arn, "PolicyDocument": other})
    with pytest.raises(LimitExceededError):
        iam.create_policy_version(one, {**arn, "PolicyDocument": other})
    listed = [version["VersionId"] for version in iam.list_policy_versions(one, arn)["Versions"]]
    assert listed == ["v5", "v4", "v3", "v2", "v1"]
    with pytest.raises(DeleteConflictError):
        iam.delete_policy_version(one, {**arn, "VersionId": "v1"})
    iam.delete_policy_version(one, {**arn, "VersionId": "v5"})
    with pytest.raises(DeleteConflictError) as raised:
        iam.delete_policy(one, arn)
    assert "detach" in str(raised.value)
    assert "versions" in str(raised.value)


def test_awss_policies_are_read_only(world: World) -> None:
    iam, one = world.identity.iam, world.one
    arn = {"PolicyArn": ADMINISTRATOR_ACCESS}
    assert iam.get_policy(one, arn)["Policy"]["AttachmentCount"] == 1
    shown = iam.get_policy_version(one, {**arn, "VersionId": "v1"})["PolicyVersion"]
    assert json.loads(shown["Document"])["Statement"][0]["Effect"] == "Allow"
    changes = [
        lambda: iam.delete_policy(one, arn),
        lambda: iam.create_policy_version(one, {**arn, "PolicyDocument": document()}),
        lambda: iam.tag_policy(one, {**arn, "Tags": []}),
    ]
    for change in changes:
        with pytest.raises(UnmodifiableEntityError):
            change()


def test_groups_give_their_policies_to_their_users(world: World) -> None:
    iam, one = world.identity.iam, world.one
    ann = world.user("ann")
    iam.create_group(one, {"GroupName": "readers"})
    iam.attach_group_policy(one, {"GroupName": "readers", "PolicyArn": READ_ONLY})
    assert not world.may(ann, "managedblockchain:GetNetwork")
    iam.add_user_to_group(one, {"GroupName": "readers", "UserName": "ann"})
    assert world.may(ann, "managedblockchain:GetNetwork")
    iam.remove_user_from_group(one, {"GroupName": "readers", "UserName": "ann"})
    assert not world.may(ann, "managedblockchain:GetNetwork")


def test_a_boundary_narrows(world: World) -> None:
    iam = world.identity.iam
    ann = world.user("ann", document("*"))
    request = {"UserName": "ann", "PermissionsBoundary": READ_ONLY}
    iam.put_user_permissions_boundary(world.one, request)
    assert world.may(ann, "managedblockchain:ListNetworks")
    assert not world.may(ann, "managedblockchain:CreateNetwork")
    iam.delete_user_permissions_boundary(world.one, {"UserName": "ann"})
    assert world.may(ann, "managedblockchain:CreateNetwork")


def test_tags_of_the_principal_are_condition_keys(world: World) -> None:
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    ann = world.user("ann", text)
    assert not world.may(ann, "managedblockchain:ListNetworks")
    tags = [{"Key": "team", "Value": "red"}]
    world.identity.iam.tag_user(world.one, {"UserName": "ann", "Tags": tags})
    assert world.may(ann, "managedblockchain:ListNetworks")


def test_a_deleted_user_may_nothing_and_a_new_one_of_the_name_inherits_nothing(
    world: World,
) -> None:
    iam, one = world.identity.iam, world.one
    ann = world.user("ann", document("*"))
    session = world.identity.sts.get_session_token(ann, {})["Credentials"]
    temporary = Caller(ann.account_id, ann.principal_arn, session["AccessKeyId"], ann.region)
    assert world.may(temporary, "managedblockchain:ListNetworks")
    iam.delete_user_policy(one, {"UserName": "ann", "PolicyName": "p0"})
    iam.delete_access_key(one, {"UserName": "ann", "AccessKeyId": ann.access_key_id})
    iam.delete_user(one, {"UserName": "ann"})
    world.user("ann", document("*"))
    assert world.identity.credentials.find(temporary.access_key_id) is None
    assert not world.may(temporary, "managedblockchain:ListNetworks")


def test_simulation_tells_what_would_be_decided(world: World) -> None:
    ann = world.user("ann", document())
    answer = world.identity.iam.simulate_principal_policy(
        world.one,
        {
            "PolicySourceArn": ann.principal_arn,
            "ActionNames": ["managedblockchain:ListNetworks", "managedblockchain:CreateNetwork"],
        },
    )
    decisions = [result["EvalDecision"] for result in answer["EvaluationResults"]]
    assert decisions == ["allowed", "implicitDeny"]


def test_resources_are_spelt_as_they_were_made(world: World) -> None:
    iam = world.identity.iam
    made = iam.create_user(world.one, {"UserName": "Ann", "Path": "/eng/"})["User"]
    resources = world.identity.iam_resources
    assert resources("DeleteUser", world.one, {"UserName": "ANN"}) == (made["Arn"],)
    assert resources("GetUser", world.one, {}) == (world.one.principal_arn,)
    assert resources("ListUsers", world.one, {}) == ("*",)


def test_a_user_session_cannot_make_itself_a_lasting_key(world: World) -> None:
    credentials = world.identity.sts.get_session_token(world.one, {})["Credentials"]
    temporary = Caller(
        world.one.account_id, world.one.principal_arn, credentials["AccessKeyId"], "us-east-1"
    )
    with pytest.raises(ServiceError, match="cannot call IAM"):
        world.identity.iam_resources("CreateAccessKey", temporary, {})
