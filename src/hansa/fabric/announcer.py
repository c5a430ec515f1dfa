"""Makes peers known to the other members of their channels.

Without an anchor peer of each member, peers of different members do not find each other: discovery
and the Gateway see one member only, and private data does not travel.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from hansa.fabric.channels import anchor_update
from hansa.fabric.metrics import Metrics
from hansa.fabric.retries import until_current
from hansa.fabric.session import ChannelSession, Signer, by_first, channel_session
from hansa.fabric.tools import FabricTools


class Announcer:
    """Sets anchor peers. Remembers by endpoint the channels that are settled: asking is cheap."""

    def __init__(self, tools: FabricTools, metrics: Metrics) -> None:
        self._tools = tools
        self._metrics = metrics
        self._settled: dict[str, set[str]] = {}
        # Two updates of one configuration at once are two of the same version: one is refused.
        self._lock = threading.Lock()

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
        with self._lock:
            return self._announce(
                member_id,
                metrics_url,
                endpoint,
                orderers,
                Signer(member_id, service_msp),
                tls_chain,
            )

    def _announce(
        self,
        member_id: str,
        metrics_url: str,
        endpoint: str,
        orderers: Sequence[str],
        signer: Signer,
        tls_chain: Path,
    ) -> bool:
        changed = False
        joined = self._metrics.channels(metrics_url)
        # A channel that the peer has left, and joins again, is a new one.
        settled = self._settled[endpoint] = self._settled.get(endpoint, set()) & {*joined}
        for channel in joined:
            if channel in settled:
                continue
            with channel_session(self._tools, signer, tls_chain) as session:
                announce = partial(_announce, session, channel, member_id, endpoint)
                failure = f"cannot announce the peer in channel {channel}"
                changed |= by_first(orderers, announce, failure)
            # An anchor peer that its member removes later stays removed.
            settled.add(channel)
        return changed


def _announce(
    session: ChannelSession, channel: str, member_id: str, endpoint: str, orderer: str
) -> bool:
    host, port = endpoint.rsplit(":", 1)

    def announce() -> bool:
        group = session.group(orderer, channel)
        update = anchor_update(group, channel, member_id, host, int(port))
        if update is None:
            return False
        session.update(orderer, channel, update)
        return True

    return until_current(announce)
