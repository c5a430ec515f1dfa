"""Changes of a channel's configuration, by the members who have to agree."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, TypedDict

from hansa.awsapi import hansafabric as api
from hansa.domain.caller import Caller
from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
)
from hansa.fabric.ledgers import Channel, Ledgers, capability_rank
from hansa.operations.channel_requests import (
    ChannelRequests,
    check_node_is_ready,
    check_takes_part,
    find_members,
)
from hansa.operations.context import OperationContext
from hansa.operations.facts import node_facts
from hansa.operations.lookups import find_network, find_own_member, find_own_node, not_found
from hansa.store.database import Session
from hansa.store.operation_tables import Operation


class _Changed(TypedDict):
    """The answer to every change; ``ProposalId`` is None where it needs no proposal."""

    OperationId: str
    ProposalId: str | None


class ChannelChanges:
    """UpdateChannel, AddChannelMember, RemoveChannelMember, SetAnchorPeers."""

    def __init__(self, context: OperationContext, ledgers: Ledgers) -> None:
        self._context = context
        self._ledgers = ledgers
        self._requests = ChannelRequests(context, ledgers)

    def update(self, caller: Caller, request: api.UpdateChannelInput) -> api.UpdateChannelOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        batches, capability = request.get("Batches") or {}, request.get("Capability")
        _check_change(channel, batches, capability)
        asked = {"Batches": dict(batches), "Capability": capability}
        return {**self._change(caller, "UpdateChannel", request, channel, asked)}

    def add_member(
        self, caller: Caller, request: api.AddChannelMemberInput
    ) -> api.AddChannelMemberOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        added = request["AddedMemberId"]
        if added in channel.anchor_peers:
            raise ResourceAlreadyExistsError(
                f"Member {added} takes part in channel {channel.name} already"
            )
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, request["NetworkId"])
            find_members(session, network, [added])
        asked = {"AddedMemberId": added}
        return {**self._change(caller, "AddChannelMember", request, channel, asked)}

    def remove_member(
        self, caller: Caller, request: api.RemoveChannelMemberInput
    ) -> api.RemoveChannelMemberOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        removed = request["RemovedMemberId"]
        if removed not in channel.anchor_peers:
            raise not_found("Member", removed)
        if len(channel.members) == 1:
            raise IllegalActionError(
                f"Member {removed} is the last one of channel {channel.name}; a channel of nobody "
                "could never be changed again"
            )
        asked = {"RemovedMemberId": removed}
        return {**self._change(caller, "RemoveChannelMember", request, channel, asked)}

    def set_anchor_peers(
        self, caller: Caller, request: api.SetAnchorPeersInput
    ) -> api.SetAnchorPeersOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        asked = [*dict.fromkeys(request["NodeIds"])]
        with self._context.store.read() as session:
            find = partial(find_own_node, self._context, session, caller, request["NetworkId"])
            nodes = [find(node_id, request["MemberId"]) for node_id in asked]
            for node in nodes:
                check_node_is_ready(node)
            facts = [node_facts(session, node) for node in nodes]
        for joined in facts:
            self._requests.check_has_joined(joined, channel.name)

        def change(session: Session) -> Operation:
            member = find_own_member(
                self._context, session, caller, request["NetworkId"], request["MemberId"]
            )
            check_takes_part(channel, member)
            signed = {"AnchorNodeIds": asked, "Signers": [member.id]}
            return self._requests.record(session, member, "SetAnchorPeers", channel.name, signed)

        return {"OperationId": self._requests.once(caller, "SetAnchorPeers", request, change)}

    def _change(
        self,
        caller: Caller,
        action: str,
        request: api.UpdateChannelInput | api.AddChannelMemberInput | api.RemoveChannelMemberInput,
        channel: Channel,
        asked: Mapping[str, Any],
    ) -> _Changed:
        """The operation, or the proposal of one, that changes the channel for all its members."""

        def change(session: Session) -> Operation:
            member = find_own_member(
                self._context, session, caller, request["NetworkId"], request["MemberId"]
            )
            check_takes_part(channel, member)
            return self._requests.propose_or_record(session, member, action, channel, asked)

        answer = self._requests.answer(caller, action, request, change)
        return {"OperationId": answer["OperationId"], "ProposalId": answer["ProposalId"]}


def _check_change(channel: Channel, batches: Mapping[str, Any], capability: str | None) -> None:
    if not batches and capability is None:
        raise InvalidRequestError(
            "The request is not valid: give 'batches', 'capability' or both to be changed"
        )
    preferred = batches.get("PreferredMaxBytes", channel.batches.preferred_bytes)
    absolute = batches.get("AbsoluteMaxBytes", channel.batches.absolute_bytes)
    if preferred > absolute:
        raise InvalidRequestError(
            f"The request is not valid: 'batches.preferredMaxBytes' would be {preferred}, more "
            f"than 'batches.absoluteMaxBytes', {absolute}"
        )
    if capability is not None and capability_rank(capability) < capability_rank(channel.capability):
        raise IllegalActionError(
            f"Channel {channel.name} has capability {channel.capability}, which cannot be lowered "
            f"to {capability}: its ledger may hold what the lower one does not know"
        )
