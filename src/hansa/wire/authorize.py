"""Where a caller's permission is decided, and what the decision is about.

Actions and resource types: AWS's service authorization reference for Amazon Managed Blockchain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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


def hansafabric_arns(operation: str, caller: Caller, request: Mapping[str, Any]) -> Sequence[str]:
    """The ARNs of what a request to ``hansafabric`` names: a channel, an operation, a network.

    A call of chaincode is one on the chaincode in its channel. A node that is made to do something
    is named too. Requests about identities and tags name alone what they are about.
    """
    region = caller.region
    if "ResourceArn" in request:
        return (request["ResourceArn"],)
    if operation == "GetPackage":
        return (names.package_arn(region, caller.account_id, request["PackageId"]),)
    if operation in _OF_IDENTITIES:
        name = request.get("Name", "*")
        return (names.identity_arn(region, caller.account_id, request["MemberId"], name),)
    arns = []
    if "OperationId" in request:
        arns.append(names.operation_arn(region, caller.account_id, request["OperationId"]))
    channel = request.get("ChannelName") or (
        request.get("Name") if operation == "CreateChannel" else None
    )
    if "ChaincodeName" in request:
        labels = (request["NetworkId"], request["ChannelName"], request["ChaincodeName"])
        arns.append(names.chaincode_arn(region, *labels))
    elif channel is not None:
        arns.append(names.channel_arn(region, request["NetworkId"], channel))
    elif "NetworkId" in request:
        arns.append(names.network_arn(region, request["NetworkId"]))
    if "NodeId" in request:
        arns.append(names.node_arn(region, caller.account_id, request["NodeId"]))
    return arns or ANY_RESOURCE


_OF_IDENTITIES = frozenset(
    {"RegisterIdentity", "EnrollIdentity", "ListIdentities", "RevokeIdentity"}
)


@dataclass(frozen=True)
class Permission:
    """An action, all that it acts on, and the condition keys that are known of it."""

    action: str
    resource_arns: Sequence[str]
    context: Mapping[str, str | Sequence[str]]


def permissions(
    action: str,
    resource_arns: Sequence[str],
    caller: Caller,
    request: Mapping[str, Any],
    now: datetime,
) -> list[Permission]:
    """All that the caller of ``action`` has to be allowed; nothing where there are no ARNs.

    Tags that a resource is created with have to be allowed as if they were given to it afterwards.
    """
    if not resource_arns:
        return []
    known = caller_context(caller, now)
    for member, key in _IAM_KEYS.items():
        if isinstance(request.get(member), str):
            known[key] = request[member]
    tags = _tags_at(request, _CREATED[action][0][0] if action in _CREATED else ("Tags",))
    keys = request.get("TagKeys") if tags is None else tags
    context = {**known, **_tag_context(tags, keys)}
    found = [Permission(action, resource_arns, context)]
    if tags and action in _IAM_TAGGING:
        found.append(Permission(_IAM_TAGGING[action], resource_arns, context))
    for path, kind in _CREATED.get(action, ()):
        created = _tags_at(request, path)
        if created:
            context = {**known, **_tag_context(created, created)}
            service = action.partition(":")[0]
            arns = [_every(service, caller, kind)]
            found.append(Permission(f"{service}:TagResource", arns, context))
    return found


def _tags_at(request: Mapping[str, Any], path: Sequence[str]) -> dict[str, str] | None:
    found: Any = request
    for member in path:
        found = (found or {}).get(member)
    if isinstance(found, list):
        return {tag["Key"]: tag["Value"] for tag in found}
    return found if found is None else dict(found)


def _tag_context(
    tags: Mapping[str, str] | None, keys: Iterable[str] | None
) -> dict[str, str | Sequence[str]]:
    context: dict[str, str | Sequence[str]] = {} if keys is None else {"aws:TagKeys": list(keys)}
    return {**context, **{f"aws:RequestTag/{key}": value for key, value in (tags or {}).items()}}


def _every(service: str, caller: Caller, kind: str) -> str:
    """The ARN of all resources of a kind: one that is yet to be created has no ARN of its own."""
    account_id = "" if kind in ("networks", "proposals", "channels") else caller.account_id
    return f"arn:aws:{service}:{caller.region}:{account_id}:{kind}/*"


# Condition keys of IAM in AWS's service authorization reference; no other service has these.
_IAM_KEYS = {"PolicyArn": "iam:PolicyARN", "PermissionsBoundary": "iam:PermissionsBoundary"}

# Where a request has the tags of what it creates, and of what kind that is. The first are those
# that conditions on the action itself compare. Source: AWS's service authorization reference for
# Amazon Managed Blockchain, "API operations", where each of these needs TagResource too.
_MEMBER_TAGS = (("MemberConfiguration", "Tags"), "members")
_CREATED: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "managedblockchain:CreateNetwork": ((("Tags",), "networks"), _MEMBER_TAGS),
    "managedblockchain:CreateMember": (_MEMBER_TAGS,),
    "managedblockchain:CreateNode": ((("Tags",), "nodes"),),
    "managedblockchain:CreateProposal": ((("Tags",), "proposals"),),
    "managedblockchain:CreateAccessor": ((("Tags",), "accessors"),),
    "hansafabric:CreateChannel": ((("Tags",), "channels"),),
    "hansafabric:PackageChaincode": ((("Tags",), "packages"),),
}
# IAM User Guide, "Tag IAM resources": who creates with tags needs the permission to tag.
_IAM_TAGGING = {
    "iam:CreatePolicy": "iam:TagPolicy",
    "iam:CreateRole": "iam:TagRole",
    "iam:CreateUser": "iam:TagUser",
}

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
