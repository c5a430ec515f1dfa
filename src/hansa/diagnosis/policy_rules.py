"""From decisions of policies to findings. Pure."""

from __future__ import annotations

import json
import re
from shlex import quote

from hansa.diagnosis import remedies
from hansa.diagnosis.facts import BroadStatement, Permission, PolicyFacts, RoleStep
from hansa.diagnosis.findings import Cause, Family, Finding, Grade

_GONE = re.compile(r'"A(?:IDA|ROA)[A-Z0-9]+')
_ADMINISTRATOR = "By an administrator of the account."


def policy_findings(facts: PolicyFacts) -> list[Finding]:
    """What policies allow and deny the caller."""
    found = [permission_finding(each, facts.env) for each in facts.asked]
    if facts.role is not None:
        found.append(role_finding(facts.role, facts.env))
    found += [_broad(each, facts.env) for each in facts.broad]
    found += [
        Finding(Family.POLICY, Cause.NONE, Grade.NOTE, "not everything can be told from here", why)
        for why in facts.unknown
    ]
    return found


def _bad(cause: Cause, what: str, evidence: str, command: str, advice: str = "") -> Finding:
    return Finding(Family.POLICY, cause, Grade.BAD, what, evidence, command, advice)


def permission_finding(each: Permission, env: str) -> Finding:
    """What policies decided on one action and resource."""
    asked = f"{each.action} on {each.resource}"
    decided = ""
    if each.policy:
        where = f"statement {each.statement} of" if each.statement else "a statement of"
        decided = f"{where} {_policy_name(each)}"
    if each.allowed:
        return Finding(
            Family.POLICY, Cause.NONE, Grade.OK, f"{each.principal_arn} may do {asked}",
            f"{decided} allows it" if decided else each.reason,
        )  # fmt: skip
    cause = _cause(each)
    command, advice = _allowing(each, cause, env)
    evidence = f"{decided} denies it" if decided else each.reason
    if each.request_id:
        evidence += f" (request {each.request_id})"
    return _bad(cause, f"{each.principal_arn} may not do {asked}", evidence, command, advice)


def _policy_name(each: Permission) -> str:
    place = each.place
    if place is None or place.arn:
        return each.policy
    return f"the inline policy {place.name} of {place.holder_kind} {place.holder_name}"


def _cause(each: Permission) -> Cause:
    if each.explicit_deny:
        return Cause.DENIED
    if each.kind == "boundary":
        return Cause.BOUNDED
    if each.kind == "session":
        return Cause.SESSION_NARROWED
    return Cause.PASS_ROLE_MISSING if each.action == "iam:PassRole" else Cause.NOT_ALLOWED


def _allowing(each: Permission, cause: Cause, env: str) -> tuple[str, str]:
    """The command that lets it be allowed, and what else to know."""
    by_whom = "" if env else _ADMINISTRATOR
    if each.kind == "session":
        role = each.principal_arn.partition("/")[2].partition("/")[0]
        account = each.principal_arn.split(":")[4]
        arn = f"arn:aws:iam::{account}:role/{role}"
        return remedies.new_session(env, arn), (
            "The session was given a policy that narrows it; this begins one without."
        )
    if cause is Cause.DENIED:
        advice = f"{by_whom} Unless the denial is meant: an explicit deny wins over every allow."
        return remedies.as_administrator(env, _without(each)), advice.strip()
    if cause is Cause.BOUNDED:
        return remedies.as_administrator(env, _within(each)), by_whom
    command = remedies.allow(each.holder_kind, each.holder_name, each.action, each.resource)
    return remedies.as_administrator(env, command), by_whom


def _without(each: Permission) -> str:
    """Take the statement that denies out of its policy."""
    place = each.place
    if place is None:
        return (
            f"aws iam list-{each.holder_kind}-policies --{each.holder_kind}-name "
            f"{quote(each.holder_name)}"
        )
    if place.arn:
        if place.rest:
            return (
                f"aws iam create-policy-version --policy-arn {quote(place.arn)} "
                f"--policy-document {quote(place.rest)} --set-as-default"
            )
        if each.kind == "boundary":
            return _unbounded(each)
        return (
            f"aws iam detach-{place.holder_kind}-policy --{place.holder_kind}-name "
            f"{quote(place.holder_name)} --policy-arn {quote(place.arn)}"
        )
    which = (
        f"--{place.holder_kind}-name {quote(place.holder_name)} --policy-name {quote(place.name)}"
    )
    if place.rest:
        return (
            f"aws iam put-{place.holder_kind}-policy {which} --policy-document {quote(place.rest)}"
        )
    return f"aws iam delete-{place.holder_kind}-policy {which}"


def _within(each: Permission) -> str:
    if each.boundary_with:
        return (
            f"aws iam create-policy-version --policy-arn {quote(each.boundary_arn)} "
            f"--policy-document {quote(each.boundary_with)} --set-as-default"
        )
    return _unbounded(each)


def _unbounded(each: Permission) -> str:
    return (
        f"aws iam delete-{each.holder_kind}-permissions-boundary --{each.holder_kind}-name "
        f"{quote(each.holder_name)}"
    )


