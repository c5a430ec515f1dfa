"""The surroundings behind a front that takes every signature for good, served by uvicorn."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config

from hansa.domain.caller import Caller
from hansa.surroundings.app import Surroundings, create_surroundings
from hansa.surroundings.asgi import Application, Receive, Scope, Send, header

CHAIN = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

ACCOUNTS = {"AKIAALICE00000000001": "111122223333", "AKIABOB0000000000001": "444455556666"}


_foreign_addresses: list[str] = []
_watching = threading.Event()


def _note_connections(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _watching.is_set():
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else address
        if host not in ("127.0.0.1", "::1"):
            _foreign_addresses.append(str(address))


@pytest.fixture(scope="module", autouse=True)
def _no_network() -> Iterator[None]:
    """Nothing in this process talks to anybody but the server under test."""
    sys.addaudithook(_note_connections)  # cannot be taken back, hence the event
    _watching.set()
    yield
    _watching.clear()
    assert _foreign_addresses == []


def front(surroundings: Application) -> Application:
    """Stands in for authentication: the access key alone says who is calling."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"].decode()
        credential = header(scope, "authorization").partition("Credential=")[2]
        if "X-Amz-Credential=" in query:
            credential = query.partition("X-Amz-Credential=")[2].replace("%2F", "/")
        key, _date, region = ([*credential.split("/"), "", ""])[:3]
        account = ACCOUNTS.get(key)
        if account:
            arn = f"arn:aws:iam::{account}:user/admin"
            scope["hansa.caller"] = Caller(account, arn, key, region)
        await surroundings(scope, receive, send)

    return application


@pytest.fixture(scope="module")
def surroundings() -> Iterator[Surroundings]:
    made = create_surroundings(lambda: CHAIN)
    yield made
    made.close()


@pytest.fixture(scope="module")
def url(surroundings: Surroundings) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(front(surroundings), lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture
def client(url: str) -> Callable[..., Any]:
    """Makes a boto3 client of a service, as Alice unless told otherwise."""

    def make(service: str, key: str = "AKIAALICE00000000001", **options: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=options.pop("endpoint_url", url),
            region_name=options.pop("region_name", "us-east-1"),
            aws_access_key_id=key,
            aws_secret_access_key="secret",
            config=Config(retries={"max_attempts": 0}, **options),
        )

    return make
