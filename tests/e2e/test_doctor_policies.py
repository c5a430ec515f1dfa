"""Every cause of a refusal that lies in roles and policies: provoked, named, and mended."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from tests.e2e.conftest import installation_in, stop
from tests.e2e.doctor import (
    FULL,
    READ_ONLY,
    Environment,
    Key,
    World,
    bad,
    call,
    document,
    statement,
    trust,
)
from tests.e2e.network import create_network

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

LIST = "managedblockchain:ListNetworks"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    installation = installation_in(tmp_path_factory.mktemp("doctor"), names="localhost")
    try:
        installation.up()
        yield World(installation, installation.home)
    finally:
        stop(installation)


@dataclass(frozen=True)
class Case:
    """``provoke`` makes the environment of a shell whose calls are refused for ``cause``."""

    cause: str
    provoke: Callable[[World], Environment]
    told: str = ""


def _nothing(world: World) -> Environment:
    return world.shell(world.user())


def _denied(world: World) -> Environment:
    guard = document({**statement("Deny", LIST), "Sid": "NotThis"}, statement("Allow", "sts:*"))
    return world.shell(world.user(READ_ONLY, guard=guard))


def _denied_alone(world: World) -> Environment:
    return world.shell(world.user(READ_ONLY, guard=document(statement("Deny", LIST))))


def _denied_by_group(world: World) -> Environment:
    """By a customer's managed policy that a group has."""
    user, group = world.user(READ_ONLY), f"g-{secrets.token_hex(4)}"
    text = document(statement("Allow", "sts:*"), {**statement("Deny", LIST), "Sid": "Freeze"})
    made = world.iam.create_policy(PolicyName=f"p-{secrets.token_hex(4)}", PolicyDocument=text)
    world.iam.create_group(GroupName=group)
    world.iam.attach_group_policy(GroupName=group, PolicyArn=made["Policy"]["Arn"])
    world.iam.add_user_to_group(GroupName=group, UserName=user.name)
    return world.shell(user)


def _bounded(world: World) -> Environment:
    text = document(statement("Allow", "sts:*"))
    made = world.iam.create_policy(PolicyName=f"b-{secrets.token_hex(4)}", PolicyDocument=text)
    user = world.user(READ_ONLY)
    world.iam.put_user_permissions_boundary(
        UserName=user.name, PermissionsBoundary=made["Policy"]["Arn"]
    )
    return world.shell(user)


def _narrowed(world: World) -> Environment:
    policy = document(statement("Allow", "managedblockchain:GetNetwork"))
    return world.shell(world.session(world.role(), Policy=policy))


def _role_without(world: World) -> Environment:
    role = world.role("", "arn:aws:iam::aws:policy/AmazonManagedBlockchainConsoleFullAccess")
    world.iam.detach_role_policy(
        RoleName=role,
        PolicyArn="arn:aws:iam::aws:policy/AmazonManagedBlockchainConsoleFullAccess",
    )
    return world.shell(world.session(role))


def _chain(world: World, key: Key, role_arn: str) -> Environment:
    role = {"role_arn": role_arn, "source_profile": "me"}
    return world.with_profiles(world.shell(), "operator", me=key.settings, operator=role)


def _not_trusted(world: World) -> Environment:
    other = world.user()
    return _chain(world, world.user(), world.role_arn(world.role(other.arn)))


def _wrong_role(world: World) -> Environment:
    key = world.user()
    arn = world.role_arn(world.role(key.arn))
    return _chain(world, key, arn[:-1] + ("0" if arn[-1] != "0" else "1"))


def _may_not_assume(world: World) -> Environment:
    return _chain(world, world.user(), world.role_arn(world.role()))


def _may_only_pass(world: World) -> Environment:
    """What the people meant who gave iam:PassRole, so that a role can be assumed."""
    key = world.user(passing=document(statement("Allow", "iam:PassRole")))
    return _chain(world, key, world.role_arn(world.role()))


