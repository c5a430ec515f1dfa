"""Start chaincode: from the command line, or from a script of its author's own."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Coroutine, Mapping
from typing import Any, NoReturn

import grpc.aio

from hansa_contract.chaincode import Chaincode
from hansa_contract.client import END_SECONDS, run_client
from hansa_contract.errors import ChaincodeError
from hansa_contract.loading import LoadingError, to_chaincode
from hansa_contract.logs import set_up_logging
from hansa_contract.server import run_server
from hansa_contract.settings import (
    ClientSettings,
    ServerSettings,
    SettingsError,
    client_settings,
    server_settings,
)

logger = logging.getLogger("hansa_contract")


def start(*contracts: Any) -> NoReturn:
    """Run these contracts, or one chaincode, as the environment says, and end the process.

    ``CHAINCODE_SERVER_ADDRESS`` makes it a service; else it connects to its peer, whose address is
    the argument ``--peer.address`` or ``CORE_PEER_ADDRESS``.
    """
    set_up_logging()
    try:
        chaincode = to_chaincode(list(contracts))
        settings = _settings(os.environ, sys.argv[1:])
    except (LoadingError, SettingsError) as fault:
        sys.exit(f"hansa-contract: {fault}")
    run(settings, chaincode)


def run(settings: ClientSettings | ServerSettings, chaincode: Chaincode) -> NoReturn:
    """Until the peer or SIGTERM ends it; the exit code is 0 where that was asked for."""
    code = asyncio.run(_run(settings, chaincode))
    logging.shutdown()
    sys.stdout.flush()
    # A contract's function that never returns must not keep the process.
    os._exit(code)


async def _run(settings: ClientSettings | ServerSettings, chaincode: Chaincode) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # The loop's own handlers would wait for a function that holds it up.
        signal.signal(number, lambda *_: _ask_to_end(loop, stop))
    work: Coroutine[Any, Any, None]
    if isinstance(settings, ServerSettings):
        work = run_server(settings, chaincode, stop)
    else:
        logger.info("connecting to the peer at %s", settings.peer_address)
        work = run_client(settings, chaincode, stop)
    try:
        await work
    except grpc.aio.AioRpcError as fault:
        logger.error("the stream to the peer broke: %s %s", fault.code().name, fault.details())  # noqa: TRY400
    except (ChaincodeError, SettingsError) as fault:
        logger.error("%s", fault)  # noqa: TRY400 - the text says it all
    return 0 if stop.is_set() else 1


def _ask_to_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    loop.call_soon_threadsafe(stop.set)
    by_force = threading.Timer(END_SECONDS + 1, _end_by_force)
    by_force.daemon = True
    by_force.start()


def _end_by_force() -> None:
    logger.warning("the chaincode did not end in time: a function holds up all others")
    os._exit(0)


def _settings(
    environment: Mapping[str, str], arguments: list[str]
) -> ClientSettings | ServerSettings:
    if environment.get("CHAINCODE_SERVER_ADDRESS"):
        return server_settings(environment)
    address = ""
    for place, argument in enumerate(arguments):
        name, _, value = argument.lstrip("-").partition("=")
        if name == "peer.address":
            address = value or (arguments[place + 1] if place + 1 < len(arguments) else "")
    return client_settings(environment, address)
