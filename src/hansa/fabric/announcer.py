"""Makes peers known to the other members of their channels.

Without an anchor peer of each member, peers of different members do not find each other: discovery
and the Gateway see one member only, and private data does not travel.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from hansa.fabric.channels import anchor_update
from hansa.fabric.metrics import Metrics
from hansa.fabric.session import ChannelSession, Signer, by_first, channel_session
from hansa.fabric.tools import FabricTools


class Announcer:
    """Sets anchor peers. Remembers the channels that are settled, so that asking again is cheap."""

    def __init__(self, tools: FabricTools, metrics: Metrics) -> None:
        self._tools = tools
        self._metrics = metrics
        self._settled: set[tuple[str, str]] = set()

    def announce(
        self,
        member_id: str,
        metrics_url: str,
        endpoint: str,
        orderers: Sequence[str],
        service_msp: Path,
        tls_chain: Path,
    ) -> bool:
        """Make ``endpoint`` (``HOST:PORT``) an anchor peer of each joined channel that has none.

        ``metrics_url`` is the peer's own; ``orderers`` are tried in turn; ``service_msp`` signs.
        Returns whether anything was changed. Raises :class:`FabricError`.
        """
        changed = False
        for channel in self._metrics.channels(metrics_url):
            if (member_id, channel) in self._settled:
                continue
            with channel_session(self._tools, Signer(member_id, service_msp), tls_chain) as session:
                announce = partial(_announce, session, channel, member_id, endpoint)
                failure = f"cannot announce the peer in channel {channel}"
                changed |= by_first(orderers, announce, failure)
            # An anchor peer that its member removes later stays removed.
            self._settled.add((member_id, channel))
        return changed


def _announce(
    session: ChannelSession, channel: str, member_id: str, endpoint: str, orderer: str
) -> bool:
    host, port = endpoint.rsplit(":", 1)
    group = session.group(orderer, channel)
    update = anchor_update(group, channel, member_id, host, int(port))
    if update is None:
        return False
    session.update(orderer, channel, update)
    return True
