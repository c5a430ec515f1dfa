"""Where a caller's permission is decided, and what the decision is about.

Actions and resource types: AWS's service authorization reference for Amazon Managed Blockchain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.conditions import caller_context

ResourceArns = Callable[[str, Caller, Mapping[str, Any]], Sequence[str]]
"""The ARNs that an operation, by name, acts on; ``("*",)`` where it has no resource.

None at all where everybody may call it, or where it decides that itself.
"""

ANY_RESOURCE = ("*",)


class Authorizer(Protocol):
    """Decides whether a caller may do something."""

    def authorize(
        self,
        caller: Caller,
        action: str,
        resource_arns: Sequence[str],
        context: Mapping[str, str | Sequence[str]],
    ) -> None:
        """Return if ``caller`` may do ``action`` (``managedblockchain:GetNetwork``) on all ARNs.

        ``context`` has the condition keys of the request (``aws:RequestTag/KEY``, ``aws:TagKeys``,
        ``aws:RequestedRegion``). Raises :class:`~hansa.domain.errors.AccessDeniedError`.
        """
        ...


class AccountAuthorizer:
    """Allows every principal of an account all actions; the operations keep accounts apart."""

    def authorize(
        self,
        caller: Caller,
        action: str,
        resource_arns: Sequence[str],
        context: Mapping[str, str | Sequence[str]],
    ) -> None:
        """Allow it."""


def any_resource(_operation: str, _caller: Caller, _request: Mapping[str, Any]) -> Sequence[str]:
    """``*`` for every operation."""
    return ANY_RESOURCE


def managedblockchain_arns(
    operation: str, caller: Caller, request: Mapping[str, Any]
) -> Sequence[str]:
    """The ARNs of what a request to ``managedblockchain`` names."""
    resource = _RESOURCES.get(operation)
    if resource is None:
        return ANY_RESOURCE
    member, arn = resource
    return (arn(caller, request[member]),) if member in request else ANY_RESOURCE


def condition_context(
    caller: Caller, request: Mapping[str, Any], now: datetime
) -> dict[str, str | list[str]]:
    """The condition keys that a request gives, with those of its caller and the time."""
    context: dict[str, str | list[str]] = {**caller_context(caller, now)}
    tags = request.get("Tags")
    if isinstance(tags, list):
        tags = {tag["Key"]: tag["Value"] for tag in tags}
    keys = tags if tags is not None else request.get("TagKeys")
    if keys is not None:
        context["aws:TagKeys"] = list(keys)
    for key, value in (tags or {}).items():
        context[f"aws:RequestTag/{key}"] = value
    for member, key in _IAM_KEYS.items():
        if isinstance(request.get(member), str):
            context[key] = request[member]
    return context


# Condition keys of IAM in AWS's service authorization reference; no other service has these.
_IAM_KEYS = {"PolicyArn": "iam:PolicyARN", "PermissionsBoundary": "iam:PermissionsBoundary"}

_Arn = Callable[[Caller, str], str]


def _network(caller: Caller, network_id: str) -> str:
    return names.network_arn(caller.region, network_id)


def _proposal(caller: Caller, proposal_id: str) -> str:
    return f"arn:aws:managedblockchain:{caller.region}::proposals/{proposal_id}"


def _of_account(kind: str) -> _Arn:
    def arn(caller: Caller, resource_id: str) -> str:
        return f"arn:aws:managedblockchain:{caller.region}:{caller.account_id}:{kind}/{resource_id}"

    return arn


_member, _node = _of_account("members"), _of_account("nodes")
_invitation, _accessor = _of_account("invitations"), _of_account("accessors")


def named_arns(caller: Caller, *documents: Mapping[str, Any]) -> list[str]:
    """The ARNs of all that inputs and answers of ``managedblockchain`` name by its id."""
    return [
        arn(caller, document[member])
        for document in documents
        for member, arn in _NAMED.items()
        if isinstance(document.get(member), str)
    ]


_NAMED: dict[str, _Arn] = {
    "NetworkId": _network,
    "MemberId": _member,
    "NodeId": _node,
    "ProposalId": _proposal,
    "InvitationId": _invitation,
    "AccessorId": _accessor,
}


def _as_given(_caller: Caller, arn: str) -> str:
    return arn


_RESOURCES: dict[str, tuple[str, _Arn]] = {
    "GetNetwork": ("NetworkId", _network),
    "DeleteNetwork": ("NetworkId", _network),
    "CreateMember": ("NetworkId", _network),
    "ListMembers": ("NetworkId", _network),
    "CreateProposal": ("NetworkId", _network),
    "ListProposals": ("NetworkId", _network),
    "CreateNode": ("NetworkId", _network),
    "ListNodes": ("NetworkId", _network),
    "GetMember": ("MemberId", _member),
    "UpdateMember": ("MemberId", _member),
    "DeleteMember": ("MemberId", _member),
    "GetNode": ("NodeId", _node),
    "UpdateNode": ("NodeId", _node),
    "DeleteNode": ("NodeId", _node),
    "GetProposal": ("ProposalId", _proposal),
    "VoteOnProposal": ("ProposalId", _proposal),
    "ListProposalVotes": ("ProposalId", _proposal),
    "RejectInvitation": ("InvitationId", _invitation),
    "GetAccessor": ("AccessorId", _accessor),
    "DeleteAccessor": ("AccessorId", _accessor),
    "TagResource": ("ResourceArn", _as_given),
    "UntagResource": ("ResourceArn", _as_given),
    "ListTagsForResource": ("ResourceArn", _as_given),
}
