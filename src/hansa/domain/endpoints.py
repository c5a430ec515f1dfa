"""The public endpoints of a network's resources: ``HOST:PORT`` as the API and Fabric tell it.

Hosts are AMB's names where they resolve on the user's machine, else ``localhost``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hansa.domain import names

LOCALHOST = "localhost"


@dataclass(frozen=True)
class Endpoints:
    """How endpoints are spelled: by AMB's names under ``domain`` if ``named``, else by localhost.

    The ``…_host`` methods always give AMB's name, which certificates carry in both cases.
    """

    region: str
    domain: str
    named: bool

    def in_region(self, region: str) -> Endpoints:
        """The same spelling for a resource of ``region``."""
        return replace(self, region=region)

    def orderer_host(self, network_id: str, ordinal: int = 0) -> str:
        return names.orderer_host(network_id, self.region, self.domain, ordinal)

    def ca_host(self, member_id: str, network_id: str) -> str:
        return names.ca_host(member_id, network_id, self.region, self.domain)

    def peer_host(self, node_id: str, member_id: str, network_id: str) -> str:
        return names.peer_host(node_id, member_id, network_id, self.region, self.domain)

    def orderer(self, network_id: str, ordinal: int, port: int) -> str:
        """The endpoint of one orderer; ordinal 0 is the network's OrderingServiceEndpoint."""
        return self._spell(self.orderer_host(network_id, ordinal), port)

    def ca(self, member_id: str, network_id: str, port: int) -> str:
        """The member's CaEndpoint."""
        return self._spell(self.ca_host(member_id, network_id), port)

    def peer(self, node_id: str, member_id: str, network_id: str, port: int) -> str:
        """The node's PeerEndpoint; the event endpoint of a peer is the same."""
        return self._spell(self.peer_host(node_id, member_id, network_id), port)

    def _spell(self, host: str, port: int) -> str:
        return f"{host if self.named else LOCALHOST}:{port}"
