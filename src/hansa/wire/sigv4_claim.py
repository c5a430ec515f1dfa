"""What a request says of its signature, before anything of it is believed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from hansa.domain.errors import AuthenticationError, SignatureCause
from hansa.wire.http import Head

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EXPIRES_SECONDS_MAX = 604_800
"""Seven days, the longest that a presigned URL can be good for."""

_SCOPE = re.compile(
    r"(?P<key>[^/\s]{1,128})/(?P<date>[0-9]{8})/(?P<region>[a-z0-9-]{1,64})"
    r"/(?P<service>[a-z0-9-]{1,64})/aws4_request\Z"
)
_SERVICE = re.compile(r"/([a-z0-9-]{1,64})/aws4_request\b")
_SIGNATURE = re.compile(r"[0-9a-f]{64}\Z")
_HEADER_NAMES = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+(?:;[a-z0-9!#$%&'*+.^_`|~-]+)*\Z")
_TIMESTAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z\Z")
_PAYLOAD = re.compile(r"[0-9a-f]{64}\Z|UNSIGNED-PAYLOAD\Z|STREAMING-[A-Z0-9-]{1,64}\Z")
_QUERY_FIELDS = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")


@dataclass(frozen=True, slots=True)
class Claim:
    """The parts of a signature, well-formed but not verified.

    ``payload`` is what the client says its body's digest is: ``None`` where it does not say, so
    the body's own digest counts. ``expires`` is set for a presigned URL alone.
    """

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    signed_at: datetime
    session_token: str | None
    payload: str | None
    expires: timedelta | None = None

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"

    @property
    def is_presigned(self) -> bool:
        return self.expires is not None


def invalid(message: str, cause: SignatureCause) -> AuthenticationError:
    return AuthenticationError("InvalidSignatureException", message, cause)


def incomplete(message: str) -> AuthenticationError:
    return AuthenticationError("IncompleteSignatureException", message)


def read_claim(head: Head) -> Claim:
    """The signature of a request, from its header or its query.

    Raises :class:`AuthenticationError` where there is none, or not exactly one well-formed one.
    """
    authorization = head.headers.get("authorization")
    in_query = "X-Amz-" in head.query and "X-Amz-Signature=" in head.query
    if authorization is None and not in_query:
        raise AuthenticationError(
            "MissingAuthenticationTokenException",
            "The request is not signed (Missing Authentication Token). Sign it with AWS Signature "
            "Version 4: AWS clients do, once `hansa configure` or `hansa env` gave them a key.",
            SignatureCause.UNSIGNED,
        )
    if authorization is not None and in_query:
        raise incomplete("The request is signed in its header and in its query; one is allowed.")
    for name in ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"):
        if name in head.repeated:
            raise incomplete(f"The request has more than one header {name}.")
    if authorization is not None:
        return _header_claim(head, authorization)
    return _query_claim(head)


def claimed_service(head: Head) -> str:
    """The service that a request is signed for, even where its signature cannot be read.

    So that the refusal is in the form that the service's clients understand. Empty if not told.
    """
    text = head.headers.get("authorization") or unquote(head.query)
    match = _SERVICE.search(text)
    return match[1] if match is not None else ""


def _header_claim(head: Head, authorization: str) -> Claim:
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise incomplete(f"The Authorization header has to begin with '{ALGORITHM}'.")
    given: dict[str, str] = {}
    for part in rest.split(","):
        key, _, value = part.strip().partition("=")
        if key in given:
            raise incomplete("The Authorization header has more than one part of one name.")
        given[key] = value
    missing = [key for key in ("Credential", "SignedHeaders", "Signature") if not given.get(key)]
    if missing:
        listed = " ".join(f"Authorization header requires '{key}' parameter." for key in missing)
        raise incomplete(listed)
    timestamp = head.headers.get("x-amz-date") or _date_header(head)
    token = head.headers.get("x-amz-security-token")
    return _claim(head, given, timestamp, token, None)


def _date_header(head: Head) -> str:
    """The timestamp of a client that signs ``Date`` and sends no ``X-Amz-Date``."""
    value = head.headers.get("date", "")
    try:
        return parsedate_to_datetime(value).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, TypeError, OverflowError, IndexError):
        return value


def _query_claim(head: Head) -> Claim:
    given: dict[str, str] = {}
    for part in head.query.split("&"):
        key, _, value = part.partition("=")
        name = unquote(key)
        if name.startswith("X-Amz-") and name.removeprefix("X-Amz-") in given:
            raise incomplete(f"The query has more than one {name}.")
        if name.startswith("X-Amz-"):
            given[name.removeprefix("X-Amz-")] = unquote(value)
    missing = [key for key in _QUERY_FIELDS if not given.get(key)]
    if missing:
        raise incomplete(" ".join(f"The query requires 'X-Amz-{key}'." for key in missing))
    if given["Algorithm"] != ALGORITHM:
        raise incomplete(f"X-Amz-Algorithm has to be '{ALGORITHM}'.")
    return _claim(head, given, given["Date"], given.get("Security-Token"), _expires(given))


def _expires(given: Mapping[str, str]) -> timedelta:
    text = given["Expires"]
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise incomplete("X-Amz-Expires has to be a number of seconds.")
    seconds = int(text)
    if not 1 <= seconds <= EXPIRES_SECONDS_MAX:
        raise incomplete(f"X-Amz-Expires has to be from 1 to {EXPIRES_SECONDS_MAX} seconds.")
    return timedelta(seconds=seconds)


def _claim(
    head: Head,
    given: Mapping[str, str],
    timestamp: str,
    session_token: str | None,
    expires: timedelta | None,
) -> Claim:
    scope = _SCOPE.match(given["Credential"])
    if scope is None:
        raise incomplete(
            "Credential has to be ACCESS_KEY_ID/YYYYMMDD/REGION/SERVICE/aws4_request, "
            "in lower case but for the key."
        )
    if _SIGNATURE.match(given["Signature"]) is None:
        raise incomplete("Signature has to be 64 lower-case hexadecimal digits.")
    if _HEADER_NAMES.match(given["SignedHeaders"]) is None:
        raise incomplete("SignedHeaders has to be lower-case header names with ';' between them.")
    date = scope["date"]
    signed_at = _moment(timestamp)
    if not timestamp.startswith(date):
        raise invalid(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            f"HTTP: '{date}' != '{timestamp[:8]}', from '{timestamp}'.",
            SignatureCause.SCOPE_DATE,
        )
    return Claim(
        scope["key"],
        date,
        scope["region"],
        scope["service"],
        tuple(given["SignedHeaders"].split(";")),
        given["Signature"],
        timestamp,
        signed_at,
        session_token,
        _payload(head, given, scope["service"], expires),
        expires,
    )


def _moment(timestamp: str) -> datetime:
    try:
        if _TIMESTAMP.match(timestamp) is not None:
            return datetime.fromisoformat(timestamp)
    except ValueError:
        pass
    raise incomplete(
        "The time of signing, X-Amz-Date, is missing or not of the form YYYYMMDDTHHMMSSZ."
    )


def _payload(
    head: Head, given: Mapping[str, str], service: str, expires: timedelta | None
) -> str | None:
    payload = head.headers.get("x-amz-content-sha256", given.get("Content-Sha256"))
    if payload is None:
        # S3's presigned URLs say nothing of a body; everything else signs it.
        return UNSIGNED_PAYLOAD if service == "s3" and expires is not None else None
    if _PAYLOAD.match(payload) is None:
        raise incomplete("x-amz-content-sha256 is neither a SHA-256 nor one of AWS's constants.")
    return payload
