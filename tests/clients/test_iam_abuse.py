"""Attempts to get at more than one may, through the real API; each has to fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from tests.clients.identities import (
    Installation,
    Key,
    allow,
    deny,
    document,
    policy,
    refused,
    trust,
)

pytestmark = pytest.mark.clients

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonManagedBlockchainReadOnlyAccess"


@contextmanager
def later(installation: Installation, **passed: int) -> Iterator[None]:
    installation.clock.ahead = timedelta(**passed)
    try:
        yield
    finally:
        installation.clock.ahead = timedelta()


def test_a_role_is_not_assumed_without_its_trust(installation: Installation, name: str) -> None:
    iam, account = installation.client("iam"), installation.one.account_id
    trusted = installation.user(f"{name}-t")
    other = installation.user(f"{name}-o", allow("sts:*"), allow("iam:*"))
    arn = f"arn:aws:iam::{account}:role/{name}"
    text = trust(f"arn:aws:iam::{account}:user/{name}-t")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=text)
    request = {"RoleArn": arn, "RoleSessionName": "s1"}
    assert installation.client_of("sts", *trusted).assume_role(**request)
    mallory = installation.client_of("sts", *other)
    message = refused("AccessDenied", lambda: mallory.assume_role(**request))
    none = {**request, "RoleArn": f"{arn}-none"}
    assert refused("AccessDenied", lambda: mallory.assume_role(**none)) == message.replace(
        arn, f"{arn}-none"
    )
    stranger = installation.client("sts", installation.two)
    refused("AccessDenied", lambda: stranger.assume_role(**request))


def test_a_session_does_not_widen_itself(installation: Installation, name: str) -> None:
    iam, sts = installation.client("iam"), installation.client("sts")
    account = installation.one.account_id
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(account))["Role"]
    iam.put_role_policy(
        RoleName=name, PolicyName="own", PolicyDocument=policy("managedblockchain:List*")
    )
    wide = {"Policy": policy("*"), "PolicyArns": [{"arn": ADMINISTRATOR}]}
    answer = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="s1", **wide)
    credentials = answer["Credentials"]
    blockchain = installation.session_client("managedblockchain", credentials)
    assert "Networks" in blockchain.list_networks()
    theirs = installation.session_client("iam", credentials)
    chained = installation.session_client("sts", credentials)
    attempts: list[Callable[[], Any]] = [
        lambda: theirs.put_role_policy(
            RoleName=name, PolicyName="more", PolicyDocument=policy("*")
        ),
        lambda: theirs.attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR),
        lambda: theirs.update_assume_role_policy(RoleName=name, PolicyDocument=trust("*")),
        lambda: theirs.update_role(RoleName=name, MaxSessionDuration=43_200),
        lambda: theirs.tag_role(RoleName=name, Tags=[{"Key": "team", "Value": "blue"}]),
        lambda: theirs.create_user(UserName=f"{name}-new"),
        lambda: theirs.create_access_key(UserName="administrator"),
        chained.get_session_token,
    ]
    for attempt in attempts:
        refused("AccessDenied", attempt)
    long = {"RoleArn": role["Arn"], "RoleSessionName": "s2", "DurationSeconds": 3601}
    assert "MaxSessionDuration" in refused("ValidationError", lambda: sts.assume_role(**long))


def bounded(installation: Installation, name: str) -> tuple[Key, str]:
    """A user who may do all of IAM, within a boundary that guards itself; and the boundary."""
    iam, account = installation.client("iam"), installation.one.account_id
    boundary = f"arn:aws:iam::{account}:policy/{name}"
    within = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    users = f"arn:aws:iam::{account}:user/*"
    guarding = [
        "iam:CreatePolicyVersion",
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
        "iam:SetDefaultPolicyVersion",
    ]
    text = document(
        allow(["managedblockchain:List*", "iam:Get*", "iam:List*", "iam:*Policy*"]),
        allow(["iam:CreateUser", "iam:Put*Policy", "iam:AttachUserPolicy"], users, **within),
        allow("iam:CreateAccessKey", users, **within),
        deny(["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"]),
        deny(guarding, boundary),
    )
    iam.create_policy(PolicyName=name, PolicyDocument=text)
    key = installation.user(name, allow("iam:*"))
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary)
    return key, boundary


def test_a_boundary_is_not_shaken_off(installation: Installation, name: str) -> None:
    key, boundary = bounded(installation, name)
    theirs = installation.client_of("iam", *key)
    attempts: list[Callable[[], Any]] = [
        lambda: theirs.delete_user_permissions_boundary(UserName=name),
        lambda: theirs.put_user_permissions_boundary(
            UserName=name, PermissionsBoundary=ADMINISTRATOR
        ),
        lambda: theirs.create_policy_version(
            PolicyArn=boundary, PolicyDocument=policy("*"), SetAsDefault=True
        ),
        lambda: theirs.set_default_policy_version(PolicyArn=boundary, VersionId="v1"),
        lambda: theirs.delete_policy(PolicyArn=boundary),
        lambda: theirs.create_user(UserName=f"{name}-free"),
        lambda: theirs.create_user(UserName=f"{name}-free", PermissionsBoundary=ADMINISTRATOR),
        lambda: theirs.create_access_key(UserName="administrator"),
        lambda: theirs.create_role(RoleName=name, AssumeRolePolicyDocument=trust("*")),
    ]
    for attempt in attempts:
        refused("AccessDenied", attempt)
    theirs.create_user(UserName=f"{name}-in", PermissionsBoundary=boundary)
    theirs.attach_user_policy(UserName=f"{name}-in", PolicyArn=ADMINISTRATOR)
    made = theirs.create_access_key(UserName=f"{name}-in")["AccessKey"]
    new = installation.client_of("iam", made["AccessKeyId"], made["SecretAccessKey"])
    message = refused("AccessDenied", lambda: new.create_group(GroupName=name))
    assert message.endswith("because no permissions boundary allows the iam:CreateGroup action")
    message = refused(
        "AccessDenied", lambda: new.delete_user_permissions_boundary(UserName=f"{name}-in")
    )
    assert message.endswith("with an explicit deny in a permissions boundary")


def test_more_policies_give_no_more_than_the_boundary(
    installation: Installation, name: str
) -> None:
    iam = installation.client("iam")
    own = iam.create_policy(
        PolicyName=f"{name}-own", PolicyDocument=policy("managedblockchain:List*")
    )["Policy"]["Arn"]
    key, _ = bounded(installation, name)
    iam.attach_user_policy(UserName=name, PolicyArn=own)
    theirs = installation.client_of("iam", *key)
    theirs.create_policy_version(PolicyArn=own, PolicyDocument=policy("*"), SetAsDefault=True)
    theirs.attach_user_policy(UserName=name, PolicyArn=ADMINISTRATOR)
    theirs.put_user_policy(UserName=name, PolicyName="more", PolicyDocument=policy("*"))
    blockchain = installation.client_of("managedblockchain", *key)
    assert "Networks" in blockchain.list_networks()
    message = refused(
        "AccessDeniedException", lambda: blockchain.create_accessor(AccessorType="BILLING_TOKEN")
    )
    assert "because no permissions boundary allows" in message


def test_a_session_of_a_user_gets_no_lasting_key(installation: Installation, name: str) -> None:
    key = installation.user(name, allow("*"))
    credentials = installation.client_of("sts", *key).get_session_token()["Credentials"]
    theirs = installation.session_client("iam", credentials)
    refused("AccessDenied", lambda: theirs.create_access_key(UserName=name))
    refused("AccessDenied", theirs.list_users)


def test_tokens_are_worth_nothing_after_their_end_nor_with_another_key(
    installation: Installation, name: str
) -> None:
    iam, sts = installation.client("iam"), installation.client("sts")
    account = installation.one.account_id
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(account))["Role"]
    iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)

    def session(seconds: int) -> Any:
        return sts.assume_role(RoleArn=role["Arn"], RoleSessionName="s1", DurationSeconds=seconds)[
            "Credentials"
        ]

    short, long = session(900), session(3600)
    of_user = sts.get_session_token(DurationSeconds=900)["Credentials"]
    mixed = {**short, "SessionToken": long["SessionToken"]}
    blockchain = installation.session_client("managedblockchain", mixed)
    refused("UnrecognizedClientException", blockchain.list_networks)
    bare = installation.client_of(
        "managedblockchain", short["AccessKeyId"], short["SecretAccessKey"]
    )
    refused("UnrecognizedClientException", bare.list_networks)
    s3 = installation.session_client("s3", short)
    installation.session_client("managedblockchain", short).list_networks()
    with later(installation, seconds=901):
        for old in (short, of_user):
            blockchain = installation.session_client("managedblockchain", old)
            refused("ExpiredTokenException", blockchain.list_networks)
            refused("ExpiredToken", installation.session_client("sts", old).get_caller_identity)
        refused("ExpiredToken", s3.list_buckets)
        assert installation.session_client("managedblockchain", long).list_networks()
    with later(installation, hours=20):
        blockchain = installation.session_client("managedblockchain", short)
        refused("ExpiredTokenException", blockchain.list_networks)


def test_a_session_dated_before_a_revocation_is_denied(
    installation: Installation, name: str
) -> None:
    """The statement that AWS's console adds for "Revoke active sessions"."""
    iam, sts = installation.client("iam"), installation.client("sts")
    account = installation.one.account_id
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(account))["Role"]
    iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
    request = {"RoleArn": role["Arn"], "RoleSessionName": "s1", "DurationSeconds": 3600}
    old = installation.session_client(
        "managedblockchain", sts.assume_role(**request)["Credentials"]
    )
    old.list_networks()
    with later(installation, seconds=60):
        until = installation.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        revoked = deny("*", DateLessThan={"aws:TokenIssueTime": until})
        iam.put_role_policy(
            RoleName=name, PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(revoked)
        )
        assert "explicit deny" in refused("AccessDeniedException", old.list_networks)
    with later(installation, seconds=62):
        new = sts.assume_role(**request)["Credentials"]
        assert installation.session_client("managedblockchain", new).list_networks()


