"""Requests to the application in process, signed by botocore."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.conformance.toy import KEY, SECRET

HOST = "127.0.0.1:8590"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return self.headers.get("x-amzn-errortype", "")

    @property
    def message(self) -> str:
        return str(json.loads(self.body)["Message"])


def signed(
    method: str,
    target: str,
    body: bytes = b"",
    *,
    key: str = KEY,
    secret: str = SECRET,
    token: str | None = None,
    service: str = "managedblockchain",
    headers: dict[str, str] | None = None,
) -> dict[str, str]:
    """The headers of a request, signed now."""
    request = AWSRequest(method, f"http://{HOST}{target}", data=body, headers=headers or {})
    SigV4Auth(Credentials(key, secret, token), service, "us-east-1").add_auth(request)
    return {"Host": HOST, **dict(request.headers.items())}


def send(
    app: Any,
    method: str,
    target: str,
    body: bytes | Iterable[bytes] = b"",
    headers: dict[str, str] | list[tuple[str, str]] | None = None,
) -> Answer:
    """The answer to one request; ``body`` may come in parts."""
    parts = [body] if isinstance(body, bytes) else list(body)
    messages = [
        {"type": "http.request", "body": part, "more_body": number < len(parts)}
        for number, part in enumerate(parts, 1)
    ]
    path, _, query = target.partition("?")
    pairs = headers.items() if isinstance(headers, dict) else headers or []
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs],
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def collect(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, collect))
    if not sent:
        return Answer(0, {}, b"")
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], found, b"".join(part["body"] for part in sent[1:]))


def call(app: Any, method: str, target: str, body: bytes = b"", **signing: Any) -> Answer:
    """The answer to one signed request."""
    return send(app, method, target, body, signed(method, target, body, **signing))
