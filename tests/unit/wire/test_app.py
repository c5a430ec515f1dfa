"""A request's path through the application."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs
from tests.conformance.toy import ACCOUNT, ARN, CREATED, KEY, NETWORK_ID, Recorder, make_app
from tests.unit.wire.exchange import HOST, call, send, signed

from hansa.domain.caller import Caller
from hansa.domain.errors import (
    AccessDeniedError,
    InvalidRequestError,
    ResourceNotFoundError,
    TooManyTagsError,
)
from hansa.wire.app import Application, Limits
from hansa.wire.parse import parse_query

NETWORK_ARN = f"arn:aws:managedblockchain:us-east-1::networks/{NETWORK_ID}"


def test_an_operation_gets_caller_and_input_and_its_output_is_the_answer(
    app: Application, operations: Recorder
) -> None:
    operations.answer = {"Networks": [{"Id": NETWORK_ID, "CreationDate": CREATED}]}
    answer = call(app, "GET", "/networks?maxResults=3&status=AVAILABLE&name=a%20b&other=1")
    assert operations.calls == [
        (
            "list_networks",
            Caller(ACCOUNT, ARN, KEY, "us-east-1"),
            {"Name": "a b", "Status": "AVAILABLE", "MaxResults": 3},
        )
    ]
    assert answer.status == 200
    assert answer.headers == {
        "content-type": "application/json",
        "content-length": str(len(answer.body)),
        "x-amzn-requestid": "request-1",
    }
    assert answer.body.decode() == (
        f'{{"Networks":[{{"Id":"{NETWORK_ID}","Name":null,"Description":null,"Framework":null,'
        '"FrameworkVersion":null,"Status":null,"CreationDate":"2022-03-18T14:42:41.455Z",'
        '"Arn":null}],"NextToken":null}'
    )


def test_an_output_without_members_is_an_empty_object(app: Application) -> None:
    assert call(app, "DELETE", f"/networks/{NETWORK_ID}").body == b"{}"


@pytest.mark.parametrize("target", ["/networks/", "/networks"])
def test_a_trailing_slash_is_allowed(app: Application, operations: Recorder, target: str) -> None:
    assert call(app, "GET", target).status == 200
    assert operations.calls[0][0] == "list_networks"


@pytest.mark.parametrize(
    "target",
    [
        f"/tags/{NETWORK_ARN}",
        f"/tags/{NETWORK_ARN}/",
        "/tags/" + NETWORK_ARN.replace("/", "%2F").replace(":", "%3A"),
    ],
)
def test_an_arn_may_hold_slashes_encoded_or_not(
    app: Application, operations: Recorder, target: str
) -> None:
    assert call(app, "GET", target).status == 200
    assert operations.calls[0][2] == {"ResourceArn": NETWORK_ARN}


def test_repeated_tag_keys_are_a_list(app: Application, operations: Recorder) -> None:
    call(app, "DELETE", f"/tags/{NETWORK_ARN}?tagKeys=a&tagKeys=b%26c")
    assert operations.calls[0][2] == {"ResourceArn": NETWORK_ARN, "TagKeys": ["a", "b&c"]}


@pytest.mark.parametrize(
    "target", ["/", "/nothing", "/networks/n/unknown", "/networks//members", "/networks/../x", "//"]
)
def test_an_unknown_path_is_an_unknown_operation(app: Application, target: str) -> None:
    answer = call(app, "GET", target)
    assert (answer.status, answer.code) == (404, "UnknownOperationException")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "BREW"])
def test_another_method_is_not_allowed_and_told_which_are(app: Application, method: str) -> None:
    answer = call(app, method, "/networks")
    assert (answer.status, answer.code) == (405, "UnknownOperationException")
    assert answer.headers["allow"] == "GET, POST"


def test_a_preflight_request_is_answered_without_a_signature(app: Application) -> None:
    assert send(app, "OPTIONS", "/networks", headers={"Host": HOST}).status == 405


class TestErrors:
    def test_of_the_operation_reach_the_caller_with_their_members(
        self, app: Application, operations: Recorder
    ) -> None:
        def fail(*_given: Any) -> None:
            raise ResourceNotFoundError("There is no network n-X.", "n-X")

        operations.answer = fail
        answer = call(app, "GET", "/networks/n-X")
        assert (answer.status, answer.code) == (404, "ResourceNotFoundException")
        assert answer.body == b'{"Message":"There is no network n-X.","ResourceName":"n-X"}'

    def test_that_nobody_expected_tell_the_caller_only_where_to_look(
        self, app: Application, operations: Recorder
    ) -> None:
        def fail(*_given: Any) -> None:
            raise RuntimeError("the password is hunter2")

        operations.answer = fail
        with capture_logs() as logs:
            answer = call(app, "GET", "/networks/n-X")
        assert (answer.status, answer.code) == (500, "InternalServiceErrorException")
        assert "request-1" in answer.message
        assert b"hunter2" not in answer.body
        assert [line["event"] for line in logs] == ["request.failed", "request"]
        assert logs[0]["exc_info"]

    def test_of_an_output_outside_the_model_are_the_service_s(
        self, app: Application, operations: Recorder
    ) -> None:
        operations.answer = {"network": {}}
        assert call(app, "GET", "/networks/n-X").status == 500

    def test_with_characters_beyond_ascii(self, app: Application, operations: Recorder) -> None:
        def fail(*_given: Any) -> None:
            raise TooManyTagsError("zu viele — 51")

        operations.answer = fail
        assert call(app, "GET", "/networks/n-X").message == "zu viele — 51"


class TestBodies:
    URL = "/networks/n-X/members/m-X"

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b"{", "not JSON"),
            (b"[]", "not a JSON object"),
            (b"null", "not a JSON object"),
            (b'"x"', "not a JSON object"),
            (b"\xff\xfe{", "not UTF-8"),
            (b'{"a": NaN}', "a number that cannot be read"),
            (b'{"a": -Infinity}', "a number that cannot be read"),
            (b'{"a": ' + b"9" * 5000 + b"}", "a number that cannot be read"),
            (b"[" * 100_000, "nested too deeply"),
            (b'{"a":' * 100_000, "nested too deeply"),
        ],
    )
    def test_that_are_no_json_object_are_refused(
        self, app: Application, body: bytes, words: str
    ) -> None:
        answer = call(app, "PATCH", self.URL, body)
        assert (answer.status, answer.code) == (400, "SerializationException")
        assert words in answer.message

    def test_with_unknown_members_and_nulls_are_read_without_them(
        self, app: Application, operations: Recorder
    ) -> None:
        body = b'\xef\xbb\xbf{"Unknown":{"x":[1]},"LogPublishingConfiguration":null}'
        assert call(app, "PATCH", self.URL, body).status == 200
        assert operations.calls[0][2] == {"NetworkId": "n-X", "MemberId": "m-X"}

    def test_too_large_are_refused_by_their_declared_length(
        self, app: Application, operations: Recorder
    ) -> None:
        headers = signed("PATCH", self.URL) | {"Content-Length": str(2**40)}
        answer = send(app, "PATCH", self.URL, b"", headers)
        assert (answer.status, answer.code) == (413, "RequestEntityTooLargeException")
        assert answer.headers["connection"] == "close"

    def test_too_large_are_refused_while_they_are_read(self, operations: Recorder) -> None:
        small = make_app(operations, limits=Limits(body_bytes_max=100))
        parts = [b"x" * 60, b"x" * 60, b"x" * 60]
        headers = signed("PATCH", self.URL, b"".join(parts))
        headers.pop("Content-Length", None)
        assert send(small, "PATCH", self.URL, parts, headers).status == 413
        assert operations.calls == []
        small.close()

    @pytest.mark.parametrize("length", ["x", "-1", "1e3", "٣", "9" * 40])
    def test_with_a_declared_length_that_is_no_number_are_refused(
        self, app: Application, length: str
    ) -> None:
        headers = list((signed("PATCH", self.URL) | {"Content-Length": ""}).items())
        headers = [(k, v) for k, v in headers if k != "Content-Length"]
        headers.append(("Content-Length", length.encode().decode("latin-1")))
        assert send(app, "PATCH", self.URL, b"", headers).status == 400

    def test_that_never_arrive_are_given_up(self, app: Application, operations: Recorder) -> None:
        headers = signed("PATCH", self.URL, b"{}")
        assert send(app, "PATCH", self.URL, [], headers).status == 0
        assert operations.calls == []


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/networks/%ff", "UTF-8"),
        ("/networks/%4", "hexadecimal"),
        ("/networks?name=a&name=b", "'name' failed to satisfy constraint: Member must not be"),
        ("/networks?maxResults=", "'maxResults' failed"),
        ("/networks?maxResults=1.0", "'maxResults' failed"),
        ("/networks?maxResults=%D9%A3", "'maxResults' failed"),
        ("/networks/n-X/members?isOwned=yes", "'isOwned' failed"),
    ],
)
def test_faults_of_path_and_query_are_the_caller_s(
    app: Application, target: str, words: str
) -> None:
    answer = call(app, "GET", target)
    assert answer.status == 400
    assert words in answer.message


@pytest.mark.parametrize("query", ["name=%zz", "name=%ff", "%=1", "name=%4", "a&%e4"])
def test_a_query_that_is_not_percent_encoded_utf8_is_the_caller_s_fault(query: str) -> None:
    with pytest.raises(InvalidRequestError, match="The query string"):
        parse_query(query)


@pytest.mark.parametrize("value", ["true", "True", "false"])
def test_a_boolean_of_the_query_is_one(app: Application, operations: Recorder, value: str) -> None:
    call(app, "GET", f"/networks/n-X/members?isOwned={value}")
    assert operations.calls[0][2]["IsOwned"] is (value.lower() == "true")


NETWORK = {
    "ClientRequestToken": "t",
    "Name": "n",
    "Framework": "HYPERLEDGER_FABRIC",
    "FrameworkVersion": "2.2",
    "VotingPolicy": {},
}
FABRIC = {"AdminUsername": "admin", "AdminPassword": "TempPassword123!"}


class TestDialect:
    def test_cloudformation_s_spellings_become_the_api_s(
        self, app: Application, operations: Recorder
    ) -> None:
        body = NETWORK | {
            "FrameworkConfiguration": {"NetworkFabricConfiguration": {"Edition": "STARTER"}},
            "MemberConfiguration": {
                "Name": "m",
                "MemberFrameworkConfiguration": {"MemberFabricConfiguration": FABRIC},
            },
        }
        assert call(app, "POST", "/networks", json.dumps(body).encode()).status == 200
        request = operations.calls[0][2]
        assert request["FrameworkConfiguration"] == {"Fabric": {"Edition": "STARTER"}}
        assert request["MemberConfiguration"] == {
            "Name": "m",
            "FrameworkConfiguration": {"Fabric": FABRIC},
        }

    def test_both_spellings_at_once_are_refused(self, app: Application) -> None:
        body = {
            "InvitationId": "i",
            "ClientRequestToken": "t",
            "MemberConfiguration": {
                "Name": "m",
                "FrameworkConfiguration": {
                    "Fabric": FABRIC,
                    "MemberFabricConfiguration": FABRIC,
                },
            },
        }
        answer = call(app, "POST", "/networks/n-X/members", json.dumps(body).encode())
        assert (
            "'memberConfiguration.frameworkConfiguration.memberFabricConfiguration' failed to "
            "satisfy constraint: Member must not be given together with 'fabric'" in answer.message
        )


class TestAuthorization:
    def test_decides_by_action_resources_and_context(self, operations: Recorder) -> None:
        asked = []

        class Denying:
            def authorize(
                self, caller: Caller, action: str, resource_arns: Any, context: Any
            ) -> None:
                known = {k: v for k, v in context.items() if v != "false" and "Time" not in k}
                asked.append((caller.account_id, action, list(resource_arns), known))
                raise AccessDeniedError("You may not.")

        guarded = make_app(operations, authorizer=Denying())
        body = b'{"Tags":{"k":"v"}}'
        answer = call(guarded, "POST", f"/tags/{NETWORK_ARN}", body)
        guarded.close()
        assert (answer.status, answer.code) == (403, "AccessDeniedException")
        assert operations.calls == []
        assert asked == [
            (
                ACCOUNT,
                "managedblockchain:TagResource",
                [NETWORK_ARN],
                {
                    "aws:PrincipalArn": ARN,
                    "aws:PrincipalAccount": ACCOUNT,
                    "aws:PrincipalType": "User",
                    "aws:RequestedRegion": "us-east-1",
                    "aws:username": ARN.rpartition("/")[2],
                    "aws:TagKeys": ["k"],
                    "aws:RequestTag/k": "v",
                },
            )
        ]


class TestPublicDocuments:
    def test_need_no_signature(self, app: Application) -> None:
        answer = send(app, "GET", "/healthz", headers={"Host": HOST})
        assert (answer.status, answer.body) == (200, b'{"Status":"ok"}')

    def test_cannot_be_written(self, app: Application) -> None:
        answer = send(app, "POST", "/healthz", headers={"Host": HOST})
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_request_is_logged_without_what_it_said(app: Application) -> None:
    structlog.contextvars.clear_contextvars()
    with capture_logs() as logs:
        call(app, "GET", "/networks?name=private")
    (line,) = logs
    milliseconds = line.pop("ms")
    assert milliseconds > 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "service": "managedblockchain",
        "operation": "ListNetworks",
        "account": ACCOUNT,
        "status": 200,
        "error": None,
    }


def test_an_unimplemented_operation_is_found_at_the_start() -> None:
    class Nothing:
        pass

    with pytest.raises(AttributeError, match="create_accessor"):
        make_app(Nothing())


def test_an_operation_sees_the_request_s_id_in_its_log_context(
    app: Application, operations: Recorder
) -> None:
    operations.answer = lambda *_: {
        "NextToken": structlog.contextvars.get_contextvars()["request_id"]
    }
    assert json.loads(call(app, "GET", "/networks").body)["NextToken"] == "request-1"
