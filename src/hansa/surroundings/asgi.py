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
        self._kept: bytes | None = None

    async def __call__(self) -> Message:
        if self._kept is not None:
            body, self._kept = self._kept, None
            return {"type": "http.request", "body": body, "more_body": False}
        message = await self._receive()
        self._ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message

    async def keep(self) -> bytes:
        """The whole body, which is then given again, as one message.

        The front has read it already, and has limited it.
        """
        body = bytearray()
        while not self._ended:
            body += (await self()).get("body", b"")
        self._kept = bytes(body)
        return self._kept

    async def drain(self) -> None:
        """Drop the rest: left unread, it would be taken for the connection's next request."""
        while not self._ended:
            await self()
