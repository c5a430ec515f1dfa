"""AWS Query: forms in, XML out."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import Any

import pytest

from hansa.domain.errors import AccessDeniedError, InvalidRequestError
from hansa.domain.iam_errors import NoSuchEntityError
from hansa.wire.http import Head
from hansa.wire.query import (
    InvalidActionError,
    QueryMount,
    UnsupportedActionError,
    query_service,
)

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


class Users:
    """One operation of IAM's."""

    def create_user(self, _caller: Any, request: dict[str, Any]) -> dict[str, Any]:
        return {"User": request}


@pytest.fixture(scope="module")
def mount() -> QueryMount:
    return QueryMount(query_service("iam", Users(), lambda *_: ("*",)))


def read(mount: QueryMount, text: str, query: str = "") -> Any:
    _, read_input = mount.find(Head("POST", "/", query, FORM), text.encode())
    return read_input()


def test_lists_of_structures_are_read(mount: QueryMount) -> None:
    text = (
        "Action=CreateUser&Version=2010-05-08&UserName=a%2Bb"
        "&Tags.member.1.Key=k&Tags.member.1.Value=a+b&Tags.member.2.Key=l&Tags.member.2.Value="
    )
    tags = [{"Key": "k", "Value": "a b"}, {"Key": "l", "Value": ""}]
    assert read(mount, text) == {"UserName": "a+b", "Tags": tags}
    assert read(mount, "", text) == {"UserName": "a+b", "Tags": tags}
    assert read(mount, "Action=CreateUser&UserName=a&Tags=")["Tags"] == []


def test_all_faults_come_together(mount: QueryMount) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        read(mount, "Action=CreateUser&Path=x&Tags.member.1.Key=k")
    message = str(raised.value)
    assert message.startswith("3 validation errors detected")
    for member in ("'path'", "'userName'", "'tags.1.member.value'"):
        assert member in message


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InvalidActionError),
        ("Action=Nonsense", InvalidActionError),
        ("Action=CreateVirtualMFADevice", UnsupportedActionError),
        ("Action=CreateUser&Version=2000-01-01", InvalidRequestError),
        ("Action=CreateUser&UserName=%FF", InvalidRequestError),
        ("Action=CreateUser&UserName=%zz", InvalidRequestError),
    ],
)
def test_what_is_no_request_is_refused(
    mount: QueryMount, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        read(mount, text)


def test_an_answer_is_xml_of_the_model(mount: QueryMount) -> None:
    endpoint, _ = mount.find(Head("POST", "/", "", FORM), b"Action=CreateUser")
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    user = {"UserName": "<&>\x00", "CreateDate": at, "Tags": [{"Key": "k", "Value": "v"}]}
    root = ET.fromstring(endpoint.serialize({"User": user}, "id-1"))  # our own
    name = {"i": "https://iam.amazonaws.com/doc/2010-05-08/"}
    found = root.find("i:CreateUserResult/i:User", name)
    assert found is not None
    assert found.findtext("i:UserName", namespaces=name) == "<&>\ufffd"
    assert found.findtext("i:CreateDate", namespaces=name) == "2026-01-02T03:04:05Z"
    assert found.findtext("i:Tags/i:member/i:Key", namespaces=name) == "k"
    assert root.findtext("i:ResponseMetadata/i:RequestId", namespaces=name) == "id-1"


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (NoSuchEntityError("<none>"), "NoSuchEntity", 404),
        (AccessDeniedError("no"), "AccessDenied", 403),
        (InvalidRequestError("bad"), "ValidationError", 400),
    ],
)
def test_errors_have_iams_codes(mount: QueryMount, error: Any, code: str, status: int) -> None:
    answer = mount.error_response(error, "id-2")
    assert (answer.status, answer.media_type) == (status, "text/xml")
    assert f"<Code>{code}</Code>".encode() in answer.body
    assert b"<none>" not in answer.body
