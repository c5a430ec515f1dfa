"""Calls through the application, and what is recorded of them before they are answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.conformance.toy import ACCOUNT, ARN, KEY, NETWORK_ID, SECRET, TOKEN, Recorder, make_app
from tests.unit.wire.exchange import call, send, signed

from hansa.domain.audit import Call, Outcome, write_call
from hansa.domain.errors import (
    AccessDeniedError,
    InternalServiceError,
    ResourceNotFoundError,
    Ruling,
    SignatureCause,
)
from hansa.domain.redaction import HIDDEN
from hansa.domain.refusals import OF_SOURCE_MAX
from hansa.wire.app import Application
from hansa.wire.record import UNRECORDED, is_read_only

RULING = Ruling("managedblockchain:GetNetwork", "*", "because no policy allows it")


@dataclass
class Memory:
    """A trail that keeps calls in memory; ``fault`` is what it fails with."""

    calls: list[Call] = field(default_factory=list)
    urgent: list[bool] = field(default_factory=list)
    fault: InternalServiceError | None = None
    is_broken: bool = False

    def ready(self) -> Future[None] | None:
        if not self.is_broken:
            return None
        future: Future[None] = Future()
        future.set_exception(InternalServiceError("Nothing can be recorded."))
        return future

    def add(self, call: Call, *, urgent: bool) -> Future[None] | None:
        self.calls.append(call)
        self.urgent.append(urgent)
        if not urgent:
            return None
        future: Future[None] = Future()
        if self.fault is None:
            future.set_result(None)
        else:
            future.set_exception(self.fault)
        return future

    @property
    def last(self) -> Call:
        return self.calls[-1]


class Denying:
    def authorize(self, caller: Any, action: str, arns: Any, context: Any) -> None:
        raise AccessDeniedError("User: … is not authorized", RULING)


@pytest.fixture
def trail() -> Memory:
    return Memory()


@pytest.fixture
def app(operations: Recorder, trail: Memory) -> Iterator[Application]:
    application = make_app(
        operations, trail=trail, public={"/healthz": lambda: ("application/json", b"{}")}
    )
    yield application
    application.close()


def create_network(**changes: Any) -> bytes:
    member = {
        "Name": "org1",
        "FrameworkConfiguration": {
            "Fabric": {"AdminUsername": "admin", "AdminPassword": "Canary1password"}
        },
    }
    request = {
        "ClientRequestToken": "token-1",
        "Name": "trade",
        "Framework": "HYPERLEDGER_FABRIC",
        "FrameworkVersion": "2.2",
        "VotingPolicy": {},
        "MemberConfiguration": member,
    }
    return json.dumps({**request, **changes}).encode()


def test_a_change_is_recorded_with_all_that_matters(
    app: Application, operations: Recorder, trail: Memory
) -> None:
    operations.answer = {"NetworkId": NETWORK_ID, "MemberId": "m-A"}
    headers = signed("POST", "/networks", create_network(), headers={"User-Agent": "me/1"})
    before = datetime.now(UTC)
    assert send(app, "POST", "/networks", create_network(), headers).status == 200
    found = trail.last
    assert (found.service, found.operation, found.region) == (
        "managedblockchain",
        "CreateNetwork",
        "us-east-1",
    )
    assert (found.account_id, found.principal_arn, found.access_key_id) == (ACCOUNT, ARN, KEY)
    assert (found.status, found.error_code, found.outcome) == (200, "", Outcome.ALLOWED)
    assert (found.user_agent, found.read_only) == ("me/1", False)
    assert before <= found.at <= datetime.now(UTC)
    assert found.resources == (
        f"arn:aws:managedblockchain:us-east-1::networks/{NETWORK_ID}",
        f"arn:aws:managedblockchain:us-east-1:{ACCOUNT}:members/m-A",
    )
    assert found.parameters is not None
    fabric = found.parameters["MemberConfiguration"]["FrameworkConfiguration"]["Fabric"]
    assert fabric == {"AdminUsername": "admin", "AdminPassword": HIDDEN}
    assert found.parameters["ClientRequestToken"] == "token-1"
    assert found.answer == {"NetworkId": NETWORK_ID, "MemberId": "m-A"}
    assert trail.urgent == [True]


def test_a_read_is_recorded_without_its_answer(
    app: Application, operations: Recorder, trail: Memory
) -> None:
    operations.answer = {"Network": {"Id": NETWORK_ID}}
    answer = call(app, "GET", f"/networks/{NETWORK_ID}")
    assert trail.last.request_id == answer.headers["x-amzn-requestid"]
    assert trail.last.parameters == {"NetworkId": NETWORK_ID}
    assert (trail.last.read_only, trail.last.answer) == (True, None)
    assert trail.urgent == [False]


def test_what_fails_is_recorded_with_its_error(
    app: Application, operations: Recorder, trail: Memory
) -> None:
    def fail(*_given: Any) -> Any:
        raise ResourceNotFoundError("There is no such network.", NETWORK_ID)

    operations.answer = fail
    call(app, "DELETE", f"/networks/{NETWORK_ID}/members/m-A")
    assert (trail.last.status, trail.last.error_code) == (404, "ResourceNotFoundException")
    assert trail.last.error_message == "There is no such network."
    assert trail.last.outcome is Outcome.ALLOWED
    operations.answer = lambda *_: 1 / 0
    call(app, "GET", "/networks")
    assert (trail.last.status, trail.last.error_code) == (500, "InternalServiceErrorException")


def test_a_request_that_is_not_valid_is_recorded_without_its_input(
    app: Application, trail: Memory
) -> None:
    body = create_network(Name=7, MemberConfiguration={"AdminPassword": "Canary1password"})
    assert call(app, "POST", "/networks", body).status == 400
    assert (trail.last.operation, trail.last.parameters) == ("CreateNetwork", None)
    assert "failed to satisfy constraint" in trail.last.error_message
    assert "Canary" not in write_call(trail.last)
    assert call(app, "GET", "/nonsense").status == 404
    assert trail.last.operation == "GET /nonsense"


def test_a_denied_call_is_recorded_with_the_ruling_before_it_is_answered(
    operations: Recorder, trail: Memory
) -> None:
    app = make_app(operations, trail=trail, authorizer=Denying())
    assert call(app, "GET", f"/networks/{NETWORK_ID}").code == "AccessDeniedException"
    assert trail.last.ruling == RULING
    assert trail.last.outcome is Outcome.DENIED
    assert trail.last.resources == (f"arn:aws:managedblockchain:us-east-1::networks/{NETWORK_ID}",)
    assert trail.urgent == [True]
    app.close()


@pytest.mark.parametrize(
    ("signing", "cause"),
    [
        ({"secret": "wrong"}, SignatureCause.WRONG_SIGNATURE),
        ({"key": "AKIAUNKNOWN"}, SignatureCause.UNKNOWN_KEY),
        ({"key": "AKIAINACTIVE"}, SignatureCause.INACTIVE_KEY),
        ({"key": "ASIATEMPORARY"}, SignatureCause.TOKEN_MISSING),
        ({"key": "ASIATEMPORARY", "token": "wrong"}, SignatureCause.TOKEN_WRONG),
        ({"token": "any"}, SignatureCause.TOKEN_UNEXPECTED),
        ({"key": "ASIAEXPIRED", "token": TOKEN}, SignatureCause.TOKEN_EXPIRED),
        ({"service": "lambda"}, SignatureCause.WRONG_SERVICE),
    ],
)
def test_a_refused_signature_is_recorded_with_its_cause(
    app: Application, trail: Memory, signing: dict[str, str], cause: SignatureCause
) -> None:
    call(app, "GET", "/networks", **signing)
    assert trail.last.signature_cause == cause
    assert trail.last.access_key_id == signing.get("key", KEY)
    assert trail.last.status == 403
    if "service" not in signing:
        assert (trail.last.account_id, trail.last.operation) == ("", "ListNetworks")
        assert trail.last.outcome is Outcome.UNAUTHENTICATED
    assert trail.urgent == [False]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda headers: headers.pop("Authorization"), SignatureCause.UNSIGNED),
        (lambda headers: headers.update(Authorization="Basic x"), SignatureCause.MALFORMED),
        (lambda headers: headers.update({"X-Amz-Meta": "x"}), SignatureCause.UNSIGNED_HEADER),
        (
            lambda headers: headers.update({"X-Amz-Content-Sha256": "0" * 64}),
            SignatureCause.BODY_DIGEST,
        ),
    ],
)
def test_a_spoilt_signature_is_recorded_with_its_cause(
    app: Application, trail: Memory, change: Any, cause: SignatureCause
) -> None:
    headers = signed("GET", "/networks")
    change(headers)
    send(app, "GET", "/networks", headers=headers)
    assert trail.last.signature_cause == cause


@pytest.mark.parametrize(
    ("hours", "cause"), [(-1, SignatureCause.SIGNED_TOO_LATE), (1, SignatureCause.SIGNED_TOO_EARLY)]
)
def test_a_wrong_clock(
    operations: Recorder, trail: Memory, hours: int, cause: SignatureCause
) -> None:
    ahead = timedelta(hours=hours)
    app = make_app(operations, trail=trail, now=lambda: datetime.now(UTC) + ahead)
    call(app, "GET", "/networks")
    assert trail.last.signature_cause == cause
    app.close()


@pytest.mark.parametrize("secret", ["wJalrXUtnFEMI+K7MDENG-bPxRfiCYEXAMPLEKEY", SECRET.swapcase()])
def test_a_secret_given_as_the_keys_id_is_not_recorded(
    app: Application, trail: Memory, secret: str
) -> None:
    """The commonest mistake of all: both swapped."""
    call(app, "GET", "/networks", key=secret, secret=KEY)
    assert secret not in write_call(trail.last)
    assert trail.last.status == 403


def test_public_documents_are_no_calls(app: Application, trail: Memory) -> None:
    assert send(app, "GET", "/healthz").status == 200
    assert trail.calls == []


def test_a_client_that_goes_away_has_called_nothing(app: Application, trail: Memory) -> None:
    headers = {**signed("POST", "/networks", b"x"), "Content-Length": "1"}
    send(app, "POST", "/networks", [], headers)
    assert trail.calls == []


def test_nothing_is_changed_while_it_could_not_be_recorded(
    app: Application, operations: Recorder, trail: Memory
) -> None:
    trail.is_broken = True
    assert call(app, "POST", "/networks", create_network()).status == 500
    assert operations.calls == []
    assert call(app, "GET", "/networks").status == 200


def test_a_change_that_was_not_recorded_is_not_answered_as_done(
    app: Application, operations: Recorder, trail: Memory
) -> None:
    operations.answer = {"NetworkId": NETWORK_ID}
    trail.fault = InternalServiceError("The disk is full.")
    answer = call(app, "POST", "/networks", create_network())
    assert (answer.status, answer.message) == (500, "The disk is full.")


def test_strangers_are_counted_once_they_are_too_many(operations: Recorder, trail: Memory) -> None:
    clock = [datetime.now(UTC)]
    app = make_app(operations, trail=trail, now=lambda: clock[0])
    for _ in range(OF_SOURCE_MAX + 5):
        assert send(app, "GET", "/networks").status == 403
    assert len(trail.calls) == OF_SOURCE_MAX
    clock[0] += timedelta(minutes=2)
    assert call(app, "GET", "/networks").status == 200
    counted = trail.calls[OF_SOURCE_MAX]
    assert counted.operation == UNRECORDED
    assert counted.parameters is not None
    assert (counted.parameters["count"], counted.parameters["causes"]) == (5, {"unsigned": 5})
    for _ in range(OF_SOURCE_MAX + 1):
        send(app, "GET", "/networks")
    app.close()
    assert trail.last.operation == UNRECORDED


ANSWERS = [
    (200, b"<Ok/>", "", ""),
    (
        404,
        b"<Error><Code>NoSuchBucket</Code><Message>It &amp; more</Message></Error>",
        "NoSuchBucket",
        "It & more",
    ),
    (
        400,
        b'{"__type": "com.amazon#ParameterNotFound", "message": "Canary-of-a-value is not there"}',
        "ParameterNotFound",
        f"{HIDDEN} is not there",
    ),
    (404, b"", "404", ""),
    (500, b"[1]", "500", ""),
]


def _fallback(status: int, body: bytes) -> Any:
    """A service behind the front, which tells what it was asked."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        told = scope["hansa.told"]
        told.operation, told.resources = "PutParameter", ("arn:aws:ssm:us-east-1:1:parameter/a",)
        told.parameters, told.secret_names = {"Text": "Canary-of-a-value"}, frozenset({"Text"})
        await scope["hansa.before_change"](told.operation)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return answer


