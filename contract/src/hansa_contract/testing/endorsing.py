"""One peer's part in a transaction: it runs the chaincode and says what came of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from hansa_contract.blocking import ChaincodeStub
from hansa_contract.chaincode import Chaincode
from hansa_contract.context import BaseContext, Context, enter, turn
from hansa_contract.errors import PeerError
from hansa_contract.proposal import Transaction
from hansa_contract.response import Response
from hansa_contract.runner import InlineRunner
from hansa_contract.stub import AsyncChaincodeStub
from hansa_contract.testing.collections import Collection
from hansa_contract.testing.link import MockLink
from hansa_contract.testing.simulation import ReadWriteSet, Simulation
from hansa_contract.testing.state import State

T = TypeVar("T")
C = TypeVar("C", bound=BaseContext[Any])


@dataclass(frozen=True)
class Event:
    """A chaincode's event; a transaction has one at most."""

    tx_id: str
    chaincode: str
    name: str
    payload: bytes


@dataclass(frozen=True)
class Endorsement:
    """What one peer signs."""

    member: str
    response: Response
    result: ReadWriteSet
    event: Event | None

    def agrees(self, other: Endorsement) -> bool:
        return replace(other, member=self.member) == self


class Ledger(Protocol):
    """What a peer needs of its channel."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> State: ...
    @property
    def running(self) -> Mapping[str, Chaincode]: ...
    @property
    def named(self) -> Mapping[str, Mapping[str, Collection]]: ...
    @property
    def others(self) -> Sequence[Ledger]: ...


class Endorser:
    """A member's peer, for one transaction; chaincodes that call each other share the result."""

    def __init__(self, ledger: Ledger, member: str, creator: str, transaction: Transaction) -> None:
        self._ledger, self._member, self._creator = ledger, member, creator
        self._transaction = transaction
        self._busy: set[str] = set()
        self._simulation = Simulation(
            ledger.state, ledger.named, member, creator, transaction.tx_id
        )

    async def endorse(self, chaincode: str, *, is_init: bool) -> Endorsement:
        stub = self.stub(chaincode)
        self._busy.add(chaincode)
        running = self._ledger.running[chaincode]
        response = await (running.init(stub) if is_init else running.invoke(stub))
        return self.finish(chaincode, response, stub)

    def stub(self, chaincode: str, args: Sequence[bytes] | None = None) -> AsyncChaincodeStub:
        """The arguments are the transaction's, unless given."""
        given = tuple(self._transaction.args if args is None else args)
        link = MockLink(chaincode, self._simulation, self._ledger.state, self._call)
        return AsyncChaincodeStub(replace(self._transaction, args=given), link, InlineRunner())

    def finish(self, chaincode: str, response: Response, stub: AsyncChaincodeStub) -> Endorsement:
        event = Event(self._transaction.tx_id, chaincode, *stub.event) if stub.event else None
        return Endorsement(self._member, response, self._simulation.result, event)

    async def _call(self, target: str, args: Sequence[bytes]) -> Response:
        """Another chaincode, here or on another channel; its events do not count."""
        name, _, channel = target.partition("/")
        if channel and channel != self._ledger.name:
            other = next((o for o in self._ledger.others if o.name == channel), None)
            if other is None:
                raise PeerError(f"failed to find ledger for channel: {channel}")
            transaction = replace(self._transaction, channel_id=channel)
            peer = Endorser(other, self._member, self._creator, transaction)
            return await peer.run(name, args)
        return await self.run(name, args)

    async def run(self, chaincode: str, args: Sequence[bytes]) -> Response:
        """Raises :class:`PeerError` where there is no such chaincode, or it runs already."""
        running = self._ledger.running.get(chaincode)
        if running is None:
            raise PeerError(f"chaincode {chaincode} not found")
        if chaincode in self._busy:
            raise PeerError(f"txid: {self._transaction.tx_id}({self._ledger.name}) exists")
        self._busy.add(chaincode)
        try:
            return await running.invoke(self.stub(chaincode, args))
        finally:
            self._busy.remove(chaincode)


class TransactionContext:
    """An open transaction, for tests that call a contract's methods themselves."""

    def __init__(self, stub: AsyncChaincodeStub, chaincode: str) -> None:
        self._chaincode = chaincode
        self.async_stub = stub
        self.stub = ChaincodeStub(stub)

    def context(self, context: C | None = None, *, asynchronous: bool = False) -> C | Context:
        """A context with this transaction; give your own, as ``create_context()`` makes it."""
        entered = enter(context or Context(), self.async_stub, self._chaincode)
        turn(entered, asynchronous=asynchronous)
        return entered


def drive(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end, in a thread of its own where this one has a running event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    found: list[T] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            found.append(asyncio.run(work))
        except BaseException as fault:  # noqa: BLE001  raised again where it is waited for
            faults.append(fault)

    thread = threading.Thread(target=run, name="mock-channel")
    thread.start()
    thread.join()
    if faults:
        raise faults[0]
    return found[0]
