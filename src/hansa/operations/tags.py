"""Tags: on creation, and by ARN afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from hansa.awsapi import managedblockchain as api
from hansa.domain.caller import Caller
from hansa.domain.editions import TAGS_MAX
from hansa.domain.errors import InvalidRequestError, ServiceError, TooManyTagsError
from hansa.domain.lifecycle import Status
from hansa.operations.context import OperationContext
from hansa.operations.lookups import not_found
from hansa.store.accessors import get_accessor
from hansa.store.database import Session
from hansa.store.invitations import get_invitation
from hansa.store.networks import get_visible_network
from hansa.store.tables import Member, Node, Proposal
from hansa.store.tags import get_tags, put_tags, remove_tags

_ARN = re.compile(
    r"arn:aws:managedblockchain:(?P<region>[^:]*):(?P<account>[^:]*):"
    r"(?P<kind>networks|members|nodes|accessors|proposals|invitations)/(?P<id>[^/]+)\Z"
)


def check_tags(tags: Mapping[str, str], already: int = 0) -> None:
    """Raise unless ``tags`` may be given to a resource that has ``already`` others.

    Limits: AWS's general rules for tags (50 a resource; ``aws:`` is reserved).
    """
    reserved = sorted(key for key in tags if key.lower().startswith("aws:"))
    if reserved:
        raise InvalidRequestError(
            f"Value at 'tags' is not valid: keys that begin with 'aws:' are reserved: {reserved[0]}"
        )
    if already + len(tags) > TAGS_MAX:
        raise TooManyTagsError(
            f"a resource can have {TAGS_MAX} tags at most; this would be {already + len(tags)}: "
            "remove tags that are no longer needed"
        )


class Tags:
    """ListTagsForResource, TagResource, UntagResource."""

    def __init__(self, context: OperationContext) -> None:
        self._context = context

    def list_tags(
        self, caller: Caller, request: api.ListTagsForResourceInput
    ) -> api.ListTagsForResourceOutput:
        with self._context.store.read() as session:
            resource_id = self._resolve(session, caller, request["ResourceArn"])
            return {"Tags": get_tags(session, resource_id)}

    def tag(self, caller: Caller, request: api.TagResourceInput) -> api.TagResourceOutput:
        with self._context.store.write() as session:
            resource_id = self._resolve(session, caller, request["ResourceArn"])
            kept = set(get_tags(session, resource_id)) - set(request["Tags"])
            check_tags(request["Tags"], len(kept))
            put_tags(session, resource_id, request["Tags"])
        return {}

    def untag(self, caller: Caller, request: api.UntagResourceInput) -> api.UntagResourceOutput:
        with self._context.store.write() as session:
            resource_id = self._resolve(session, caller, request["ResourceArn"])
            remove_tags(session, resource_id, request["TagKeys"])
        return {}

    def _resolve(self, session: Session, caller: Caller, arn: str) -> str:
        """The id behind ``arn``, if the caller may tag it."""
        match = _ARN.match(arn)
        if match is None:
            raise InvalidRequestError(
                "Value at 'resourceArn' is not valid: it is not the ARN of a network, member, "
                "node, proposal, invitation or accessor of managedblockchain"
            )
        missing: ServiceError = not_found("Resource", arn)
        if match["region"] != caller.region:
            raise missing
        find: Callable[[Session, Caller, str], str | None] | None = {
            "networks": _network_id,
            "members": _member_id,
            "nodes": _node_id,
            "accessors": _accessor_id,
            "proposals": _proposal_id,
            "invitations": _invitation_id,
        }.get(match["kind"])
        owner = "" if match["kind"] in ("networks", "proposals") else caller.account_id
        found = find(session, caller, match["id"]) if find and match["account"] == owner else None
        if found is None:
            raise missing
        return found


def _network_id(session: Session, caller: Caller, resource_id: str) -> str | None:
    network = get_visible_network(session, caller.account_id, resource_id)
    return network.id if network and network.status != Status.DELETED else None


def _member_id(session: Session, caller: Caller, resource_id: str) -> str | None:
    member = session.query(Member).filter_by(id=resource_id, account_id=caller.account_id).first()
    return member.id if member and member.status != Status.DELETED else None


def _node_id(session: Session, caller: Caller, resource_id: str) -> str | None:
    node = session.query(Node).filter_by(id=resource_id, account_id=caller.account_id).first()
    return node.id if node and node.status != Status.DELETED else None


def _proposal_id(session: Session, caller: Caller, resource_id: str) -> str | None:
    proposal = session.query(Proposal).filter_by(id=resource_id).first()
    seen = proposal and get_visible_network(session, caller.account_id, proposal.network_id)
    return proposal.id if proposal and seen else None


def _invitation_id(session: Session, caller: Caller, resource_id: str) -> str | None:
    invitation = get_invitation(session, caller.account_id, resource_id)
    return invitation.id if invitation else None


def _accessor_id(session: Session, caller: Caller, resource_id: str) -> str | None:
    accessor = get_accessor(session, caller.account_id, resource_id)
    return accessor.id if accessor else None
