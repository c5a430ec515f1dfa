"""Chaincode as a service: peers connect to it, each with a stream of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio
from fabric_protos.peer import chaincode_shim_pb2_grpc

from hansa_contract.chaincode import Chaincode
from hansa_contract.client import END_SECONDS
from hansa_contract.connection import Connection
from hansa_contract.links import MESSAGE_BYTES_MAX, Message
from hansa_contract.runner import Runner
from hansa_contract.runners import function_runners
from hansa_contract.settings import ServerSettings, SettingsError

logger = logging.getLogger("hansa_contract")

OPTIONS: list[tuple[str, Any]] = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Peers ping once a minute, with or without traffic.
    ("grpc.http2.min_ping_interval_without_data_ms", 30_000),
    ("grpc.so_reuseport", 0),
]


class _ServerStream:
    def __init__(self, context: Any) -> None:
        self._context = context

    async def read(self) -> Message | None:
        message = await self._context.read()
        return message or None  # the end of a stream is false

    async def write(self, message: Message) -> None:
        await self._context.write(message)


class _Service:
    """Fabric's service ``protos.Chaincode``."""

    def __init__(
        self, chaincode_id: str, chaincode: Chaincode, runner: Runner, nested: Runner
    ) -> None:
        self._chaincode_id, self._chaincode = chaincode_id, chaincode
        self._runner, self._nested = runner, nested
        self.connections: set[Connection] = set()

    async def Connect(self, _requests: object, context: Any) -> None:  # noqa: N802 - gRPC's name
        connection = Connection(
            self._chaincode_id, self._chaincode, _ServerStream(context), self._runner, self._nested
        )
        self.connections.add(connection)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)
            logger.info("a peer has gone")


async def run_server(
    settings: ServerSettings,
    chaincode: Chaincode,
    stop: asyncio.Event,
    on_port: Callable[[int], None] = lambda _: None,
) -> None:
    """Until ``stop`` is set and what runs has ended; ``on_port`` gets the port once it listens.

    Raises :class:`SettingsError` where it cannot listen.
    """
    with function_runners(asyncio.get_running_loop(), settings.threads) as runners:
        service = _Service(settings.chaincode_id, chaincode, *runners)
        server = grpc.aio.server(options=OPTIONS)
        chaincode_shim_pb2_grpc.add_ChaincodeServicer_to_server(service, server)
        port = _listen(server, settings)
        await server.start()
        logger.info("listening on %s", settings.address)
        on_port(port)
        try:
            await stop.wait()
        finally:
            await asyncio.gather(*(c.drain(END_SECONDS) for c in service.connections))
            await server.stop(grace=None)


def _listen(server: Any, settings: ServerSettings) -> int:
    try:
        if settings.tls is None:
            port: int = server.add_insecure_port(settings.address)
        else:
            tls = settings.tls
            credentials = grpc.ssl_server_credentials(
                [(tls.key, tls.certificate)],
                root_certificates=tls.root,
                require_client_auth=tls.root is not None,
            )
            port = server.add_secure_port(settings.address, credentials)
    except RuntimeError as fault:
        raise SettingsError(f"cannot listen on {settings.address}: {fault}") from fault
    return port
