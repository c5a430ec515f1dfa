"""A chaincode that runs for a test, connected to a fake peer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from tests.unit.contract.fake_peer import FakePeer, Session, fake_peer

from hansa_contract.blocking import ChaincodeStub
from hansa_contract.client import run_client
from hansa_contract.response import Response
from hansa_contract.settings import ClientSettings
from hansa_contract.stub import AsyncChaincodeStub

Function = Callable[[AsyncChaincodeStub], Awaitable[Response]]


class Chaincode:
    """Runs the function that a test gives it, for transactions and for init."""

    def __init__(self, function: Function) -> None:
        self.function = function

    async def init(self, stub: AsyncChaincodeStub) -> Response:
        return await self.function(stub)

    async def invoke(self, stub: AsyncChaincodeStub) -> Response:
        return await self.function(stub)


def blocking(function: Callable[[ChaincodeStub], Response]) -> Function:
    """As the contract API runs a ``def``."""

    async def invoke(stub: AsyncChaincodeStub) -> Response:
        return await stub.runner.run(lambda: function(ChaincodeStub(stub)))

    return invoke


@asynccontextmanager
async def connected(
    function: Function, threads: int = 0, **options: Any
) -> AsyncIterator[tuple[Session, asyncio.Event, asyncio.Task[None]]]:
    async with fake_peer(**options) as peer:
        stop = asyncio.Event()
        client = asyncio.create_task(run_client(settings(peer, threads), Chaincode(function), stop))
        session = await peer.session()
        try:
            yield session, stop, client
        finally:
            stop.set()
            await asyncio.gather(client, return_exceptions=True)


def settings(peer: FakePeer, threads: int = 0) -> ClientSettings:
    return ClientSettings(peer.address, "asset_1:abc", None, threads)


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(60):
            await scenario()

    asyncio.run(limited())
