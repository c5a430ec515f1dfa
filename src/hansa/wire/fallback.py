"""Handing a request to another application, as if it were the first to read it."""

from __future__ import annotations

import json
import re
from html import unescape

from starlette.types import Message, Receive, Scope, Send

from hansa.domain.errors import ServiceError
from hansa.wire.aws_chunked import decode
from hansa.wire.errors import error_response
from hansa.wire.exchange import Exchange
from hansa.wire.http import send_response
from hansa.wire.record import CallRecorder
from hansa.wire.sigv4 import Signature

# What describes the streamed form of a body, or is written anew for the decoded one.
_STREAMING_HEADERS = frozenset(
    {
        b"content-encoding",
        b"content-length",
        b"transfer-encoding",
        b"x-amz-content-sha256",
        b"x-amz-decoded-content-length",
        b"x-amz-trailer",
    }
)


def authenticated(
    scope: Scope, signature: Signature, body: bytes, receive: Receive
) -> tuple[Scope, Receive]:
    """The scope and the messages of a request whose signature was verified.

    A body in ``aws-chunked`` encoding is decoded, and the headers describe it as if it had been
    sent plainly. Raises as :func:`~hansa.wire.aws_chunked.decode`.
    """
    inner: Scope = {**scope, "hansa.caller": signature.caller}
    if (signature.claim.payload or "").startswith("STREAMING-"):
        headers = dict(scope["headers"])
        declared = headers.get(b"x-amz-decoded-content-length", b"").decode("latin-1")
        body, trailers = decode(body, signature, declared)
        inner["headers"] = _plain_headers(scope, body, trailers)
    return inner, _replay(body, receive)


def refused(scope: Scope, error: ServiceError, receive: Receive) -> tuple[Scope, Receive]:
    """The scope and the messages of a request that is to be answered with ``error``."""
    return {**scope, "hansa.fault": error, "hansa.caller": None}, _replay(b"", receive)


def _plain_headers(
    scope: Scope, body: bytes, trailers: dict[str, str]
) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in scope["headers"] if name not in _STREAMING_HEADERS]
    encodings = [
        encoding.strip()
        for name, value in scope["headers"]
        if name == b"content-encoding"
        for encoding in value.split(b",")
    ]
    content_encoding = b",".join(item for item in encodings if item != b"aws-chunked")
    if content_encoding:
        kept.append((b"content-encoding", content_encoding))
    kept.append((b"content-length", b"%d" % len(body)))
    present = {name for name, _ in kept}
    for name, value in trailers.items():
        # A trailer is a checksum of the content; it must not pass for anything that was signed.
        if name.startswith("x-amz-checksum-") and name.encode("latin-1") not in present:
            kept.append((name.encode("latin-1"), value.encode("latin-1")))
    return kept


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give ``body`` as one message, then what the server says."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


class Relay:
    """Passes on what the fallback sends, once its call is recorded.

    The beginning of an answer is held back until then; of an error, until its text is there too.
    """

    def __init__(self, exchange: Exchange, recorder: CallRecorder, send: Send) -> None:
        self._exchange = exchange
        self._recorder = recorder
        self._send = send
        self._start: Message | None = None
        self._is_replaced = False

    async def __call__(self, message: Message) -> None:
        exchange = self._exchange
        if self._is_replaced:
            return
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            self._start = message
            if exchange.status < 400:
                await self._settle()
            return
        if self._start is not None:
            if exchange.error is None:
                _read_error(exchange, message.get("body", b""))
            await self._settle()
        if not self._is_replaced:
            await self._send(message)

    async def _settle(self) -> None:
        start, self._start = self._start, None
        try:
            await self._recorder.settle(self._exchange)
        except ServiceError as error:
            self._exchange.error, self._is_replaced = error, True
            await send_response(error_response(error), self._exchange.request_id, self._send)
            return
        if start is not None:
            await self._send(start)


_XML_ERROR = re.compile(r"<Code>([^<]{1,256})</Code>\s*(?:<Message>([^<]{0,8192})</Message>)?")


def _read_error(exchange: Exchange, body: bytes) -> None:
    """What an error in any of AWS's forms says."""
    text = body[:16_384].decode("utf-8", "replace")
    found = _XML_ERROR.search(text)
    if found is not None:
        exchange.told.error_code = unescape(found[1])
        exchange.told.error_message = unescape(found[2] or "")
        return
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict):
        exchange.told.error_code = str(document.get("__type", "")).rpartition("#")[2][:256]
        message = document.get("message", document.get("Message", ""))
        exchange.told.error_message = str(message)
    exchange.told.error_code = exchange.told.error_code or str(exchange.status)
