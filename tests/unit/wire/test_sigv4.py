"""Signatures that botocore made, and what is refused of those that somebody else might make."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.conformance.toy import ACCOUNT, ARN, KEY, KEYS, SECRET, TOKEN

from hansa.domain.errors import AuthenticationError
from hansa.wire.http import Head
from hansa.wire.sigv4 import Signature, verify
from hansa.wire.sigv4_claim import read_claim

SERVICE = "managedblockchain"
FIVE_MINUTES = timedelta(minutes=5)


def head_of(method: str, url: str, headers: dict[str, str]) -> Head:
    parts = urlsplit(url)
    lower = {name.lower(): value for name, value in headers.items()} | {"host": parts.netloc}
    return Head(method, parts.path or "/", parts.query, lower)


def signed(
    target: str = "/networks",
    *,
    auth: type[SigV4Auth] = SigV4Auth,
    method: str = "GET",
    body: bytes = b"",
    service: str = SERVICE,
    headers: dict[str, str] | None = None,
    credentials: tuple[str, ...] = (KEY, SECRET),
    **options: Any,
) -> Head:
    request = AWSRequest(method, f"http://127.0.0.1:8590{target}", data=body, headers=headers or {})
    auth(Credentials(*credentials), service, "eu-west-1", **options).add_auth(request)
    return head_of(method, request.url, dict(request.headers.items()))


def check(head: Head, body: bytes = b"", later: timedelta = timedelta()) -> Signature:
    claim = read_claim(head)
    digest = hashlib.sha256(body).hexdigest()
    return verify(head, claim, digest, KEYS, claim.signed_at + later, FIVE_MINUTES)


def refusal(head: Head, body: bytes = b"", later: timedelta = timedelta()) -> AuthenticationError:
    with pytest.raises(AuthenticationError) as caught:
        check(head, body, later)
    assert caught.value.status == (400 if caught.value.code == "RequestExpired" else 403)
    assert SECRET not in caught.value.message
    return caught.value


def with_header(head: Head, name: str, value: str | None) -> Head:
    headers = {**head.headers, name: value or ""}
    if value is None:
        del headers[name]
    return Head(head.method, head.path, head.query, headers)


def with_query(head: Head, pattern: str, replacement: str) -> Head:
    return Head(head.method, head.path, re.sub(pattern, replacement, head.query), head.headers)


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/networks",
        "/networks/",
        "/networks?name=a%20b%2Bc%26d%3D&status=AVAILABLE&framework=",
        "/networks?b=2&a=1&b=1&A=~%2A%27%28%29%21",
        "/tags/arn%3Aaws%3Amanagedblockchain%3Aus-east-1%3A%3Anetworks%2Fn-X",
        "/tags/arn:aws:managedblockchain:us-east-1::networks%2Fn%20X+Y",
        "/tags/%E1%88%B4?tagKeys=%E1%88%B4&tagKeys=",
        "/networks/.hidden/..two/x.y~z_-",
        "//networks///x/",
        "/networks/./x/../y",
    ],
)
def test_a_signature_by_botocore_is_right(target: str) -> None:
    signature = check(signed(target, method="POST", body=b"{}"), b"{}")
    caller = signature.caller
    assert (caller.account_id, caller.principal_arn) == (ACCOUNT, ARN)
    assert (caller.access_key_id, caller.region) == (KEY, "eu-west-1")
    assert signature.claim.service == SERVICE


@pytest.mark.parametrize("target", ["/b/k", "/b/a%20b%2Bc", "/b//x/./y/../z", "/b/%E1%88%B4~", "/"])
@pytest.mark.parametrize("auth", [S3SigV4Auth, S3SigV4QueryAuth])
def test_a_path_of_s3_is_encoded_once_and_not_normalized(target: str, auth: Any) -> None:
    assert check(signed(target, auth=auth, service="s3")).claim.service == "s3"


@pytest.mark.parametrize(
    "target", ["/tags/arn%3Aaws%3Ax%2Fy", "/tags/arn:aws:x", "/networks?name=b&maxResults=1"]
)
def test_a_request_signed_as_it_was_sent_is_right(target: str) -> None:
    class AsSent(SigV4Auth):
        def _normalize_url_path(self, path: str) -> str:
            return path

        def canonical_query_string(self, request: AWSRequest) -> str:
            return str(urlsplit(request.url).query)

    head = signed(target, auth=AsSent)
    check(head)
    changed = Head(head.method, head.path + "x", head.query, head.headers)
    assert "does not match" in refusal(changed).message


class TestSkew:
    @pytest.mark.parametrize("later", [-300, -299, 0, 300])
    def test_up_to_five_minutes_either_way_is_allowed(self, later: int) -> None:
        check(signed(), later=timedelta(seconds=later))

    def test_more_is_told_with_both_clocks(self) -> None:
        head = signed()
        at = read_claim(head).signed_at
        early, late = (
            refusal(head, later=timedelta(seconds=301)),
            refusal(head, later=timedelta(seconds=-301)),
        )
        assert early.code == late.code == "InvalidSignatureException"

        def iso(seconds: int) -> str:
            return (at + timedelta(seconds=seconds)).strftime("%Y%m%dT%H%M%SZ")

        assert early.message.startswith(
            f"Signature expired: {iso(0)} is now earlier than {iso(1)} ({iso(301)} - 5 min.)"
        )
        assert late.message.startswith(
            f"Signature not yet current: {iso(0)} is still later than {iso(-1)} "
            f"({iso(-301)} + 5 min.)"
        )


class TestPresigned:
    def test_is_good_until_it_expires(self) -> None:
        head = signed(auth=SigV4QueryAuth, expires=3600)
        check(head, later=timedelta(seconds=3600))
        expired = refusal(head, later=timedelta(seconds=3601))
        assert expired.code == "RequestExpired"
        assert "was good until" in expired.message

    def test_is_not_good_before_its_time(self) -> None:
        head = signed(auth=SigV4QueryAuth, expires=3600)
        assert "not yet current" in refusal(head, later=timedelta(seconds=-301)).message

    def test_carries_a_session_token(self) -> None:
        check(signed(auth=SigV4QueryAuth, credentials=("ASIATEMPORARY", SECRET, TOKEN)))

    @pytest.mark.parametrize("seconds", ["0", "604801", "x", "-5", "1e3", ""])
    def test_is_refused_for_an_odd_time(self, seconds: str) -> None:
        head = signed(auth=SigV4QueryAuth)
        head = with_query(head, r"X-Amz-Expires=\d+", f"X-Amz-Expires={seconds}")
        assert refusal(head).code == "IncompleteSignatureException"

    @pytest.mark.parametrize(
        "field", ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders"]
    )
    def test_is_refused_without_a_part(self, field: str) -> None:
        head = with_query(signed(auth=SigV4QueryAuth), rf"X-Amz-{field}=[^&]+&?", "")
        error = refusal(head)
        assert error.code == "IncompleteSignatureException"
        assert f"X-Amz-{field}" in error.message

    def test_is_refused_with_a_part_twice(self) -> None:
        head = signed(auth=SigV4QueryAuth)
        head = Head(head.method, head.path, head.query + "&X-Amz-Date=x", head.headers)
        assert "more than one X-Amz-Date" in refusal(head).message

    def test_is_wrong_when_its_query_changed(self) -> None:
        head = signed("/networks?name=a", auth=SigV4QueryAuth)
        assert "does not match" in refusal(with_query(head, "name=a", "name=b")).message

    def test_and_a_signed_header_are_one_too_many(self) -> None:
        head = signed(auth=SigV4QueryAuth)
        head = with_header(head, "authorization", signed().headers["authorization"])
        assert refusal(head).code == "IncompleteSignatureException"


class TestCredentials:
    @pytest.mark.parametrize(
        ("credentials", "code"),
        [
            (("AKIANOBODY", SECRET), "UnrecognizedClientException"),
            (("AKIAINACTIVE", SECRET), "UnrecognizedClientException"),
            ((KEY, "wrong"), "InvalidSignatureException"),
            ((KEY, SECRET, "token of nobody"), "UnrecognizedClientException"),
            (("ASIATEMPORARY", SECRET), "UnrecognizedClientException"),
            (("ASIATEMPORARY", SECRET, "wrong"), "UnrecognizedClientException"),
            (("ASIATEMPORARY", "wrong", TOKEN), "InvalidSignatureException"),
            (("ASIAEXPIRED", SECRET, TOKEN), "ExpiredTokenException"),
            (("ASIAEXPIRED", "wrong", TOKEN), "InvalidSignatureException"),
        ],
    )
    def test_that_do_not_count_are_refused(self, credentials: Any, code: str) -> None:
        assert refusal(signed(credentials=credentials)).code == code

    def test_that_are_temporary_count_with_their_token(self) -> None:
        signature = check(signed(credentials=("ASIATEMPORARY", SECRET, TOKEN)))
        assert signature.caller.access_key_id == "ASIATEMPORARY"


class TestHeader:
    def test_missing_is_told_what_to_do(self) -> None:
        error = refusal(Head("GET", "/networks", "", {"host": "h"}))
        assert error.code == "MissingAuthenticationTokenException"
        assert "hansa configure" in error.message

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "Bearer abc",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/b/c",
            "AWS4-ECDSA-P256-SHA256 Credential=x",
            "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host",
            "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=" + "0" * 64,
            "AWS4-HMAC-SHA256 Credential=a/20150830/R/s/aws4_request, SignedHeaders=host, "
            "Signature=" + "0" * 64,
            "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=HOST, "
            "Signature=" + "0" * 64,
            "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host, "
            "Signature=" + "Z" * 64,
            "AWS4-HMAC-SHA256 Credential=a, Credential=b, SignedHeaders=host, Signature=c",
        ],
    )
    def test_malformed_is_incomplete(self, value: str) -> None:
        error = refusal(with_header(signed(), "authorization", value))
        assert error.code == "IncompleteSignatureException"

    @pytest.mark.parametrize("name", ["authorization", "x-amz-date", "x-amz-content-sha256"])
    def test_given_twice_is_refused(self, name: str) -> None:
        head = signed()
        head = Head(head.method, head.path, head.query, head.headers, frozenset({name}))
        assert f"more than one header {name}" in refusal(head).message

    @pytest.mark.parametrize("value", [None, "x", "20150830", "20151330T123600Z"])
    def test_without_a_readable_date_is_incomplete(self, value: str | None) -> None:
        error = refusal(with_header(signed(), "x-amz-date", value))
        assert error.code == "IncompleteSignatureException"

    def test_of_another_day_than_its_scope_is_refused(self) -> None:
        error = refusal(with_header(signed(), "x-amz-date", "20150830T123600Z"))
        assert error.message.startswith("Date in Credential scope does not match YYYYMMDD")

    def test_has_to_sign_the_host(self) -> None:
        head = signed()
        value = head.headers["authorization"].replace("=host;", "=")
        assert (
            "'host' must be a 'SignedHeader'"
            in refusal(with_header(head, "authorization", value)).message
        )

    def test_has_to_sign_what_aws_s_services_act_on(self) -> None:
        error = refusal(with_header(signed(), "x-amz-target", "Service.Other"))
        assert "'x-amz-target' must be a 'SignedHeader'" in error.message

    @pytest.mark.parametrize("value", ["  two   words  ", "à  la carte"])
    def test_signs_values_without_spare_spaces_and_with_any_bytes(self, value: str) -> None:
        head = signed(headers={"X-Amz-Meta-Note": value})
        as_sent = value.encode().decode("latin-1")
        check(with_header(head, "x-amz-meta-note", as_sent))
        changed = with_header(head, "x-amz-meta-note", as_sent + "x")
        assert "does not match" in refusal(changed).message

    def test_may_sign_date_instead(self) -> None:
        moment = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        head = signed(headers={"Date": moment})
        assert "x-amz-date" not in head.headers
        check(head)


class TestPayload:
    def test_that_changed_is_refused(self) -> None:
        head = signed(method="POST", body=b"{}")
        assert "does not match" in refusal(head, b"{ }").message

    def test_that_is_not_the_declared_one_is_refused(self) -> None:
        digest = hashlib.sha256(b"{}").hexdigest()
        head = signed(method="POST", body=b"{}", headers={"X-Amz-Content-SHA256": digest})
        check(head, b"{}")
        assert "x-amz-content-sha256 is not" in refusal(head, b"{ }").message

    def test_may_be_unsigned(self) -> None:
        headers = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
        check(signed(method="POST", headers=headers), b"anything")

    def test_declared_unsigned_by_somebody_else_is_refused(self) -> None:
        head = with_header(signed(method="POST"), "x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        assert "does not match" in refusal(head, b"anything").message

    def test_declared_oddly_is_refused(self) -> None:
        head = with_header(signed(), "x-amz-content-sha256", "MD5")
        assert refusal(head).code == "IncompleteSignatureException"
