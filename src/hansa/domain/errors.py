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


class AuthenticationError(ServiceError):
    """The request's signature does not establish who is calling.

    The code differs by cause, as AWS's does: ``MissingAuthenticationTokenException``,
    ``IncompleteSignatureException``, ``UnrecognizedClientException``,
    ``InvalidSignatureException``, ``ExpiredTokenException``, ``RequestExpired``.
    """

    status = 403

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class AccessDeniedError(ServiceError):
    code = "AccessDeniedException"
    status = 403


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
