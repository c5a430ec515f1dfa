"""boto3 against a real server: what users of the API see."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from tests.conformance.shapes import MODEL
from tests.conformance.toy import (
    CREATED,
    NETWORK_ID,
    SECRET,
    TOKEN,
    Recorder,
    client,
    make_app,
    served,
    toy_answer,
)


@pytest.fixture(scope="module")
def operations() -> Recorder:
    return Recorder(toy_answer)


@pytest.fixture(scope="module")
def url(operations: Recorder) -> Iterator[str]:
    with served(make_app(operations)) as address:
        yield address


def refusal(address: str, **credentials: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        client(address, **credentials).list_networks()
    return caught.value.response


def test_an_answer_is_parsed(url: str) -> None:
    answer = client(url).get_network(NetworkId=NETWORK_ID)
    assert answer["Network"] == {"Id": NETWORK_ID, "Name": "toy", "CreationDate": CREATED}
    assert answer["ResponseMetadata"]["RequestId"].startswith("request-")


def test_a_modelled_error_is_raised_with_its_members(url: str) -> None:
    amb = client(url)
    with pytest.raises(amb.exceptions.ResourceNotFoundException) as caught:
        amb.get_network(NetworkId="n-OTHER")
    assert caught.value.response["ResourceName"] == "n-OTHER"
    assert caught.value.response["Error"]["Message"] == "There is no such network."


def test_every_fault_of_a_request_is_told(url: str) -> None:
    amb = client(url, parameter_validation=False)
    with pytest.raises(amb.exceptions.InvalidRequestException) as caught:
        amb.create_member(NetworkId="n" * 33, InvitationId="i", MemberConfiguration={"Name": "-"})
    message = caught.value.response["Error"]["Message"]
    assert message.startswith("3 validation errors detected: ")
    for field in ("networkId", "memberConfiguration.name", "frameworkConfiguration"):
        assert field in message


def test_arns_and_odd_characters_arrive(url: str, operations: Recorder) -> None:
    amb = client(url)
    arn = "arn:aws:managedblockchain:us-east-1:123456789012:members/m-A B+C%2Fé"
    amb.untag_resource(ResourceArn=arn, TagKeys=["a&b=c", "é +%", "d/e"])
    name, _caller, request = operations.calls[-1]
    assert name == "untag_resource"
    assert request == {"ResourceArn": arn, "TagKeys": ["a&b=c", "é +%", "d/e"]}


def test_every_operation_of_aws_s_model_can_be_called(url: str, operations: Recorder) -> None:
    amb = client(url, parameter_validation=False)
    required = {
        "NetworkId": "n",
        "MemberId": "m",
        "NodeId": "nd",
        "ProposalId": "p",
        "InvitationId": "i",
        "AccessorId": "a",
        "ResourceArn": "arn:aws:managedblockchain:us-east-1::networks/n",
        "TagKeys": ["k"],
    }
    codes = set()
    for name, api_name in amb.meta.method_to_api_mapping.items():
        members = MODEL.operation_model(api_name).input_shape.required_members
        try:
            getattr(amb, name)(**{key: required[key] for key in members if key in required})
        except ClientError as error:
            codes.add(error.response["Error"]["Code"])
    assert codes == {"InvalidRequestException", "ResourceNotFoundException"}
    assert len(amb.meta.method_to_api_mapping) == 27


class TestCredentials:
    def test_that_are_wrong_are_refused(self, url: str) -> None:
        answer = refusal(url, secret="wrong")
        assert answer["Error"]["Code"] == "InvalidSignatureException"
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403

    def test_of_nobody_are_refused(self, url: str) -> None:
        assert refusal(url, key="AKIANOBODY")["Error"]["Code"] == "UnrecognizedClientException"

    def test_that_are_temporary_count_until_they_expire(self, url: str) -> None:
        client(url, "ASIATEMPORARY", SECRET, TOKEN).list_networks()
        expired = refusal(url, key="ASIAEXPIRED", token=TOKEN)
        assert expired["Error"]["Code"] == "ExpiredTokenException"

    def test_with_a_wrong_token_are_refused(self, url: str) -> None:
        answer = refusal(url, key="ASIATEMPORARY", token="wrong")
        assert answer["Error"]["Code"] == "UnrecognizedClientException"


def test_a_clock_that_is_far_off_is_told() -> None:
    def later() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=6)

    with served(make_app(Recorder(), now=later)) as address:
        message = refusal(address)["Error"]["Message"]
    assert message.startswith("Signature expired: ")
    assert "is now earlier than" in message


def test_a_presigned_url_is_good_for_its_one_request(url: str) -> None:
    good = client(url).generate_presigned_url("list_networks", {"Name": "a b"}, ExpiresIn=60)
    with urllib.request.urlopen(good) as answer:
        assert json.load(answer)["NextToken"] is None
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(good.replace("a%20b", "a%20c"))
    with caught.value as error:
        assert error.code == 403


def test_a_presigned_url_expires() -> None:
    def later() -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)

    with served(make_app(Recorder(), now=later)) as address:
        old = client(address).generate_presigned_url("list_networks", ExpiresIn=60)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(old)
        with caught.value as error:
            assert "was good until" in json.load(error)["Message"]


def test_a_body_that_is_too_large_is_refused_readably(url: str) -> None:
    amb = client(url)
    with pytest.raises(ClientError) as caught:
        amb.tag_resource(
            ResourceArn="arn:aws:managedblockchain:us-east-1::networks/n",
            Tags={"k": "v" * 3_000_000},
        )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_a_connection_is_kept_and_head_has_no_body(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    for method in ("GET", "HEAD", "OPTIONS", "GET"):
        connection.request(method, "/networks")
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == (405 if method == "OPTIONS" else 403)
        assert answer.headers["x-amzn-requestid"]
        assert (body == b"") == (method == "HEAD")
    connection.close()
