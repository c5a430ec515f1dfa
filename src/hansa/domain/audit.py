"""The record of calls: what is kept of each, and how the entries are chained.

An entry's hash is the SHA-256, in hexadecimal, of the canonical JSON of its call, its sequence
number and the hash of the entry before it: ``{"call":…,"previous":"…","sequence":…}``, in ASCII,
keys sorted, without white space. So nothing can be changed, left out or put in a different order
without a hash that does not fit.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from hansa.domain.errors import Ruling, ServiceError

NOTHING = "0" * 64
"""The hash that comes before the first entry."""

_NAMESPACE = uuid.UUID("0b1f7f62-1c7e-4a39-8a0e-6a3b7a1c52de")


class Outcome(StrEnum):
    """What became of a call."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNAUTHENTICATED = "unauthenticated"


@dataclass(frozen=True)
class Call:
    """One call of an API, without anything secret.

    ``service`` is the signing name, ``operation`` the API's name of it, or method and path where
    there is no such operation. ``account_id`` and ``principal_arn`` are the authenticated caller's,
    else empty; ``access_key_id`` is then what the request claimed. ``resources`` are ARNs.
    ``answer`` is what a call that changes something answered. ``signature_cause`` is one of
    :class:`~hansa.domain.errors.SignatureCause`, ``ruling`` is there where policies denied it.
    """

    request_id: str
    at: datetime
    service: str = ""
    operation: str = ""
    region: str = ""
    account_id: str = ""
    principal_arn: str = ""
    access_key_id: str = ""
    source_ip: str = ""
    user_agent: str = ""
    read_only: bool = False
    resources: tuple[str, ...] = ()
    parameters: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] | None = None
    status: int = 0
    error_code: str = ""
    error_message: str = ""
    signature_cause: str = ""
    ruling: Ruling | None = None

    @property
    def event_id(self) -> str:
        """The call's id as CloudTrail has one, which follows from the request's."""
        return event_id(self.request_id)

    @property
    def event_source(self) -> str:
        """The service's host name, as CloudTrail names services."""
        return f"{self.service}.amazonaws.com" if self.service else ""

    @property
    def outcome(self) -> Outcome:
        """Whether the caller was known and allowed; an allowed call may still have failed."""
        if self.signature_cause or not self.account_id:
            return Outcome.UNAUTHENTICATED
        if self.ruling is not None or self.error_code.startswith("AccessDenied"):
            return Outcome.DENIED
        return Outcome.ALLOWED


@dataclass(frozen=True)
class Entry:
    """A call in the record. ``sequence`` counts from 1; ``previous`` is the hash before."""

    sequence: int
    previous: str
    hash: str
    call: Call


@dataclass
class Told:
    """What an application behind the front tells of a call that it answers itself.

    ``secret_names`` are members of ``parameters`` that hold secrets, apart from those that every
    service has.
    """

    operation: str = ""
    resources: tuple[str, ...] = ()
    parameters: Mapping[str, Any] | None = None
    secret_names: frozenset[str] = field(default=frozenset())
    error: ServiceError | None = None
    error_code: str = ""
    error_message: str = ""


def event_id(request_id: str) -> str:
    """CloudTrail's id of the call with this request id."""
    return str(uuid.uuid5(_NAMESPACE, plain(request_id)))


def plain(text: str) -> str:
    """``text`` without lone surrogates, which JSON can spell and UTF-8 cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def canonical(value: Any) -> str:
    """``value`` as the one JSON text that it has here."""
    return _encoder.encode(value)


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def write_call(call: Call) -> str:
    """The canonical JSON of a call; members that are empty are left out."""
    document = {
        name: value
        for name in _MEMBERS
        if (value := getattr(call, name)) is not None and value not in ("", ())
    }
    document["at"] = call.at.astimezone(UTC).isoformat(timespec="microseconds")
    if call.ruling is not None:
        document["ruling"] = asdict(call.ruling)
    return canonical(document)


_MEMBERS = tuple(each.name for each in fields(Call))


def read_call(text: str) -> Call:
    """The call that :func:`write_call` wrote. Raises ``ValueError`` for anything else."""
    try:
        document = json.loads(text)
        document["at"] = datetime.fromisoformat(document["at"])
        document["resources"] = tuple(document.get("resources", ()))
        if "ruling" in document:
            document["ruling"] = Ruling(**document["ruling"])
        return Call(**document)
    except (TypeError, KeyError, AttributeError) as fault:
        raise ValueError(f"not a recorded call: {fault}") from fault


def entry_hash(sequence: int, previous: str, content: str) -> str:
    """The hash of the entry whose call has the canonical JSON ``content``."""
    text = f'{{"call":{content},"previous":"{previous}","sequence":{sequence}}}'
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def username_of(principal_arn: str) -> str:
    """The name that CloudTrail looks calls up by: of the user, or of the role's session."""
    resource = principal_arn.rpartition(":")[2]
    return resource.rpartition("/")[2]


def resource_of(arn: str) -> tuple[str, str]:
    """The type and the name of the resource with an ARN, as CloudTrail has them."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "", arn
    service = _SERVICES.get(parts[2], parts[2])
    if parts[2] == "s3":
        bucket, _, key = parts[5].partition("/")
        return ("AWS::S3::Object", arn) if key else ("AWS::S3::Bucket", bucket)
    kind, _, name = parts[5].replace(":", "/", 1).partition("/")
    noun = "".join(word[:1].upper() + word[1:] for word in kind.split("-"))
    if parts[2] == "managedblockchain":
        noun = noun.removesuffix("s")
    return f"AWS::{service}::{noun}", name.rpartition("/")[2] if service == "IAM" else name


_SERVICES = {
    "managedblockchain": "ManagedBlockchain",
    "iam": "IAM",
    "sts": "STS",
    "s3": "S3",
    "ec2": "EC2",
    "ssm": "SSM",
    "secretsmanager": "SecretsManager",
}
