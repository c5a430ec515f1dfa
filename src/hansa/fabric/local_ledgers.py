"""Ledgers of the networks that this installation runs, through their gRPC services.

Each act is signed by identities that the service keeps: an administrator of the ordering service,
and one of each member.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from fabric_protos.common.common_pb2 import Block
from fabric_protos.common.configtx_pb2 import Config, ConfigGroup, ConfigUpdate
from fabric_protos.common.ledger_pb2 import BlockchainInfo

from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.genesis import SYSTEM_CHANNEL
from hansa.fabric.ledgers import ADMINS_POLICIES, Channel, ChannelChange, Preview, Standing, port_of
from hansa.fabric.reach import Reach
from hansa.fabric.recent_channels import RecentChannels
from hansa.fabric.retries import await_effect
from hansa.fabric.rpc.configs import (
    ORDERER,
    config_of,
    created,
    creation,
    template,
    update_between,
)
from hansa.fabric.rpc.connections import UnreachableError
from hansa.fabric.rpc.consenters import consenters_of
from hansa.fabric.rpc.descriptions import changed, describe
from hansa.fabric.rpc.orderer import NoChannelError, OrdererClient, RefusedError, last_config
from hansa.fabric.rpc.peer import ChaincodeError, PeerClient
from hansa.fabric.rpc.previews import lost_policies, preview_of, preview_of_creation
from hansa.fabric.tools import FabricTools
from hansa.fabric.updates import Updates

# A ledger is deleted key by key.
_LEAVE_SECONDS_MAX = 600.0
# What an orderer says that has not heard from enough consenters of late.
_NOT_ALIVE = "will result in quorum loss"


class StrangerError(UnreachableError):
    """An orderer serves a channel that it does not order; another one has more."""


class LocalLedgers:
    """Implements :class:`hansa.fabric.ledgers.Ledgers`. Safe for several threads."""

    def __init__(self, reach: Reach, tools: FabricTools) -> None:
        self._reach = reach
        self._tools = tools
        self._updates = Updates(reach)
        self._recent = RecentChannels()
        # Two changes of one configuration at once are two of the same version: one is refused.
        self._locks: dict[tuple[str, str], threading.Lock] = {}

    def channel_names(self, network: NetworkFacts) -> list[str]:
        refusal = UnreachableError("the network has no orderer")
        for url in self._reach.orderer_metrics(network):
            try:
                names = self._reach.metrics.channels(url)
            except FabricError as fault:
                refusal = UnreachableError(str(fault))
                continue
            return [name for name in names if name != SYSTEM_CHANNEL]
        raise refusal

    def channel(self, network: NetworkFacts, name: str) -> Channel | None:
        found = self._newest(network, name)
        if found is None:
            return None
        newest, config = found
        return describe(name, int(newest.header.number) + 1, config)

    def recent_channel(self, network: NetworkFacts, name: str) -> Channel | None:
        key = (network.network_id, name)
        return self._recent.get(key, lambda: self.channel(network, name))

    def create_channel(
        self, network: NetworkFacts, name: str, members: Sequence[str], capability: str
    ) -> bool:
        with self._lock(network, name):
            if self._newest(network, name) is not None:
                return False
            creator = self._reach.member(members[0])
            update = creation(name, sorted(members), capability)
            self._updates.submit(network, name, update, [creator])
            await_effect(lambda: self._newest(network, name) is not None, name)
        return True

    def preview_creation(
        self, network: NetworkFacts, name: str, members: Sequence[str], capability: str
    ) -> Preview:
        before = template(self._service_group(network), members)
        after = created(before, creation(name, members, capability))
        return preview_of_creation(before, after, describe(name, 0, Config(channel_group=after)))

    def change_channel(
        self, network: NetworkFacts, name: str, change: ChannelChange, signers: Sequence[str]
    ) -> bool:
        def decide() -> ConfigUpdate | None:
            before, after = self._both(network, name, change, system)
            lost = {*lost_policies(before, after)} & {*ADMINS_POLICIES}
            if lost:
                raise FabricError(f"nobody could satisfy {min(lost)} any more")
            return update_between(name, before, after)

        system = self._system(network, change)
        with self._lock(network, name):
            service = self._reach.ordering_admin(network)
            identities = [service, *(self._reach.member(member) for member in signers)]
            self._prefer(network, name, change)
            try:
                return self._updates.settle(network, name, decide, identities)
            except RefusedError as refusal:
                if _NOT_ALIVE not in str(refusal):
                    raise
                # Orderers take a while to hear from one another who is there.
                raise UnreachableError(str(refusal)) from refusal
            finally:
                self._recent.forget((network.network_id, name))

    def preview(self, network: NetworkFacts, name: str, change: ChannelChange) -> Preview:
        before, after = self._both(network, name, change, self._system(network, change))
        return preview_of(before, after, describe(name, 0, Config(channel_group=after)))

    def _both(
        self,
        network: NetworkFacts,
        name: str,
        change: ChannelChange,
        system: ConfigGroup,
    ) -> tuple[ConfigGroup, ConfigGroup]:
        """The channel's top group as it is, and as ``change`` makes it."""
        found = self._newest(network, name)
        if found is None:
            raise FabricError(f"channel {name} is not there any more")
        return found[1].channel_group, changed(found[1], change, system)

    def running_orderers(self, network: NetworkFacts) -> frozenset[int]:
        running = set()
        addresses = self._reach.orderer_metrics(network)
        for (port, _), url in zip(network.orderer_ports, addresses, strict=True):
            with suppress(FabricError):
                self._reach.metrics.read(url)
                running.add(port)
        return frozenset(running)

    def standing(self, network: NetworkFacts, name: str, port: int) -> Standing:
        try:
            self._reach.by_port(network, port, partial(_newest, name))
        except StrangerError:
            return Standing.LEAVES
        except (UnreachableError, NoChannelError):
            return Standing.OUT
        return Standing.ORDERS

    def joined_channels(self, node: NodeFacts) -> Mapping[str, int]:
        peer = self._reach.peer(node)
        return {name: _height(peer, name) for name in peer.channels()}

    def has_joined(self, node: NodeFacts, name: str) -> bool:
        return name in self._reach.peer(node).channels()

    def join_channel(self, network: NetworkFacts, node: NodeFacts, name: str) -> bool:
        peer = self._reach.peer(node)
        if name in peer.channels():
            return False
        genesis = self._reach.by_first(network, name, lambda orderer: orderer.block(name, 0))
        peer.join(genesis)
        return True

    def leave_channel(self, node: NodeFacts, name: str) -> None:
        environment = {
            "FABRIC_CFG_PATH": self._reach.peer_place(node).config_directory,
            "FABRIC_LOGGING_SPEC": "error",
        }
        arguments = ("node", "unjoin", "--channelID", name)
        try:
            self._tools.run("peer", arguments, b"", environment, _LEAVE_SECONDS_MAX)
        except FabricError as refusal:
            if f"ledger [{name}] does not exist" not in str(refusal):
                raise

    def _system(self, network: NetworkFacts, change: ChannelChange) -> ConfigGroup:
        """What the ordering service's own channel says, where ``change`` takes something of it."""
        if not change.added_member and not change.consenters:
            return ConfigGroup()
        return self._service_group(network)

    def _service_group(self, network: NetworkFacts) -> ConfigGroup:
        """The top group of the ordering service's own channel."""
        found = self._newest(network, SYSTEM_CHANNEL)
        if found is None:
            raise FabricError("the ordering service has no channel of its own")
        return found[1].channel_group

    def _newest(self, network: NetworkFacts, name: str) -> tuple[Block, Config] | None:
        """The channel's newest block, and the configuration that holds."""
        try:
            return self._reach.by_first(network, name, partial(_newest, name))
        except NoChannelError:
            return None

    def _prefer(self, network: NetworkFacts, name: str, change: ChannelChange) -> None:
        """Ask those last that are to go: they may hear of it late."""
        staying = {*map(port_of, change.consenters)}
        for port, _ in network.orderer_ports if staying else ():
            if port not in staying:
                self._reach.ask_last(network, name, port)

    def _lock(self, network: NetworkFacts, name: str) -> threading.Lock:
        return self._locks.setdefault((network.network_id, name), threading.Lock())


def _newest(name: str, orderer: OrdererClient) -> tuple[Block, Config]:
    """Raises :class:`StrangerError` for an orderer that may serve what it had when it went."""
    newest = orderer.block(name)
    number = last_config(newest)
    is_config = number == newest.header.number
    config = config_of(newest if is_config else orderer.block(name, number))
    consenters = consenters_of(config.channel_group.groups[ORDERER])
    if port_of(orderer.address) not in {*map(port_of, consenters)}:
        raise StrangerError(f"the orderer at {orderer.address} orders channel {name} no more")
    return newest, config


def _height(peer: PeerClient, channel: str) -> int:
    try:
        answer = peer.query("qscc", b"GetChainInfo", channel.encode(), channel=channel)
    except ChaincodeError as refusal:
        if "access denied" in str(refusal):
            return 0
        raise
    return int(BlockchainInfo.FromString(answer).height)
