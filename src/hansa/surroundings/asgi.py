"""The web's types as they are used here (ASGI 3, HTTP scope)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: str) -> str:
    """The first value of header ``name`` (lower case), or ``""``."""
    wanted = name.encode()
    for key, value in scope["headers"]:
        if key.lower() == wanted:
            return str(value.decode("latin-1"))
    return ""


class Body:
    """A request's body: a ``receive`` that knows whether all of it was read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self._ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message

    async def read(self, bytes_max: int) -> bytes | None:
        """The whole body, or ``None`` as soon as it is longer than ``bytes_max``."""
        body = bytearray()
        while not self._ended:
            body += (await self()).get("body", b"")
            if len(body) > bytes_max:
                return None
        return bytes(body)

    async def drain(self) -> None:
        """Drop the rest: left unread, it would be taken for the connection's next request."""
        while not self._ended:
            await self()
