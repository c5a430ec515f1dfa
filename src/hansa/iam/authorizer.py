"""Authorization by the policies of the calling principal.

Messages: IAM User Guide, "Troubleshoot access denied error messages".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from hansa.domain.caller import Caller
from hansa.domain.conditions import caller_context
from hansa.domain.errors import AccessDeniedError, Ruling
from hansa.iam.policy import AccessRequest, Decision, PolicySet, evaluate

Context = Mapping[str, str | Sequence[str]]


class Policies(Protocol):
    """Where the policies of principals are kept."""

    def policies_of(self, caller: Caller) -> PolicySet:
        """All policies in force for the caller, those of its groups and its session included."""
        ...


def _nothing_more(_of: Caller | str) -> Context:
    return {}


class PolicyAuthorizer:
    """Allows what the caller's policies allow; the root of an account, everything.

    ``principal_context`` gives what only the principal's record knows (``aws:userid``,
    ``aws:PrincipalTag/KEY``, a session's role as ``aws:PrincipalArn``), ``resource_tags`` the tags
    of the resource with an ARN.
    """

    def __init__(
        self,
        policies: Policies,
        now: Callable[[], datetime],
        *,
        principal_context: Callable[[Caller], Context] = _nothing_more,
        resource_tags: Callable[[str], Mapping[str, str]] | None = None,
    ) -> None:
        self._policies = policies
        self._now = now
        self._principal_context = principal_context
        self._resource_tags = resource_tags

    def authorize(
        self, caller: Caller, action: str, resource_arns: Sequence[str], context: Context
    ) -> None:
        """Return if the caller may do ``action`` on all of the resources.

        Raises :class:`~hansa.domain.errors.AccessDeniedError` for the first that it may not.
        """
        for arn, decision in self.decisions(caller, action, resource_arns, context):
            if not decision.allowed:
                message = denial(caller.principal_arn, action, arn, decision)
                raise AccessDeniedError(message, ruling(action, arn, decision))

    def decisions(
        self, caller: Caller, action: str, resource_arns: Sequence[str], context: Context
    ) -> list[tuple[str, Decision]]:
        """The decision on each resource, for whoever explains rather than refuses."""
        if is_root(caller.principal_arn):
            allowed = Decision(True, "because the root of an account may do everything in it")
            return [(arn, allowed) for arn in resource_arns]
        policies = self._policies.policies_of(caller)
        common = {
            **caller_context(caller, self._now()),
            **context,
            # Last: it knows the path of a session's role, which the ARN of the session lacks.
            **self._principal_context(caller),
        }
        return [
            (arn, evaluate(self._request(caller, action, arn, common), policies))
            for arn in resource_arns
        ]

    def _request(self, caller: Caller, action: str, arn: str, context: Context) -> AccessRequest:
        keys = {key: _values(value) for key, value in context.items()}
        if self._resource_tags is not None and arn != "*":
            for key, value in self._resource_tags(arn).items():
                name = f"aws:ResourceTag/{key}"
                keys[name] = (*keys.get(name, ()), value)
        return AccessRequest(caller.principal_arn, action, arn, keys)


def is_root(principal_arn: str) -> bool:
    """Whether an ARN is that of an account's root."""
    return principal_arn.startswith("arn:aws:iam::") and principal_arn.endswith(":root")


def denial(principal_arn: str, action: str, resource: str, decision: Decision) -> str:
    """AWS's sentence on a denied request."""
    return (
        f"User: {principal_arn} is not authorized to perform: {action} "
        f"on resource: {resource} {decision.reason}"
    )


def ruling(action: str, resource: str, decision: Decision) -> Ruling:
    """A denied request's decision, as it goes into the record of calls."""
    return Ruling(
        action,
        resource,
        decision.reason,
        decision.policy,
        decision.statement,
        decision.explicit_deny,
    )


def _values(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
