"""What all requests about channels have in common: who may see one, and work that is recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from hansa.domain.agreement import Condition, holds
from hansa.domain.caller import Caller
from hansa.domain.errors import (
    IllegalActionError,
    ResourceNotFoundError,
    ResourceNotReadyError,
)
from hansa.domain.lifecycle import Status
from hansa.fabric.base import NetworkFacts, NodeFacts
from hansa.fabric.genesis import SYSTEM_CHANNEL
from hansa.fabric.ledgers import Channel, ChannelChange, Ledgers
from hansa.operations.context import OperationContext
from hansa.operations.decisions import settle_proposal
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.facts import available_nodes, network_facts
from hansa.operations.long_operations import record_operation
from hansa.operations.lookups import find_network, find_own_member, not_found
from hansa.operations.proposing import check_may_take_part, open_proposal
from hansa.operations.tokens import answer_once
from hansa.store.database import Session
from hansa.store.members import get_member, present_members
from hansa.store.networks import require_network
from hansa.store.operation_tables import Operation
from hansa.store.tables import Member, Network, Node

_DESCRIPTION_CHARACTERS_MAX = 128


class ChannelRequests:
    """Shared by the nouns that live in channels."""

    def __init__(self, context: OperationContext, ledgers: Ledgers) -> None:
        self._context = context
        self._ledgers = ledgers

    def record(
        self, session: Session, member: Member, action: str, channel: str, asked: Mapping[str, Any]
    ) -> Operation:
        """Have ``action`` performed. See :func:`record_operation`."""
        return record_operation(self._context, session, member, action, channel, asked)

    def once(
        self,
        caller: Caller,
        action: str,
        request: Mapping[str, Any],
        act: Callable[[Session], Operation],
    ) -> str:
        """The id of the operation that ``act`` records, or has recorded for the same token."""
        return str(self.answer(caller, action, request, act)["OperationId"])

    def answer(
        self,
        caller: Caller,
        action: str,
        request: Mapping[str, Any],
        act: Callable[[Session], Operation],
    ) -> Mapping[str, Any]:
        """As :meth:`once`, with the operation's proposal: OperationId and ProposalId."""

        def told() -> dict[str, Any]:
            operation = act(session)
            return {"OperationId": operation.id, "ProposalId": operation.proposal_id}

        with self._context.store.write() as session:
            now = self._context.now()
            answer = answer_once(session, caller, action, request, now, told)
        self._context.wake()
        return answer

    def propose_or_record(
        self,
        session: Session,
        member: Member,
        action: str,
        channel: Channel,
        asked: Mapping[str, Any],
        agreement: Condition,
    ) -> Operation:
        """Have a change of the channel performed, if those have agreed whom ``agreement`` asks for.

        Where the members of the account of ``member`` are enough, it is done at once, else it
        becomes a proposal of the network, as invitations are.
        """
        own = [
            other.id
            for other in present_members(session, member.network_id)
            if other.account_id == member.account_id and other.id in channel.anchor_peers
        ]
        if holds(agreement, own):
            signed = {**asked, "Signers": own}
            return record_operation(self._context, session, member, action, channel.name, signed)
        return self.propose(
            session, member, action, channel.name, asked, f"{action} {channel.name}"
        )

    def propose(
        self,
        session: Session,
        member: Member,
        action: str,
        subject: str,
        asked: Mapping[str, Any],
        description: str,
    ) -> Operation:
        """Have ``action`` performed once the network's members have voted for it.

        ``description`` is cut to the length that the API allows.
        """
        network = require_network(session, member.network_id)
        check_may_take_part(network, member)
        shown = description[:_DESCRIPTION_CHARACTERS_MAX]
        proposal = open_proposal(self._context, session, network, member, shown)
        operation = record_operation(
            self._context, session, member, action, subject, asked, proposal.id
        )
        # A threshold that nobody has to meet, or that nobody can, decides without a vote.
        settle_proposal(self._context, session, network, proposal)
        return operation

    def find(self, caller: Caller, network_id: str, name: str) -> Channel:
        """A channel that a member of the caller's account takes part in."""
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, network_id)
            own, facts = own_members(session, network, caller), network_facts(session, network)
        return self.seen(facts, own, name)

    def find_recent(
        self, caller: Caller, network_id: str, name: str, members: Collection[str] = ()
    ) -> Channel:
        """As :meth:`find`, for calls that are many: perhaps as the channel was a second ago.

        ``members`` are to take part in it. Whoever seems not to, or not to see it, is judged by
        what holds now: a refusal is never an old one.
        """
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, network_id)
            own, facts = own_members(session, network, caller), network_facts(session, network)
        with fabric_faults():
            channel = self._ledgers.recent_channel(facts, name) if name != SYSTEM_CHANNEL else None
        if channel and own & {*channel.members} and {*members} <= {*channel.members}:
            return channel
        return self.seen(facts, own, name)

    def seen(self, facts: NetworkFacts, own: set[str], name: str) -> Channel:
        """The channel, if one of the members ``own`` takes part in it."""
        with fabric_faults():
            channel = self._ledgers.channel(facts, name) if name != SYSTEM_CHANNEL else None
        if channel is None or not own & {*channel.members}:
            raise not_found("Channel", name)
        return channel

    def own_nodes(self, caller: Caller, network_id: str, channel: Channel) -> list[NodeFacts]:
        """As :func:`own_nodes`, of a network that the caller sees."""
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, network_id)
            return own_nodes(session, network, caller, channel)

    def find_participant(
        self, session: Session, caller: Caller, request: Mapping[str, Any], channel: Channel
    ) -> Member:
        """The caller's member that the request is made as, which takes part in the channel.

        Raises :class:`IllegalActionError` where it does not.
        """
        member = find_own_member(
            self._context, session, caller, request["NetworkId"], request["MemberId"]
        )
        if member.id not in channel.anchor_peers:
            raise IllegalActionError(f"Member {member.id} takes no part in channel {channel.name}")
        return member

    def check_has_joined(self, node: NodeFacts, channel: str) -> None:
        """Raises :class:`IllegalActionError`."""
        with fabric_faults():
            joined = self._ledgers.has_joined(node, channel)
        if not joined:
            raise IllegalActionError(f"Node {node.node_id} has not joined channel {channel}")

    def joined(self, nodes: Sequence[NodeFacts], channel: Channel) -> NodeFacts:
        """The first of ``nodes`` that has joined the channel. Raises IllegalActionError."""
        with fabric_faults():
            for node in nodes:
                if self._ledgers.has_joined(node, channel.name):
                    return node
        raise _none_joined(channel)

    def all_joined(self, nodes: Sequence[NodeFacts], channel: Channel) -> list[NodeFacts]:
        """Those of ``nodes`` that have joined the channel. Raises IllegalActionError for none."""
        with fabric_faults():
            joined = [node for node in nodes if self._ledgers.has_joined(node, channel.name)]
        if not joined:
            raise _none_joined(channel)
        return joined


