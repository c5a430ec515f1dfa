"""How the service reaches a network's orderers and peers, and as whom it signs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from hansa.domain.workload import Place
from hansa.fabric.base import NetworkFacts, NodeFacts
from hansa.fabric.genesis import ORDERER_MSP_ID
from hansa.fabric.local import orderer_workload, peer_workload
from hansa.fabric.materials import Materials
from hansa.fabric.metrics import Metrics
from hansa.fabric.rpc.connections import Connections, UnreachableError
from hansa.fabric.rpc.gateway import GatewayClient
from hansa.fabric.rpc.identity import Identity, read_msp
from hansa.fabric.rpc.orderer import OrdererClient
from hansa.fabric.rpc.peer import PeerClient
from hansa.fabric.rpc.signing import Signing
from hansa.fabric.turns import Turns

Result = TypeVar("Result")


class Reach:
    """Connections inside the installation, signed by identities that the service keeps.

    These are an administrator of each ordering service, and one of each member. ``place`` says
    where a workload runs; ``tls_chain`` verifies peers and orderers. ``metrics`` reads what these
    tell of themselves. For several threads. Call :meth:`close` at the end.
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
        self._turns = Turns()
        self.metrics = Metrics()

    def close(self) -> None:
        self._connections.close()

    def by_first(
        self, network: NetworkFacts, channel: str, act: Callable[[OrdererClient], Result]
    ) -> Result:
        """What ``act`` returns with the first orderer that serves the channel.

        One that is down, or does not order the channel, is asked last from then on.
        """
        silence = UnreachableError("the network has no orderer")
        for port in self._turns.get(network.network_id, channel, _ports(network)):
            try:
                return self.by_port(network, port, act)
            except UnreachableError as fault:
                silence = fault
                self.ask_last(network, channel, port)
        raise silence

    def ask_last(self, network: NetworkFacts, channel: str, port: int) -> None:
        """Have the orderer with this service port asked about the channel after the others."""
        self._turns.put_last(network.network_id, channel, port)

    def by_port(
        self, network: NetworkFacts, port: int, act: Callable[[OrdererClient], Result]
    ) -> Result:
        """What ``act`` returns with the orderer that has this service port."""
        host = self._orderer_host(network, _ports(network).index(port))
        signing = self.signing(self.ordering_admin(network))
        return act(OrdererClient(self._connections, f"{host}:{port}", signing))

    def orderer_metrics(self, network: NetworkFacts) -> list[str]:
        """The addresses of the orderers' metrics."""
        return [
            f"http://{self._orderer_host(network, ordinal)}:{operations}/metrics"
            for ordinal, (_, operations) in enumerate(network.orderer_ports)
        ]

    def _orderer_host(self, network: NetworkFacts, ordinal: int) -> str:
        return self._place(orderer_workload(network.network_id, ordinal)).internal_host

    def peer(self, node: NodeFacts, signer: Identity | None = None) -> PeerClient:
        """The peer, asked by its own member's administrator unless by ``signer``."""
        signing = self.signing(signer or self.member(node.member_id))
        return PeerClient(self._connections, self._peer_address(node), signing)

    def gateway(self, node: NodeFacts) -> GatewayClient:
        """The peer's Gateway, asked by its own member's administrator."""
        signing = self.signing(self.member(node.member_id))
        return GatewayClient(self._connections, self._peer_address(node), signing)

    def _peer_address(self, node: NodeFacts) -> str:
        return f"{self.peer_place(node).internal_host}:{node.peer_port}"

    def peer_place(self, node: NodeFacts) -> Place:
        """Where the peer runs."""
        return self._place(peer_workload(node.node_id))

    def peer_metrics(self, node: NodeFacts) -> str:
        """The address of the peer's metrics."""
        return f"http://{self.peer_place(node).internal_host}:{node.operations_port}/metrics"

    def peer_data(self, node: NodeFacts) -> Path:
        """The directory of the peer's data."""
        return Path(self.peer_place(node).data_directory)

    def signing(self, identity: Identity) -> Signing:
        return Signing(identity, self._random_bytes, self._now)

    def member(self, member_id: str) -> Identity:
        """The service's administrator of the member."""
        keys = self._materials.directory("member", member_id) / "keys"
        return read_msp(member_id, keys / "service-msp")

    def ordering_admin(self, network: NetworkFacts) -> Identity:
        keys = self._materials.directory("network", network.network_id) / "keys"
        return read_msp(ORDERER_MSP_ID, keys / "admin-msp")


def _ports(network: NetworkFacts) -> list[int]:
    return [port for port, _ in network.orderer_ports]
