"""Puts revocation lists into the channels of the networks that this installation runs."""

from __future__ import annotations

import threading
from contextlib import suppress

from fabric_protos.common.configtx_pb2 import ConfigUpdate

from hansa.fabric.announcer import ATTEMPTS_MAX, STALE
from hansa.fabric.base import NetworkFacts
from hansa.fabric.reach import Reach
from hansa.fabric.rpc.configs import config_of, update_between
from hansa.fabric.rpc.connections import UnreachableError
from hansa.fabric.rpc.orderer import RefusedError
from hansa.fabric.rpc.revocations import revoking

# How often, and how long apart, to look whether what was accepted is in effect.
_LOOKS_MAX = 100
_LOOK_SECONDS = 0.05


class LocalRevocations:
    """Signed by the ordering service alone, which maintains the members' MSPs."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def publish(
        self, network: NetworkFacts, channel: str, member_id: str, revocation_list: bytes
    ) -> bool:
        """Have the channel refuse what the list (PEM) revokes; False where it does already.

        In effect on the orderer that served when this returns. Raises
        :class:`~hansa.fabric.base.FabricError`.
        """
        for attempt in range(ATTEMPTS_MAX):
            update = self._update(network, channel, member_id, revocation_list)
            if update is None:
                return attempt > 0
            try:
                self._broadcast(network, channel, update)
            except RefusedError as refusal:
                # Somebody has changed the channel since it was read.
                if STALE not in str(refusal) or attempt + 1 == ATTEMPTS_MAX:
                    raise
                continue
            self._await(network, channel, member_id, revocation_list)
            break
        return True

    def _update(
        self, network: NetworkFacts, channel: str, member_id: str, revocation_list: bytes
    ) -> ConfigUpdate | None:
        block = self._reach.by_first(network, lambda orderer: orderer.config_block(channel))
        top = config_of(block).channel_group
        return update_between(channel, top, revoking(top, member_id, revocation_list))

    def _broadcast(self, network: NetworkFacts, channel: str, update: ConfigUpdate) -> None:
        admin = self._reach.ordering_admin(network)
        envelope = self._reach.signing(admin).config_update(channel, update, [admin])
        self._reach.by_first(network, lambda orderer: orderer.broadcast(envelope))

    def _await(
        self, network: NetworkFacts, channel: str, member_id: str, revocation_list: bytes
    ) -> None:
        pause = threading.Event()
        for _ in range(_LOOKS_MAX):
            with suppress(UnreachableError):
                if self._update(network, channel, member_id, revocation_list) is None:
                    return
            pause.wait(_LOOK_SECONDS)
        raise UnreachableError(f"the change of channel {channel} is not in effect yet")
