"""Every operation of every service is recorded, and no secret of any of their requests is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from tests.conformance.toy import KEY, SECRET, Recorder, make_app

from hansa.domain.audit import Call, write_call
from hansa.domain.redaction import is_secret_name
from hansa.surroundings.app import create_surroundings
from hansa.surroundings.moto_services import MOTO_SERVICES, MotoServices
from hansa.surroundings.telling import _SECRET_NAMES
from hansa.wire.app import Application, create_app
from hansa.wire.json_rpc import json_service
from hansa.wire.query import query_service
from hansa.wire.service import managedblockchain_service

CANARY = "Canary1Secret_of_this+test/"
OWN = ("managedblockchain", "iam", "sts", "cloudtrail")
_SCALARS = {
    "integer": 1,
    "long": 1,
    "float": 1.5,
    "double": 1.5,
    "boolean": True,
    "timestamp": 1_700_000_000,
}
# They are called without a signature, or on another host; none of them is supported.
NOT_CALLED = frozenset(
    {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "WriteGetObjectResponse"}
)


class Calls(list[Call]):
    """A trail that keeps calls in memory."""

    def ready(self) -> None:
        pass

    def add(self, call: Call, *, urgent: bool) -> Future[None] | None:
        self.append(call)
        return None


def _no_moto(_self: Any, _environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b""]


@pytest.fixture(scope="module")
def calls() -> Calls:
    return Calls()


@pytest.fixture(scope="module")
def app(calls: Calls) -> Iterator[Application]:
    patch = pytest.MonkeyPatch()
    patch.setattr(MotoServices, "__call__", _no_moto)
    surroundings = create_surroundings(lambda: b"")
    plain = make_app(Recorder())
    made = create_app(
        {
            "managedblockchain": managedblockchain_service(Recorder()),  # type: ignore[arg-type]
            "iam": query_service("iam", Recorder(), lambda *_: ("*",)),
            "sts": query_service("sts", Recorder(), lambda *_: ("*",)),
            "cloudtrail": json_service("cloudtrail", Recorder()),
        },
        credentials=plain._credentials,
        now=plain._now,
        new_request_id=plain._new_request_id,
        fallback=surroundings,
        trail=calls,
    )
    yield made
    made.close()
    plain.close()
    surroundings.close()
    patch.undo()


def client(app: Application, service: str) -> Any:
    """A client of botocore whose requests go to the application in this process."""
    made = boto3.client(
        service,
        endpoint_url="http://127.0.0.1:8590",
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
            inject_host_prefix=False,
        ),
    )
    made.meta.events.register("before-send", lambda request, **_: _deliver(app, request))
    return made


def _deliver(app: Application, request: Any) -> AWSResponse:
    url = urlsplit(request.url)
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    headers = [(name.lower(), value) for name, value in request.headers.items()]
    names = {name for name, _ in headers}
    headers += [] if "host" in names else [("host", url.netloc)]
    headers += [] if "content-length" in names else [("content-length", str(len(content)))]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "path": url.path or "/",
        "raw_path": (url.path or "/").encode(),
        "query_string": url.query.encode(),
        "headers": [(name.encode(), _bytes(value)) for name, value in headers],
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    response = AWSResponse(request.url, sent[0]["status"], {}, None)
    response._content = b""
    return response


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("latin-1")


def sample(shape: Any, secret_names: frozenset[str], depth: int = 0, name: str = "") -> Any:
    """A value of a shape, with every member; what is secret has the canary in it."""
    kind = shape.type_name
    if kind == "structure":
        deep = depth > 3
        return {
            member: sample(inner, secret_names, depth + 1, member)
            for member, inner in shape.members.items()
            if not deep or member in shape.required_members
        }
    if kind == "list":
        return [] if depth > 3 else [sample(shape.member, secret_names, depth + 1, name)]
    if kind == "map":
        inner = sample(shape.value, secret_names, depth + 1, "Password")
        return {} if depth > 3 else {"Password": inner}
    if kind in _SCALARS:
        return _SCALARS[kind]
    secret = is_secret_name(name) or name in secret_names or shape.metadata.get("sensitive")
    text = CANARY if secret else (getattr(shape, "enum", None) or ["a-name-01"])[0]
    return text.encode() if kind == "blob" else text


@pytest.mark.parametrize("service", [*OWN, *MOTO_SERVICES])
def test_every_operation_is_recorded_and_no_secret(
    app: Application, calls: Calls, service: str
) -> None:
    api = client(app, service)
    model = api.meta.service_model
    secret_names = _SECRET_NAMES.get(service, frozenset())
    missing, told = [], []
    for method, operation in sorted(api.meta.method_to_api_mapping.items()):
        if operation in NOT_CALLED:
            continue
        shape = model.operation_model(operation).input_shape
        request = sample(shape, secret_names) if shape else {}
        if service == "s3":
            request = {
                k: v for k, v in request.items() if k in ("Bucket", "Key", "Body", "UploadId")
            }
        calls.clear()
        _call(api, method, request)
        if len(calls) != 1 or (service != "s3" and calls[0].operation != operation):
            missing.append((operation, [(call.operation, call.error_message) for call in calls]))
        told += [operation for call in calls if CANARY.encode() in _spelt(write_call(call))]
    assert missing == []
    assert told == []


def _call(api: Any, method: str, request: Any) -> None:
    with suppress(Exception):  # empty answers are not the point; that it was sent is looked at
        getattr(api, method)(**request)


def _spelt(text: str) -> bytes:
    return json.dumps(json.loads(text), ensure_ascii=False).encode()
