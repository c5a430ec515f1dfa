"""Requests that are signed for another service."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest
from tests.conformance.toy import ACCOUNT, SECRET, Recorder, make_app
from tests.unit.wire.exchange import Answer, call, send, signed

from hansa.wire.app import Application, Limits
from hansa.wire.sigv4 import EMPTY_SHA256, signing_key

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


class Neighbour:
    """An application that remembers what it was given."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self.body = b""
        self.failure: Exception | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        self.body = (await receive())["body"]
        if self.failure is not None and "hansa.fault" not in scope:
            raise self.failure
        status = scope["hansa.fault"].status if "hansa.fault" in scope else 201
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"neighbour"})

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.scope["headers"]}


@pytest.fixture
def neighbour() -> Neighbour:
    return Neighbour()


@pytest.fixture
def app(neighbour: Neighbour) -> Iterator[Application]:
    limits = Limits(body_bytes_max=10, fallback_body_bytes_max=2000)
    application = make_app(Recorder(), fallback=neighbour, limits=limits)
    yield application
    application.close()


def test_are_passed_on_with_caller_request_id_and_body(
    app: Application, neighbour: Neighbour
) -> None:
    answer = call(app, "PUT", "/bucket/a~b?x=1", b"content " * 9, service="s3")
    assert (answer.status, answer.body) == (201, b"neighbour")
    assert neighbour.scope["hansa.caller"].account_id == ACCOUNT
    assert neighbour.scope["hansa.request_id"] == "request-1"
    assert neighbour.scope["raw_path"] == b"/bucket/a~b"
    assert neighbour.body == b"content " * 9


def test_that_are_not_authentic_are_refused_by_the_neighbour_without_their_body(
    app: Application, neighbour: Neighbour
) -> None:
    answer = call(app, "PUT", "/bucket/key", b"content", service="s3", secret="wrong")
    assert answer.status == 403
    assert neighbour.scope["hansa.caller"] is None
    assert neighbour.scope["hansa.fault"].code == "InvalidSignatureException"
    assert neighbour.body == b""


def test_that_are_too_large_are_refused(app: Application, neighbour: Neighbour) -> None:
    assert call(app, "PUT", "/bucket/key", b"x" * 2001, service="s3").status == 413
    assert neighbour.body == b""


def test_that_fail_in_the_neighbour_are_refused_by_it(
    app: Application, neighbour: Neighbour
) -> None:
    neighbour.failure = RuntimeError("broken")
    assert call(app, "GET", "/bucket/key", service="s3").status == 500
    assert neighbour.scope["hansa.fault"].code == "InternalServiceErrorException"


def test_that_are_unsigned_never_reach_the_neighbour(
    app: Application, neighbour: Neighbour
) -> None:
    answer = send(app, "GET", "/bucket/key", headers={"Host": "h"})
    assert (answer.status, answer.code) == (403, "MissingAuthenticationTokenException")
    assert neighbour.scope == {}


def test_cannot_bring_a_caller_of_their_own(app: Application, neighbour: Neighbour) -> None:
    call(app, "GET", "/", service="ec2", headers={"x-hansa-caller": "root"})
    assert neighbour.scope["hansa.caller"].account_id == ACCOUNT


def test_are_refused_where_there_is_no_neighbour() -> None:
    alone = make_app(Recorder())
    answer = call(alone, "GET", "/", service="ec2")
    alone.close()
    assert answer.code == "InvalidSignatureException"
    assert answer.message == (
        "Credential should be scoped to correct service: 'managedblockchain'."
    )


class TestStreamedBodies:
    """``aws-chunked``, as S3 clients send it."""

    CONTENT = (b"x" * 100, b"y" * 30)

    def chunks(self, headers: dict[str, str], *parts: bytes) -> bytes:
        """The parts, each signed after the one before it."""
        amz_date = headers["X-Amz-Date"]
        key = signing_key(SECRET, amz_date[:8], "us-east-1", "s3")
        previous = headers["Authorization"].rpartition("Signature=")[2]
        body = b""
        for part in (*parts, b""):
            digest = hashlib.sha256(part).hexdigest()
            text = "\n".join(
                (
                    "AWS4-HMAC-SHA256-PAYLOAD",
                    amz_date,
                    f"{amz_date[:8]}/us-east-1/s3/aws4_request",
                    previous,
                    EMPTY_SHA256,
                    digest,
                )
            )
            previous = hmac.new(key, text.encode(), "sha256").hexdigest()
            body += b"%x;chunk-signature=%s\r\n%s\r\n" % (len(part), previous.encode(), part)
        return body

    def head(self, payload: str, length: int = 130) -> dict[str, str]:
        given = {
            "X-Amz-Content-SHA256": payload,
            "X-Amz-Decoded-Content-Length": str(length),
            "Content-Encoding": "gzip,aws-chunked",
        }
        return signed("PUT", "/b/k", service="s3", headers=given)

    def put(self, app: Application, headers: dict[str, str], body: bytes) -> Answer:
        return send(app, "PUT", "/b/k", body, headers | {"Content-Length": str(len(body))})

    def test_are_decoded_and_described_as_plain(
        self, app: Application, neighbour: Neighbour
    ) -> None:
        headers = self.head(SIGNED)
        assert self.put(app, headers, self.chunks(headers, *self.CONTENT)).status == 201
        assert neighbour.body == b"".join(self.CONTENT)
        assert neighbour.headers["content-length"] == "130"
        assert neighbour.headers["content-encoding"] == "gzip"
        assert "x-amz-decoded-content-length" not in neighbour.headers

    @pytest.mark.parametrize("change", [(b"y", b"z"), (b"64;", b"63;"), (b"\r\n0;", b"\r\n1;")])
    def test_that_changed_on_the_way_are_refused(
        self, app: Application, neighbour: Neighbour, change: tuple[bytes, bytes]
    ) -> None:
        headers = self.head(SIGNED)
        body = self.chunks(headers, *self.CONTENT).replace(*change)
        assert self.put(app, headers, body).status == 403
        assert neighbour.body == b""

    def test_that_end_early_are_refused(self, app: Application) -> None:
        headers = self.head(SIGNED)
        body = self.chunks(headers, *self.CONTENT)
        for length in (0, 10, 95, 200, 300, len(body) - 90):
            assert self.put(app, headers, body[:length]).status in (400, 403)

    def test_of_another_length_than_declared_are_refused(self, app: Application) -> None:
        headers = self.head(SIGNED, length=131)
        assert self.put(app, headers, self.chunks(headers, *self.CONTENT)).status == 400

    def test_may_be_unsigned_with_a_checksum_at_the_end(
        self, app: Application, neighbour: Neighbour
    ) -> None:
        headers = self.head("STREAMING-UNSIGNED-PAYLOAD-TRAILER", length=3)
        body = b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\nx-moto-account-id:1\r\n\r\n"
        assert self.put(app, headers, body).status == 201
        assert neighbour.body == b"abc"
        assert neighbour.headers["x-amz-checksum-crc32"] == "NSRBwg=="
        assert "x-moto-account-id" not in neighbour.headers

    def test_in_a_form_not_known_are_refused(self, app: Application) -> None:
        headers = self.head("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")
        assert self.put(app, headers, b"0\r\n").status == 403
