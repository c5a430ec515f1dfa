"""A served API with an implementation that only remembers, for clients to be tried on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import uvicorn
from botocore.config import Config

from hansa.domain.caller import Caller
from hansa.domain.errors import ResourceNotFoundError
from hansa.iam.credentials import Credential
from hansa.wire.app import Application, create_app
from hansa.wire.service import managedblockchain_service

ACCOUNT = "123456789012"
ARN = f"arn:aws:iam::{ACCOUNT}:user/admin"
KEY, SECRET = "AKIATESTTESTTESTTEST", "secret/of+nobody"
TOKEN = "token+of/nobody=="
NETWORK_ID = "n-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CREATED = datetime(2022, 3, 18, 14, 42, 41, 455000, tzinfo=UTC)


class Keys(dict[str, Credential]):
    """Credentials in a dictionary."""

    def __init__(self, *credentials: Credential) -> None:
        super().__init__({credential.access_key_id: credential for credential in credentials})

    def find(self, access_key_id: str) -> Credential | None:
        return self.get(access_key_id)


KEYS = Keys(
    Credential(KEY, SECRET, ACCOUNT, ARN),
    Credential("ASIATEMPORARY", SECRET, ACCOUNT, ARN, session_token=TOKEN),
    Credential("ASIAEXPIRED", SECRET, ACCOUNT, ARN, TOKEN, datetime(2020, 1, 1, tzinfo=UTC)),
    Credential("AKIAINACTIVE", SECRET, ACCOUNT, ARN, active=False),
)


class Recorder:
    """Implements every operation: records the call and answers with what it was told to.

    ``answer`` may also be a function of the operation's name, the caller and the input.
    """

    def __init__(self, answer: Any = None) -> None:
        self.calls: list[tuple[str, Caller, dict[str, Any]]] = []
        self.answer = answer

    def __getattr__(self, name: str) -> Callable[[Caller, dict[str, Any]], Any]:
        def call(caller: Caller, request: dict[str, Any]) -> Any:
            self.calls.append((name, caller, request))
            answer = self.answer
            return answer(name, caller, request) if callable(answer) else answer or {}

        return call


def toy_answer(name: str, _caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    if name == "get_network":
        if request["NetworkId"] != NETWORK_ID:
            raise ResourceNotFoundError("There is no such network.", request["NetworkId"])
        return {"Network": {"Id": NETWORK_ID, "Name": "toy", "CreationDate": CREATED}}
    return {}


def make_app(operations: Any, **options: Any) -> Application:
    options = {"credentials": KEYS, "now": lambda: datetime.now(UTC)} | options
    numbers = iter(range(1, 10_000_000))
    return create_app(
        {"managedblockchain": managedblockchain_service(operations)},
        new_request_id=lambda: f"request-{next(numbers)}",
        **options,
    )


@contextmanager
def served(app: Application) -> Iterator[str]:
    """The URL of a real server that answers with ``app``."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        app.close()


def client(
    url: str, key: str = KEY, secret: str = SECRET, token: str | None = None, **options: Any
) -> Any:
    session = boto3.Session()
    return session.client(
        options.pop("service", "managedblockchain"),
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}, **options),
    )
