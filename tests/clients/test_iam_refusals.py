"""Refusals that carry their reasons: EC2's encoded messages, opened by STS; roles passed on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.clients.conftest import Shell
from tests.clients.identities import Installation, Key, allow, deny, refused

pytestmark = pytest.mark.clients

ENCODED = re.compile(r"Encoded authorization failure message: (\S+)\Z")


def encoded(message: str) -> str:
    found = ENCODED.search(message)
    assert found is not None, message
    return found[1]


def decoded(installation: Installation, message: str) -> Any:
    sts = installation.client("sts")
    answer = sts.decode_authorization_message(EncodedMessage=encoded(message))
    return json.loads(answer["DecodedMessage"])


def test_what_ec2_refuses_can_be_decoded_by_those_who_may(
    installation: Installation, name: str
) -> None:
    stopping = deny("ec2:StopInstances", StringEquals={"aws:username": name})
    key = installation.user(name, allow("ec2:*"), {**stopping, "Sid": "NoStops"})
    ec2 = installation.client_of("ec2", *key)
    assert "Vpcs" in ec2.describe_vpcs()
    text = refused("UnauthorizedOperation", lambda: ec2.stop_instances(InstanceIds=["i-1"]))
    account = installation.one.account_id
    assert text.startswith(
        "You are not authorized to perform this operation. User: "
        f"arn:aws:iam::{account}:user/{name} is not authorized to perform: ec2:StopInstances on "
        "resource: * with an explicit deny in an identity-based policy. Encoded"
    )
    found = decoded(installation, text)
    assert found["allowed"] is False
    assert found["explicitDeny"] is True
    assert found["failures"] == {"items": []}
    (statement,) = found["matchedStatements"]["items"]
    assert statement["statementId"] == "NoStops"
    assert statement["effect"] == "DENY"
    assert statement["actions"] == {"items": [{"value": "ec2:StopInstances"}]}
    assert statement["resources"] == {"items": [{"value": "*"}]}
    context = found["context"]
    user = installation.client("iam").get_user(UserName=name)["User"]
    assert context["principal"] == {"id": user["UserId"], "name": name, "arn": user["Arn"]}
    assert (context["action"], context["resource"]) == ("ec2:StopInstances", "*")
    keys = {
        item["key"]: item["values"]["items"][0]["value"] for item in context["conditions"]["items"]
    }
    assert keys["aws:username"] == name
    assert keys["aws:SourceIp"] == "127.0.0.1"
    assert keys["aws:SecureTransport"] == "false"
    theirs = installation.client_of("sts", *key)
    message = refused(
        "AccessDenied",
        lambda: theirs.decode_authorization_message(EncodedMessage=encoded(text)),
    )
    assert "sts:DecodeAuthorizationMessage" in message


def test_garbage_and_messages_of_others_are_not_decoded(
    installation: Installation, name: str
) -> None:
    ec2 = installation.client_of("ec2", *installation.user(name))
    text = encoded(refused("UnauthorizedOperation", ec2.describe_vpcs))
    mine, others = installation.client("sts"), installation.client("sts", installation.two)
    wrong = [(others, text)]
    wrong += [(mine, garbage) for garbage in ("x", "a.b", text[:-9], text + "A", text[::-1], "é")]
    wrong += [(mine, f"{text[:40]}{'B' if text[40] == 'A' else 'A'}{text[41:]}")]
    for client, message in wrong:
        why = refused(
            "InvalidAuthorizationMessageException",
            lambda c=client, m=message: c.decode_authorization_message(EncodedMessage=m),  # type: ignore[misc]
        )
        assert "not whole, or not of this account and installation" in why
    too_long = "A" * 10_241
    refused("ValidationError", lambda: mine.decode_authorization_message(EncodedMessage=too_long))


def test_a_message_of_a_long_policy_can_still_be_sent_back(
    installation: Installation, name: str
) -> None:
    values = [f"{number:05x}-{name}" for number in range(150)]
    condition = {"StringNotEquals": {"aws:PrincipalTag/x": values[:100]}}
    key = installation.user(name, {**deny("ec2:*"), "Condition": condition})
    ec2 = installation.client_of("ec2", *key)
    text = refused("UnauthorizedOperation", ec2.describe_vpcs)
    assert len(encoded(text)) <= 10_240
    assert decoded(installation, text)["explicitDeny"] is True


def test_the_cli_decodes(installation: Installation, cli: Shell, name: str) -> None:
    key = installation.user(name)
    theirs = {"AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1]}
    done = cli.run("aws ec2 describe-vpcs", **theirs)
    assert "(UnauthorizedOperation)" in done.stderr
    message = encoded(done.stderr.strip())
    decode = f"aws sts decode-authorization-message --encoded-message '{message}'"
    shown = cli.succeed(f"{decode} --query DecodedMessage --output text")
    assert json.loads(shown)["context"]["action"] == "ec2:DescribeVpcs"


def test_a_role_is_passed_only_by_whom_policies_let_pass_it(
    installation: Installation, name: str
) -> None:
    account = installation.one.account_id
    role = f"arn:aws:iam::{account}:role/app"
    passing = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    keys = {
        "none": installation.user(f"{name}-none", allow("ec2:*")),
        "other": installation.user(
            f"{name}-other",
            allow("ec2:*"),
            allow("iam:PassRole", role, StringEquals={"iam:PassedToService": "ssm.amazonaws.com"}),
        ),
        "right": installation.user(
            f"{name}-right", allow("ec2:*"), allow("iam:PassRole", role, **passing)
        ),
    }

    def run(key: Key, profile: dict[str, str]) -> Callable[[], Any]:
        ec2 = installation.client_of("ec2", *key)
        return lambda: ec2.run_instances(
            ImageId="ami-12c6146b", MinCount=1, MaxCount=1, IamInstanceProfile=profile
        )

    for profile in (
        {"Name": "app"},
        {"Arn": f"arn:aws:iam::{account}:instance-profile/app"},
    ):
        for who in ("none", "other"):
            text = refused("UnauthorizedOperation", run(keys[who], profile))
            assert f"is not authorized to perform: iam:PassRole on resource: {role} " in text
            assert decoded(installation, text)["context"]["action"] == "iam:PassRole"
        # Let through, it meets moto, which knows no instance profile of that name.
        refused("NoSuchEntity", run(keys["right"], profile))
    text = refused("UnauthorizedOperation", run(keys["right"], {"Name": "admin"}))
    assert f"arn:aws:iam::{account}:role/admin" in text
    with_another = installation.user(f"{name}-ssm", allow("ssm:*"))
    ssm = installation.client_of("ssm", *with_another)
    text = refused(
        "AccessDeniedException",
        lambda: ssm.send_command(
            DocumentName="AWS-RunShellScript", InstanceIds=["i-1"], ServiceRoleArn=role
        ),
    )
    assert "iam:PassRole" in text
    assert ssm.send_command(DocumentName="AWS-RunShellScript", InstanceIds=["i-1"])["Command"]


@pytest.mark.parametrize(
    ("operation", "request_of"),
    [
        (
            "assume_role_with_web_identity",
            {"RoleArn": "arn:aws:iam::111122223333:role/r", "RoleSessionName": "s",
             "WebIdentityToken": "token"},
        ),
        (
            "assume_role_with_saml",
            {"RoleArn": "arn:aws:iam::111122223333:role/r", "PrincipalArn": "a" * 20,
             "SAMLAssertion": "YXNzZXJ0aW9u"},
        ),
    ],
)  # fmt: skip
def test_federation_is_refused_by_name(
    installation: Installation, operation: str, request_of: dict[str, str]
) -> None:
    """These calls are not signed, so they are refused before anybody asks who calls."""
    sts = installation.client("sts")
    message = refused("UnsupportedOperation", lambda: getattr(sts, operation)(**request_of))
    assert "is not supported" in message
