"""Bodies in ``aws-chunked`` encoding, which S3 clients stream.

    SIZE;chunk-signature=SIGNATURE CRLF  DATA CRLF  ...  0;chunk-signature=SIGNATURE CRLF
    TRAILER:VALUE CRLF  x-amz-trailer-signature:SIGNATURE CRLF  CRLF

Source: "Signature calculations: transferring payload in multiple chunks" of the S3 API reference.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from hansa.domain.errors import InvalidRequestError, SignatureCause
from hansa.wire.sigv4 import EMPTY_SHA256, Signature
from hansa.wire.sigv4_claim import incomplete, invalid

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?\Z")
_TRAILER_SIGNATURE = "x-amz-trailer-signature"


def decode(
    body: bytes, signature: Signature, decoded_length: str | None
) -> tuple[bytes, dict[str, str]]:
    """The body that was streamed, and its trailing headers.

    ``signature`` is the request's; ``decoded_length`` the header ``x-amz-decoded-content-length``.
    Raises :class:`AuthenticationError` for a chunk signed wrongly or a streaming form not known,
    :class:`InvalidRequestError` for a malformed body.
    """
    payload = signature.claim.payload
    if payload not in (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER):
        raise incomplete(f"x-amz-content-sha256 {payload} is not supported.")
    signer = None if payload == UNSIGNED_TRAILER else _ChunkSigner(signature)
    parts: list[bytes] = []
    position = 0
    while True:
        line, position = _line(body, position)
        match = _CHUNK.match(line)
        if match is None:
            raise InvalidRequestError("The aws-chunked body has a malformed chunk header.")
        size = int(match[1], 16)
        data = body[position : position + size]
        if signer is not None:
            signer.check_chunk(data, (match[2] or b"").decode())
        if size == 0:
            break
        if len(data) != size or body[position + size : position + size + 2] != b"\r\n":
            raise InvalidRequestError("The aws-chunked body ends within a chunk.")
        parts.append(data)
        position += size + 2
    content = b"".join(parts)
    if decoded_length != str(len(content)):
        raise InvalidRequestError(
            f"The header x-amz-decoded-content-length says {decoded_length}, "
            f"the body has {len(content)} bytes."
        )
    trailers = _trailers(body, position)
    if payload == SIGNED_TRAILER and signer is not None:
        signer.check_trailers(trailers)
    trailers.pop(_TRAILER_SIGNATURE, None)
    return content, trailers


def _line(body: bytes, position: int) -> tuple[bytes, int]:
    end = body.find(b"\r\n", position, position + 4096)
    if end < 0:
        raise InvalidRequestError("The aws-chunked body ends too early.")
    return body[position:end], end + 2


def _trailers(body: bytes, position: int) -> dict[str, str]:
    """The lines after the last chunk, by name; where there is none, nothing need follow."""
    trailers: dict[str, str] = {}
    while position < len(body):
        line, position = _line(body, position)
        name, _, value = line.decode("latin-1").partition(":")
        if name and len(trailers) < 16:
            trailers[name.strip().lower()] = value.strip()
    return trailers


class _ChunkSigner:
    """The chain of signatures: each is made over the one before it."""

    def __init__(self, signature: Signature) -> None:
        self._key = signature.key
        claim = signature.claim
        self._moment = f"{claim.timestamp}\n{claim.scope}"
        self._previous = claim.signature

    def check_chunk(self, data: bytes, given: str) -> None:
        digest = hashlib.sha256(data).hexdigest()
        self._check("AWS4-HMAC-SHA256-PAYLOAD", f"{EMPTY_SHA256}\n{digest}", given)

    def check_trailers(self, trailers: dict[str, str]) -> None:
        text = "".join(
            f"{name}:{value}\n"
            for name, value in sorted(trailers.items())
            if name != _TRAILER_SIGNATURE
        )
        digest = hashlib.sha256(text.encode("latin-1")).hexdigest()
        self._check("AWS4-HMAC-SHA256-TRAILER", digest, trailers.get(_TRAILER_SIGNATURE, ""))

    def _check(self, algorithm: str, digests: str, given: str) -> None:
        text = f"{algorithm}\n{self._moment}\n{self._previous}\n{digests}"
        expected = hmac.digest(self._key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), given.encode("latin-1")):
            raise invalid(
                "A chunk's signature does not match its data.", SignatureCause.WRONG_SIGNATURE
            )
        self._previous = expected