def role_finding(role: RoleStep, env: str) -> Finding:
    """Whether a role can be assumed, or why not."""
    said = f"the service says {role.code}: {role.message}" if role.code else role.trust_reason
    if not role.code and role.assumable:
        return Finding(
            Family.POLICY,
            Cause.NONE,
            Grade.OK,
            f"{role.caller_arn} may do sts:AssumeRole on {role.role_arn}",
            role.trust_reason,
        )
    if role.known is None or role.assumable:
        return _bad(
            Cause.ROLE_REFUSED,
            f"the role {role.role_arn} cannot be assumed",
            f"{said}. There is no such role, its trust policy does not name the caller, or the "
            "caller's own policies do not allow sts:AssumeRole",
            "hansa doctor auth --action sts:AssumeRole "
            f"--resource {quote(role.role_arn)} --principal {quote(role.caller_arn or 'ARN')}",
            "On the service's machine, where the store can be read: it tells which of the three.",
        )
    if not role.known:
        command = "aws iam list-roles --query 'Roles[].Arn' --output text"
        if role.closest:
            command = f"aws configure set role_arn {quote(role.closest)}"
            command += f" --profile {quote(role.profile)}" if role.profile else ""
        return _bad(
            Cause.ROLE_UNKNOWN,
            f"there is no role {role.role_arn}",
            f"{role.closest} was meant?" if role.closest else said,
            command if role.closest else remedies.as_administrator(env, command),
            "Or give that ARN to assume_role." if role.closest else "",
        )
    if not role.trusted:
        return _untrusting(role, env)
    return _not_allowed(role, env)


def _untrusting(role: RoleStep, env: str) -> Finding:
    name = role.role_arn.rpartition("/")[2]
    document = trusting(role.trust_document, role.caller_arn)
    why = "a condition of it, such as an external id, may be unmet"
    if gone := _GONE.search(role.trust_document):
        why = (
            f"it names the id {gone[0][1:]}, whose user or role was deleted; one that is made "
            "again under the same name is another"
        )
    command = (
        f"aws iam update-assume-role-policy --role-name {quote(name)} "
        f"--policy-document {quote(document)}"
    )
    return _bad(
        Cause.ROLE_NOT_TRUSTING,
        f"the trust policy of {role.role_arn} does not let {role.caller_arn} assume it",
        f"{role.trust_reason}; {why}",
        remedies.as_administrator(env, command),
        "" if env else _ADMINISTRATOR,
    )


def _not_allowed(role: RoleStep, env: str) -> Finding:
    passing = ""
    if role.may_pass:
        passing = (
            "; it may pass the role on (iam:PassRole), which hands it to a service and does not "
            "let the caller assume it"
        )
    kind, _, name = role.caller_arn.rpartition(":")[2].partition("/")
    holder = "user" if kind == "user" else "role"
    name = name.rpartition("/")[2] if kind == "user" else name.partition("/")[0]
    command = remedies.allow(holder, name, "sts:AssumeRole", role.role_arn)
    return _bad(
        Cause.ASSUME_NOT_ALLOWED,
        f"{role.caller_arn} may not do sts:AssumeRole on {role.role_arn}",
        f"the role trusts it, but {role.allow_reason.removeprefix('because ')}{passing}",
        remedies.as_administrator(env, command),
        "" if env else _ADMINISTRATOR,
    )


def trusting(document: str, principal_arn: str) -> str:
    """A trust policy with a further statement that lets a principal assume the role.

    Statements that name somebody who was deleted are left out: they could not be saved again.
    """
    trust = json.loads(document or '{"Version":"2012-10-17","Statement":[]}')
    statements = (
        trust["Statement"] if isinstance(trust["Statement"], list) else [trust["Statement"]]
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal_arn},
        "Action": "sts:AssumeRole",
    }
    kept = [each for each in statements if not _GONE.search(json.dumps(each.get("Principal", "")))]
    return json.dumps({**trust, "Statement": [*kept, statement]}, separators=(",", ":"))


def _broad(each: BroadStatement, env: str) -> Finding:
    actions = ", ".join(each.actions)
    narrower = "arn:aws:iam::aws:policy/AmazonManagedBlockchainReadOnlyAccess"
    which = f"--{each.holder_kind}-name {quote(each.holder_name)}"
    away = (
        f"detach-{each.holder_kind}-policy {which} --policy-arn {quote(each.policy)}"
        if each.is_managed
        else f"delete-{each.holder_kind}-policy {which} --policy-name {quote(each.policy)}"
    )
    return Finding(
        Family.POLICY,
        Cause.OVER_BROAD,
        Grade.NOTE,
        f"the policy {each.policy} allows more than a client needs: {actions} on every resource",
        f"statement {each.statement}, of {each.holder_kind} {each.holder_name}",
        remedies.as_administrator(
            env,
            f"aws iam attach-{each.holder_kind}-policy {which} --policy-arn {narrower} && "
            f"aws iam {away}",
        ),
        "That leaves reading alone; allow what else is needed by name. An administrator keeps it.",
    )
