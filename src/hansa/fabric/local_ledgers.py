"""Ledgers of the networks that this installation runs, through their gRPC services.

Each act is signed by identities that the service keeps: an administrator of the ordering service,
and one of each member.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from fabric_protos.common.common_pb2 import Block
from fabric_protos.common.configtx_pb2 import Config, ConfigUpdate
from fabric_protos.common.ledger_pb2 import BlockchainInfo

from hansa.domain.workload import Place
from hansa.fabric.announcer import ATTEMPTS_MAX, STALE
from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.genesis import ORDERER_MSP_ID, SYSTEM_CHANNEL
from hansa.fabric.ledgers import Channel, ChannelChange
from hansa.fabric.local import orderer_workload, peer_workload
from hansa.fabric.materials import Materials
from hansa.fabric.metrics import Metrics
from hansa.fabric.rpc.configs import config_of, creation, update_between
from hansa.fabric.rpc.connections import Connections, UnreachableError
from hansa.fabric.rpc.descriptions import changed, describe
from hansa.fabric.rpc.identity import Identity, read_msp
from hansa.fabric.rpc.orderer import NoChannelError, OrdererClient, RefusedError, last_config
from hansa.fabric.rpc.peer import PeerClient
from hansa.fabric.rpc.signing import Signing

Result = TypeVar("Result")

# How often, and how long apart, to look whether what was accepted is in effect.
_LOOKS_MAX = 100
_LOOK_SECONDS = 0.05


class LocalLedgers:
    """Implements :class:`hansa.fabric.ledgers.Ledgers`. Safe for several threads.

    ``place`` says where a workload runs; ``tls_chain`` verifies peers and orderers. Call
    :meth:`close` at the end.
    """

    def __init__(
        self,
        materials: Materials,
        place: Callable[[str], Place],
        tls_chain: bytes,
        random_bytes: Callable[[int], bytes],
        now: Callable[[], datetime],
    ) -> None:
        self._materials = materials
        self._place = place
        self._random_bytes = random_bytes
        self._now = now
        self._connections = Connections(tls_chain)
        self._metrics = Metrics()
        # Two changes of one configuration at once are two of the same version: one is refused.
        self._locks: dict[tuple[str, str], threading.Lock] = {}

    def close(self) -> None:
        self._connections.close()

    def channel_names(self, network: NetworkFacts) -> list[str]:
        refusal = FabricError("the network has no orderer")
        for ordinal, (_, operations) in enumerate(network.orderer_ports):
            host = self._place(orderer_workload(network.network_id, ordinal)).internal_host
            try:
                names = self._metrics.channels(f"http://{host}:{operations}/metrics")
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

    def create_channel(
        self, network: NetworkFacts, name: str, members: Sequence[str], capability: str
    ) -> bool:
        with self._lock(network, name):
            if self._newest(network, name) is not None:
                return False
            creator = self._member(members[0])
            self._broadcast(
                network, name, creation(name, sorted(members), capability), [creator], creator
            )
            self._await(lambda: self._newest(network, name) is not None, name)
        return True

    def change_channel(
        self, network: NetworkFacts, name: str, change: ChannelChange, signers: Sequence[str]
    ) -> bool:
        def update() -> ConfigUpdate | None:
            found = self._newest(network, name)
            if found is None:
                raise FabricError(f"channel {name} is not there any more")
            top = found[1].channel_group
            return update_between(name, top, changed(found[1], change))

        with self._lock(network, name):
            service = self._ordering_admin(network)
            identities = [service, *(self._member(member) for member in signers)]
            for attempt in range(ATTEMPTS_MAX):
                wanted = update()
                if wanted is None:
                    return attempt > 0
                try:
                    self._broadcast(network, name, wanted, identities, service)
                except RefusedError as refusal:
                    # Somebody else has changed the channel since it was read.
                    if STALE not in str(refusal) or attempt + 1 == ATTEMPTS_MAX:
                        raise
                    continue
                self._await(lambda: update() is None, name)
                return True
        return False

    def joined_channels(self, node: NodeFacts) -> Mapping[str, int]:
        peer = self._peer(node)
        return {name: _height(peer, name) for name in peer.channels()}

    def join_channel(self, network: NetworkFacts, node: NodeFacts, name: str) -> bool:
        peer = self._peer(node)
        if name in peer.channels():
            return False
        genesis = self._by_first(network, lambda orderer: orderer.block(name, 0))
        peer.join(genesis)
        return True

    def _newest(self, network: NetworkFacts, name: str) -> tuple[Block, Config] | None:
        """The channel's newest block, and the configuration that holds."""

        def read(orderer: OrdererClient) -> tuple[Block, Config]:
            newest = orderer.block(name)
            number = last_config(newest)
            is_config = number == newest.header.number
            return newest, config_of(newest if is_config else orderer.block(name, number))

        try:
            return self._by_first(network, read)
        except NoChannelError:
            return None

    def _broadcast(
        self,
        network: NetworkFacts,
        name: str,
        update: ConfigUpdate,
        signers: Sequence[Identity],
        submitter: Identity,
    ) -> None:
        envelope = self._signing(submitter).config_update(name, update, signers)
        self._by_first(network, lambda orderer: orderer.broadcast(envelope))

    def _by_first(self, network: NetworkFacts, act: Callable[[OrdererClient], Result]) -> Result:
        """What ``act`` returns with the first orderer that serves."""
        signing = self._signing(self._ordering_admin(network))
        silence = UnreachableError("the network has no orderer")
        for ordinal, (port, _) in enumerate(network.orderer_ports):
            host = self._place(orderer_workload(network.network_id, ordinal)).internal_host
            try:
                return act(OrdererClient(self._connections, f"{host}:{port}", signing))
            except UnreachableError as fault:
                silence = fault
        raise silence

    def _await(self, holds: Callable[[], bool], name: str) -> None:
        """An orderer accepts a change before it is in effect: ask until it is.

        A new channel's orderers say that they are unavailable until they have elected a leader.
        """
        pause = threading.Event()
        for _ in range(_LOOKS_MAX):
            with suppress(UnreachableError):
                if holds():
                    return
            pause.wait(_LOOK_SECONDS)
        raise UnreachableError(f"the change of channel {name} is not in effect yet")

    def _peer(self, node: NodeFacts) -> PeerClient:
        host = self._place(peer_workload(node.node_id)).internal_host
        signing = self._signing(self._member(node.member_id))
        return PeerClient(self._connections, f"{host}:{node.peer_port}", signing)

    def _signing(self, identity: Identity) -> Signing:
        return Signing(identity, self._random_bytes, self._now)

    def _member(self, member_id: str) -> Identity:
        keys = self._materials.directory("member", member_id) / "keys"
        return read_msp(member_id, keys / "service-msp")

    def _ordering_admin(self, network: NetworkFacts) -> Identity:
        keys = self._materials.directory("network", network.network_id) / "keys"
        return read_msp(ORDERER_MSP_ID, keys / "admin-msp")

    def _lock(self, network: NetworkFacts, name: str) -> threading.Lock:
        return self._locks.setdefault((network.network_id, name), threading.Lock())


def _height(peer: PeerClient, channel: str) -> int:
    answer = peer.query("qscc", b"GetChainInfo", channel.encode(), channel=channel)
    return int(BlockchainInfo.FromString(answer).height)
