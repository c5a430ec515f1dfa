"""What policies would decide: SimulatePrincipalPolicy, SimulateCustomPolicy and the keys they need.

A simulation decides as the service does. What it is not told of the request (tags that it gives,
where it comes from) is not there, and is listed as missing where a policy asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hansa.domain.caller import Caller
from hansa.domain.conditions import caller_context
from hansa.domain.iam_errors import InvalidInputError, NoSuchEntityError
from hansa.iam.managed import MANAGED_POLICIES
from hansa.iam.policy import AccessRequest, Decision, Policy, PolicySet, evaluate, parse_policy
from hansa.iam.policy_keys import context_keys
from hansa.iam.policy_size import PolicyQuota
from hansa.iam.stored_policies import StoredPolicies, policies_of_principal, principal_facts
from hansa.operations.iam_context import IamContext, Request, check_document, page
from hansa.store.database import Session
from hansa.store.principals import principals
from hansa.store.tables import Principal
from hansa.store.tags import get_tags

_ABSENT = ("ResourcePolicy", "OrderedOrganizationPolicyInputList", "PolicyExclusionList")
_Facts = dict[str, tuple[str, ...]]


class Simulation:
    """SimulatePrincipalPolicy, SimulateCustomPolicy, GetContextKeysFor…"""

    def __init__(self, context: IamContext, policies: StoredPolicies) -> None:
        self._context = context
        self._policies = policies

    def simulate_principal(self, caller: Caller, request: Request) -> Any:
        """One result for each action on each resource, ``*`` where none is given."""
        given = _inputs(request, "PolicyInputList")
        with self._context.store.read() as session:
            principal = _source(session, caller, request)
            own = policies_of_principal(session, principal)
            facts = self._facts(session, caller, principal)
        bound = _inputs(request, "PermissionsBoundaryPolicyInputList") or own.boundary
        asked_of = PolicySet((*own.identity, *given), bound)
        return self._simulate(caller, request, principal.arn, asked_of, facts)

    def simulate_custom(self, caller: Caller, request: Request) -> Any:
        """As for a principal, by nothing but the policies of the request."""
        bound = _inputs(request, "PermissionsBoundaryPolicyInputList") or None
        asked_of = PolicySet(_inputs(request, "PolicyInputList"), bound)
        arn = request.get("CallerArn", caller.principal_arn)
        return self._simulate(caller, request, arn, asked_of, {})

    def keys_for_custom(self, _caller: Caller, request: Request) -> Any:
        return {"ContextKeyNames": context_keys(_inputs(request, "PolicyInputList"))}

    def keys_for_principal(self, caller: Caller, request: Request) -> Any:
        given = _inputs(request, "PolicyInputList")
        with self._context.store.read() as session:
            own = policies_of_principal(session, _source(session, caller, request))
        return {"ContextKeyNames": context_keys((*own.identity, *(own.boundary or ()), *given))}

    def _facts(self, session: Session, caller: Caller, principal: Principal) -> _Facts:
        """What the service itself knows of the principal and of now."""
        of_principal = Caller(principal.account_id, principal.arn, "", caller.region)
        known = caller_context(of_principal, self._context.now())
        # How a request would come, only its sender knows.
        for name in ("aws:SecureTransport", "aws:RequestedRegion"):
            del known[name]
        own = principal_facts(principal, principal.id, get_tags(session, principal.id))
        return {name: (value,) for name, value in {**known, **own}.items()}

    def _simulate(
        self,
        caller: Caller,
        request: Request,
        principal_arn: str,
        asked_of: PolicySet,
        facts: _Facts,
    ) -> Any:
        given = [name for name in _ABSENT if request.get(name)]
        if given:
            raise InvalidInputError(
                f"{', '.join(given)} is not supported by this version of Hansa; leave it out."
            )
        entries = _entries(request)
        results = [
            _result(
                AccessRequest(
                    principal_arn,
                    action,
                    resource,
                    _joined({**facts, **self._of_resource(caller, resource)}, entries),
                ),
                asked_of,
            )
            for action in request["ActionNames"]
            for resource in request.get("ResourceArns") or ["*"]
        ]
        numbers = range(len(results))
        answer = page(numbers, lambda number: f"{number:09}", request, "EvaluationResults")
        answer["EvaluationResults"] = [results[number] for number in answer["EvaluationResults"]]
        return answer

    def _of_resource(self, caller: Caller, arn: str) -> _Facts:
        tags = self._policies.resource_tags(arn, caller.account_id)
        known = {f"aws:ResourceTag/{name}": value for name, value in tags.items()}
        known |= self._policies.resource_context(arn, caller.account_id)
        return {name: (value,) for name, value in known.items()}


def _source(session: Session, caller: Caller, request: Request) -> Principal:
    arn = request["PolicySourceArn"]
    kind = arn.rpartition(":")[2].partition("/")[0]
    for principal in principals(session, caller.account_id, kind):
        if principal.arn == arn:
            return principal
    raise NoSuchEntityError(f"There is no user, group or role {arn} in this account.")


def _inputs(request: Request, member: str) -> tuple[Policy, ...]:
    return tuple(
        Policy(f"{member}.{number}", parse_policy(check_document(text, PolicyQuota.MANAGED)))
        for number, text in enumerate(request.get(member) or [], 1)
    )


def _entries(request: Request) -> _Facts:
    return {
        entry["ContextKeyName"]: tuple(entry.get("ContextKeyValues") or ())
        for entry in request.get("ContextEntries") or []
        if "ContextKeyName" in entry
    }


def _joined(facts: Mapping[str, tuple[str, ...]], entries: _Facts) -> _Facts:
    """An entry takes the place of what is known under its name, in whatever case."""
    replaced = {name.lower() for name in entries}
    return {**{n: v for n, v in facts.items() if n.lower() not in replaced}, **entries}


def _result(asked: AccessRequest, policies: PolicySet) -> dict[str, Any]:
    decision = evaluate(asked, policies)
    outcome = "allowed" if decision.allowed else "implicitDeny"
    if decision.explicit_deny:
        outcome = "explicitDeny"
    known = {name.lower() for name, values in asked.context.items() if values}
    every = (*policies.identity, *(policies.boundary or ()))
    result: dict[str, Any] = {
        "EvalActionName": asked.action,
        "EvalResourceName": asked.resource,
        "EvalDecision": outcome,
        "MatchedStatements": _matched(decision),
        "MissingContextValues": [key for key in context_keys(every) if key.lower() not in known],
    }
    if policies.boundary is not None:
        within = evaluate(asked, PolicySet(policies.boundary)).allowed
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": within}
    return result


def _matched(decision: Decision) -> Sequence[Mapping[str, str]]:
    if not decision.policy:
        return []
    if decision.policy in MANAGED_POLICIES:
        return [{"SourcePolicyId": decision.policy, "SourcePolicyType": "aws-managed"}]
    if decision.policy.startswith("arn:"):
        return [{"SourcePolicyId": decision.policy, "SourcePolicyType": "user-managed"}]
    return [{"SourcePolicyId": decision.policy}]