def change_of(asked: Mapping[str, Any]) -> ChannelChange:
    """What an operation's request, which holds each part that it changes, asks for."""
    batches = asked.get("Batches") or {}
    anchors = asked.get("AnchorPeers") or {}
    return ChannelChange(
        timeout=batches.get("Timeout"),
        messages_max=batches.get("MaxMessageCount"),
        preferred_bytes=batches.get("PreferredMaxBytes"),
        absolute_bytes=batches.get("AbsoluteMaxBytes"),
        capability=asked.get("Capability"),
        added_member=asked.get("AddedMemberId"),
        removed_member=asked.get("RemovedMemberId"),
        anchor_peers={member: tuple(peers) for member, peers in anchors.items()},
        policies=asked.get("Policies") or {},
        acls=asked.get("Acls") or {},
        consenters=tuple(asked.get("Consenters") or ()),
    )


def own_members(session: Session, network: Network, caller: Caller) -> set[str]:
    """The ids of the caller's members in the network."""
    return {
        member.id
        for member in present_members(session, network.id)
        if member.account_id == caller.account_id
    }


def own_nodes(
    session: Session, network: Network, caller: Caller, channel: Channel
) -> list[NodeFacts]:
    """The available nodes of the caller's members in the channel."""
    own = own_members(session, network, caller) & {*channel.members}
    return available_nodes(session, sorted(own))


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
        check_member_is_ready(member)
        members.append(member)
    return members


def check_member_is_ready(member: Member) -> None:
    """Raises :class:`ResourceNotReadyError`."""
    if member.status not in (Status.AVAILABLE, Status.UPDATING):
        raise ResourceNotReadyError(
            f"Member {member.id} is {member.status}; "
            "it can take part in a channel once it is AVAILABLE"
        )


def check_node_is_ready(node: Node) -> None:
    """Raises :class:`ResourceNotReadyError`."""
    if node.status not in (Status.AVAILABLE, Status.UPDATING):
        raise ResourceNotReadyError(
            f"Node {node.id} is {node.status}; it can join and leave channels once it is AVAILABLE"
        )


def _none_joined(channel: Channel) -> IllegalActionError:
    return IllegalActionError(
        f"None of your member's available nodes has joined channel {channel.name}; "
        "create one with CreateNode of managedblockchain, and join it with JoinChannel"
    )
