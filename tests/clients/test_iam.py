"""IAM and STS through the AWS CLI and boto3, and what their policies do to other calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.clients.conftest import Shell
from tests.clients.identities import Installation, policy, refused, trust

pytestmark = pytest.mark.clients

READ_ONLY = "arn:aws:iam::aws:policy/AmazonManagedBlockchainReadOnlyAccess"
FULL = "arn:aws:iam::aws:policy/AmazonManagedBlockchainFullAccess"


def test_the_cli_makes_a_user_with_a_key_and_a_policy(cli: Shell, name: str) -> None:
    user = cli.json(f"aws iam create-user --user-name {name} --path /eng/ --tags Key=a,Value=b")
    assert user["User"]["Arn"].endswith(f":user/eng/{name}")
    key = cli.json(f"aws iam create-access-key --user-name {name}")["AccessKey"]
    theirs = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    who = cli.succeed("aws sts get-caller-identity --query Arn --output text", **theirs)
    assert who == user["User"]["Arn"]
    denied = cli.run("aws managedblockchain list-networks", **theirs)
    assert denied.returncode != 0
    assert (
        f"(AccessDeniedException) when calling the ListNetworks operation: User: {who} is not "
        "authorized to perform: managedblockchain:ListNetworks on resource: * because no "
        "identity-based policy allows the managedblockchain:ListNetworks action"
    ) in denied.stderr
    cli.succeed(f"aws iam attach-user-policy --user-name {name} --policy-arn {READ_ONLY}")
    listed = cli.json(f"aws iam list-attached-user-policies --user-name {name}")
    assert [each["PolicyArn"] for each in listed["AttachedPolicies"]] == [READ_ONLY]
    cli.succeed("aws managedblockchain list-networks", **theirs)
    document = policy("managedblockchain:*")
    cli.succeed(
        f"aws iam put-user-policy --user-name {name} --policy-name p --policy-document '{document}'"
    )
    shown = cli.json(f"aws iam get-user-policy --user-name {name} --policy-name p")
    assert shown["PolicyDocument"] == json.loads(document)
    used = cli.json(f"aws iam get-access-key-last-used --access-key-id {key['AccessKeyId']}")
    assert used["AccessKeyLastUsed"]["ServiceName"] == "managedblockchain"


def test_the_cli_assumes_a_role(cli: Shell, installation: Installation, name: str) -> None:
    account = installation.one.account_id
    role = cli.json(
        f"aws iam create-role --role-name {name} --assume-role-policy-document '{trust(account)}'"
    )["Role"]
    cli.succeed(f"aws iam attach-role-policy --role-name {name} --policy-arn {FULL}")
    made = cli.json(f"aws sts assume-role --role-arn {role['Arn']} --role-session-name trading")
    credentials = made["Credentials"]
    session = {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }
    who = cli.succeed("aws sts get-caller-identity --query Arn --output text", **session)
    assert who == f"arn:aws:sts::{account}:assumed-role/{name}/trading"
    cli.succeed("aws managedblockchain list-networks", **session)
    assert "(AccessDenied)" in cli.run("aws iam list-users", **session).stderr
    without = {**session, "AWS_SESSION_TOKEN": ""}
    assert "InvalidClientTokenId" in cli.run("aws sts get-caller-identity", **without).stderr


def test_a_key_is_rotated_and_the_old_one_deactivated(
    installation: Installation, name: str
) -> None:
    iam = installation.client("iam")
    iam.create_user(UserName=name)
    old, new = (iam.create_access_key(UserName=name)["AccessKey"] for _ in range(2))
    message = refused("LimitExceeded", lambda: iam.create_access_key(UserName=name))
    assert "AccessKeysPerUser: 2" in message
    for key in (old, new):
        sts = installation.client_of("sts", key["AccessKeyId"], key["SecretAccessKey"])
        assert sts.get_caller_identity()["Arn"].endswith(name)
    iam.update_access_key(UserName=name, AccessKeyId=old["AccessKeyId"], Status="Inactive")
    sts = installation.client_of("sts", old["AccessKeyId"], old["SecretAccessKey"])
    refused("InvalidClientTokenId", sts.get_caller_identity)
    blockchain = installation.client_of(
        "managedblockchain", old["AccessKeyId"], old["SecretAccessKey"]
    )
    refused("UnrecognizedClientException", blockchain.list_networks)
    iam.delete_access_key(UserName=name, AccessKeyId=old["AccessKeyId"])
    keys = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in keys] == [new["AccessKeyId"]]


def test_another_account_assumes_with_the_external_id_until_the_session_ends(
    installation: Installation, name: str
) -> None:
    text = trust(installation.two.account_id, StringEquals={"sts:ExternalId": "seven"})
    iam, sts = installation.client("iam"), installation.client("sts", installation.two)
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=text)["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(text)
    iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
    request = {"RoleArn": role["Arn"], "RoleSessionName": "trading", "DurationSeconds": 900}
    message = refused("AccessDenied", lambda: sts.assume_role(**request))
    assert "is not authorized to perform: sts:AssumeRole on resource" in message
    answer = sts.assume_role(**request, ExternalId="seven")
    blockchain = installation.session_client("managedblockchain", answer["Credentials"])
    assert "Networks" in blockchain.list_networks()
    installation.clock.ahead = timedelta(seconds=901)
    try:
        refused("ExpiredTokenException", blockchain.list_networks)
        late = installation.session_client("sts", answer["Credentials"])
        refused("ExpiredToken", late.get_caller_identity)
    finally:
        installation.clock.ahead = timedelta()


def test_nobody_gives_himself_permissions(installation: Installation, name: str) -> None:
    iam = installation.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy("iam:Get*"))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    theirs = installation.client_of("iam", key["AccessKeyId"], key["SecretAccessKey"])
    assert theirs.get_user()["User"]["UserName"] == name
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    attempts: list[Callable[[], Any]] = [
        lambda: theirs.attach_user_policy(UserName=name, PolicyArn=administrator),
        lambda: theirs.put_user_policy(UserName=name, PolicyName="q", PolicyDocument=policy("*")),
        lambda: theirs.create_access_key(UserName="administrator"),
        lambda: theirs.update_assume_role_policy(RoleName="r", PolicyDocument=trust("*")),
    ]
    for attempt in attempts:
        assert "because no identity-based policy allows" in refused("AccessDenied", attempt)


def test_policies_hold_for_the_surroundings_too(installation: Installation, name: str) -> None:
    iam = installation.client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    secret = (key["AccessKeyId"], key["SecretAccessKey"])
    bucket = name
    installation.client("s3").create_bucket(Bucket=bucket)
    installation.client("s3").put_object(Bucket=bucket, Key="a/b", Body=b"1")
    theirs = installation.client_of("s3", *secret)
    refused("AccessDenied", lambda: theirs.get_object(Bucket=bucket, Key="a/b"))
    arn = f"arn:aws:s3:::{bucket}/a/*"
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy("s3:*", arn))
    assert theirs.get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"1"
    theirs.put_object(Bucket=bucket, Key="a/c", Body=b"23")
    assert theirs.get_object(Bucket=bucket, Key="a/c")["Body"].read() == b"23"
    refused("AccessDenied", lambda: theirs.put_object(Bucket=bucket, Key="x", Body=b"1"))
    copy = {"Bucket": bucket, "Key": "secret"}
    refused(
        "AccessDenied",
        lambda: theirs.copy_object(Bucket=bucket, Key="a/d", CopySource=copy),
    )
    ec2, ssm = installation.client_of("ec2", *secret), installation.client_of("ssm", *secret)
    refused("UnauthorizedOperation", ec2.describe_vpcs)
    refused("AccessDeniedException", lambda: ssm.get_parameter(Name="/mine/x"))
    parameters = f"arn:aws:ssm:us-east-1:{installation.one.account_id}:parameter/mine/*"
    iam.put_user_policy(UserName=name, PolicyName="q", PolicyDocument=policy("ssm:*", parameters))
    ssm.put_parameter(Name="/mine/x", Value="1", Type="String")
    assert ssm.get_parameter(Name="/mine/x")["Parameter"]["Value"] == "1"


def test_faults_come_in_iams_own_form(installation: Installation, name: str) -> None:
    iam = installation.client("iam")
    refused("NoSuchEntity", lambda: iam.get_user(UserName=name))
    iam.create_user(UserName=name)
    refused("EntityAlreadyExists", lambda: iam.create_user(UserName=name))
    refused(
        "MalformedPolicyDocument",
        lambda: iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument="{}"),
    )
    message = refused(
        "ValidationError",
        lambda: iam.create_role(
            RoleName="a b", AssumeRolePolicyDocument=trust("*"), MaxSessionDuration=5
        ),
    )
    assert message.startswith("2 validation errors detected:")
    for member in ("'roleName'", "'maxSessionDuration'"):
        assert member in message
    message = refused(
        "UnsupportedOperation", lambda: iam.create_virtual_mfa_device(VirtualMFADeviceName="m")
    )
    assert "CreateVirtualMFADevice is not supported" in message


def test_boto3_pages_and_simulates(installation: Installation, name: str) -> None:
    iam = installation.client("iam")
    for number in range(3):
        iam.create_group(GroupName=f"{name}-{number}")
    pages = iam.get_paginator("list_groups").paginate(PaginationConfig={"PageSize": 2})
    names = [group["GroupName"] for page in pages for group in page["Groups"]]
    assert [f"{name}-{number}" for number in range(3)] == [n for n in names if name in n]
    iam.create_user(UserName=name)
    answer = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{installation.one.account_id}:user/{name}",
        ActionNames=["managedblockchain:GetNetwork"],
    )
    assert answer["EvaluationResults"][0]["EvalDecision"] == "implicitDeny"
