"""The seam between the service and a network's ledgers: its channels, and what is on them.

What is true of a channel is on its ledger, whoever made it and with whichever tool; nothing here is
kept by the service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from hansa.domain.agreement import Condition
from hansa.fabric.base import NetworkFacts, NodeFacts


@dataclass(frozen=True)
class Batches:
    """How transactions are put into blocks; ``timeout`` as Fabric spells it, such as ``20ms``."""

    timeout: str
    messages_max: int
    preferred_bytes: int
    absolute_bytes: int


@dataclass(frozen=True)
class Channel:
    """A channel as its ledger has it.

    ``anchor_peers`` are ``HOST:PORT`` by member, with an entry for each member; ``policies`` are
    those of its members together by name, and of the whole channel by path (``/Channel/Admins``),
    as Fabric writes them in short (``MAJORITY Admins``) or :mod:`hansa.fabric.rpc.policies` does.
    ``acls`` are the policies that resources of peers ask for, where they are not Fabric's own.
    ``consenters`` are the endpoints of the orderers that order it.
    """

    name: str
    height: int
    config_sequence: int
    anchor_peers: Mapping[str, tuple[str, ...]]
    capability: str
    batches: Batches
    policies: Mapping[str, str]
    acls: Mapping[str, str] = field(default_factory=dict)
    consenters: tuple[str, ...] = ()

    @property
    def members(self) -> list[str]:
        return sorted(self.anchor_peers)

    @property
    def lifecycle_policy(self) -> str:
        """What a chaincode definition takes to be put in force.

        A channel that was raised from Fabric 1 has no such policy; peers then ask for a majority.
        Source: ``LifecycleEndorsementPolicyAsBytes`` of Fabric's ``core/chaincode/lifecycle``.
        """
        return self.policies.get("LifecycleEndorsement", "MAJORITY Endorsement")


@dataclass(frozen=True)
class ChannelChange:
    """What is to be changed; None stays as it is. A member added is one of the consortium's.

    ``anchor_peers`` are all the ``HOST:PORT`` of each member that is named; ``policies``, of
    the members together, and ``acls`` are those to be changed, empty to be taken away.
    ``consenters`` are all the endpoints of the orderers that are to order it; none for no change.
    """

    timeout: str | None = None
    messages_max: int | None = None
    preferred_bytes: int | None = None
    absolute_bytes: int | None = None
    capability: str | None = None
    added_member: str | None = None
    removed_member: str | None = None
    anchor_peers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    policies: Mapping[str, str] = field(default_factory=dict)
    acls: Mapping[str, str] = field(default_factory=dict)
    consenters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """One line of a configuration; empty where it is not there."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Preview:
    """What a change would do.

    ``agreement`` is whose signatures it takes, ``asked`` the paths of the policies that say so.
    ``lost`` are the paths of policies that nobody could satisfy any more. ``after`` is the channel
    as it would be.
    """

    differences: tuple[Difference, ...]
    agreement: Condition
    asked: tuple[str, ...]
    lost: tuple[str, ...]
    after: Channel


class Standing(StrEnum):
    """It orders a channel, or has nothing to do with it; or serves reads, of what it once had."""

    ORDERS = "ORDERS"
    LEAVES = "LEAVES"
    OUT = "OUT"


ADMINS_POLICIES = ("/Channel/Application/Admins", "/Channel/Admins")
"""Without them nobody can change a channel again."""


class Ledgers(Protocol):
    """Every method raises :class:`~hansa.fabric.base.FabricError`, and may be repeated.

    :class:`~hansa.fabric.rpc.connections.UnreachableError` means that it may succeed a moment
    later.
    """

    def channel_names(self, network: NetworkFacts) -> list[str]:
        """The channels of the network but for the ordering service's own, sorted."""
        ...

    def channel(self, network: NetworkFacts, name: str) -> Channel | None: ...

    def recent_channel(self, network: NetworkFacts, name: str) -> Channel | None:
        """As :meth:`channel`, but perhaps as it was a second ago, and with the height of then.

        A change that was made here is seen at once.
        """
        ...

    def create_channel(
        self, network: NetworkFacts, name: str, members: Sequence[str], capability: str
    ) -> bool:
        """Create the channel, signed by the first of ``members``; False where it was there."""
        ...

    def preview_creation(
        self, network: NetworkFacts, name: str, members: Sequence[str], capability: str
    ) -> Preview:
        """What :meth:`create_channel` would make. Makes nothing."""
        ...

    def change_channel(
        self, network: NetworkFacts, name: str, change: ChannelChange, signers: Sequence[str]
    ) -> bool:
        """Change the configuration, signed by the service and the members ``signers``.

        Returns False where there was nothing to change. A change after which its members could
        change the channel no more is refused.
        """
        ...

    def preview(self, network: NetworkFacts, name: str, change: ChannelChange) -> Preview:
        """What :meth:`change_channel` would do. Changes nothing."""
        ...

    def running_orderers(self, network: NetworkFacts) -> frozenset[int]:
        """The service ports of the orderers that run now."""
        ...

    def standing(self, network: NetworkFacts, name: str, port: int) -> Standing:
        """What the orderer with this service port, which runs, does about the channel.

        One that comes or goes takes a few seconds to find out.
        """
        ...

    def joined_channels(self, node: NodeFacts) -> Mapping[str, int]:
        """The channels that the peer has joined, with the number of blocks it has of each.

        0 for a channel whose policies keep that from the member.
        """
        ...

    def has_joined(self, node: NodeFacts, name: str) -> bool:
        """Whether the peer has joined the channel; cheaper than :meth:`joined_channels`."""
        ...

    def join_channel(self, network: NetworkFacts, node: NodeFacts, name: str) -> bool:
        """Have the peer join; False where it had."""
        ...

    def leave_channel(self, node: NodeFacts, name: str) -> None:
        """Delete what the peer, which must not run meanwhile, has of the channel.

        Does nothing where it has none. What a crash leaves half done, the peer ends when it starts.
        """
        ...


def port_of(endpoint: str) -> int:
    """The port of ``HOST:PORT``; that of an orderer is another one for each of an installation."""
    return int(endpoint.rsplit(":", 1)[1])


def capability_rank(capability: str) -> tuple[int, ...]:
    """Capabilities in the order of Fabric's versions: ``V1_4_2`` comes before ``V2_0``."""
    return tuple(int(part) for part in capability.removeprefix("V").split("_") if part.isdigit())
