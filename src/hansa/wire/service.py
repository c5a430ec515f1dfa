"""A service that the API answers: its model and what implements it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.model import ServiceModel

from hansa.awsapi.additions import PROPOSED_OPERATION, STATUS_REASON
from hansa.awsapi.hansafabric import HansaFabricOperations
from hansa.awsapi.managedblockchain import ManagedBlockchainOperations
from hansa.domain.caller import Caller
from hansa.domain.errors import ServiceError
from hansa.wire.authorize import (
    ResourceArns,
    any_resource,
    hansafabric_arns,
    managedblockchain_arns,
)
from hansa.wire.dialect import cloudformation_dialect
from hansa.wire.errors import error_response
from hansa.wire.http import JSON_MEDIA_TYPE, Head, Response
from hansa.wire.model import load_hansafabric, load_managedblockchain, sensitive_members
from hansa.wire.parse import Dialect, InputParser, no_dialect
from hansa.wire.router import Router
from hansa.wire.serialize import OutputSerializer

Implementation = Callable[[Caller, Any], Any]
ReadInput = Callable[[], dict[str, Any]]
"""Gives the input of the operation; raises one error with every fault in it."""

PACKAGE_REQUEST_BYTES_MAX = 96 * 1_048_576
"""Room for a chaincode package of 70 MB in base64."""


@dataclass(frozen=True)
class Service:
    """A service model and its implementation.

    ``operations`` has one method for each operation of the model, in snake case, which takes the
    caller and the input and returns the output, both as dictionaries by member name. It raises
    :class:`~hansa.domain.errors.ServiceError` and may be called in several threads at once.
    Operations by GET run on the event loop itself if ``reads_at_once``, which saves handing them to
    a thread; they must then only read, without waiting for anything that takes long.
    ``sparse`` members of an output are left out, instead of ``null``, where they have no value.
    ``body_bytes_max`` is the limit of a request where it is not that of all services.
    """

    model: ServiceModel
    operations: object
    dialect: Dialect = no_dialect
    resource_arns: ResourceArns = any_resource
    sparse: frozenset[str] = field(default=frozenset())
    reads_at_once: bool = False
    body_bytes_max: int | None = None


def managedblockchain_service(operations: ManagedBlockchainOperations) -> Service:
    """The service ``managedblockchain``, implemented by ``operations``."""
    return Service(
        load_managedblockchain(),
        operations,
        cloudformation_dialect,
        managedblockchain_arns,
        frozenset({STATUS_REASON, PROPOSED_OPERATION}),
        reads_at_once=True,
    )


def hansafabric_service(operations: HansaFabricOperations) -> Service:
    """The service ``hansafabric``, implemented by ``operations``. Its reads ask Fabric itself."""
    return Service(
        load_hansafabric(),
        operations,
        resource_arns=hansafabric_arns,
        body_bytes_max=PACKAGE_REQUEST_BYTES_MAX,
    )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation, ready to be called; ``serialize`` takes its output and the request's id."""

    name: str
    action: str
    call: Implementation
    serialize: Callable[[Any, str], bytes]
    media_type: str
    is_at_once: bool


class Mount:
    """A service with all that can be known before its first request worked out.

    Raises ``AttributeError`` naming an operation that is not implemented.
    """

    def __init__(self, service: Service) -> None:
        self.resource_arns = service.resource_arns
        self.body_bytes_max = service.body_bytes_max
        self.secret_names = sensitive_members(service.model)
        self._router = Router(service.model)
        operations = [service.model.operation_model(name) for name in service.model.operation_names]
        self._parsers = {o.name: InputParser(o, service.dialect) for o in operations}
        self._endpoints = {o.name: _endpoint(service, o) for o in operations}

    def find(self, head: Head, body: bytes) -> tuple[Endpoint, ReadInput]:
        """What a request asks for, and what reads its input. Raises as the router does."""
        name, labels = self._router.route(head.method, head.path)
        parse = self._parsers[name].parse
        return self._endpoints[name], lambda: parse(labels, head.query, body)

    def error_response(self, error: ServiceError, _request_id: str) -> Response:
        """The answer to a request that fails."""
        return error_response(error)


def _endpoint(service: Service, operation: Any) -> Endpoint:
    serializer = OutputSerializer(operation, service.sparse)
    return Endpoint(
        operation.name,
        f"{service.model.signing_name}:{operation.name}",
        getattr(service.operations, xform_name(operation.name)),
        lambda output, _request_id: serializer.serialize(output),
        JSON_MEDIA_TYPE,
        service.reads_at_once and operation.http["method"] == "GET",
    )
