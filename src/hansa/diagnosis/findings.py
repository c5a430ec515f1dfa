"""What is found: a cause, the evidence for it, and the command that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    NOTE = "note"  # it works, with less than it could
    BAD = "bad"  # something does not work


class Family(StrEnum):
    """The three kinds of causes."""

    CREDENTIALS = "credentials"
    NETWORK = "network"
    POLICY = "role and policy"


class Cause(StrEnum):
    """Every cause that is told apart; docs/iam.md describes them."""

    NONE = "none"

    VARIABLE_MISSPELT = "variable-misspelt"
    CREDENTIALS_MISSING = "credentials-missing"
    CREDENTIALS_INCOMPLETE = "credentials-incomplete"
    CONFIGURATION_UNREADABLE = "configuration-unreadable"
    PROFILE_MISSING = "profile-missing"
    PROFILE_SHADOWED = "profile-shadowed"
    ROLE_CHAIN_BROKEN = "role-chain-broken"
    PROCESS_FAILED = "credential-process-failed"
    KEY_SPACED = "space-around-key"
    KEY_SWAPPED = "key-and-secret-swapped"
    KEY_TRUNCATED = "key-id-truncated"
    SECRET_TRUNCATED = "secret-truncated"  # noqa: S105 - a cause, no secret
    TOKEN_TRUNCATED = "token-truncated"  # noqa: S105 - as above
    TOKEN_MISSING = "token-missing"  # noqa: S105 - as above
    TOKEN_OF_OTHER = "token-of-another-session"  # noqa: S105 - as above
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - as above
    TOKEN_SUPERFLUOUS = "token-not-needed"  # noqa: S105 - as above
    SECRET_WRONG = "secret-wrong"  # noqa: S105 - as above
    SECRET_OF_OTHER = "secret-of-another-key"  # noqa: S105 - as above
    KEY_UNKNOWN = "key-unknown"
    KEY_ROTATED = "key-rotated"
    KEY_INACTIVE = "key-inactive"
    ADMINISTRATOR_STALE = "administrator-key-stale"
    KEY_LONG_TERM = "long-term-key"
    REGION_MISSING = "region-missing"
    REGION_OTHER = "region-other"
    CLOCK_SKEWED = "clock-skewed"
    SIGNATURE_MALFORMED = "signature-malformed"
    SIGNATURE_SCOPE = "signature-scope"
    URL_EXPIRED = "presigned-url-expired"
    CALL_REFUSED = "call-refused"

    ENDPOINT_MISSING = "endpoint-missing"
    ENDPOINT_MALFORMED = "endpoint-malformed"
    ENDPOINT_PARTIAL = "endpoint-partial"
    NAME_UNRESOLVED = "name-unresolved"
    PORT_CLOSED = "port-closed"
    NO_ROUTE = "no-route"
    PROXY = "proxy-in-the-way"
    CA_BUNDLE = "ca-bundle-missing"
    TLS_NOT_SPOKEN = "tls-not-spoken"
    TLS_NEEDED = "tls-needed"
    TLS_UNTRUSTED = "tls-untrusted"
    REQUEST_CHANGED = "request-changed-on-its-way"
    OTHER_SERVICE = "other-service"
    SERVICE_STOPPED = "service-stopped"
    FABRIC_UNREACHABLE = "fabric-endpoint-unreachable"

    DENIED = "denied-by-statement"
    NOT_ALLOWED = "not-allowed"
    BOUNDED = "outside-permissions-boundary"
    SESSION_NARROWED = "outside-session-policy"
    ROLE_UNKNOWN = "role-unknown"
    ROLE_NOT_TRUSTING = "role-not-trusting"
    ROLE_REFUSED = "role-refused"
    ASSUME_NOT_ALLOWED = "assume-role-not-allowed"
    PASS_ROLE_MISSING = "pass-role-missing"  # noqa: S105 - as above
    OVER_BROAD = "over-broad-policy"


@dataclass(frozen=True)
class Finding:
    """``what`` was found, the ``evidence``, and the shell ``command`` that mends it.

    ``command`` is empty where nothing has to be done, or where no command can do it; ``advice``
    says what else to know before it is run. None of them ever holds a secret.
    """

    family: Family
    cause: Cause
    grade: Grade
    what: str
    evidence: str = ""
    command: str = ""
    advice: str = ""
