"""The errors of IAM and STS, with the codes and statuses of their API references."""

from __future__ import annotations

from hansa.domain.errors import ServiceError


class NoSuchEntityError(ServiceError):
    code = "NoSuchEntity"
    status = 404


class EntityAlreadyExistsError(ServiceError):
    code = "EntityAlreadyExists"
    status = 409


class DeleteConflictError(ServiceError):
    code = "DeleteConflict"
    status = 409


class LimitExceededError(ServiceError):
    code = "LimitExceeded"
    status = 409


class MalformedPolicyDocumentError(ServiceError):
    code = "MalformedPolicyDocument"
    status = 400


class InvalidInputError(ServiceError):
    code = "InvalidInput"
    status = 400


class ValidationError(ServiceError):
    code = "ValidationError"
    status = 400


class UnmodifiableEntityError(ServiceError):
    """AWS's own policies can be attached and read, and not be changed."""

    code = "AccessDenied"
    status = 403


class InvalidParameterValueError(ServiceError):
    """What STS says of session tags that do not go together."""

    code = "InvalidParameterValue"
    status = 400


class PackedPolicyTooLargeError(ServiceError):
    """Session policies and session tags together are more than a session can hold."""

    code = "PackedPolicyTooLarge"
    status = 400


class InvalidAuthorizationMessageError(ServiceError):
    """It is no message of this installation's, or not one of the account's."""

    code = "InvalidAuthorizationMessageException"
    status = 400
