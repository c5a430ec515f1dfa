from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from hansa.domain.errors import AuthenticationError
from hansa.surroundings.app import create_surroundings
from hansa.surroundings.protocols import Fault, Protocol, error_answer, protocol_of

BOB = "AKIABOB0000000000001"
BUCKET = "us-east-1.managedblockchain"
KEY = "etc/managedblockchain-tls-chain.pem"
Make = Callable[..., Any]


def test_accounts_do_not_see_each_others_networks(client: Make) -> None:
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["OwnerId"] == "111122223333"
    with pytest.raises(ClientError, match="InvalidVpcID.NotFound"):
        client("ec2", BOB).describe_vpcs(VpcIds=[vpc])


def test_the_client_cannot_choose_the_account(
    client: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    client("ec2").describe_vpcs()  # moto's own settings are settled when it is loaded
    ec2 = client("ec2")

    def add_headers(request: Any, **_: Any) -> None:
        for name in ("x-moto-account-id", "x_moto_account_id", "X-Moto_Account-Id"):
            request.headers[name] = "444455556666"

    ec2.meta.events.register("before-send.ec2", add_headers)
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]
    assert vpc["OwnerId"] == "111122223333"


def test_the_region_is_the_signed_one(client: Make) -> None:
    zones = client("ec2", region_name="eu-west-1").describe_availability_zones()
    assert {zone["RegionName"] for zone in zones["AvailabilityZones"]} == {"eu-west-1"}


def test_finds_the_image_of_the_recipe(client: Make) -> None:
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64"
    (parameter,) = client("ssm").get_parameters(Names=[name])["Parameters"]
    assert parameter["Value"].startswith("ami-")


def test_makes_a_random_password(client: Make) -> None:
    answer = client("secretsmanager").get_random_password(
        ExcludePunctuation=True,
        ExcludeUppercase=True,
        PasswordLength=6,
        RequireEachIncludedType=True,
    )
    assert len(answer["RandomPassword"]) == 6


@pytest.mark.parametrize("key", ["AKIAALICE00000000001", BOB])
def test_publishes_the_tls_chain_to_every_account(client: Make, url: str, key: str) -> None:
    s3 = client("s3", key)
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read().startswith(b"-----BEGIN")
    assert s3.head_object(Bucket=BUCKET, Key=KEY)["ContentLength"] > 20
    listed = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [each["Key"] for each in listed] == [KEY]
    other = client("s3", key, region_name="eu-west-1")
    assert other.head_object(Bucket="eu-west-1.managedblockchain", Key=KEY)


def test_nobody_changes_the_published_bucket(client: Make) -> None:
    s3 = client("s3")
    attempts = [
        lambda: s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"mine"),
        lambda: s3.delete_object(Bucket=BUCKET, Key=KEY),
        lambda: s3.delete_bucket(Bucket=BUCKET),
        lambda: s3.create_bucket(Bucket=BUCKET),
        lambda: s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": KEY}]}),
    ]
    for attempt in attempts:
        with pytest.raises(ClientError, match="AccessDenied") as raised:
            attempt()
        assert "can only be read" in str(raised.value)
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read().startswith(b"-----BEGIN")


def test_a_bucket_is_its_accounts_own(client: Make) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="alice-bucket")
    s3.put_object(Bucket="alice-bucket", Key="a", Body=b"1")
    # moto keeps one world for a process: other tests may have made buckets in it, too.
    assert "alice-bucket" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    bobs = client("s3", BOB).list_buckets()["Buckets"]
    assert "alice-bucket" not in [bucket["Name"] for bucket in bobs]
    for attempt in ("get_object", "delete_object"):
        with pytest.raises(ClientError):
            getattr(client("s3", BOB), attempt)(Bucket="alice-bucket", Key="a")
    assert s3.get_object(Bucket="alice-bucket", Key="a")["Body"].read() == b"1"


def test_keeps_odd_keys_and_large_objects(client: Make) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="odd-keys")
    keys = ["a/b c+d.txt", "ü/%2F", "x//y", "q=1&r?"]
    for key in keys:
        s3.put_object(Bucket="odd-keys", Key=key, Body=key.encode())
    assert sorted(each["Key"] for each in s3.list_objects_v2(Bucket="odd-keys")["Contents"]) == (
        sorted(keys)
    )
    for key in keys:
        assert s3.get_object(Bucket="odd-keys", Key=key)["Body"].read() == key.encode()
    large = os.urandom(3_000_000)
    s3.put_object(Bucket="odd-keys", Key="large", Body=large)
    assert s3.get_object(Bucket="odd-keys", Key="large")["Body"].read() == large


