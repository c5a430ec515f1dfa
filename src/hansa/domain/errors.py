"""The errors of the API, in the service's own types.

    ServiceError
    ├── InvalidRequestError            400 InvalidRequestException
    │   └── SerializationError         400 SerializationException
    ├── IllegalActionError             400 IllegalActionException
    ├── TooManyTagsError               400 TooManyTagsException
    ├── AuthenticationError            403 (code given)
    ├── AccessDeniedError              403 AccessDeniedException
    ├── ResourceNotFoundError          404 ResourceNotFoundException
    ├── UnknownOperationError          404 UnknownOperationException
    ├── ResourceAlreadyExistsError     409 ResourceAlreadyExistsException
    ├── ResourceNotReadyError          409 ResourceNotReadyException
    ├── RequestTooLargeError           413 RequestEntityTooLargeException
    ├── ResourceLimitExceededError     429 ResourceLimitExceededException
    ├── ThrottlingError                429 ThrottlingException
    └── InternalServiceError           500 InternalServiceErrorException

Codes and statuses: the service model of ``managedblockchain`` 2018-09-24. A message says what
happened, why, and what to do next; it never carries a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ServiceError(Exception):
    """An answer to the caller other than success.

    ``members`` are further modelled members of the error's shape (``ResourceName``).
    """

    code = "InternalServiceErrorException"
    status = 500

    def __init__(self, message: str, **members: str) -> None:
        super().__init__(message)
        self.message = message
        self.members = members


class InvalidRequestError(ServiceError):
    code = "InvalidRequestException"
    status = 400


class SerializationError(InvalidRequestError):
    """The body cannot be read as the operation's input at all."""

    code = "SerializationException"


class IllegalActionError(ServiceError):
    code = "IllegalActionException"
    status = 400


class TooManyTagsError(ServiceError):
    code = "TooManyTagsException"
    status = 400


class SignatureCause(StrEnum):
    """Why a signature does not establish who is calling; finer than AWS's codes."""

    UNSIGNED = "unsigned"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown-key"
    INACTIVE_KEY = "inactive-key"
    SIGNED_TOO_EARLY = "signed-too-early"
    SIGNED_TOO_LATE = "signed-too-late"
    URL_EXPIRED = "url-expired"
    SCOPE_DATE = "scope-date"
    WRONG_SERVICE = "wrong-service"
    UNSIGNED_HEADER = "unsigned-header"
    BODY_DIGEST = "body-digest"
    WRONG_SIGNATURE = "wrong-signature"
    TOKEN_MISSING = "token-missing"  # noqa: S105 - a cause, and no token
    TOKEN_UNEXPECTED = "token-unexpected"  # noqa: S105 - as above
    TOKEN_WRONG = "token-wrong"  # noqa: S105 - as above
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - as above


class AuthenticationError(ServiceError):
    """The request's signature does not establish who is calling.

    The code differs by cause, as AWS's does: ``MissingAuthenticationTokenException``,
    ``IncompleteSignatureException``, ``UnrecognizedClientException``,
    ``InvalidSignatureException``, ``ExpiredTokenException``, ``RequestExpired``. ``cause`` is for
    whoever explains the refusal.
    """

    status = 403

    def __init__(
        self, code: str, message: str, cause: SignatureCause = SignatureCause.MALFORMED
    ) -> None:
        super().__init__(message)
        self.code = code
        self.cause = cause
        if code == "RequestExpired":
            self.status = 400


@dataclass(frozen=True)
class Ruling:
    """What policies said against a request, for whoever explains the refusal.

    ``policy`` (its ARN or name) and ``statement`` (its Sid, or ``#`` and its number) denied it;
    both are empty where none allowed it. ``reason`` ends AWS's sentence on it.
    """

    action: str
    resource: str
    reason: str
    policy: str = ""
    statement: str = ""
    explicit_deny: bool = False


class AccessDeniedError(ServiceError):
    """``ruling`` is there where policies decided; it is never told to the caller."""

    code = "AccessDeniedException"
    status = 403

    def __init__(self, message: str, ruling: Ruling | None = None) -> None:
        super().__init__(message)
        self.ruling = ruling


class ResourceNotFoundError(ServiceError):
    """``resource_name`` is the id or ARN that was asked for."""

    code = "ResourceNotFoundException"
    status = 404

    def __init__(self, message: str, resource_name: str) -> None:
        super().__init__(message, ResourceName=resource_name)


class UnknownOperationError(ServiceError):
    code = "UnknownOperationException"
    status = 404


class ResourceAlreadyExistsError(ServiceError):
    code = "ResourceAlreadyExistsException"
    status = 409


class ResourceNotReadyError(ServiceError):
    code = "ResourceNotReadyException"
    status = 409


class RequestTooLargeError(ServiceError):
    code = "RequestEntityTooLargeException"
    status = 413


class ResourceLimitExceededError(ServiceError):
    code = "ResourceLimitExceededException"
    status = 429


class ThrottlingError(ServiceError):
    code = "ThrottlingException"
    status = 429


class InternalServiceError(ServiceError):
    code = "InternalServiceErrorException"
    status = 500
