"""Simulations and the real decisions that they foretell; conditions on how a request comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.clients.identities import (
    Installation,
    Key,
    allow,
    deny,
    document,
    policy,
    refused,
    serve,
)

pytestmark = pytest.mark.clients


def _really(call: Callable[[], Any]) -> bool:
    """Whether the service lets it through; what becomes of it then does not matter."""
    try:
        call()
    except ClientError as error:
        return "AccessDenied" not in error.response["Error"]["Code"]
    return True


def test_simulations_decide_as_the_service_does(installation: Installation, name: str) -> None:
    iam, account = installation.client("iam"), installation.one.account_id
    blockchain = installation.client("managedblockchain")
    accessors = {
        colour: blockchain.create_accessor(AccessorType="BILLING_TOKEN", Tags={"team": colour})
        for colour in ("blue", "red")
    }
    statements = (
        allow("managedblockchain:Get*", StringEquals={"aws:ResourceTag/team": "blue"}),
        allow("managedblockchain:List*", IpAddress={"aws:SourceIp": "127.0.0.0/8"}),
        allow("iam:GetUser", f"arn:aws:iam::{account}:user/${{aws:username}}"),
        allow("iam:ListUsers", StringEquals={"aws:PrincipalTag/team": "blue"}),
        allow("iam:ListRoles", Bool={"aws:MultiFactorAuthPresent": "true"}),
        allow("iam:ListGroups"),
        deny("managedblockchain:ListInvitations"),
    )
    key = installation.user(name, *statements)
    iam.tag_user(UserName=name, Tags=[{"Key": "team", "Value": "blue"}])
    within = iam.create_policy(
        PolicyName=f"{name}-b",
        PolicyDocument=document(allow(["managedblockchain:*", "iam:*Users*", "iam:Get*"])),
    )["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=within)
    api, theirs = (
        installation.client_of("managedblockchain", *key),
        installation.client_of("iam", *key),
    )
    arn = "arn:aws:managedblockchain:us-east-1:{}:accessors/{}"
    ids = {colour: made["AccessorId"] for colour, made in accessors.items()}
    users = {who: f"arn:aws:iam::{account}:user/{who}" for who in (name, "administrator")}
    calls: list[tuple[str, str, Callable[[], Any]]] = [
        *(
            (
                "managedblockchain:GetAccessor",
                arn.format(account, one),
                lambda one=one: api.get_accessor(AccessorId=one),  # type: ignore[misc]
            )
            for one in ids.values()
        ),
        *(
            ("iam:GetUser", users[who], lambda who=who: theirs.get_user(UserName=who))  # type: ignore[misc]
            for who in users
        ),
        ("managedblockchain:ListNetworks", "*", api.list_networks),
        ("managedblockchain:ListInvitations", "*", api.list_invitations),
        ("iam:ListUsers", "*", theirs.list_users),
        ("iam:ListRoles", "*", theirs.list_roles),
        ("iam:ListGroups", "*", theirs.list_groups),
    ]
    entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyType": "ip"}
    found = []
    for action, resource, _ in calls:
        (result,) = iam.simulate_principal_policy(
            PolicySourceArn=users[name],
            ActionNames=[action],
            ResourceArns=[resource],
            ContextEntries=[{**entry, "ContextKeyValues": ["127.0.0.1"]}],
        )["EvaluationResults"]
        found.append((action, resource, result["EvalDecision"] == "allowed"))
    assert found == [(action, resource, _really(call)) for action, resource, call in calls]
    assert [allowed for _, _, allowed in found].count(True) == 4


def test_a_simulation_says_what_it_was_not_told(installation: Installation, name: str) -> None:
    iam, account = installation.client("iam"), installation.one.account_id
    statements = (
        allow("managedblockchain:List*", IpAddress={"aws:SourceIp": "127.0.0.0/8"}),
        allow("iam:GetUser", f"arn:aws:iam::{account}:user/${{aws:username}}"),
        allow("iam:ListRoles", Bool={"aws:MultiFactorAuthPresent": "true"}),
        allow("iam:ListGroups"),
    )
    installation.user(name, *statements)
    within = iam.create_policy(PolicyName=f"{name}-b", PolicyDocument=policy("iam:Get*"))
    boundary = within["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary)
    arn = f"arn:aws:iam::{account}:user/{name}"
    (result,) = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["iam:ListGroups"])[
        "EvaluationResults"
    ]
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert result["MissingContextValues"] == ["aws:MultiFactorAuthPresent", "aws:SourceIp"]
    entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyType": "ip"}
    (result,) = iam.simulate_custom_policy(
        PolicyInputList=[document(*statements)],
        PermissionsBoundaryPolicyInputList=[policy("iam:*")],
        ActionNames=["managedblockchain:ListNetworks"],
        ContextEntries=[{**entry, "ContextKeyValues": ["127.0.0.1"]}],
    )["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"
    keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn)
    assert "aws:username" in keys["ContextKeyNames"]
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[document(statements[1])])
    assert keys["ContextKeyNames"] == ["aws:username"]


def test_only_over_tls_and_from_there_counts_what_a_trusted_proxy_says(
    tmp_path_factory: pytest.TempPathFactory, installation: Installation, name: str
) -> None:
    statements = [
        allow("managedblockchain:*", IpAddress={"aws:SourceIp": "203.0.113.0/24"}),
        deny("*", Bool={"aws:SecureTransport": "false"}),
    ]

    def listing(running: Installation, key: Key, **headers: str) -> Callable[[], Any]:
        api = running.client_of("managedblockchain", *key)

        def forwarded(request: Any, **_: Any) -> None:
            for header, value in headers.items():
                request.headers[header.replace("_", "-")] = value

        api.meta.events.register("before-send", forwarded)
        found: Callable[[], Any] = api.list_networks
        return found

    told = {"X_Forwarded_For": "203.0.113.7", "X_Forwarded_Proto": "https"}
    key = installation.user(name, *statements)
    refused("AccessDeniedException", listing(installation, key, **told))
    directory = tmp_path_factory.mktemp("proxied")
    with serve(directory, trusted_proxies="127.0.0.1") as proxied:
        key = proxied.user(name, *statements)
        assert listing(proxied, key, **told)()
        refused("AccessDeniedException", listing(proxied, key))
        plain = {**told, "X_Forwarded_Proto": "http"}
        assert "explicit deny" in refused("AccessDeniedException", listing(proxied, key, **plain))
        elsewhere = {**told, "X_Forwarded_For": "203.0.113.7, 198.51.100.1"}
        refused("AccessDeniedException", listing(proxied, key, **elsewhere))
