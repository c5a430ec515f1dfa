"""Chaincode that a peer has started: it connects to the peer and serves one stream."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio
from fabric_protos.peer import chaincode_shim_pb2_grpc

from hansa_contract.chaincode import Chaincode
from hansa_contract.connection import Connection
from hansa_contract.links import MESSAGE_BYTES_MAX, Message
from hansa_contract.runners import function_runners
from hansa_contract.settings import ClientSettings, Tls

logger = logging.getLogger("hansa_contract")

END_SECONDS = 3.0
"""For the transactions that run when the chaincode is told to end; a peer waits for five."""

OPTIONS: list[tuple[str, Any]] = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    # Peers refuse pings more often than once a minute.
    ("grpc.keepalive_time_ms", 75_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    # The environment's proxy is for builds, not for the way to the peer.
    ("grpc.enable_http_proxy", 0),
]


class _ClientStream:
    def __init__(self, call: Any) -> None:
        self._call = call

    async def read(self) -> Message | None:
        message = await self._call.read()
        return message or None  # the end of a stream is false

    async def write(self, message: Message) -> None:
        await self._call.write(message)


async def run_client(
    settings: ClientSettings,
    chaincode: Chaincode,
    stop: asyncio.Event,
    on_connection: Callable[[Connection], None] = lambda _: None,
) -> None:
    """Until the peer ends the stream, or ``stop`` is set and what runs has ended.

    There is no second attempt: a peer starts chaincode anew when it is asked for the next time.
    Raises :class:`grpc.aio.AioRpcError` where the stream breaks, and
    :class:`~hansa_contract.errors.ChaincodeError` where the peer refuses the chaincode.
    """
    channel = _open_channel(settings.peer_address, settings.tls)
    try:
        with function_runners(asyncio.get_running_loop(), settings.threads) as runners:
            call = chaincode_shim_pb2_grpc.ChaincodeSupportStub(channel).Register()
            stream = _ClientStream(call)
            connection = Connection(settings.chaincode_id, chaincode, stream, *runners)
            on_connection(connection)
            await _serve(connection, call, stop)
    finally:
        await channel.close(grace=None)


async def _serve(connection: Connection, call: Any, stop: asyncio.Event) -> None:
    serving = asyncio.create_task(connection.run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        stopping.cancel()
        await serving
        return
    logger.info("ending: transactions that run may take %.0f s", END_SECONDS)
    await connection.drain(END_SECONDS)
    await call.done_writing()
    await asyncio.wait((serving,), timeout=1)  # the peer ends the stream in turn
    call.cancel()
    await asyncio.gather(serving, return_exceptions=True)


def _open_channel(address: str, tls: Tls | None) -> grpc.aio.Channel:
    if tls is None:
        return grpc.aio.insecure_channel(address, options=OPTIONS)
    credentials = grpc.ssl_channel_credentials(tls.root, tls.key, tls.certificate)
    return grpc.aio.secure_channel(address, credentials, options=OPTIONS)
