"""Answers in XML, as the services that speak AWS Query put them (Smithy's ``awsQuery``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from hansa.domain.errors import ServiceError
from hansa.wire.http import Response

MEDIA_TYPE = "text/xml"
# IAM's API reference: policy documents are returned percent-encoded, as RFC 3986 does it.
_ENCODED_SHAPE = "policyDocumentType"
# What XML 1.0 has no way to say.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# "Common errors" of the API references of IAM and STS.
_CODES = {
    "AccessDeniedException": "AccessDenied",
    "ExpiredTokenException": "ExpiredToken",
    "IncompleteSignatureException": "IncompleteSignature",
    "InternalServiceErrorException": "ServiceFailure",
    "InvalidRequestException": "ValidationError",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "RequestEntityTooLargeException": "RequestEntityTooLarge",
    "ThrottlingException": "Throttling",
    "UnknownOperationException": "InvalidAction",
    "UnrecognizedClientException": "InvalidClientTokenId",
}


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", value))


def error_answer(error: ServiceError, namespace: str, request_id: str) -> Response:
    """The answer to a request that fails."""
    kind = "Receiver" if error.status >= 500 else "Sender"
    code = _CODES.get(error.code, error.code)
    text = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{kind}</Type><Code>{code}</Code>'
        f"<Message>{_text(error.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Response(error.status, text.encode(), MEDIA_TYPE)


class XmlSerializer:
    """Writes the output of one operation."""

    def __init__(self, operation: Any, namespace: str) -> None:
        self._name = operation.name
        self._namespace = namespace
        self._shape = operation.output_shape

    def serialize(self, output: Any, request_id: str) -> bytes:
        """``output`` by member name; members that are ``None`` or not there are left out."""
        result = ""
        if self._shape is not None:
            wrapper = self._shape.serialization.get("resultWrapper", f"{self._name}Result")
            result = f"<{wrapper}>{_structure(self._shape, output)}</{wrapper}>"
        return (
            f'<{self._name}Response xmlns="{self._namespace}">{result}<ResponseMetadata>'
            f"<RequestId>{request_id}</RequestId></ResponseMetadata></{self._name}Response>"
        ).encode()


def _structure(shape: Any, value: Any) -> str:
    parts = []
    for name, member in shape.members.items():
        if value.get(name) is not None:
            tag = member.serialization.get("name", name)
            parts.append(f"<{tag}>{_content(member, value[name])}</{tag}>")
    return "".join(parts)


def _content(shape: Any, value: Any) -> str:
    if shape.name == _ENCODED_SHAPE:
        return quote(value, safe="-_.~")
    return _WRITERS.get(shape.type_name, _scalar)(shape, value)


def _scalar(_shape: Any, value: Any) -> str:
    return _text(str(value))


def _list(shape: Any, value: Any) -> str:
    tag = shape.member.serialization.get("name", "member")
    return "".join(f"<{tag}>{_content(shape.member, item)}</{tag}>" for item in value)


def _timestamp(_shape: Any, value: Any) -> str:
    return str(value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _boolean(_shape: Any, value: Any) -> str:
    return "true" if value else "false"


_WRITERS: dict[str, Callable[[Any, Any], str]] = {
    "structure": _structure,
    "list": _list,
    "timestamp": _timestamp,
    "boolean": _boolean,
}
