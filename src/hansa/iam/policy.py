"""Deciding whether policies allow a request: a pure function of both.

Rules: IAM User Guide, "Policy evaluation logic". An explicit deny in any policy wins. Else one of
the identity's policies has to allow the request, and so has one of each other kind that there is:
permissions boundary and session policies, which allow nothing by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hansa.iam.policy_conditions import holds
from hansa.iam.policy_document import (
    PolicySyntaxError,
    has_variables,
    parse_policy,
    statements_of,
    strings,
)
from hansa.iam.policy_match import action_matches, resource_matches
from hansa.iam.policy_principals import account_of, names_caller, names_itself
from hansa.iam.policy_text import Lookup

__all__ = [
    "AccessRequest",
    "Decision",
    "Policy",
    "PolicySet",
    "PolicySyntaxError",
    "evaluate",
    "evaluate_assume_role",
    "evaluate_trust",
    "parse_policy",
]


@dataclass(frozen=True)
class Policy:
    """A document that ``parse_policy`` returned. ``name``: its ARN, or the inline policy's name."""

    name: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class AccessRequest:
    """What somebody wants to do.

    ``context`` has the values of condition keys; names are compared without regard to case.
    ``resource`` is an ARN, or ``*`` where the action has no resource.
    """

    principal_arn: str
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class PolicySet:
    """The policies of a principal; ``None`` where there is no boundary or session policy."""

    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None


@dataclass(frozen=True)
class Decision:
    """Whether, and why: ``reason`` ends AWS's sentence "… is not authorized to perform: …".

    ``policy`` and ``statement`` (its Sid, or ``#`` and its number) are those that decided, empty
    if it was the lack of one; ``matched`` is that statement itself. ``by_account``: a trust policy
    named the caller's account only, so the account's own policies have to allow it too.
    """

    allowed: bool
    reason: str
    policy: str = ""
    statement: str = ""
    explicit_deny: bool = False
    by_account: bool = False
    matched: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


_IDENTITY = "identity-based policy"
_BOUNDARY = "permissions boundary"
_SESSION = "session policy"
_TRUST = "role trust policy"


def evaluate(request: AccessRequest, policies: PolicySet) -> Decision:
    """Decide by all policies of the principal. Raises nothing for documents that were parsed."""
    decisions = _by_kind(request, policies)
    for decision in decisions.values():
        if decision.explicit_deny:
            return decision
    for decision in decisions.values():
        if not decision.allowed:
            return decision
    return decisions[_IDENTITY]


def evaluate_trust(
    request: AccessRequest, trust: Policy, caller_principals: tuple[str, ...]
) -> Decision:
    """Decide by a role's trust policy whether the caller may take the role.

    ``caller_principals`` has all the names of the caller: a user's ARN; a session's ARN and its
    role's; a service's host name. ``request.resource`` is the role's ARN.
    """
    return _decide(request, (trust,), _TRUST, caller_principals)


def evaluate_assume_role(
    request: AccessRequest,
    trust: Policy,
    caller_principals: tuple[str, ...],
    policies: PolicySet,
) -> Decision:
    """Decide by the trust policy and the caller's own policies together.

    An explicit deny anywhere wins. The trust policy has to allow it. The caller's own policies have
    to as well, unless it is of the role's account and the trust policy names it and not only its
    account; boundary and session policies then still limit a session that is named by its role.
    Source: IAM User Guide, "Determining whether a request is allowed or denied within an account".
    """
    trusted = evaluate_trust(request, trust, caller_principals)
    own = _by_kind(request, policies)
    for decision in (trusted, *own.values()):
        if decision.explicit_deny:
            return decision
    if not trusted.allowed:
        return trusted
    same_account = account_of(request.resource) == account_of(request.principal_arn)
    if same_account and not trusted.by_account:
        is_session = ":assumed-role/" in request.principal_arn
        own = {kind: own[kind] for kind in own if is_session and kind != _IDENTITY}
    return next((decision for decision in own.values() if not decision.allowed), trusted)


def _by_kind(request: AccessRequest, policies: PolicySet) -> dict[str, Decision]:
    kinds = {
        _IDENTITY: policies.identity,
        _BOUNDARY: policies.boundary,
        _SESSION: policies.session,
    }
    return {
        kind: _decide(request, of_kind, kind)
        for kind, of_kind in kinds.items()
        if of_kind is not None
    }


def _decide(
    request: AccessRequest,
    policies: tuple[Policy, ...],
    kind: str,
    caller: tuple[str, ...] | None = None,
) -> Decision:
    """Decide by policies of one kind; with ``caller``, they are trust policies."""
    lookup = _lookup(request.context)
    allowing: Decision | None = None
    for policy, number, statement in _statements(policies):
        if not _applies(statement, request, lookup, caller, has_variables(policy.document)):
            continue
        name = statement.get("Sid") or f"#{number}"
        if statement["Effect"] == "Deny":
            reason = f"with an explicit deny in {_article(kind)}"
            return Decision(False, reason, policy.name, name, explicit_deny=True, matched=statement)
        by_account = caller is not None and _only_by_account(statement, caller)
        if allowing is None or (allowing.by_account and not by_account):
            reason = f"because {_article(kind)} allows the {request.action} action"
            allowing = Decision(
                True, reason, policy.name, name, by_account=by_account, matched=statement
            )
    return allowing or Decision(False, f"because no {kind} allows the {request.action} action")


def _statements(policies: tuple[Policy, ...]) -> Iterator[tuple[Policy, int, Mapping[str, Any]]]:
    for policy in policies:
        for number, statement in enumerate(statements_of(policy.document), 1):
            yield policy, number, statement


def _applies(
    statement: Mapping[str, Any],
    request: AccessRequest,
    lookup: Lookup,
    caller: tuple[str, ...] | None,
    variables: bool,  # noqa: FBT001 - of the policy's version
) -> bool:
    if "Action" in statement:
        acts = action_matches(strings(statement["Action"]), request.action)
    else:
        acts = not action_matches(strings(statement["NotAction"]), request.action)
    if not acts:
        return False
    if caller is not None:
        concerned = _concerns(statement, caller)
    elif "Resource" in statement:
        patterns = strings(statement["Resource"])
        concerned = resource_matches(patterns, request.resource, lookup if variables else None)
    else:
        patterns = strings(statement["NotResource"])
        among = resource_matches(patterns, request.resource, lookup if variables else None)
        concerned = not among
    return concerned and holds(statement.get("Condition", {}), lookup, variables=variables)


def _concerns(statement: Mapping[str, Any], caller: tuple[str, ...]) -> bool:
    if "Principal" in statement:
        return names_caller(statement["Principal"], caller)
    return not names_caller(statement["NotPrincipal"], caller)


def _only_by_account(statement: Mapping[str, Any], caller: tuple[str, ...]) -> bool:
    return "Principal" in statement and not names_itself(statement["Principal"], caller)


def _lookup(context: Mapping[str, tuple[str, ...]]) -> Lookup:
    folded: dict[str, tuple[str, ...]] = {}
    for key, values in context.items():
        # Two keys that differ in case only, such as two tags, are one key with both values.
        folded[key.lower()] = folded.get(key.lower(), ()) + tuple(values)
    return lambda key: folded.get(key.lower(), ())


def _article(kind: str) -> str:
    if kind == _TRUST:
        return f"the {kind}"
    return f"{'an' if kind == _IDENTITY else 'a'} {kind}"
