from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from hansa.awsmodels.install import install_overlay

pytestmark = pytest.mark.clients

MEMBER = {
    "Name": "member",
    "FrameworkConfiguration": {
        "Fabric": {"AdminUsername": "admin", "AdminPassword": "TempPassword123"}
    },
}
POLICY = {"ApprovalThresholdPolicy": {"ThresholdPercentage": 50}}


def _client(server: Any, secret: str | None = None, service: str = "managedblockchain") -> Any:
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.access.access_key_id,
        aws_secret_access_key=secret or server.access.secret_access_key,
    )


def _create(client: Any, **changed: Any) -> str:
    request = {
        "Name": f"boto3-{uuid.uuid4()}",
        "Framework": "HYPERLEDGER_FABRIC",
        "FrameworkVersion": "2.2",
        "FrameworkConfiguration": {"Fabric": {"Edition": "STARTER"}},
        "VotingPolicy": POLICY,
        "MemberConfiguration": MEMBER,
    }
    answer: str = client.create_network(**{**request, **changed})["NetworkId"]
    return answer


def test_creates_lists_and_gets(server: Any) -> None:
    client = _client(server)
    network_id = _create(client)
    assert network_id in [each["Id"] for each in client.list_networks()["Networks"]]
    network = client.get_network(NetworkId=network_id)["Network"]
    assert network["CreationDate"].isoformat() == "2024-01-02T03:04:05.678000+00:00"


def test_tags_by_arns_with_slashes_and_odd_characters(server: Any) -> None:
    client = _client(server)
    arn = "arn:aws:managedblockchain:us-east-1:111122223333:members/m-BOTO+ü"
    tags = {"a b/c": "1", "d&e=f": "ü+%2F"}
    client.tag_resource(ResourceArn=arn, Tags=tags)
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    client.untag_resource(ResourceArn=arn, TagKeys=["a b/c", "d&e=f"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {}


def test_errors_are_modelled(server: Any) -> None:
    client = _client(server)
    with pytest.raises(client.exceptions.ResourceNotFoundException) as raised:
        client.get_network(NetworkId="n-ABSENT")
    assert raised.value.response["ResourceName"] == "n-ABSENT"
    with pytest.raises(client.exceptions.InvalidRequestException):
        _create(client, Framework="BITCOIN")


@pytest.mark.parametrize("service", ["managedblockchain", "sts", "s3", "ec2", "ssm"])
def test_a_wrong_secret_is_refused(server: Any, service: str) -> None:
    client = _client(server, "wrong", service)
    calls = {
        "managedblockchain": "list_networks",
        "sts": "get_caller_identity",
        "s3": "list_buckets",
        "ec2": "describe_vpcs",
        "ssm": "describe_parameters",
    }
    with pytest.raises(ClientError) as raised:
        getattr(client, calls[service])()
    assert raised.value.response["Error"]["Code"] in (
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
    )
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert "signature" in raised.value.response["Error"]["Message"].lower()


def test_says_who_is_calling(server: Any) -> None:
    assert _client(server, service="sts").get_caller_identity()["Account"] == "111122223333"


@pytest.mark.parametrize("size", [0, 100, 9_000_000])
def test_streams_objects_both_ways(server: Any, tmp_path: Path, size: int) -> None:
    s3 = _client(server, service="s3")
    s3.create_bucket(Bucket="streamed")
    content = tmp_path / "content"
    content.write_bytes(bytes(index % 251 for index in range(size)))
    s3.upload_file(str(content), "streamed", "a key/with+odd ünicode")
    s3.download_file("streamed", "a key/with+odd ünicode", str(tmp_path / "copy"))
    assert (tmp_path / "copy").read_bytes() == content.read_bytes()


def test_the_overlay_takes_cloudformations_names(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_overlay(tmp_path)
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    client = boto3.Session().client(
        "managedblockchain",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.access.access_key_id,
        aws_secret_access_key=server.access.secret_access_key,
    )
    network_id = _create(
        client,
        FrameworkConfiguration={"NetworkFabricConfiguration": {"Edition": "STANDARD"}},
        MemberConfiguration={
            "Name": "member",
            "MemberFrameworkConfiguration": {
                "MemberFabricConfiguration": MEMBER["FrameworkConfiguration"]["Fabric"]  # type: ignore[index]
            },
        },
    )
    assert server.memory.requests[-1]["FrameworkConfiguration"] == {
        "Fabric": {"Edition": "STANDARD"}
    }
    client.get_waiter("network_available").wait(NetworkId=network_id)
    client.delete_network(NetworkId=network_id)
    client.get_waiter("network_deleted").wait(NetworkId=network_id)
