"""Answers in the forms of AWS's protocols: each service's clients understand only their own.

Forms: the AWS protocol documents of Smithy (``awsQuery``, ``ec2Query``, ``awsJson``, ``restJson1``,
``restXml``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from xml.sax.saxutils import escape

from hansa.surroundings.asgi import Scope, Send, header


class Protocol(StrEnum):
    """How a service puts its errors."""

    QUERY = "query"
    EC2 = "ec2"
    S3 = "s3"
    REST_XML = "rest-xml"
    JSON = "json"
    REST_JSON = "rest-json"


# The codes of authentication and authorization, as the older, XML-speaking services spell them.
# Source: "Common errors" of the STS, EC2 and S3 API references.
_XML_CODES: dict[Protocol, dict[str, str]] = {
    Protocol.QUERY: {
        "UnrecognizedClientException": "InvalidClientTokenId",
        "InvalidSignatureException": "SignatureDoesNotMatch",
    },
    Protocol.EC2: {
        "AccessDeniedException": "UnauthorizedOperation",
        "UnrecognizedClientException": "AuthFailure",
        "InvalidSignatureException": "AuthFailure",
    },
    Protocol.S3: {
        "UnrecognizedClientException": "InvalidAccessKeyId",
        "InvalidSignatureException": "SignatureDoesNotMatch",
        "MissingAuthenticationTokenException": "AccessDenied",
    },
}

_REST_XML_SERVICES = frozenset({"cloudfront", "route53", "s3-outposts", "s3express"})


@dataclass(frozen=True)
class Answer:
    """A whole response."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Fault:
    """What is wrong with a request: AWS's error code, HTTP status, words for a person."""

    code: str
    status: int
    message: str


def protocol_of(service: str, scope: Scope) -> Protocol:
    """The protocol that the client speaks, from the signed ``service`` and the request's form."""
    if service == "ec2":
        return Protocol.EC2
    if service == "s3":
        return Protocol.S3
    if service in _REST_XML_SERVICES:
        return Protocol.REST_XML
    if header(scope, "x-amz-target"):
        return Protocol.JSON
    form = header(scope, "content-type").startswith("application/x-www-form-urlencoded")
    return Protocol.QUERY if form or b"Action=" in scope["query_string"] else Protocol.REST_JSON


def code_of(protocol: Protocol, code: str) -> str:
    """``code``, one of this service's own errors, as ``protocol``'s services spell it."""
    if protocol in (Protocol.JSON, Protocol.REST_JSON):
        return code
    return _XML_CODES.get(protocol, {}).get(code, code.removesuffix("Exception"))


def error_answer(protocol: Protocol, fault: Fault, request_id: str) -> Answer:
    """``fault`` as ``protocol`` puts it."""
    return _RENDERERS[protocol](fault, request_id)


def _error_type(fault: Fault) -> str:
    return "Receiver" if fault.status >= 500 else "Sender"


def _xml(status: int, text: str) -> Answer:
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return Answer(status, "text/xml", (declaration + text).encode())


def _query(fault: Fault, request_id: str) -> Answer:
    return _xml(
        fault.status,
        f"<ErrorResponse><Error><Type>{_error_type(fault)}</Type><Code>{fault.code}</Code>"
        f"<Message>{escape(fault.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>",
    )


def _ec2(fault: Fault, request_id: str) -> Answer:
    return _xml(
        fault.status,
        f"<Response><Errors><Error><Code>{fault.code}</Code>"
        f"<Message>{escape(fault.message)}</Message></Error></Errors>"
        f"<RequestID>{request_id}</RequestID></Response>",
    )


def _s3(fault: Fault, request_id: str) -> Answer:
    return _xml(
        fault.status,
        f"<Error><Code>{fault.code}</Code><Message>{escape(fault.message)}</Message>"
        f"<RequestId>{request_id}</RequestId></Error>",
    )


def _json(fault: Fault, _request_id: str) -> Answer:
    body = json.dumps({"__type": fault.code, "message": fault.message}).encode()
    headers = (("x-amzn-errortype", fault.code),)
    return Answer(fault.status, "application/x-amz-json-1.1", body, headers)


def _rest_json(fault: Fault, _request_id: str) -> Answer:
    body = json.dumps({"message": fault.message}).encode()
    return Answer(fault.status, "application/json", body, (("x-amzn-errortype", fault.code),))


_RENDERERS: dict[Protocol, Callable[[Fault, str], Answer]] = {
    Protocol.QUERY: _query,
    Protocol.REST_XML: _query,
    Protocol.EC2: _ec2,
    Protocol.S3: _s3,
    Protocol.JSON: _json,
    Protocol.REST_JSON: _rest_json,
}


async def send_answer(scope: Scope, send: Send, answer: Answer, request_id: str) -> None:
    """Send ``answer``; without its body where the request is a HEAD."""
    fields = (
        ("content-type", answer.content_type),
        ("content-length", str(len(answer.body))),
        ("x-amzn-requestid", request_id),
        ("x-amz-request-id", request_id),
        *answer.headers,
    )
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body})