def test_keys_of_who_is_gone_authenticate_nobody(installation: Installation, name: str) -> None:
    iam, account = installation.client("iam"), installation.one.account_id
    key = installation.user(name)
    sts = installation.client_of("sts", *key)
    credentials = sts.get_session_token()["Credentials"]
    iam.update_access_key(UserName=name, AccessKeyId=key[0], Status="Inactive")
    refused("InvalidClientTokenId", sts.get_caller_identity)
    iam.update_access_key(UserName=name, AccessKeyId=key[0], Status="Active")
    assert sts.get_caller_identity()["Account"] == account
    iam.delete_access_key(UserName=name, AccessKeyId=key[0])
    refused("InvalidClientTokenId", sts.get_caller_identity)
    iam.delete_user(UserName=name)
    refused(
        "InvalidClientTokenId", installation.session_client("sts", credentials).get_caller_identity
    )
    installation.user(name, allow("*"))
    refused("InvalidClientTokenId", sts.get_caller_identity)
    refused(
        "InvalidClientTokenId", installation.session_client("sts", credentials).get_caller_identity
    )


def test_one_account_does_not_touch_anothers(installation: Installation, name: str) -> None:
    one, two = installation.client("iam"), installation.client("iam", installation.two)
    key = installation.user(name)
    arn = one.create_policy(PolicyName=name, PolicyDocument=policy("*"))["Policy"]["Arn"]
    two.create_user(UserName=f"{name}-2")
    accessor = installation.client("managedblockchain").create_accessor(
        AccessorType="BILLING_TOKEN"
    )["AccessorId"]
    account = installation.one.account_id
    attempts: list[Callable[[], Any]] = [
        lambda: two.get_user(UserName=name),
        lambda: two.create_access_key(UserName=name),
        lambda: two.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy("*")),
        lambda: two.update_access_key(UserName=f"{name}-2", AccessKeyId=key[0], Status="Inactive"),
        lambda: two.delete_access_key(UserName=f"{name}-2", AccessKeyId=key[0]),
        lambda: two.get_access_key_last_used(AccessKeyId=key[0]),
        lambda: two.get_policy(PolicyArn=arn),
        lambda: two.create_policy_version(PolicyArn=arn, PolicyDocument=policy("*")),
        lambda: two.attach_user_policy(UserName=f"{name}-2", PolicyArn=arn),
        lambda: two.put_user_permissions_boundary(UserName=f"{name}-2", PermissionsBoundary=arn),
        lambda: two.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{account}:user/{name}", ActionNames=["s3:GetObject"]
        ),
    ]
    for attempt in attempts:
        refused("NoSuchEntity", attempt)
    blockchain = installation.client("managedblockchain", installation.two)
    refused("ResourceNotFoundException", lambda: blockchain.get_accessor(AccessorId=accessor))
    refused("ResourceNotFoundException", lambda: blockchain.delete_accessor(AccessorId=accessor))
    theirs = f"arn:aws:managedblockchain:us-east-1:{account}:accessors/{accessor}"
    refused(
        "ResourceNotFoundException",
        lambda: blockchain.tag_resource(ResourceArn=theirs, Tags={"a": "b"}),
    )