CASES = {
    "nothing-allows": Case("not-allowed", _nothing, "no identity-based policy allows"),
    "role-without-policy": Case("not-allowed", _role_without, "no identity-based policy allows"),
    "statement-denies": Case("denied-by-statement", _denied, "statement NotThis of the inline"),
    "policy-denies": Case("denied-by-statement", _denied_alone, "inline policy guard of user"),
    "group-denies": Case("denied-by-statement", _denied_by_group, "statement Freeze of arn:aws"),
    "boundary": Case("outside-permissions-boundary", _bounded, "permissions boundary"),
    "session-policy": Case("outside-session-policy", _narrowed, "session policy"),
    "role-does-not-trust": Case("role-not-trusting", _not_trusted, "trust policy"),
    "wrong-role-arn": Case("role-unknown", _wrong_role, "was meant"),
    "may-not-assume": Case("assume-role-not-allowed", _may_not_assume, "sts:AssumeRole"),
    "may-only-pass": Case("assume-role-not-allowed", _may_only_pass, "iam:PassRole"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_policies_refuse_is_named_and_mended(name: str, world: World) -> None:
    case = CASES[name]
    environment = case.provoke(world)
    assert "AccessDenied" in call(environment)

    findings = world.doctor(environment)

    (found,) = bad(findings)
    assert found["cause"] == case.cause, findings
    assert case.told in found["what"] + found["evidence"], found
    mended = world.mend(environment, found["command"])
    assert call(mended) == "", found["command"]


@pytest.mark.parametrize("where", ["store", "api"])
def test_may_i(where: str, world: World) -> None:
    """``--action`` and ``--resource``: decided by the store where it is there, else by the API."""
    arn = "arn:aws:managedblockchain:us-east-1::networks/n-AAAAAAAAAAAAAAAAAAAAAAAAAA"
    text = document(
        {**statement("Allow", "managedblockchain:*", arn), "Sid": "Mine"},
        {**statement("Deny", "managedblockchain:Delete*", arn), "Sid": "Keep"},
        statement("Allow", "iam:SimulatePrincipalPolicy"),
    )
    far = {} if where == "store" else {"HANSA_DATA_DIR": str(world.home / "nowhere")}
    environment = world.shell(world.user(own=text), **far)

    allowed = world.doctor(
        environment, "--action", "managedblockchain:CreateNode", "--resource", arn
    )
    denied = world.doctor(
        environment, "--action", "managedblockchain:DeleteNetwork", "--resource", arn
    )
    elsewhere = world.doctor(environment, "--action", "managedblockchain:CreateNode")

    assert bad(allowed) == []
    (found,) = bad(denied)
    assert found["cause"] == "denied-by-statement"
    assert "own" in found["evidence"]
    assert where == "api" or "statement Keep" in found["evidence"]
    (found,) = bad(elsewhere)
    assert found["cause"] == "not-allowed"


def test_a_role_may_be_passed(world: World) -> None:
    role = world.role_arn(world.role())
    environment = world.shell(world.user(FULL))
    question = ("--action", "iam:PassRole", "--resource", role)
    (found,) = bad(world.doctor(environment, *question))
    assert found["cause"] == "pass-role-missing"
    mended = world.mend(environment, found["command"])
    assert bad(world.doctor(mended, *question)) == []


def test_a_role_may_be_assumed(world: World) -> None:
    """The administrator asks for somebody else; without the store, the service is asked."""
    user = world.user()
    role = world.role_arn(world.role())
    question = ("--action", "sts:AssumeRole", "--resource", role)
    (found,) = bad(world.doctor(world.administrator, *question, "--principal", user.arn))
    assert found["cause"] == "assume-role-not-allowed"
    administrators = found["command"]
    far = world.shell(user, HANSA_DATA_DIR=str(world.home / "nowhere"))
    (found,) = bad(world.doctor(far, *question))
    assert (found["cause"], user.arn in found["command"]) == ("role-refused", True)
    world.mend(world.administrator, administrators)
    assert bad(world.doctor(far, *question)) == []


def test_a_policy_that_is_too_broad_is_flagged(world: World) -> None:
    environment = world.shell(world.user("arn:aws:iam::aws:policy/AdministratorAccess"))
    (found,) = [e for e in world.doctor(environment) if e["cause"] == "over-broad-policy"]
    assert found["grade"] == "note"
    assert "* on every resource" in found["what"]
    mended = world.mend(environment, found["command"])
    assert [e for e in world.doctor(mended) if e["cause"] == "over-broad-policy"] == []
    assert call(mended) == ""


def test_a_long_term_key_is_flagged_and_a_role_is_not(world: World) -> None:
    user = world.user(READ_ONLY)
    role = world.role(user.arn)
    key = [e["cause"] for e in world.doctor(world.shell(user))]
    session = [e["cause"] for e in world.doctor(world.shell(world.session(world.role())))]
    chain = [e["cause"] for e in world.doctor(_chain(world, user, world.role_arn(role)))]
    assert "long-term-key" in key
    assert "long-term-key" not in session + chain


def test_trust_of_another_account_is_told_apart(world: World) -> None:
    """An external id that is not given: the role is there, and its trust has a condition."""
    user = world.user(assume=document(statement("Allow", "sts:AssumeRole")))
    role = world.role(user.arn)
    condition = {"StringEquals": {"sts:ExternalId": "agreed"}}
    text = trust(user.arn).replace(
        '"Action": "sts:AssumeRole"',
        f'"Action": "sts:AssumeRole", "Condition": {document_of(condition)}',
    )
    world.iam.update_assume_role_policy(RoleName=role, PolicyDocument=text)
    (found,) = bad(world.doctor(_chain(world, user, world.role_arn(role))))
    assert found["cause"] == "role-not-trusting"
    assert "external id" in found["evidence"]


def document_of(value: object) -> str:
    return str(value).replace("'", '"')


@pytest.mark.parametrize(
    ("action", "cause"),
    [("managedblockchain:ListNetworks", "not-allowed"), ("managedblockchain:GetNode", "none")],
)
def test_from_another_machine(action: str, cause: str, world: World) -> None:
    """Only the endpoint is there: the refusal's own words tell, and what cannot be asked is."""
    environment = world.shell(world.user(), HANSA_DATA_DIR=str(world.home / "nowhere"))
    findings = world.doctor(environment, "--action", action)
    causes = [each["cause"] for each in bad(findings)]
    assert causes == ([cause] if cause != "none" else [])
    if cause == "none":
        (note,) = [each for each in findings if "not everything" in each["what"]]
        assert "SimulatePrincipalPolicy" in note["evidence"]


def test_an_administrators_key_that_was_deleted(world: World) -> None:
    administrator = world.administrator["AWS_ACCESS_KEY_ID"]
    spare = world.key_of("administrator")
    environment = world.shell(spare)
    world.iam.delete_access_key(UserName="administrator", AccessKeyId=administrator)
    (found,) = bad(world.doctor(environment))
    assert found["cause"] == "administrator-key-stale"
    world.mend(environment, found["command"])
    again = world.installation.exported()
    assert again["AWS_ACCESS_KEY_ID"] == spare.access_key_id
    assert call(again) == ""
    # What the next tests of this module are done with.
    for name in ("administrator", "iam"):
        vars(world).pop(name, None)


def test_endpoints_of_networks(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    """They are tried; one whose process is frozen is named, with its logs to look at."""
    network = create_network(world.installation, tmp_path_factory.mktemp("member"))
    (node_id,) = [network.node_id]
    fine = world.doctor(world.administrator)
    assert bad(fine) == []
    (told,) = [each for each in fine if "endpoints answer with TLS" in each["what"]]
    assert told["what"].startswith("3 ")
    pid = world.installation.processes()[f"{node_id}-peer"] or 0
    os.kill(pid, signal.SIGSTOP)
    try:
        (found,) = bad(world.doctor(world.administrator))
    finally:
        os.kill(pid, signal.SIGCONT)
    assert found["cause"] == "fabric-endpoint-unreachable"
    assert node_id in found["what"]
    network.delete()
