"""A request's head and body, and a whole response, over ASGI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

from hansa.domain.errors import InvalidRequestError, RequestTooLargeError

# A body that is too large is still read up to here, so that the client gets to read the answer.
DISCARDED_BYTES_MAX = 64 * 1_048_576
JSON_MEDIA_TYPE = "application/json"


class ClientDisconnectedError(Exception):
    """The client went away before it had sent its request."""


@dataclass(frozen=True, slots=True)
class Head:
    """All of a request but its body, as the client sent it.

    ``path`` and ``query`` are still percent-encoded. Header names are in lower case; the values of
    a header that was sent more than once are joined with commas, and its name is in ``repeated``.
    Text holds one character for each byte (Latin-1).
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    repeated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer; the request id is added when it is sent."""

    status: int
    body: bytes
    media_type: str = JSON_MEDIA_TYPE
    headers: tuple[tuple[str, str], ...] = field(default=())


def read_head(scope: Scope) -> Head:
    """The head of the request of an ASGI ``scope``."""
    headers: dict[str, str] = {}
    repeated: set[str] = set()
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers:
            repeated.add(name)
            value = f"{headers[name]},{value}"
        headers[name] = value
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return Head(
        scope["method"],
        raw_path.partition(b"?")[0].decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        headers,
        frozenset(repeated),
    )


async def read_body(head: Head, receive: Receive, bytes_max: int) -> bytes:
    """The whole body.

    Raises :class:`RequestTooLargeError` as soon as it is known to be longer than ``bytes_max``,
    :class:`ClientDisconnectedError` if it does not arrive.
    """
    declared = head.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit() and len(declared) < 20):
        raise InvalidRequestError("The header Content-Length is not a number of bytes.")
    if int(declared) > bytes_max:
        await _discard(receive, int(declared))
        raise _too_large(bytes_max)
    message = await _next_message(receive)
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        parts, size = [body], len(body)
        while message.get("more_body", False):
            message = await _next_message(receive)
            part: bytes = message.get("body", b"")
            parts.append(part)
            size += len(part)
            if size > bytes_max:
                await _discard(receive, 0)
                raise _too_large(bytes_max)
        body = b"".join(parts)
    if len(body) > bytes_max:
        raise _too_large(bytes_max)
    return body


async def _next_message(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnectedError
    return message


async def _discard(receive: Receive, declared: int) -> None:
    """Read what is left of the body, where that is little enough to wait for."""
    size = 0
    while declared <= DISCARDED_BYTES_MAX and size <= DISCARDED_BYTES_MAX:
        message = await _next_message(receive)
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


def _too_large(bytes_max: int) -> RequestTooLargeError:
    return RequestTooLargeError(
        f"The request body is larger than {bytes_max} bytes, the most that is read. "
        "Send a smaller request."
    )


async def send_response(response: Response, request_id: str, send: Send) -> None:
    headers = [
        (b"content-type", response.media_type.encode("latin-1")),
        (b"content-length", b"%d" % len(response.body)),
        (b"x-amzn-requestid", request_id.encode("latin-1")),
    ]
    for name, value in response.headers:
        headers.append((name.encode("latin-1"), value.encode("latin-1")))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
