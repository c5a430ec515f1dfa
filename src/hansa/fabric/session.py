"""Reading and changing channels' configurations with the ``peer`` program."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from hansa.fabric.base import FabricError
from hansa.fabric.channels import channel_group, update_envelope
from hansa.fabric.tools import FabricTools

Server = TypeVar("Server")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Signer:
    """An identity: its MSP's id, and the directory with its MSP and private key."""

    msp_id: str
    msp: Path


class ChannelSession:
    """``signer`` with the ``peer`` program. Every method raises :class:`FabricError`.

    ``scratch`` is a directory of its own; ``orderer`` is ``HOST:PORT`` each time.
    """

    def __init__(self, tools: FabricTools, scratch: Path, signer: Signer, tls_chain: Path) -> None:
        self._tools = tools
        self._scratch = scratch
        self._signer = signer
        self._chain = str(tls_chain)
        bccsp = {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}}
        core = {"peer": {"BCCSP": bccsp, "client": {"connTimeout": "3s"}}}
        (scratch / "core.yaml").write_bytes(yaml.safe_dump(core).encode())

    def group(self, orderer: str, channel: str) -> dict[str, Any]:
        """The top group of the channel's configuration as ``orderer`` has it."""
        block = self._scratch / "config.block"
        self._channel("fetch", "config", str(block), *self._through(orderer, channel))
        return channel_group(self._tools.decode("common.Block", block.read_bytes()))

    def update(
        self,
        orderer: str,
        channel: str,
        update: Mapping[str, Any],
        cosigners: Sequence[Signer] = (),
    ) -> None:
        """Have the channel changed by a ``common.ConfigUpdate``, signed by all these."""
        file = self._scratch / "update.envelope"
        file.write_bytes(self._tools.encode("common.Envelope", update_envelope(channel, update)))
        for cosigner in cosigners:
            self._channel("signconfigtx", "-f", str(file), signer=cosigner)
        self._channel("update", "-f", str(file), *self._through(orderer, channel))

    def _through(self, orderer: str, channel: str) -> tuple[str, ...]:
        return ("-c", channel, "-o", orderer, "--tls", "--cafile", self._chain)

    def _channel(self, act: str, *more: str, signer: Signer | None = None) -> None:
        signer = signer or self._signer
        environment = {
            "FABRIC_CFG_PATH": str(self._scratch),
            "FABRIC_LOGGING_SPEC": "error",
            "CORE_PEER_LOCALMSPID": signer.msp_id,
            "CORE_PEER_MSPCONFIGPATH": str(signer.msp),
            "CORE_PEER_TLS_ENABLED": "true",
            "CORE_PEER_TLS_ROOTCERT_FILE": self._chain,
        }
        self._tools.run("peer", ("channel", act, *more), environment=environment)


@contextmanager
def channel_session(
    tools: FabricTools, signer: Signer, tls_chain: Path
) -> Iterator[ChannelSession]:
    """A session with a scratch directory for as long as it is open."""
    with tempfile.TemporaryDirectory(prefix="hansa-channel-") as scratch:
        yield ChannelSession(tools, Path(scratch), signer, tls_chain)


def by_first(orderers: Sequence[Server], act: Callable[[Server], Result], failure: str) -> Result:
    """What ``act`` returns with the first of ``orderers`` that serves.

    Raises :class:`FabricError`: ``failure``, and the last one's refusal.
    """
    refusal = FabricError(f"{failure}: there is no orderer")
    for orderer in orderers:
        try:
            return act(orderer)
        except FabricError as fault:
            refusal = FabricError(f"{failure}: {fault}")
    raise refusal
