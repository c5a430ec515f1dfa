"""Channels of a network. What is true of them is asked of Fabric each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from hansa.awsapi import hansafabric as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
    ResourceNotFoundError,
    ResourceNotReadyError,
)
from hansa.domain.fabric_arns import tag_key
from hansa.domain.lifecycle import Status
from hansa.fabric.base import NetworkFacts
from hansa.fabric.genesis import SYSTEM_CHANNEL
from hansa.fabric.ledgers import Channel, Ledgers, capability_rank
from hansa.operations.channel_requests import ChannelRequests, check_takes_part, own_members
from hansa.operations.context import OperationContext
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.facts import available_nodes, network_facts
from hansa.operations.lists import name_page
from hansa.operations.lookups import find_network, find_own_member, find_own_node, not_found
from hansa.operations.tags import check_tags
from hansa.store.database import Session
from hansa.store.members import get_member
from hansa.store.operation_tables import Operation
from hansa.store.operations import open_operations
from hansa.store.tables import Member, Network
from hansa.store.tags import get_tags, put_tags

DEFAULT_CAPABILITY = "V2_0"
_READY = (Status.AVAILABLE, Status.UPDATING)


class _Changed(TypedDict):
    """The answer to every change; ``ProposalId`` is None where it needs no proposal."""

    OperationId: str
    ProposalId: str | None


class Channels:
    """CreateChannel, GetChannel, ListChannels, JoinChannel, UpdateChannel,
    AddChannelMember, RemoveChannelMember.
    """

    def __init__(self, context: OperationContext, ledgers: Ledgers) -> None:
        self._context = context
        self._ledgers = ledgers
        self._requests = ChannelRequests(context, ledgers)

    def create(self, caller: Caller, request: api.CreateChannelInput) -> api.CreateChannelOutput:
        name = request["Name"]
        if name == SYSTEM_CHANNEL:
            raise InvalidRequestError(
                f"The request is not valid: 'name' is {name}, the ordering service's own channel"
            )
        facts = self._facts(caller, request["NetworkId"])
        with fabric_faults():
            there = name in self._ledgers.channel_names(facts)

        def create(session: Session) -> Operation:
            network = find_network(self._context, session, caller, request["NetworkId"])
            creator = find_own_member(
                self._context, session, caller, network.id, request["MemberId"]
            )
            members = _members(session, network, creator, request.get("Members") or [])
            _check_name_is_free(session, network, name, there=there)
            tags = request.get("Tags") or {}
            check_tags(tags)
            put_tags(session, tag_key(caller.account_id, network.id, name), tags)
            asked = {
                "Members": [member.id for member in members],
                "Capability": request.get("Capability", DEFAULT_CAPABILITY),
            }
            return self._requests.record(session, creator, "CreateChannel", name, asked)

        return {"OperationId": self._requests.once(caller, "CreateChannel", request, create)}

    def get(self, caller: Caller, request: api.GetChannelInput) -> api.GetChannelOutput:
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, request["NetworkId"])
            own = own_members(session, network, caller)
            nodes = available_nodes(session, sorted(own))
            facts, region = network_facts(session, network), network.region
        channel = self._requests.seen(facts, own, request["ChannelName"])
        with fabric_faults():
            joined = [(node, self._ledgers.joined_channels(node)) for node in nodes]
        shown: list[api.ChannelNode] = [
            {"NodeId": node.node_id, "MemberId": node.member_id, "Height": heights[channel.name]}
            for node, heights in joined
            if channel.name in heights
        ]
        described = _describe(facts.network_id, region, channel, shown)
        with self._context.store.read() as session:
            key = tag_key(caller.account_id, facts.network_id, channel.name)
            described["Tags"] = get_tags(session, key)
        return {"Channel": described}

    def list(self, caller: Caller, request: api.ListChannelsInput) -> api.ListChannelsOutput:
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, request["NetworkId"])
            own = own_members(session, network, caller)
            facts, region = network_facts(session, network), network.region
        with fabric_faults():
            there = [
                self._ledgers.channel(facts, name) for name in self._ledgers.channel_names(facts)
            ]
        seen = {channel.name: channel for channel in there if channel and own & {*channel.members}}
        shown, token = name_page("ListChannels", sorted(seen), request)
        summaries: list[api.ChannelSummary] = [
            {
                "Name": name,
                "Members": seen[name].members,
                "Height": seen[name].height,
                "Arn": names.channel_arn(region, facts.network_id, name),
            }
            for name in shown
        ]
        return {"Channels": summaries, "NextToken": token}

    def join(self, caller: Caller, request: api.JoinChannelInput) -> api.JoinChannelOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])

        def join(session: Session) -> Operation:
            node = find_own_node(
                self._context, session, caller, request["NetworkId"], request["NodeId"], None
            )
            if node.member_id not in channel.anchor_peers:
                raise IllegalActionError(
                    f"Member {node.member_id} of node {node.id} takes no part in channel "
                    f"{channel.name}; add the member to the channel first"
                )
            if node.status not in _READY:
                raise ResourceNotReadyError(
                    f"Node {node.id} is {node.status}; it can join once it is AVAILABLE"
                )
            member = get_member(session, node.network_id, node.member_id)
            if member is None:
                raise not_found("Member", node.member_id)
            asked = {"NodeId": node.id}
            return self._requests.record(session, member, "JoinChannel", channel.name, asked)

        return {"OperationId": self._requests.once(caller, "JoinChannel", request, join)}

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

    def _facts(self, caller: Caller, network_id: str) -> NetworkFacts:
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, network_id)
            if network.status != Status.AVAILABLE:
                raise ResourceNotReadyError(
                    f"Network {network.id} is {network.status}; "
                    "a channel can be created once it is AVAILABLE"
                )
            return network_facts(session, network)


def find_members(session: Session, network: Network, asked: Sequence[str]) -> list[Member]:
    """Members of the network that can take part in a channel, whosever they are.

    Raises :class:`ResourceNotFoundError`, :class:`ResourceNotReadyError`.
    """
    members = []
    for member_id in asked:
        member = get_member(session, network.id, member_id)
        if member is None or member.status in (Status.DELETING, Status.DELETED):
            raise ResourceNotFoundError(
                f"Member {member_id} was not found in network {network.id}; "
                "list-members of managedblockchain shows who can take part",
                member_id,
            )
        _check_ready(member)
        members.append(member)
    return members


def _check_ready(member: Member) -> None:
    if member.status not in _READY:
        raise ResourceNotReadyError(
            f"Member {member.id} is {member.status}; "
            "it can take part in a channel once it is AVAILABLE"
        )


def _members(
    session: Session, network: Network, creator: Member, asked: Sequence[str]
) -> list[Member]:
    """The creator, who signs, and the others in the order of their ids."""
    members = [creator, *find_members(session, network, sorted({*asked} - {creator.id}))]
    _check_ready(creator)
    return members


def _check_name_is_free(session: Session, network: Network, name: str, *, there: bool) -> None:
    """``there``: the network has such a channel, whoever's it is."""
    for operation in open_operations(session, network.id):
        if (operation.action, operation.subject) == ("CreateChannel", name):
            raise ResourceAlreadyExistsError(
                f"Channel {name} of network {network.id} is being created; choose another name"
            )
    if there:
        raise ResourceAlreadyExistsError(
            f"Network {network.id} has a channel {name}, which you may not see; choose another name"
        )


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


def _describe(
    network_id: str, region: str, channel: Channel, nodes: list[api.ChannelNode]
) -> api.Channel:
    batches = channel.batches
    return {
        "Name": channel.name,
        "NetworkId": network_id,
        "Height": channel.height,
        "ConfigSequence": channel.config_sequence,
        "Members": [
            {"MemberId": member, "AnchorPeers": [*channel.anchor_peers[member]]}
            for member in channel.members
        ],
        "Nodes": nodes,
        "Capability": channel.capability,
        "Batches": {
            "Timeout": batches.timeout,
            "MaxMessageCount": batches.messages_max,
            "PreferredMaxBytes": batches.preferred_bytes,
            "AbsoluteMaxBytes": batches.absolute_bytes,
        },
        "Policies": dict(channel.policies),
        "Arn": names.channel_arn(region, network_id, channel.name),
    }
