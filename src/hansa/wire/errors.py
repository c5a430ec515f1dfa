"""The one place where an exception becomes an answer."""

from __future__ import annotations

from typing import Any

from hansa.domain.errors import InternalServiceError, RequestTooLargeError, ServiceError
from hansa.wire.http import Response
from hansa.wire.router import MethodNotAllowedError
from hansa.wire.serialize import compact_json


def service_error(error: Exception, request_id: str) -> ServiceError:
    """``error`` if it was meant for the caller, else an error that tells nothing of it."""
    if isinstance(error, ServiceError):
        return error
    return InternalServiceError(
        "The service failed on this request, through no fault of yours. Try again; if it stays, "
        f"look for request id {request_id} in the service's log (hansa logs)."
    )


def error_response(error: ServiceError) -> Response:
    """The answer of rest-json: the code in a header, ``Message`` and modelled members in JSON."""
    body: dict[str, Any] = {"Message": error.message, **error.members}
    headers = [("x-amzn-errortype", error.code)]
    if isinstance(error, MethodNotAllowedError):
        headers.append(("allow", ", ".join(error.allowed)))
    if isinstance(error, RequestTooLargeError):
        # What is left of the body has perhaps not been read.
        headers.append(("connection", "close"))
    return Response(error.status, compact_json(body), headers=tuple(headers))
