"""A service that speaks AWS JSON 1.1: one path, the operation named by ``X-Amz-Target``.

Protocol: Smithy's ``awsJson1_1``. A member without a value is left out; timestamps are numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.model import ServiceModel

from hansa.domain.errors import ServiceError, UnknownOperationError
from hansa.wire.authorize import ResourceArns, any_resource
from hansa.wire.http import Head, Response
from hansa.wire.model import load_description, sensitive_members
from hansa.wire.parse import read_document
from hansa.wire.serialize import OutputSerializer, compact_json
from hansa.wire.service import Endpoint, ReadInput
from hansa.wire.validate import Check, Faults, compile_input, refuse_if_any

MEDIA_TYPE = "application/x-amz-json-1.1"
_VERSIONS = {"cloudtrail": "2013-11-01"}


@dataclass(frozen=True)
class JsonService:
    """A service model of the protocol ``json``, and what implements some of its operations."""

    model: ServiceModel
    operations: object
    resource_arns: ResourceArns = any_resource


def json_service(name: str, operations: object) -> JsonService:
    """The service ``cloudtrail``, implemented by ``operations``."""
    return JsonService(ServiceModel(load_description(name, _VERSIONS[name]), name), operations)


class UnknownTargetError(UnknownOperationError):
    """There is no such operation."""

    status = 400


class UnsupportedTargetError(ServiceError):
    """AWS has the operation, and this service does not."""

    code = "UnsupportedOperationException"
    status = 400


class JsonMount:
    """The service with all that can be known before its first request worked out."""

    def __init__(self, service: JsonService) -> None:
        model = service.model
        self.resource_arns = service.resource_arns
        self.secret_names = sensitive_members(model)
        self._name = str(model.metadata["serviceAbbreviation"])
        self._known = frozenset(model.operation_names)
        self._target = str(model.metadata["targetPrefix"])
        self._readers: dict[str, Callable[[bytes], dict[str, Any]]] = {}
        self._endpoints: dict[str, Endpoint] = {}
        for name in model.operation_names:
            call = getattr(service.operations, xform_name(name), None)
            if call is not None:
                operation = model.operation_model(name)
                self._readers[name] = _reader(compile_input(operation.input_shape))
                self._endpoints[name] = _endpoint(model, operation, call)

    def find(self, head: Head, body: bytes) -> tuple[Endpoint, ReadInput]:
        """What a request asks for, and what reads its input.

        Raises :class:`UnknownTargetError` and :class:`UnsupportedTargetError`.
        """
        prefix, _, name = head.headers.get("x-amz-target", "").rpartition(".")
        if head.method != "POST" or prefix != self._target or name not in self._known:
            raise UnknownTargetError(
                f"{self._name} has no operation {name[:64]!r}; call through an AWS SDK or the AWS "
                "CLI."
            )
        if name not in self._endpoints:
            supported = ", ".join(sorted(self._endpoints))
            raise UnsupportedTargetError(
                f"{name} is not supported by this version of Hansa; of {self._name} it has "
                f"{supported}."
            )
        read = self._readers[name]
        return self._endpoints[name], lambda: read(body)

    def error_response(self, error: ServiceError, _request_id: str) -> Response:
        """The answer to a request that fails."""
        body = compact_json({"__type": error.code, "message": error.message, **error.members})
        return Response(error.status, body, MEDIA_TYPE, (("x-amzn-errortype", error.code),))


def _reader(check: Check) -> Callable[[bytes], dict[str, Any]]:
    def read(body: bytes) -> dict[str, Any]:
        faults: Faults = []
        request: dict[str, Any] = check(read_document(body or b"{}"), "", faults)
        refuse_if_any(faults)
        return request

    return read


def _endpoint(model: ServiceModel, operation: Any, call: Any) -> Endpoint:
    shapes = (model.shape_for(name) for name in model.shape_names)
    members = frozenset(
        name for shape in shapes if shape.type_name == "structure" for name in shape.members
    )
    serializer = OutputSerializer(operation, members, _seconds)
    return Endpoint(
        operation.name,
        f"{model.signing_name}:{operation.name}",
        call,
        lambda output, _request_id: serializer.serialize(output),
        MEDIA_TYPE,
        is_at_once=False,
    )


def _seconds(moment: datetime) -> float:
    return round(moment.timestamp(), 3)