def test_virtual_hosted_and_path_style_are_the_same(client: Make, url: str) -> None:
    named = url.replace("127.0.0.1", "localhost")
    s3 = client("s3", endpoint_url=named, signature_version="s3v4")
    s3.create_bucket(Bucket="two.styles")
    s3.put_object(Bucket="two.styles", Key="k", Body=b"v")
    signed = s3.generate_presigned_url("get_object", {"Bucket": "two.styles", "Key": "k"})
    host, _, rest = signed.removeprefix("http://").partition("/")
    path = rest.removeprefix("two.styles/")
    request = urllib.request.Request(  # the name need not resolve: the Host header carries it
        f"{url}/{path}", headers={"Host": host if "two" in host else f"two.styles.{host}"}
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.read() == b"v"


def test_other_services_answer_in_their_own_form(client: Make) -> None:
    calls = [
        lambda: client("sns").list_topics(),  # query
        lambda: client("dynamodb").list_tables(),  # json
        lambda: client("lambda").list_functions(),  # rest-json
        lambda: client("route53").list_hosted_zones(),  # rest-xml
        lambda: client("iam").list_users(),
    ]
    for call in calls:
        with pytest.raises(ClientError) as raised:
            call()
        assert raised.value.response["Error"]["Code"] == "UnsupportedService", raised.value
        assert "is not part of this installation" in str(raised.value)


def test_s3_control_is_no_bucket(client: Make) -> None:
    with pytest.raises(ClientError, match="s3control"):
        client("s3").get_object(Bucket="v20180820", Key="jobs")


@pytest.mark.parametrize("path", ["/moto-api/reset", "/moto-api/", "/latest/meta-data/", "/"])
def test_refuses_a_request_without_a_caller(url: str, path: str) -> None:
    request = urllib.request.Request(url + path, data=b"", method="POST")
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)
    assert raised.value.code == 403
    assert b"not signed" in raised.value.read()


def test_motos_own_interface_is_a_bucket_like_any_other(client: Make) -> None:
    client("s3").create_bucket(Bucket="kept")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        client("s3").put_object(Bucket="moto-api", Key="reset", Body=b"")
    assert client("s3").head_bucket(Bucket="kept")


def test_what_moto_does_not_implement_is_said(client: Make) -> None:
    with pytest.raises(ClientError) as raised:
        client("ec2").describe_scheduled_instances()
    assert raised.value.response["Error"]["Code"] == "UnsupportedOperation"


def test_motos_settings_of_the_environment_do_not_matter(client: Make) -> None:
    script = """
import os
from hansa.surroundings.moto_services import MotoServices
MotoServices().application("s3")
assert "MOTO_ACCOUNT_ID" not in os.environ and "TEST_SERVER_MODE" not in os.environ
"""
    extra = {"MOTO_ACCOUNT_ID": "999999999999", "TEST_SERVER_MODE": "true"}
    subprocess.run([sys.executable, "-c", script], env={**os.environ, **extra}, check=True)


def test_loads_moto_late_and_leaves_no_thread() -> None:
    script = """
import sys
import hansa.surroundings.app as app
made = app.create_surroundings(lambda: b"")
assert not any(name.partition(".")[0] in ("moto", "flask", "werkzeug") for name in sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    before = set(threading.enumerate())
    create_surroundings(lambda: b"").close()
    assert set(threading.enumerate()) == before


def test_the_protocol_follows_from_service_and_request() -> None:
    plain: dict[str, Any] = {"headers": [], "query_string": b""}
    target = {"headers": [(b"x-amz-target", b"A.B")], "query_string": b""}
    assert protocol_of("ec2", plain) is Protocol.EC2
    assert protocol_of("s3", target) is Protocol.S3
    assert protocol_of("kms", target) is Protocol.JSON
    assert protocol_of("sqs", {"headers": [], "query_string": b"Action=X"}) is Protocol.QUERY
    assert protocol_of("lambda", plain) is Protocol.REST_JSON


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("s3", "InvalidAccessKeyId"),
        ("ec2", "AuthFailure"),
        ("sts", "InvalidClientTokenId"),
        ("ssm", "UnrecognizedClientException"),
        ("route53", "UnrecognizedClient"),
    ],
)
def test_the_fronts_refusals_are_put_in_the_services_form(service: str, code: str) -> None:
    form = {
        "ssm": (b"x-amz-target", b"AmazonSSM.GetParameters"),
        "sts": (b"content-type", b"application/x-www-form-urlencoded; charset=utf-8"),
    }
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [
            (
                b"authorization",
                f"X Credential=K/20240101/us-east-1/{service}/aws4_request".encode(),
            ),
            form.get(service, (b"accept", b"*/*")),
        ],
        "hansa.caller": None,
        "hansa.fault": AuthenticationError("UnrecognizedClientException", "No such <key>."),
        "hansa.request_id": "the-id",
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    made = create_surroundings(lambda: b"")
    asyncio.run(made(scope, receive, send))
    made.close()
    assert sent[0]["status"] == 403
    assert dict(sent[0]["headers"])[b"x-amzn-requestid"] == b"the-id"
    assert code.encode() in sent[1]["body"]
    assert b"No such" in sent[1]["body"]


def test_words_of_an_error_are_escaped() -> None:
    answer = error_answer(Protocol.QUERY, Fault("Code", 400, "<&>"), "id")
    assert b"&lt;&amp;&gt;" in answer.body


def test_only_http_is_answered() -> None:
    made = create_surroundings(lambda: b"")

    async def unused() -> Any:
        raise AssertionError

    with pytest.raises(ValueError, match="HTTP"):
        asyncio.run(made({"type": "websocket"}, unused, unused))
    made.close()
