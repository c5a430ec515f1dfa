"""The steps of a change of a channel's consenters: one orderer at a time, as Fabric has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from hansa.domain.endpoints import Endpoints
from hansa.domain.quorum import Quorum
from hansa.fabric.base import FabricError, NetworkFacts
from hansa.fabric.ledgers import Channel, ChannelChange, Ledgers, Standing, port_of
from hansa.fabric.rpc.connections import UnreachableError
from hansa.operations.facts import network_facts, orderer_endpoints
from hansa.reconcile.performer import Step, told
from hansa.store.database import Session
from hansa.store.networks import require_network
from hansa.store.operation_tables import Operation


@dataclass(frozen=True)
class ConsenterPlans:
    """SetConsenters."""

    ledgers: Ledgers
    endpoints: Endpoints

    def plan(self, session: Session, operation: Operation) -> list[Step]:
        """Who comes first, then who goes, so that never fewer order than will in the end."""
        network = network_facts(session, require_network(session, operation.network_id))
        wanted = list(operation.request["Consenters"])
        known = orderer_endpoints(self.endpoints, network)
        staying = {*map(port_of, wanted)}
        task = _Task(self.ledgers, network, operation.subject, tuple(operation.request["Signers"]))
        return [
            *(Step(f"Have orderer {each} order", partial(told, partial(task.add, each)))
              for each in wanted),
            *(Step(f"Have orderer {each} order no more", partial(told, partial(task.remove, each)))
              for each in known if port_of(each) not in staying),
        ]  # fmt: skip


@dataclass(frozen=True)
class _Task:
    """One channel's change; each method returns whether there was anything to do."""

    ledgers: Ledgers
    network: NetworkFacts
    name: str
    signers: tuple[str, ...]

    def add(self, endpoint: str) -> bool:
        """The orderer, where it runs, serves the channel when this returns."""
        channel, port = self._channel(), port_of(endpoint)
        others = [each for each in channel.consenters if port_of(each) != port]
        is_added = self._change(channel, [*others, endpoint])
        self._await(endpoint, Standing.ORDERS, "has not fetched the blocks yet that it has missed")
        return is_added

    def remove(self, endpoint: str) -> bool:
        """The orderer, where it runs, serves what it has of the channel no more.

        One that was added again before it knows that it was out would not come back.
        """
        channel, port = self._channel(), port_of(endpoint)
        others = [each for each in channel.consenters if port_of(each) != port]
        is_removed = self._change(channel, others)
        self._await(endpoint, Standing.OUT, "has not heard yet that it is out")
        return is_removed

    def _await(self, endpoint: str, standing: Standing, otherwise: str) -> None:
        port = port_of(endpoint)
        if port not in self.ledgers.running_orderers(self.network):
            return
        if self.ledgers.standing(self.network, self.name, port) is not standing:
            raise UnreachableError(f"orderer {endpoint} {otherwise}")

    def _channel(self) -> Channel:
        channel = self.ledgers.channel(self.network, self.name)
        if channel is None:
            raise FabricError(f"channel {self.name} is not there any more")
        return channel

    def _change(self, channel: Channel, consenters: Sequence[str]) -> bool:
        """Signed by those of the signers, who agreed, that are in the channel."""
        ports = frozenset(map(port_of, consenters))
        if ports == {*map(port_of, channel.consenters)}:
            return False
        # Orderers may have stopped since it was asked for, and may run again.
        quorum = Quorum(ports, self.ledgers.running_orderers(self.network))
        if not quorum.holds:
            raise UnreachableError(
                f"{quorum.needed} of the {len(ports)} orderers would have to run, and "
                f"{quorum.present} of them run now"
            )
        change = ChannelChange(consenters=tuple(consenters))
        taking_part = [member for member in self.signers if member in channel.anchor_peers]
        return self.ledgers.change_channel(self.network, self.name, change, taking_part)
