"""Updates of channels' configurations, submitted to the orderers of this installation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fabric_protos.common.configtx_pb2 import ConfigUpdate

from hansa.fabric.base import NetworkFacts
from hansa.fabric.reach import Reach
from hansa.fabric.retries import await_effect, until_current
from hansa.fabric.rpc.identity import Identity


class Updates:
    """Submits updates as often as it takes. Raises :class:`~hansa.fabric.base.FabricError`."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def submit(
        self,
        network: NetworkFacts,
        channel: str,
        update: ConfigUpdate,
        signers: Sequence[Identity],
    ) -> None:
        """Have the update ordered, signed by all ``signers`` and submitted by the first."""
        envelope = self._reach.signing(signers[0]).config_update(channel, update, signers)
        self._reach.by_first(network, channel, lambda orderer: orderer.broadcast(envelope))

    def settle(
        self,
        network: NetworkFacts,
        channel: str,
        decide: Callable[[], ConfigUpdate | None],
        signers: Sequence[Identity],
    ) -> bool:
        """Submit what ``decide`` finds to be updated now; False where it found nothing.

        In effect on the orderer that served when this returns.
        """
        submitted = False

        def change() -> bool:
            nonlocal submitted
            update = decide()
            if update is None:
                return submitted
            submitted = True
            self.submit(network, channel, update, signers)
            await_effect(lambda: decide() is None, channel)
            return True

        return until_current(change)
