"""Decisions: which policies decide, on what actions and resources, and for whom roles are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hansa.iam.managed import MANAGED_POLICIES
from hansa.iam.policy import (
    AccessRequest,
    Decision,
    Policy,
    PolicySet,
    evaluate,
    evaluate_assume_role,
    evaluate_trust,
    parse_policy,
)
from hansa.iam.policy_match import action_matches, resource_matches

ALICE = "arn:aws:iam::111122223333:user/alice"
ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::111122223333:role/Auditor"
SESSION = "arn:aws:sts::111122223333:assumed-role/Operator/morning"
OPERATOR = "arn:aws:iam::111122223333:role/Operator"
STRANGER = "arn:aws:iam::444455556666:user/mallory"
NODE = "arn:aws:managedblockchain:us-east-1:111122223333:nodes/nd-A"
NETWORK = "arn:aws:managedblockchain:us-east-1::networks/n-A"
GET = "managedblockchain:GetNode"


def _policy(*statements: dict[str, Any], name: str = "inline", trust: bool = False) -> Policy:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return Policy(name, parse_policy(json.dumps(document), trust=trust))


def _own(effect: str, action: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


ALL, NONE, SOME = _policy(_own("Allow")), _policy(_own("Deny")), _policy(_own("Allow", "ec2:*"))


def _decide(policies: PolicySet, action: str = GET, **context: tuple[str, ...]) -> Decision:
    return evaluate(AccessRequest(ALICE, action, NODE, context), policies)


@pytest.mark.parametrize("boundary", [None, (), (ALL,), (SOME,), (NONE,), (SOME, ALL)])
@pytest.mark.parametrize("session", [None, (), (ALL,), (SOME,), (NONE,), (ALL, NONE)])
@pytest.mark.parametrize("identity", [(), (ALL,), (SOME,), (NONE,), (ALL, NONE), (SOME, ALL)])
def test_every_kind_has_to_allow_and_none_may_deny(
    identity: tuple[Policy, ...],
    boundary: tuple[Policy, ...] | None,
    session: tuple[Policy, ...] | None,
) -> None:
    decision = _decide(PolicySet(identity, boundary, session))
    kinds = [kind for kind in (identity, boundary, session) if kind is not None]
    denied = any(NONE in kind for kind in kinds)
    assert decision.explicit_deny is denied
    assert decision.allowed is (not denied and all(ALL in kind for kind in kinds))


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        (PolicySet(()), f"because no identity-based policy allows the {GET} action"),
        (PolicySet((NONE,)), "with an explicit deny in an identity-based policy"),
        (PolicySet((ALL,), ()), f"because no permissions boundary allows the {GET} action"),
        (PolicySet((ALL,), (NONE,)), "with an explicit deny in a permissions boundary"),
        (PolicySet((ALL,), None, ()), f"because no session policy allows the {GET} action"),
        (PolicySet((ALL,), (ALL,), (NONE,)), "with an explicit deny in a session policy"),
        (PolicySet((), (SOME,), (NONE,)), "with an explicit deny in a session policy"),
    ],
)
def test_the_reason_is_in_the_words_of_aws(policies: PolicySet, reason: str) -> None:
    assert _decide(policies).reason == reason


def test_the_deciding_statement_is_named() -> None:
    arn = "arn:aws:iam::111122223333:policy/Mine"
    policy = _policy(_own("Allow"), _own("Deny", GET, Sid="Never"), name=arn)
    decision = _decide(PolicySet((SOME, policy)))
    assert (decision.policy, decision.statement) == (arn, "Never")
    decision = _decide(PolicySet((policy,)), "managedblockchain:ListNodes")
    assert (decision.allowed, decision.policy, decision.statement) == (True, arn, "#1")
    decision = _decide(PolicySet((SOME,)))
    assert (decision.policy, decision.statement) == ("", "")


def test_a_statement_alone_needs_no_list() -> None:
    document = {"Statement": {"Effect": "Allow", "NotAction": "ec2:*", "NotResource": NETWORK}}
    policy = Policy("p", parse_policy(json.dumps(document)))
    assert _decide(PolicySet((policy,))).allowed
    assert not _decide(PolicySet((policy,)), "EC2:RunInstances").allowed


def test_conditions_restrict_a_statement() -> None:
    condition = {"StringEquals": {"aws:ResourceTag/Team": "${aws:PrincipalTag/team}"}}
    policies = PolicySet((_policy(_own("Allow", Condition=condition)),))
    blue: dict[str, tuple[str, ...]] = {"aws:principaltag/TEAM": ("blue",)}
    assert _decide(policies, **blue, **{"aws:resourcetag/team": ("blue",)}).allowed
    assert not _decide(policies, **blue, **{"aws:resourcetag/team": ("red",)}).allowed
    assert not _decide(policies, **blue).allowed
    for one, other in (("blue", "red"), ("red", "blue")):
        two = {"aws:ResourceTag/team": (one,), "aws:ResourceTag/TEAM": (other,)}
        assert not _decide(policies, **blue, **two).allowed


def test_an_older_version_takes_variables_as_text() -> None:
    statement = _own("Allow", Resource="arn:aws:s3:::${aws:username}/*")
    for version, resource in (("2012-10-17", "alice/a"), ("2008-10-17", "${aws:username}/a")):
        document = parse_policy(json.dumps({"Version": version, "Statement": statement}))
        for name in ("alice/a", "${aws:username}/a"):
            request = AccessRequest(
                ALICE, "s3:GetObject", f"arn:aws:s3:::{name}", {"aws:username": ("alice",)}
            )
            decision = evaluate(request, PolicySet((Policy("p", document),)))
            assert decision.allowed is (name == resource)


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        ("*", True),
        ("*:*", True),
        (GET, True),
        (GET.upper(), True),
        ("managedblockchain:Get*", True),
        ("managedblockchain:*n?de", True),
        ("managedblockchain:GetNode?", False),
        ("managedblockchain:Get", False),
        ("ec2:*", False),
    ],
)
def test_actions(pattern: str, matching: bool) -> None:  # noqa: FBT001
    assert action_matches([pattern], GET) is matching
    assert action_matches(["ec2:Run*", pattern], GET) is matching


@pytest.mark.parametrize(
    ("pattern", "resource", "matching"),
    [
        ("*", NODE, True),
        ("*", "*", True),
        (NODE, NODE, True),
        (NODE.lower(), NODE, False),
        ("arn:aws:managedblockchain", NODE, True),
        ("arn:aws:managedblockchain:eu-west-1", NODE, False),
        ("arn:aws:managedblockchain:*:*:nodes/*", NODE, True),
        ("arn:aws:managedblockchain:us-*-1:*:nodes/nd-?", NODE, True),
        ("arn:aws:managedblockchain:us-east-1*nodes/*", NODE, False),
        ("arn:aws:managedblockchain:*:111122223333:*", NETWORK, False),
        ("arn:aws:managedblockchain:*::networks/*", NETWORK, True),
        ("arn:aws:managedblockchain:*:*:networks/*", NETWORK, True),
        ("arn:aws:managedblockchain:*:*:*", "*", False),
        ("arn:aws:managedblockchain:*:${aws:PrincipalAccount}:nodes/*", NODE, True),
        ("arn:aws:managedblockchain:*:*:nodes/${aws:none}", NODE, False),
        ("arn:aws:managedblockchain:*:*:nodes/${aws:none, 'nd-A'}", NODE, True),
        ("arn:aws:managedblockchain:*:*:nodes/${aws:star}", NODE, False),
        ("arn:aws:logs:*:*:log-group:*:x", "arn:aws:logs:r:1:log-group:a:b:x", True),
    ],
)
def test_resources(pattern: str, resource: str, matching: bool) -> None:  # noqa: FBT001
    context = {"aws:PrincipalAccount": ("111122223333",), "aws:star": ("*",)}
    assert resource_matches([pattern], resource, lambda key: context.get(key, ())) is matching


def _trust(effect: str = "Allow", **element: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "sts:AssumeRole", **(element or {"Principal": "*"})}


@pytest.mark.parametrize(
    ("element", "caller", "allowed", "by_account"),
    [
        ({"Principal": "*"}, (STRANGER,), True, False),
        ({"Principal": {"AWS": "*"}}, (STRANGER,), True, False),
        ({"Principal": {"AWS": ALICE}}, (ALICE,), True, False),
        ({"Principal": {"AWS": [STRANGER, ALICE]}}, (ALICE,), True, False),
        ({"Principal": {"AWS": ALICE}}, (STRANGER,), False, False),
        ({"Principal": {"AWS": "111122223333"}}, (ALICE,), True, True),
        ({"Principal": {"AWS": ROOT}}, (ALICE,), True, True),
        ({"Principal": {"AWS": ROOT}}, (ROOT,), True, True),
        ({"Principal": {"AWS": ["111122223333", ALICE]}}, (ALICE,), True, False),
        ({"Principal": {"AWS": "111122223333"}}, (STRANGER,), False, False),
        ({"Principal": {"AWS": OPERATOR}}, (SESSION, OPERATOR), True, False),
        ({"Principal": {"AWS": SESSION}}, (SESSION, OPERATOR), True, False),
        ({"Principal": {"AWS": SESSION.replace("morning", "night")}}, (SESSION,), False, False),
        ({"Principal": {"Service": "ec2.amazonaws.com"}}, ("ec2.amazonaws.com",), True, False),
        ({"Principal": {"Service": "ec2.amazonaws.com"}}, (ALICE,), False, False),
        ({"Principal": {"Federated": ALICE}}, (ALICE,), False, False),
        ({"NotPrincipal": {"AWS": ALICE}}, (ALICE,), False, False),
        ({"NotPrincipal": {"AWS": ALICE}}, (STRANGER,), True, False),
        ({"NotPrincipal": {"AWS": "111122223333"}}, (ALICE,), False, False),
    ],
)
def test_principals(
    element: dict[str, Any],
    caller: tuple[str, ...],
    allowed: bool,  # noqa: FBT001
    by_account: bool,  # noqa: FBT001
) -> None:
    request = AccessRequest(caller[0], "sts:AssumeRole", ROLE, {})
    decision = evaluate_trust(request, _policy(_trust(**element), trust=True), caller)
    assert (decision.allowed, decision.by_account) == (allowed, by_account)
    if not allowed:
        reason = "because no role trust policy allows the sts:AssumeRole action"
        assert decision.reason == reason


def test_being_named_counts_for_more_than_ones_account() -> None:
    account, alice = (_trust(Principal={"AWS": name}) for name in ("111122223333", ALICE))
    request = AccessRequest(ALICE, "sts:AssumeRole", ROLE, {})
    for statements in ((account, alice), (alice, account)):
        assert not evaluate_trust(request, _policy(*statements, trust=True), (ALICE,)).by_account


def test_trust_depends_on_the_external_id() -> None:
    condition = {"StringEquals": {"sts:ExternalId": "unique"}}
    trust = _policy({**_trust(), "Condition": condition}, trust=True)
    for given, allowed in ((("unique",), True), (("other",), False), ((), False)):
        request = AccessRequest(STRANGER, "sts:AssumeRole", ROLE, {"sts:ExternalId": given})
        assert evaluate_trust(request, trust, (STRANGER,)).allowed is allowed


def test_a_trust_policy_may_deny_and_may_be_about_something_else() -> None:
    request = AccessRequest(ALICE, "sts:AssumeRole", ROLE, {})
    both = _policy(_trust(), _trust("Deny", NotPrincipal={"AWS": STRANGER}), trust=True)
    decision = evaluate_trust(request, both, (ALICE,))
    assert (decision.allowed, decision.explicit_deny) == (False, True)
    assert decision.reason == "with an explicit deny in the role trust policy"
    tagging = _policy({**_trust(), "Action": "sts:TagSession"}, trust=True)
    assert not evaluate_trust(request, tagging, (ALICE,)).allowed


@pytest.mark.parametrize(
    ("principal", "caller", "policies", "allowed"),
    [
        (ALICE, (ALICE,), PolicySet(()), True),
        (ALICE, (ALICE,), PolicySet((), (SOME,)), True),
        (ALICE, (ALICE,), PolicySet((NONE,)), False),
        (ALICE, (ALICE,), PolicySet((), (NONE,)), False),
        ("111122223333", (ALICE,), PolicySet(()), False),
        ("111122223333", (ALICE,), PolicySet((ALL,)), True),
        ("111122223333", (ALICE,), PolicySet((ALL,), (SOME,)), False),
        (STRANGER, (STRANGER,), PolicySet(()), False),
        (STRANGER, (STRANGER,), PolicySet((ALL,)), True),
        ("444455556666", (STRANGER,), PolicySet((ALL,)), True),
        (STRANGER, (ALICE,), PolicySet((ALL,)), False),
        (OPERATOR, (SESSION, OPERATOR), PolicySet(()), True),
        (OPERATOR, (SESSION, OPERATOR), PolicySet((), (SOME,)), False),
        (OPERATOR, (SESSION, OPERATOR), PolicySet((), None, (SOME,)), False),
        (OPERATOR, (SESSION, OPERATOR), PolicySet((), None, (ALL,)), True),
    ],
)
def test_assuming_a_role_takes_trust_and_permission(
    principal: str,
    caller: tuple[str, ...],
    policies: PolicySet,
    allowed: bool,  # noqa: FBT001
) -> None:
    trust = _policy(_trust(Principal={"AWS": principal}), trust=True)
    request = AccessRequest(caller[0], "sts:AssumeRole", ROLE, {})
    assert evaluate_assume_role(request, trust, caller, policies).allowed is allowed


@pytest.mark.parametrize(
    ("name", "allowed", "denied"),
    [
        ("AdministratorAccess", ["iam:CreateUser", GET], []),
        ("AmazonManagedBlockchainFullAccess", [GET, "managedblockchain:DeleteNode"], ["iam:Get"]),
        ("AmazonManagedBlockchainReadOnlyAccess", [GET], ["managedblockchain:DeleteNode"]),
        (
            "AmazonManagedBlockchainConsoleFullAccess",
            ["managedblockchain:DeleteNode", "ec2:CreateVpcEndpoint", "kms:ListAliases"],
            ["ec2:RunInstances"],
        ),
    ],
)
def test_managed_policies(name: str, allowed: list[str], denied: list[str]) -> None:
    managed = MANAGED_POLICIES[f"arn:aws:iam::aws:policy/{name}"]
    document = parse_policy(json.dumps(managed.document))
    policies = PolicySet((Policy(managed.arn, document),))
    assert [action for action in allowed if not _decide(policies, action).allowed] == []
    assert [action for action in denied if _decide(policies, action).allowed] == []
