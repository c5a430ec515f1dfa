"""Who signed a request: AWS Signature Version 4, in the header or in a presigned query.

Source: "AWS Signature Version 4 for API requests" of the IAM user guide, and the test suite that
AWS published with it. Times are aware datetimes. Nothing here reads a clock or keeps a request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from hansa.domain.caller import Caller
from hansa.domain.errors import AuthenticationError, SignatureCause
from hansa.iam.credentials import Credential, CredentialSource
from hansa.wire.http import Head
from hansa.wire.sigv4_claim import ALGORITHM, UNSIGNED_PAYLOAD, Claim, invalid

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
# Services whose canonical path is the path encoded once, neither twice nor normalized.
ENCODED_ONCE = frozenset({"s3", "s3-object-lambda", "s3-outposts", "s3express"})
# Headers of the AWS namespace that need no signature of their own: they are part of what is signed
# anyway, or say nothing to the service.
_FREE_HEADERS = frozenset(
    {"x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amz-user-agent"}
)
_KEY_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{4,124}\Z")
_PLAIN_PATH = re.compile(r"(?:/(?![./])[A-Za-z0-9_~.-]*)+/?\Z|/\Z")
# ASCII's alone: a value may hold bytes that are white space in Latin-1 and half a letter in UTF-8.
_SPACE = " \t\r\n\f\v"
_SPACES = re.compile(f"[{_SPACE}]+")


@dataclass(frozen=True)
class Signature:
    """A signature found right, and what further signatures (of chunks) are made with."""

    caller: Caller
    claim: Claim
    key: bytes


def verify(
    head: Head,
    claim: Claim,
    body_sha256: str,
    credentials: CredentialSource,
    now: datetime,
    skew: timedelta,
) -> Signature:
    """Find the signature that ``claim`` took from ``head`` to be right at ``now``.

    ``body_sha256`` is the digest of the body in hexadecimal. Raises :class:`AuthenticationError`.
    """
    credential = credentials.find(claim.access_key_id)
    if credential is None or not credential.active:
        raise AuthenticationError(
            "UnrecognizedClientException",
            "The security token included in the request is invalid. No active access key has "
            f"{_named(claim.access_key_id)}; `hansa doctor auth` says why.",
            SignatureCause.UNKNOWN_KEY if credential is None else SignatureCause.INACTIVE_KEY,
        )
    _check_time(claim, now, skew)
    _check_signed_headers(head, claim)
    if claim.payload is not None and _is_digest(claim.payload) and claim.payload != body_sha256:
        raise invalid(
            "The header x-amz-content-sha256 is not the SHA-256 of the request body.",
            SignatureCause.BODY_DIGEST,
        )
    key = signing_key(credential.secret_access_key, claim.date, claim.region, claim.service)
    payload = claim.payload or body_sha256
    canonical = canonical_request(head, claim, payload)
    if not _is_signed(key, claim, canonical) and not _is_signed(
        key, claim, _request_as_sent(head, claim, payload)
    ):
        raise invalid(
            "The request signature we calculated does not match the signature you provided. "
            "Check your secret access key and signing method.",
            SignatureCause.WRONG_SIGNATURE,
        )
    _check_token(claim, credential, now)
    caller = Caller(
        credential.account_id, credential.principal_arn, credential.access_key_id, claim.region
    )
    return Signature(caller, claim, key)


def _is_signed(key: bytes, claim: Claim, canonical: str) -> bool:
    expected = hmac.digest(key, string_to_sign(claim, canonical).encode(), "sha256").hex()
    return hmac.compare_digest(expected, claim.signature)


def _is_digest(payload: str) -> bool:
    """Whether it stands for the body itself, and not for how the body is signed otherwise."""
    return payload != UNSIGNED_PAYLOAD and not payload.startswith("STREAMING-")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _named(access_key_id: str) -> str:
    """The id, unless something else was given in its place: that may be the secret."""
    return f"the id {access_key_id}" if _KEY_ID.match(access_key_id) else "the id that was given"


def _check_time(claim: Claim, now: datetime, skew: timedelta) -> None:
    minutes = f"{skew.total_seconds() / 60:g} min."
    end = claim.signed_at + (skew if claim.expires is None else claim.expires)
    if claim.expires is None and now > end:
        raise invalid(
            f"Signature expired: {claim.timestamp} is now earlier than {_iso(now - skew)} "
            f"({_iso(now)} - {minutes}). Set this machine's clock.",
            SignatureCause.SIGNED_TOO_EARLY,
        )
    if now > end:
        raise AuthenticationError(
            "RequestExpired",
            f"Request has expired: the presigned URL of {claim.timestamp} was good until "
            f"{_iso(end)}, and it is {_iso(now)}. Make a new one.",
            SignatureCause.URL_EXPIRED,
        )
    if claim.signed_at > now + skew:
        raise invalid(
            f"Signature not yet current: {claim.timestamp} is still later than {_iso(now + skew)} "
            f"({_iso(now)} + {minutes}). Set this machine's clock.",
            SignatureCause.SIGNED_TOO_LATE,
        )


def _check_signed_headers(head: Head, claim: Claim) -> None:
    signed = set(claim.signed_headers)
    unsigned = [
        name
        for name in head.headers
        if name.startswith("x-amz-") and name not in signed and name not in _FREE_HEADERS
    ]
    if "host" not in signed:
        unsigned.insert(0, "host")
    if unsigned:
        listed = ", ".join(f"'{name}'" for name in unsigned)
        raise invalid(
            f"{listed} must be a 'SignedHeader' in the AWS Signature.",
            SignatureCause.UNSIGNED_HEADER,
        )


def _check_token(claim: Claim, credential: Credential, now: datetime) -> None:
    expected, given = credential.session_token or "", claim.session_token or ""
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise AuthenticationError(
            "UnrecognizedClientException",
            "The security token included in the request is invalid. Temporary credentials are "
            "used with their session token, permanent ones without any.",
            _token_cause(expected, given),
        )
    if credential.expires_at is not None and now >= credential.expires_at:
        raise AuthenticationError(
            "ExpiredTokenException",
            "The security token included in the request is expired. Get new temporary credentials.",
            SignatureCause.TOKEN_EXPIRED,
        )


def _token_cause(expected: str, given: str) -> SignatureCause:
    if not given:
        return SignatureCause.TOKEN_MISSING
    return SignatureCause.TOKEN_WRONG if expected else SignatureCause.TOKEN_UNEXPECTED


@lru_cache(maxsize=1024)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key that a secret access key gives for a day, a region and a service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def string_to_sign(claim: Claim, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
    return f"{ALGORITHM}\n{claim.timestamp}\n{claim.scope}\n{digest}"


def canonical_request(head: Head, claim: Claim, payload: str) -> str:
    """The request as both sides sign it, one character for each byte."""
    path = canonical_path(head.path, claim.service)
    query = canonical_query(head.query, presigned=claim.is_presigned)
    return _joined(head, claim, path, query, payload)


def _request_as_sent(head: Head, claim: Claim, payload: str) -> str:
    """The request as clients sign it that put path and query in no canonical form.

    curl before 8 does. It binds the request's very bytes, so it is no weaker.
    """
    return _joined(head, claim, head.path, head.query, payload)


def _joined(head: Head, claim: Claim, path: str, query: str, payload: str) -> str:
    headers = "".join(
        f"{name}:{_canonical_value(head.headers.get(name, ''))}\n" for name in claim.signed_headers
    )
    return "\n".join(
        (
            head.method,
            path,
            query,
            headers,
            ";".join(claim.signed_headers),
            payload,
        )
    )


def _canonical_value(value: str) -> str:
    return _SPACES.sub(" ", value.strip(_SPACE))


def canonical_path(path: str, service: str) -> str:
    """The path, as sent, in the canonical form of ``service``."""
    if service in ENCODED_ONCE:
        return quote(unquote_to_bytes(path.encode("latin-1")), safe="/-_.~") or "/"
    if _PLAIN_PATH.match(path):
        return path
    return quote(_without_dots(path).encode("latin-1"), safe="/-_.~")


def _without_dots(path: str) -> str:
    """The path without empty and dot segments, as RFC 3986, section 5.2.4, removes them."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    end = "/" if kept and path.endswith(("/", "/.", "/..")) else ""
    return "/" + "/".join(kept) + end


def canonical_query(query: str, *, presigned: bool) -> str:
    """The query's pairs encoded anew and sorted; without its signature if it is presigned."""
    if not query:
        return ""
    pairs = []
    for part in query.split("&"):
        if part:
            key, _, value = part.partition("=")
            pairs.append((_encoded(key), _encoded(value)))
    if presigned:
        pairs = [pair for pair in pairs if pair[0] != "X-Amz-Signature"]
    return "&".join(f"{key}={value}" for key, value in sorted(pairs))


def _encoded(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    return quote(unquote_to_bytes(text.encode("latin-1")), safe="-_.~")
