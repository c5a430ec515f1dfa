"""Handing a request to another application, as if it were the first to read it."""

from __future__ import annotations

from starlette.types import Message, Receive, Scope

from hansa.domain.errors import ServiceError
from hansa.wire.aws_chunked import decode
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