@pytest.mark.parametrize(("status", "body", "code", "message"), ANSWERS)
def test_a_call_that_the_fallback_answers(
    operations: Recorder, trail: Memory, status: int, body: bytes, code: str, message: str
) -> None:
    app = make_app(operations, trail=trail, fallback=_fallback(status, body))
    answer = call(app, "POST", "/", b"{}", service="ssm")
    app.close()
    assert (answer.status, answer.body) == (status, body)
    (found,) = trail.calls
    assert (found.service, found.operation, found.status) == ("ssm", "PutParameter", status)
    assert (found.error_code, found.error_message) == (code, message)
    assert found.parameters == {"Text": HIDDEN}
    assert found.resources == ("arn:aws:ssm:us-east-1:1:parameter/a",)
    assert trail.urgent == [True]


@pytest.mark.parametrize("status", [200, 400])
def test_what_the_fallback_changed_and_was_not_recorded(
    operations: Recorder, trail: Memory, status: int
) -> None:
    trail.fault = InternalServiceError("The disk is full.")
    app = make_app(operations, trail=trail, fallback=_fallback(status, b"done"))
    answer = call(app, "POST", "/", b"{}", service="ssm")
    app.close()
    assert (answer.status, answer.message) == (500, "The disk is full.")


def test_what_only_reads() -> None:
    for name in ("GetNetwork", "ListNodes", "DescribeVpcs", "LookupEvents", "HeadObject"):
        assert is_read_only(name)
    for name in ("CreateNetwork", "VoteOnProposal", "DeleteUser", "TagResource", "PutObject", ""):
        assert not is_read_only(name)
