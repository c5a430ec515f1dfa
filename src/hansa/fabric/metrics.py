"""What peers and orderers tell of themselves by their operations service."""

from __future__ import annotations

import httpx2

from hansa.fabric.base import FabricError
from hansa.fabric.channels import joined_channels

_METRICS_SECONDS_MAX = 5.0


class Metrics:
    """Reads metrics. Safe for several threads."""

    def __init__(self) -> None:
        # One client for all: making one reads every trusted root. Connections are not kept, since
        # a process that has restarted meanwhile would not know them.
        self._http = httpx2.Client(
            timeout=_METRICS_SECONDS_MAX,
            trust_env=False,
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    def channels(self, url: str) -> list[str]:
        """The channels that the peer or orderer with these metrics keeps a ledger of, sorted.

        Raises :class:`FabricError`.
        """
        return joined_channels(self.read(url))

    def read(self, url: str) -> str:
        """All metrics, in Prometheus's format. Raises :class:`FabricError`."""
        try:
            answer = self._http.get(url)
            answer.raise_for_status()
        except httpx2.HTTPError as fault:
            raise FabricError(f"the metrics at {url} are silent: {fault}") from fault
        return answer.text
