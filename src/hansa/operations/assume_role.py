"""AssumeRole: a session of a role, for whom the role trusts."""

from __future__ import annotations

import json
import re
from typing import Any

from hansa.domain.caller import Caller
from hansa.domain.conditions import caller_context
from hansa.domain.errors import AccessDeniedError, Ruling
from hansa.domain.iam_errors import (
    MalformedPolicyDocumentError,
    NoSuchEntityError,
    ValidationError,
)
from hansa.domain.iam_names import assumed_role_arn, root_arn
from hansa.iam.authorizer import ruling
from hansa.iam.policy import (
    AccessRequest,
    Policy,
    PolicySyntaxError,
    evaluate_assume_role,
    parse_policy,
)
from hansa.iam.stored_policies import StoredPolicies, load_document
from hansa.operations.iam_context import IamContext, Request
from hansa.operations.iam_managed import check_policy_exists
from hansa.operations.session_marks import Marks, marks_of, packed_percent
from hansa.operations.temporary_keys import Bearer, issue
from hansa.store.database import Session
from hansa.store.principals import get_key, get_principal
from hansa.store.tables import AccessKey, Principal
from hansa.store.tags import get_tags

_ROLE_ARN = re.compile(r"arn:aws:iam::([0-9]{12}):role(/(?:.*/)?)([^/]+)\Z")
# STS's API reference, AssumeRole.
ROLE_SECONDS = 3600
CHAINED_SECONDS_MAX = 3600
SESSION_POLICY_ARNS_MAX = 10


class RoleSessions:
    """AssumeRole."""

    def __init__(self, context: IamContext, policies: StoredPolicies) -> None:
        self._context = context
        self._policies = policies

    def assume(self, caller: Caller, request: Request) -> Any:
        check_no_factors(request)
        if request.get("ProvidedContexts"):
            raise ValidationError(
                "ProvidedContexts cannot be given to AssumeRole in this version of Hansa; "
                "leave it out."
            )
        with self._context.store.write() as session:
            key = get_key(session, caller.access_key_id)
            marks = marks_of(key, request)
            role = self._assumable(session, caller, key, request, marks)
            seconds = _duration(caller, role, request)
            policies, arns = _session_policies(session, role, request)
            percent = packed_percent(policies, arns, marks)
            name = request["RoleSessionName"]
            arn = assumed_role_arn(role.account_id, role.name, name)
            narrowing = [*policies, *(json.dumps(load_document(session, arn)) for arn in arns)]
            bearer = Bearer(role.account_id, role.id, arn)
            credentials = issue(
                self._context, session, bearer, seconds, narrowing or None, marks
            )  # fmt: skip
            return {
                "Credentials": credentials,
                "AssumedRoleUser": {"AssumedRoleId": f"{role.id}:{name}", "Arn": arn},
                "PackedPolicySize": percent,
                "SourceIdentity": marks.source_identity,
            }

    def _assumable(
        self,
        session: Session,
        caller: Caller,
        key: AccessKey | None,
        request: Request,
        marks: Marks,
    ) -> Principal:
        """The role, if its trust policy and the caller's own policies let the caller assume it.

        A role that does not exist is refused in the same words, so that nobody can guess names.
        """
        arn = request["RoleArn"]
        match = _ROLE_ARN.match(arn)
        if match is None:
            raise ValidationError(f"{arn[:200]} is invalid: give the ARN of a role.")
        if caller.principal_arn == root_arn(caller.account_id):
            raise AccessDeniedError("Roles may not be assumed by root accounts.")
        role = get_principal(session, match[1], "role", match[3])
        if role is None or role.arn != arn or role.trust is None:
            nobody = Ruling("sts:AssumeRole", arn, "because there is no such role")
            raise _refused(caller, "sts:AssumeRole", arn, nobody)
        trust = Policy(role.arn, parse_policy(role.trust, trust=True))
        facts = self._facts(session, caller, role, request, marks)
        for action in marks.actions():
            decision = evaluate_assume_role(
                AccessRequest(caller.principal_arn, action, arn, facts),
                trust,
                caller_names(caller, key.principal_id if key is not None else ""),
                self._policies.policies_of(caller),
            )
            if not decision.allowed:
                raise _refused(caller, action, arn, ruling(action, arn, decision))
        return role

    def _facts(
        self, session: Session, caller: Caller, role: Principal, request: Request, marks: Marks
    ) -> dict[str, tuple[str, ...]]:
        """The condition keys of the request."""
        facts = {
            **caller_context(caller, self._context.now()),
            **self._policies.principal_context(caller),
            "sts:RoleSessionName": request["RoleSessionName"],
        }
        if "ExternalId" in request:
            facts["sts:ExternalId"] = request["ExternalId"]
        for name, value in get_tags(session, role.id).items():
            facts[f"aws:ResourceTag/{name}"] = facts[f"iam:ResourceTag/{name}"] = value
        return {**{name: (value,) for name, value in facts.items()}, **marks.context()}


def check_no_factors(request: Request) -> None:
    """There are no MFA devices, so no code can be right."""
    if "SerialNumber" in request or "TokenCode" in request:
        raise AccessDeniedError(
            "MultiFactorAuthentication failed: this installation has no MFA devices; leave out "
            "SerialNumber and TokenCode."
        )


def _refused(
    caller: Caller, action: str, role_arn: str, why: Ruling | None = None
) -> AccessDeniedError:
    return AccessDeniedError(
        f"User: {caller.principal_arn} is not authorized to perform: {action} on "
        f"resource: {role_arn}",
        why,
    )


def caller_names(caller: Caller, principal_id: str) -> tuple[str, ...]:
    """All that a trust policy, as it is kept, may call the caller: by id, and by its account.

    ``principal_id`` is that of the user, or of the session's role; empty where there is none.
    """
    account = root_arn(caller.account_id)
    if not principal_id:
        return (account,)
    if ":assumed-role/" not in caller.principal_arn:
        return (principal_id, account)
    name = caller.principal_arn.rpartition("/")[2]
    return (principal_id, f"{principal_id}:{name}", account)


def _duration(caller: Caller, role: Principal, request: Request) -> int:
    most = role.session_seconds_max or ROLE_SECONDS
    seconds = int(request.get("DurationSeconds", ROLE_SECONDS))
    if ":assumed-role/" in caller.principal_arn and seconds > CHAINED_SECONDS_MAX:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining"
        )
    if seconds > most:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return seconds


def _session_policies(
    session: Session, role: Principal, request: Request
) -> tuple[list[str], list[str]]:
    """The documents and the ARNs of the policies that narrow the session."""
    documents = [request["Policy"]] if request.get("Policy") else []
    for text in documents:
        try:
            parse_policy(text)
        except PolicySyntaxError as fault:
            raise MalformedPolicyDocumentError(str(fault)) from fault
    arns = [descriptor.get("arn", "") for descriptor in request.get("PolicyArns") or []]
    if len(arns) > SESSION_POLICY_ARNS_MAX:
        raise ValidationError(
            f"A session can have {SESSION_POLICY_ARNS_MAX} managed session policies at most."
        )
    owner = Caller(role.account_id, role.arn, "", "")
    for arn in arns:
        try:
            check_policy_exists(session, owner, arn)
        except NoSuchEntityError as fault:
            raise ValidationError(fault.message) from fault
    return documents, arns
