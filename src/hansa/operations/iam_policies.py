"""Which policies a principal has: inline ones, and managed ones that are attached."""

from __future__ import annotations

from typing import Any

from hansa.domain.caller import Caller
from hansa.domain.iam_errors import LimitExceededError, NoSuchEntityError
from hansa.iam.policy_size import PolicyQuota
from hansa.operations.iam_context import (
    NAME_MEMBER,
    IamContext,
    Request,
    check_document,
    named,
    page,
)
from hansa.operations.iam_managed import check_policy_exists
from hansa.store.database import Session
from hansa.store.policies import (
    attach,
    attached,
    attached_to,
    detach,
    get_inline,
    inline_policies,
    put_inline,
)
from hansa.store.tables import Principal

INLINE_QUOTAS = {
    "user": PolicyQuota.USER_INLINE,
    "group": PolicyQuota.GROUP_INLINE,
    "role": PolicyQuota.ROLE_INLINE,
}
# "IAM and AWS STS quotas" of the IAM user guide.
ATTACHED_MAX = 10


class InlinePolicies:
    """Put, Get, List and Delete of User, Group and RolePolicy, by kind."""

    def __init__(self, context: IamContext) -> None:
        self._context = context

    def put(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            principal = named(session, caller, kind, request)
            others = _others(session, principal, request["PolicyName"])
            document = check_document(request["PolicyDocument"], INLINE_QUOTAS[kind], others)
            put_inline(session, principal.id, request["PolicyName"], document)
        return {}

    def get(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.store.read() as session:
            principal = named(session, caller, kind, request)
            found = get_inline(session, principal.id, request["PolicyName"])
            if found is None:
                raise _no_inline(kind, request)
            return {
                NAME_MEMBER[kind]: principal.name,
                "PolicyName": found.name,
                "PolicyDocument": found.document,
            }

    def list(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.store.read() as session:
            principal = named(session, caller, kind, request)
            names = [policy.name for policy in inline_policies(session, principal.id)]
        return page(names, str, request, "PolicyNames")

    def delete(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            principal = named(session, caller, kind, request)
            found = get_inline(session, principal.id, request["PolicyName"])
            if found is None:
                raise _no_inline(kind, request)
            session.delete(found)
        return {}


def _others(session: Session, principal: Principal, name: str) -> list[str]:
    return [p.document for p in inline_policies(session, principal.id) if p.name != name]


def _no_inline(kind: str, request: Request) -> NoSuchEntityError:
    return NoSuchEntityError(
        f"The {kind} policy with name {request['PolicyName']} cannot be found."
    )


class Attachments:
    """Attach, Detach and ListAttached of User, Group and RolePolicy, by kind."""

    def __init__(self, context: IamContext) -> None:
        self._context = context

    def attach(self, kind: str, caller: Caller, request: Request) -> Any:
        arn = request["PolicyArn"]
        with self._context.write() as session:
            principal = named(session, caller, kind, request)
            check_policy_exists(session, caller, arn)
            if len({*attached(session, principal.id), arn}) > ATTACHED_MAX:
                raise LimitExceededError(
                    f"Cannot exceed quota for PoliciesPer{kind.capitalize()}: {ATTACHED_MAX}. "
                    "Detach a policy."
                )
            attach(session, principal.id, arn)
        return {}

    def detach(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            principal = named(session, caller, kind, request)
            if not detach(session, principal.id, request["PolicyArn"]):
                raise NoSuchEntityError(
                    f"Policy {request['PolicyArn']} was not found: it is not attached to the "
                    f"{kind} {principal.name}."
                )
        return {}

    def list(self, kind: str, caller: Caller, request: Request) -> Any:
        prefix = request.get("PathPrefix", "/")
        with self._context.store.read() as session:
            arns = attached(session, named(session, caller, kind, request).id)
        shown = [arn for arn in arns if arn.partition(":policy")[2].startswith(prefix)]
        answer = page(shown, str, request, "AttachedPolicies")
        answer["AttachedPolicies"] = [
            {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}
            for arn in answer["AttachedPolicies"]
        ]
        return answer

    def list_entities(self, caller: Caller, request: Request) -> Any:
        """Who in the account has a policy attached."""
        with self._context.store.read() as session:
            check_policy_exists(session, caller, request["PolicyArn"])
            found = attached_to(session, caller.account_id, request["PolicyArn"])
        prefix = request.get("PathPrefix", "/")
        wanted = request.get("EntityFilter")
        shown = [
            principal
            for principal in found
            if principal.path.startswith(prefix) and wanted in (None, principal.kind.capitalize())
        ]
        answer = page(shown, lambda p: f"{p.kind}/{p.folded_name}", request, "All")
        rows: list[Principal] = answer.pop("All")
        for kind, member in NAME_MEMBER.items():
            letters = kind.capitalize()
            answer[f"Policy{letters}s"] = [
                {member: p.name, f"{letters}Id": p.id} for p in rows if p.kind == kind
            ]
        return answer
