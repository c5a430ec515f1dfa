"""SimulatePrincipalPolicy: what a principal's policies would decide."""

from __future__ import annotations

from typing import Any

from hansa.domain.caller import Caller
from hansa.domain.iam_errors import InvalidInputError, NoSuchEntityError
from hansa.iam.policy import AccessRequest, Policy, PolicySet, evaluate, parse_policy
from hansa.iam.policy_size import PolicyQuota
from hansa.iam.stored_policies import policies_of_principal
from hansa.operations.iam_context import IamContext, Request, check_document, page
from hansa.store.principals import principals

_ABSENT = ("PermissionsBoundaryPolicyInputList", "ResourcePolicy", "PolicyExclusionList")


class Simulation:
    """SimulatePrincipalPolicy."""

    def __init__(self, context: IamContext) -> None:
        self._context = context

    def simulate(self, caller: Caller, request: Request) -> Any:
        """One result for each action on each resource, ``*`` where none is given."""
        given = [name for name in _ABSENT if request.get(name)]
        if given:
            raise InvalidInputError(
                f"{', '.join(given)} is not supported by this version of Hansa; leave it out."
            )
        arn = request["PolicySourceArn"]
        more = [
            Policy(
                f"PolicyInputList.{number}", parse_policy(check_document(text, PolicyQuota.MANAGED))
            )
            for number, text in enumerate(request.get("PolicyInputList") or [], 1)
        ]
        own = self._policies_of(caller, arn)
        asked_of = PolicySet((*own.identity, *more), own.boundary)
        context = {
            entry["ContextKeyName"]: tuple(entry.get("ContextKeyValues", ()))
            for entry in request.get("ContextEntries") or []
            if "ContextKeyName" in entry
        }
        results = [
            _result(AccessRequest(arn, action, resource, context), asked_of)
            for action in request["ActionNames"]
            for resource in request.get("ResourceArns") or ["*"]
        ]
        numbers = range(len(results))
        answer = page(numbers, lambda number: f"{number:09}", request, "EvaluationResults")
        answer["EvaluationResults"] = [results[number] for number in answer["EvaluationResults"]]
        return answer

    def _policies_of(self, caller: Caller, arn: str) -> PolicySet:
        kind = arn.rpartition(":")[2].partition("/")[0]
        with self._context.store.read() as session:
            for principal in principals(session, caller.account_id, kind):
                if principal.arn == arn:
                    return policies_of_principal(session, principal)
        raise NoSuchEntityError(f"There is no user, group or role {arn} in this account.")


def _result(asked: AccessRequest, policies: PolicySet) -> dict[str, Any]:
    decision = evaluate(asked, policies)
    outcome = "allowed" if decision.allowed else "implicitDeny"
    if decision.explicit_deny:
        outcome = "explicitDeny"
    matched = [{"SourcePolicyId": decision.policy}] if decision.policy else []
    return {
        "EvalActionName": asked.action,
        "EvalResourceName": asked.resource,
        "EvalDecision": outcome,
        "MatchedStatements": matched,
        "MissingContextValues": [],
    }
