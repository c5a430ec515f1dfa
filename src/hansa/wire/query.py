"""A service that speaks AWS Query: one path, the operation named by the parameter ``Action``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from botocore import xform_name
from botocore.model import ServiceModel

from hansa.domain.errors import InvalidRequestError, ServiceError, UnknownOperationError
from hansa.wire.authorize import ResourceArns
from hansa.wire.http import Head, Response
from hansa.wire.model import sensitive_members
from hansa.wire.query_model import load_query_model
from hansa.wire.query_parse import FormParser, read_form
from hansa.wire.query_xml import MEDIA_TYPE, XmlSerializer, error_answer
from hansa.wire.service import Endpoint, ReadInput

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class QueryService:
    """A service model of the protocol ``query``, and what implements some of its operations.

    ``operations`` has a method for each operation that is there, as
    :class:`~hansa.wire.service.Service` has; ``resource_arns`` is told all of them.
    """

    model: ServiceModel
    operations: object
    resource_arns: ResourceArns


def query_service(name: str, operations: object, resource_arns: ResourceArns) -> QueryService:
    """The service ``iam`` or ``sts``, implemented by ``operations``."""
    return QueryService(load_query_model(name), operations, resource_arns)


class UnsupportedActionError(ServiceError):
    """AWS has the operation, and this service does not."""

    code = "UnsupportedOperation"
    status = 400


class InvalidActionError(UnknownOperationError):
    """There is no such operation."""

    status = 400


def is_unsigned_form(head: Head) -> bool:
    """Whether it is a request of AWS Query that has no signature at all."""
    media_type = head.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_signed = "authorization" in head.headers or "X-Amz-Signature=" in head.query
    return media_type == _FORM and not is_signed


def unsigned_mount(
    head: Head, body: bytes, mounts: Mapping[str, object]
) -> tuple[str, QueryMount | None]:
    """The service that an unsigned form is meant for, by its version; it puts the refusal."""
    version = read_form(head.query, body).get("Version", "")
    for name, mount in mounts.items():
        if isinstance(mount, QueryMount) and mount.version == version:
            return name, mount
    return "", None


class QueryMount:
    """The service with all that can be known before its first request worked out."""

    def __init__(self, service: QueryService) -> None:
        model = service.model
        self.resource_arns = service.resource_arns
        self.secret_names = sensitive_members(model)
        self._name = str(model.metadata["serviceAbbreviation"])
        self.version = str(model.api_version)
        self._namespace = str(model.metadata["xmlNamespace"])
        self._known = frozenset(model.operation_names)
        self._open = {
            name
            for name in model.operation_names
            if model.operation_model(name).auth_type == "none"
        }
        self._parsers: dict[str, FormParser] = {}
        self._endpoints: dict[str, Endpoint] = {}
        for name in model.operation_names:
            call = getattr(service.operations, xform_name(name), None)
            if call is not None:
                operation = model.operation_model(name)
                self._parsers[name] = FormParser(operation)
                self._endpoints[name] = Endpoint(
                    name,
                    f"{model.signing_name}:{name}",
                    call,
                    XmlSerializer(operation, self._namespace).serialize,
                    MEDIA_TYPE,
                    is_at_once=False,
                )

    def find(self, head: Head, body: bytes) -> tuple[Endpoint, ReadInput]:
        """What a request asks for, and what reads its input.

        Raises :class:`InvalidActionError`, :class:`UnsupportedActionError` and
        :class:`InvalidRequestError`.
        """
        media_type = head.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
        form = read_form(head.query, body if media_type == _FORM else b"")
        name = form.get("Action", "")
        if name not in self._known:
            raise InvalidActionError(
                f"{self._name} has no action {name[:64]!r}; call through an AWS SDK or the AWS CLI."
            )
        if form.get("Version", self.version) != self.version:
            raise InvalidRequestError(
                f"The parameter Version has to be {self.version}, the API's version."
            )
        if name not in self._endpoints:
            raise UnsupportedActionError(
                f"{name} is not supported by this version of Hansa; its documentation of IAM and "
                "STS lists what is."
            )
        parse = self._parsers[name].parse
        return self._endpoints[name], lambda: parse(form)

    def refuse_open(self, head: Head, body: bytes) -> None:
        """Raise :class:`UnsupportedActionError` for an operation that AWS answers unsigned."""
        if read_form(head.query, body).get("Action", "") in self._open:
            self.find(head, body)

    def error_response(self, error: ServiceError, request_id: str) -> Response:
        """The answer to a request that fails."""
        return error_answer(error, self._namespace, request_id)
