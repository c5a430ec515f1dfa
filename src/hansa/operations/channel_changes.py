"""Changes of a channel's configuration, by the members who have to agree."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, TypedDict

from hansa.awsapi import hansafabric as api
from hansa.domain.caller import Caller
from hansa.domain.errors import IllegalActionError, ResourceAlreadyExistsError
from hansa.fabric.chaincodes import Chaincodes
from hansa.fabric.ledgers import Channel, Ledgers
from hansa.operations.channel_previews import Previews, locks
from hansa.operations.channel_requests import (
    ChannelRequests,
    change_of,
    check_node_is_ready,
    find_members,
    own_members,
)
from hansa.operations.channel_rules import acl_changes, check_change, policy_changes
from hansa.operations.consenters import check_quorum, chosen_consenters, quorum_after
from hansa.operations.context import OperationContext
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.facts import available_nodes, network_facts, node_facts, peer_endpoint
from hansa.operations.lookups import find_network, find_own_node, not_found
from hansa.store.database import Session
from hansa.store.networks import require_network
from hansa.store.operation_tables import Operation


class _Changed(TypedDict):
    """The answer to every change; ``ProposalId`` is None where it needs no proposal."""

    OperationId: str | None
    ProposalId: str | None
    Preview: api.ChannelPreview | None


_Request = (
    api.UpdateChannelInput
    | api.AddChannelMemberInput
    | api.RemoveChannelMemberInput
    | api.SetAnchorPeersInput
    | api.SetConsentersInput
)


class ChannelChanges:
    """UpdateChannel, AddChannelMember, RemoveChannelMember, SetAnchorPeers, SetConsenters."""

    def __init__(self, context: OperationContext, ledgers: Ledgers, chaincodes: Chaincodes) -> None:
        self._context = context
        self._ledgers = ledgers
        self._previews = Previews(ledgers, chaincodes)
        self._requests = ChannelRequests(context, ledgers)

    def update(self, caller: Caller, request: api.UpdateChannelInput) -> api.UpdateChannelOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        asked = {
            "Batches": dict(request.get("Batches") or {}),
            "Capability": request.get("Capability"),
            "Policies": policy_changes(request.get("Policies") or {}),
            "Acls": acl_changes(request.get("Acls") or {}),
        }
        check_change(channel, change_of(asked))
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
        with self._context.store.read() as session:
            find = partial(find_own_node, self._context, session, caller, request["NetworkId"])
            nodes = [
                find(node_id, request["MemberId"]) for node_id in dict.fromkeys(request["NodeIds"])
            ]
            for node in nodes:
                check_node_is_ready(node)
            facts = [node_facts(session, node) for node in nodes]
        for joined in facts:
            self._requests.check_has_joined(joined, channel.name)
        peers = [peer_endpoint(self._context.endpoints, node) for node in facts]
        asked = {"AnchorPeers": {request["MemberId"]: peers}}
        answer = self._change(caller, "SetAnchorPeers", request, channel, asked)
        return {"OperationId": answer["OperationId"], "Preview": answer["Preview"]}

    def set_consenters(
        self, caller: Caller, request: api.SetConsentersInput
    ) -> api.SetConsentersOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, request["NetworkId"])
            facts = network_facts(session, network)
        chosen = chosen_consenters(self._context.endpoints, facts, request["Consenters"])
        with fabric_faults():
            running = self._ledgers.running_orderers(facts)
        quorum = quorum_after(channel, chosen, running)
        asked = {"Consenters": chosen}
        return {**self._change(caller, "SetConsenters", request, channel, asked, quorum)}

    def _change(
        self,
        caller: Caller,
        action: str,
        request: _Request,
        channel: Channel,
        asked: Mapping[str, Any],
        quorum: api.ChannelQuorum | None = None,
    ) -> _Changed:
        """The operation, or the proposal of one, that changes the channel; or its preview."""
        with self._context.store.read() as session:
            member = self._requests.find_participant(session, caller, request, channel)
            network = require_network(session, member.network_id)
            facts, own = network_facts(session, network), own_members(session, network, caller)
            nodes = available_nodes(session, sorted(own))
        with fabric_faults():
            preview = self._ledgers.preview(facts, channel.name, change_of(asked))
        if request.get("DryRun"):
            shown = self._previews.describe(channel, preview, own, nodes, quorum)
            return {"OperationId": None, "ProposalId": None, "Preview": shown}
        if quorum is not None:
            check_quorum(channel, quorum)
        if locks(preview):
            raise IllegalActionError(
                f"After this change nobody could satisfy {preview.lost[0]} of channel "
                f"{channel.name}, so that it could never be changed again; DryRun shows more"
            )

        def change(session: Session) -> Operation:
            member = self._requests.find_participant(session, caller, request, channel)
            return self._requests.propose_or_record(
                session, member, action, channel, asked, preview.agreement
            )

        answer = self._requests.answer(caller, action, request, change)
        return {
            "OperationId": answer["OperationId"],
            "ProposalId": answer["ProposalId"],
            "Preview": None,
        }
