"""Chaincode as a service: peers connect to it, with and without TLS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import grpc.aio
import pytest
from fabric_protos.peer import chaincode_shim_pb2_grpc
from tests.fabric.packages import self_signed
from tests.unit.contract.fake_peer import OPTIONS, Session
from tests.unit.contract.rig import Chaincode, run

from hansa_contract.response import Response, success
from hansa_contract.server import run_server
from hansa_contract.settings import ServerSettings, SettingsError, Tls
from hansa_contract.stub import AsyncChaincodeStub


async def put(stub: AsyncChaincodeStub) -> Response:
    await stub.put_state(stub.get_string_args()[0], b"1")
    return success()


@asynccontextmanager
async def serving(tls: Tls | None = None) -> AsyncIterator[tuple[str, asyncio.Event]]:
    stop = asyncio.Event()
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    settings = ServerSettings("127.0.0.1:0", "asset_1:abc", tls, 4)
    server = asyncio.create_task(
        run_server(settings, Chaincode(put), stop, on_port=listening.set_result)
    )
    await asyncio.wait((server, listening), return_when=asyncio.FIRST_COMPLETED)
    try:
        yield f"127.0.0.1:{listening.result()}", stop
    finally:
        stop.set()
        await server


@asynccontextmanager
async def peer(channel: grpc.aio.Channel) -> AsyncIterator[Session]:
    call = chaincode_shim_pb2_grpc.ChaincodeStub(channel).Connect()

    async def read() -> object:
        return await call.read() or None

    session = Session(read, call.write)
    serving = asyncio.create_task(session.serve())
    ready = asyncio.create_task(session.ready.wait())
    await asyncio.wait((serving, ready), return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    try:
        if serving.done():
            await serving
        yield session
    finally:
        call.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await channel.close(grace=None)


def test_two_peers_at_once_and_one_that_comes_back() -> None:
    async def scenario() -> None:
        async with serving() as (address, _):
            async with (
                peer(grpc.aio.insecure_channel(address, OPTIONS)) as one,
                peer(grpc.aio.insecure_channel(address, OPTIONS)) as two,
            ):
                assert one.registered == two.registered == "asset_1:abc"
                await asyncio.gather(*(one.invoke(f"a{n}", tx_id=f"{n}") for n in range(50)))
                await two.invoke("b")
                assert len(one.state) == 50
                assert list(two.state) == [("", "b")]
            async with peer(grpc.aio.insecure_channel(address, OPTIONS)) as again:
                assert (await again.invoke("c")).response.status == 200

    run(scenario)


def test_tls_and_the_peers_certificate() -> None:
    certificate, key = (text.encode() for text in self_signed())
    stranger, strangers_key = (text.encode() for text in self_signed())
    options = [*OPTIONS, ("grpc.ssl_target_name_override", "peer")]

    def channel(cert: bytes | None, own: bytes | None) -> grpc.aio.Channel:
        credentials = grpc.ssl_channel_credentials(certificate, own, cert)
        return grpc.aio.secure_channel(address, credentials, options=options)

    address = ""

    async def scenario() -> None:
        nonlocal address
        async with serving(Tls(certificate, key, certificate)) as (address, _):
            async with peer(channel(certificate, key)) as known:
                assert (await known.invoke("a")).response.status == 200
            for cert, own in ((None, None), (stranger, strangers_key)):
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    async with peer(channel(cert, own)):
                        pass
                assert caught.value.code() == grpc.StatusCode.UNAVAILABLE

    run(scenario)


def test_an_address_that_is_taken_is_told() -> None:
    async def scenario() -> None:
        async with serving() as (address, _):
            settings = ServerSettings(address, "asset_1:abc", None, 4)
            with pytest.raises(SettingsError, match=f"cannot listen on {address}"):
                await run_server(settings, Chaincode(put), asyncio.Event())

    run(scenario)
