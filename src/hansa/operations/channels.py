"""Channels of a network. What is true of them is asked of Fabric each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hansa.awsapi import hansafabric as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
    ResourceNotReadyError,
)
from hansa.domain.fabric_arns import tag_key
from hansa.domain.lifecycle import Status
from hansa.fabric.base import NetworkFacts
from hansa.fabric.genesis import SYSTEM_CHANNEL
from hansa.fabric.ledgers import Channel, Ledgers
from hansa.operations.channel_previews import describe_creation
from hansa.operations.channel_requests import (
    ChannelRequests,
    check_member_is_ready,
    check_node_is_ready,
    find_members,
    own_members,
)
from hansa.operations.context import OperationContext
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.facts import available_nodes, network_facts, node_facts
from hansa.operations.lists import name_page
from hansa.operations.lookups import find_network, find_own_member, find_own_node, not_found
from hansa.operations.tags import check_tags
from hansa.store.database import Session
from hansa.store.members import get_member
from hansa.store.networks import require_network
from hansa.store.operation_tables import Operation
from hansa.store.operations import open_operations
from hansa.store.tables import Member, Network
from hansa.store.tags import get_tags, put_tags

DEFAULT_CAPABILITY = "V2_0"


class Channels:
    """CreateChannel, GetChannel, ListChannels, JoinChannel, LeaveChannel."""

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

        if request.get("DryRun"):
            shown = self._preview(caller, request, facts, there=there)
            return {"OperationId": None, "Preview": shown}

        def create(session: Session) -> Operation:
            creator, asked = self._asked(session, caller, request, there=there)
            key = tag_key(caller.account_id, creator.network_id, name)
            put_tags(session, key, request.get("Tags") or {})
            return self._requests.record(session, creator, "CreateChannel", name, asked)

        operation_id = self._requests.once(caller, "CreateChannel", request, create)
        return {"OperationId": operation_id, "Preview": None}

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
            check_node_is_ready(node)
            member = get_member(session, node.network_id, node.member_id)
            if member is None:
                raise not_found("Member", node.member_id)
            asked = {"NodeId": node.id}
            return self._requests.record(session, member, "JoinChannel", channel.name, asked)

        return {"OperationId": self._requests.once(caller, "JoinChannel", request, join)}

    def leave(self, caller: Caller, request: api.LeaveChannelInput) -> api.LeaveChannelOutput:
        """Also where its member takes no part in the channel any more."""
        name = request["ChannelName"]
        with self._context.store.read() as session:
            node = find_own_node(
                self._context, session, caller, request["NetworkId"], request["NodeId"], None
            )
            check_node_is_ready(node)
            facts = node_facts(session, node)
        self._requests.check_has_joined(facts, name)

        def leave(session: Session) -> Operation:
            member = get_member(session, facts.network_id, facts.member_id)
            if member is None:
                raise not_found("Member", facts.member_id)
            asked = {"NodeId": facts.node_id}
            return self._requests.record(session, member, "LeaveChannel", name, asked)

        return {"OperationId": self._requests.once(caller, "LeaveChannel", request, leave)}

    def _asked(
        self,
        session: Session,
        caller: Caller,
        request: api.CreateChannelInput,
        *,
        there: bool,
    ) -> tuple[Member, dict[str, Any]]:
        """The creator, and what the operation is asked for, if nothing speaks against it."""
        network = find_network(self._context, session, caller, request["NetworkId"])
        creator = find_own_member(self._context, session, caller, network.id, request["MemberId"])
        members = _members(session, network, creator, request.get("Members") or [])
        _check_name_is_free(session, network, request["Name"], there=there)
        check_tags(request.get("Tags") or {})
        asked = {
            "Members": [member.id for member in members],
            "Capability": request.get("Capability", DEFAULT_CAPABILITY),
        }
        return creator, asked

    def _preview(
        self,
        caller: Caller,
        request: api.CreateChannelInput,
        facts: NetworkFacts,
        *,
        there: bool,
    ) -> api.ChannelPreview:
        with self._context.store.read() as session:
            creator, asked = self._asked(session, caller, request, there=there)
            own = own_members(session, require_network(session, creator.network_id), caller)
        with fabric_faults():
            preview = self._ledgers.preview_creation(
                facts, request["Name"], asked["Members"], asked["Capability"]
            )
            running = self._ledgers.running_orderers(facts)
        return describe_creation(preview, own, running)

    def _facts(self, caller: Caller, network_id: str) -> NetworkFacts:
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, network_id)
            if network.status != Status.AVAILABLE:
                raise ResourceNotReadyError(
                    f"Network {network.id} is {network.status}; "
                    "a channel can be created once it is AVAILABLE"
                )
            return network_facts(session, network)


def _members(
    session: Session, network: Network, creator: Member, asked: Sequence[str]
) -> list[Member]:
    """The creator, who signs, and the others in the order of their ids."""
    members = [creator, *find_members(session, network, sorted({*asked} - {creator.id}))]
    check_member_is_ready(creator)
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
        "Acls": dict(channel.acls),
        "Consenters": [*channel.consenters],
        "Arn": names.channel_arn(region, network_id, channel.name),
    }
