"""Signing as somebody, with the time and fresh nonces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fabric_protos.common.common_pb2 import Envelope
from fabric_protos.common.configtx_pb2 import ConfigUpdate
from fabric_protos.orderer.ab_pb2 import SeekInfo

from hansa.fabric.rpc.identity import Identity
from hansa.fabric.rpc.proposals import (
    NONCE_BYTES,
    Call,
    SignedCall,
    config_update,
    seek,
    sign_call,
)


@dataclass(frozen=True)
class Signing:
    """``random_bytes`` gives as many random bytes as it is asked for; ``now`` is aware."""

    identity: Identity
    random_bytes: Callable[[int], bytes]
    now: Callable[[], datetime]

    def call(self, call: Call, nonce: bytes | None = None) -> SignedCall:
        """With a random nonce if ``nonce`` is None."""
        return sign_call(call, self.identity, nonce or self._nonce(), self.now())

    def seek(self, channel: str, what: SeekInfo) -> Envelope:
        return seek(channel, what, self.identity, self._nonce(), self.now())

    def config_update(
        self, channel: str, update: ConfigUpdate, signers: Sequence[Identity]
    ) -> Envelope:
        """See :func:`hansa.fabric.rpc.proposals.config_update`."""
        nonce = self._nonce()
        return config_update(channel, update, signers, self.identity, nonce, self.now())

    def _nonce(self) -> bytes:
        return self.random_bytes(NONCE_BYTES)
