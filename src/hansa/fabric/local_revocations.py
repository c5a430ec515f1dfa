"""Puts revocation lists into the channels of the networks that this installation runs."""

from __future__ import annotations

from fabric_protos.common.configtx_pb2 import ConfigUpdate

from hansa.fabric.base import NetworkFacts
from hansa.fabric.reach import Reach
from hansa.fabric.rpc.configs import config_of, update_between
from hansa.fabric.rpc.revocations import revoking
from hansa.fabric.updates import Updates


class LocalRevocations:
    """Signed by the ordering service alone, which maintains the members' MSPs."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._updates = Updates(reach)

    def publish(
        self, network: NetworkFacts, channel: str, member_id: str, revocation_list: bytes
    ) -> bool:
        """Have the channel refuse what the list (PEM) revokes; False where it does already.

        In effect on the orderer that served when this returns. Raises
        :class:`~hansa.fabric.base.FabricError`.
        """

        def decide() -> ConfigUpdate | None:
            block = self._reach.by_first(
                network, channel, lambda orderer: orderer.config_block(channel)
            )
            top = config_of(block).channel_group
            return update_between(channel, top, revoking(top, member_id, revocation_list))

        admin = self._reach.ordering_admin(network)
        return self._updates.settle(network, channel, decide, [admin])
