"""Makes peers known to the other members of their channels.

Without an anchor peer of each member, peers of different members do not find each other: discovery
and the Gateway see one member only, and private data does not travel.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx2
import yaml

from hansa.fabric.base import FabricError
from hansa.fabric.channels import anchor_update, channel_group, joined_channels, update_envelope
from hansa.fabric.tools import FabricTools

_METRICS_SECONDS_MAX = 5.0


class Announcer:
    """Sets anchor peers. Remembers the channels that are settled, so that asking again is cheap."""

    def __init__(self, tools: FabricTools) -> None:
        self._tools = tools
        self._settled: set[tuple[str, str]] = set()
        # One client for all: making one reads every trusted root. Connections are not kept, since
        # a peer that has restarted meanwhile would not know them.
        self._http = httpx2.Client(
            timeout=_METRICS_SECONDS_MAX,
            trust_env=False,
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

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
        for channel in self._joined(metrics_url):
            if (member_id, channel) in self._settled:
                continue
            with tempfile.TemporaryDirectory(prefix="hansa-announce-") as scratch:
                session = _Session(self._tools, Path(scratch), member_id, service_msp, tls_chain)
                changed |= _try_each(orderers, session, channel, endpoint)
            # An anchor peer that its member removes later stays removed.
            self._settled.add((member_id, channel))
        return changed

    def _joined(self, metrics_url: str) -> list[str]:
        try:
            answer = self._http.get(metrics_url)
            answer.raise_for_status()
        except httpx2.HTTPError as fault:
            raise FabricError(f"the peer's metrics at {metrics_url} are silent: {fault}") from fault
        return joined_channels(answer.text)


class _Session:
    """The ``peer`` program in the name of a member's service administrator."""

    def __init__(
        self, tools: FabricTools, scratch: Path, member_id: str, service_msp: Path, tls_chain: Path
    ) -> None:
        self._tools = tools
        self._scratch = scratch
        self._chain = str(tls_chain)
        self._member_id = member_id
        self._environment: Mapping[str, str] = {
            "FABRIC_CFG_PATH": str(scratch),
            "FABRIC_LOGGING_SPEC": "error",
            "CORE_PEER_LOCALMSPID": member_id,
            "CORE_PEER_MSPCONFIGPATH": str(service_msp),
            "CORE_PEER_TLS_ENABLED": "true",
            "CORE_PEER_TLS_ROOTCERT_FILE": self._chain,
        }
        bccsp = {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}}
        core = {"peer": {"BCCSP": bccsp, "client": {"connTimeout": "3s"}}}
        (scratch / "core.yaml").write_bytes(yaml.safe_dump(core).encode())

    def announce(self, orderer: str, channel: str, endpoint: str) -> bool:
        block = self._scratch / "config.block"
        self._channel("fetch", orderer, channel, "config", str(block))
        group = channel_group(self._tools.decode("common.Block", block.read_bytes()))
        host, port = endpoint.rsplit(":", 1)
        update = anchor_update(group, channel, self._member_id, host, int(port))
        if update is None:
            return False
        envelope = self._scratch / "anchor.envelope"
        envelope.write_bytes(
            self._tools.encode("common.Envelope", update_envelope(channel, update))
        )
        self._channel("update", orderer, channel, "-f", str(envelope))
        return True

    def _channel(self, act: str, orderer: str, channel: str, *more: str) -> None:
        through = ("-c", channel, "-o", orderer, "--tls", "--cafile", self._chain)
        self._tools.run("peer", ("channel", act, *more, *through), environment=self._environment)


def _try_each(orderers: Sequence[str], session: _Session, channel: str, endpoint: str) -> bool:
    """Announce through the first orderer that serves; the last one's refusal is the answer."""
    refusal = FabricError(f"channel {channel} has no orderer")
    for orderer in orderers:
        try:
            return session.announce(orderer, channel, endpoint)
        except FabricError as fault:
            refusal = FabricError(f"cannot announce the peer in channel {channel}: {fault}")
    raise refusal
