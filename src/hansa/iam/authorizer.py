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


class PolicyDeniedError(AccessDeniedError):
    """The caller's policies do not allow what was ``asked``; the ``decision`` says why."""

    def __init__(self, asked: AccessRequest, decision: Decision) -> None:
        super().__init__(
            denial(asked.principal_arn, asked.action, asked.resource, decision),
            ruling(asked.action, asked.resource, decision),
        )
        self.asked = asked
        self.decision = decision


def _nothing_more(_caller: Caller) -> Context:
    return {}


def _nothing_known(_arn: str, _account_id: str) -> Mapping[str, str]:
    return {}


class PolicyAuthorizer:
    """Allows what the caller's policies allow; the root of an account, everything.

    ``principal_context`` gives what only the principal's record knows (``aws:userid``,
    ``aws:PrincipalTag/KEY``, a session's role as ``aws:PrincipalArn``), ``resource_tags`` the tags
    of the resource with an ARN, as far as an account sees them, ``resource_context`` what else is
    known of it.
    """

    def __init__(
        self,
        policies: Policies,
        now: Callable[[], datetime],
        *,
        principal_context: Callable[[Caller], Context] = _nothing_more,
        resource_tags: Callable[[str, str], Mapping[str, str]] = _nothing_known,
        resource_context: Callable[[str, str], Context] = _nothing_known,
    ) -> None:
        self._policies = policies
        self._now = now
        self._principal_context = principal_context
        self._resource_tags = resource_tags
        self._resource_context = resource_context

    def authorize(
        self, caller: Caller, action: str, resource_arns: Sequence[str], context: Context
    ) -> None:
        """Return if the caller may do ``action`` on all of the resources.

        Raises :class:`PolicyDeniedError` for the first that it may not.
        """
        for asked, decision in self.decisions(caller, action, resource_arns, context):
            if not decision.allowed:
                raise PolicyDeniedError(asked, decision)

    def decisions(
        self, caller: Caller, action: str, resource_arns: Sequence[str], context: Context
    ) -> list[tuple[AccessRequest, Decision]]:
        """The decision on each resource, for whoever explains rather than refuses."""
        common = {
            **caller_context(caller, self._now()),
            **context,
            # Last: it knows the path of a session's role, which the ARN of the session lacks.
            **self._principal_context(caller),
        }
        asked = [self._request(caller, action, arn, common) for arn in resource_arns]
        if is_root(caller.principal_arn):
            allowed = Decision(True, "because the root of an account may do everything in it")
            return [(one, allowed) for one in asked]
        policies = self._policies.policies_of(caller)
        return [(one, evaluate(one, policies)) for one in asked]

    def _request(self, caller: Caller, action: str, arn: str, context: Context) -> AccessRequest:
        known = {**self._resource_context(arn, caller.account_id), **context}
        keys = {key: _values(value) for key, value in known.items()}
        for key, value in self._resource_tags(arn, caller.account_id).items():
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
