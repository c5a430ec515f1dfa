"""CloudTrail's LookupEvents through the AWS CLI and boto3, over calls of every service."""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from botocore.exceptions import ClientError
from tests.clients.conftest import CHAIN, Memory, Shell, cli_directory
from tests.clients.test_iam import Clock, Installation

from hansa.awsmodels.environment import shell_environment
from hansa.awsmodels.profile import Access
from hansa.domain.caller import Caller
from hansa.domain.conditions import caller_context
from hansa.iam.first import create_account
from hansa.operations.cloudtrail import CloudTrail
from hansa.operations.iam_resources import sts_arns
from hansa.operations.identity import open_identity
from hansa.store.audit import AuditRecord, open_audit
from hansa.store.audit_search import AuditQuery, walk
from hansa.store.audit_verify import verify
from hansa.store.audit_writer import AuditWriter
from hansa.store.database import open_store
from hansa.surroundings.app import create_surroundings
from hansa.wire.app import create_app
from hansa.wire.json_rpc import json_service
from hansa.wire.query import query_service
from hansa.wire.service import managedblockchain_service

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="module")
def record(directory: Path) -> Iterator[AuditRecord]:
    opened = open_audit(directory / "audit.db", directory / "key", synchronous="OFF")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def installation(directory: Path, record: AuditRecord) -> Iterator[Installation]:
    """Two accounts, all services, and a record."""
    clock = Clock()
    store = open_store(directory / "hansa.db", directory / "key", synchronous="OFF")
    made = [
        create_account(store, directory / "accounts", name, clock.now(), secrets.choice)[0]
        for name in ("one", "two")
    ]
    identity = open_identity(store, clock.now, secrets.choice)

    def authorize(caller: Caller, action: str, arn: str) -> None:
        context = caller_context(caller, clock.now())
        identity.authorizer.authorize(caller, action, (arn,), context)

    surroundings = create_surroundings(lambda: CHAIN, authorize=authorize)
    trail = AuditWriter(record.append)
    app = create_app(
        {
            "managedblockchain": managedblockchain_service(Memory()),  # type: ignore[arg-type]
            "iam": query_service("iam", identity.iam, identity.iam_resources),
            "sts": query_service("sts", identity.sts, sts_arns),
            "cloudtrail": json_service("cloudtrail", CloudTrail(record)),
        },
        credentials=identity.credentials,
        authorizer=identity.authorizer,
        now=clock.now,
        new_request_id=lambda: str(uuid.uuid4()),
        fallback=surroundings,
        trail=trail,
    )
    listener = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
    thread = threading.Thread(target=running.run, args=([listener],))
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield Installation(url, clock, made[0], made[1])
    running.should_exit = True
    thread.join(timeout=20)
    listener.close()
    for part in (app, surroundings, trail, identity.uses, store):
        part.close()
    assert not thread.is_alive()


@pytest.fixture(params=["1", "2"], ids=["cli-v1", "cli-v2"])
def cli(request: pytest.FixtureRequest, installation: Installation, tmp_path: Path) -> Shell:
    path = os.pathsep.join([cli_directory(request.param), "/usr/bin", "/bin"])
    bare = {"PATH": path, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    who = installation.one
    access = Access(installation.url, "us-east-1", who.access_key_id, who.secret_access_key)
    return Shell({**bare, **shell_environment(tmp_path / "data", access, bare)})


def lookup(trail: Any, key: str, value: str) -> list[dict[str, Any]]:
    """All events with the attribute, as boto3 pages through them."""
    attributes = [{"AttributeKey": key, "AttributeValue": value}]
    pages = trail.get_paginator("lookup_events").paginate(
        LookupAttributes=attributes, PaginationConfig={"PageSize": 2}
    )
    return [event for page in pages for event in page["Events"]]


def test_the_aws_cli_looks_events_up(cli: Shell) -> None:
    name = f"user-{uuid.uuid4().hex[:8]}"
    cli.succeed(f"aws iam create-user --user-name {name}")
    cli.succeed("aws sts get-caller-identity")
    events = cli.json(
        "aws cloudtrail lookup-events --output json "
        f"--lookup-attributes AttributeKey=ResourceName,AttributeValue={name}"
    )["Events"]
    (event,) = events
    assert (event["EventName"], event["ReadOnly"]) == ("CreateUser", "false")
    assert event["Resources"] == [{"ResourceType": "AWS::IAM::User", "ResourceName": name}]
    told = json.loads(event["CloudTrailEvent"])
    assert told["userIdentity"]["userName"] == "administrator"
    assert told["requestParameters"]["userName"] == name
    assert "aws-cli" in told["userAgent"]
    assert told["sourceIPAddress"] == "127.0.0.1"
    since = "aws cloudtrail lookup-events --start-time 2020-01-01T00:00:00Z --output json"
    assert len(cli.json(f"{since} --max-items 3 --page-size 2")["Events"]) == 3
    later = "aws cloudtrail lookup-events --start-time 2090-01-01T00:00:00Z --output json"
    assert cli.json(later)["Events"] == []
    refused = cli.run("aws cloudtrail list-trails")
    assert refused.returncode != 0
    assert "not supported by this version of Hansa" in refused.stderr


def test_calls_of_every_service_are_found(installation: Installation) -> None:
    trail = installation.client("cloudtrail")
    installation.client("s3").create_bucket(Bucket="a-bucket-of-mine")
    installation.client("ec2").describe_vpcs()
    installation.client("ssm").put_parameter(Name="/a/b", Value="Canary-value", Type="String")
    installation.client("managedblockchain").list_networks()
    for key, value, name in (
        ("ResourceName", "a-bucket-of-mine", "CreateBucket"),
        ("EventName", "DescribeVpcs", "DescribeVpcs"),
        ("EventSource", "ssm.amazonaws.com", "PutParameter"),
        ("EventSource", "managedblockchain.amazonaws.com", "ListNetworks"),
    ):
        installation.client("iam").create_group(GroupName=f"g{uuid.uuid4().hex[:8]}")  # flushes
        assert lookup(trail, key, value)[0]["EventName"] == name


def test_an_account_does_not_see_anothers_calls(installation: Installation) -> None:
    group = f"g{uuid.uuid4().hex[:8]}"
    installation.client("iam", installation.two).create_group(GroupName=group)
    one, two = (
        installation.client("cloudtrail", who) for who in (installation.one, installation.two)
    )
    (event,) = lookup(two, "ResourceName", group)
    assert lookup(one, "ResourceName", group) == []
    assert lookup(one, "EventId", event["EventId"]) == []
    assert lookup(one, "AccessKeyId", installation.two.access_key_id) == []


def test_it_has_to_be_allowed_and_a_denial_is_an_event(installation: Installation) -> None:
    iam, name = installation.client("iam"), f"u{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    theirs = installation.client_of("cloudtrail", key["AccessKeyId"], key["SecretAccessKey"])
    with pytest.raises(ClientError, match="not authorized to perform: cloudtrail:LookupEvents"):
        theirs.lookup_events()
    (event,) = lookup(installation.client("cloudtrail"), "Username", name)
    told = json.loads(event["CloudTrailEvent"])
    assert told["errorCode"] == "AccessDeniedException"
    assert "no identity-based policy" in told["additionalEventData"]["ruling"]["reason"]
    allowed = {"Effect": "Allow", "Action": "cloudtrail:LookupEvents", "Resource": "*"}
    iam.put_user_policy(
        UserName=name,
        PolicyName="look",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed}),
    )
    assert theirs.lookup_events(MaxResults=1)["Events"]


def test_no_secret_that_is_made_or_given_is_recorded(
    installation: Installation, record: AuditRecord
) -> None:
    iam, name = installation.client("iam"), f"u{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    session = installation.client("sts").get_session_token()["Credentials"]
    installation.session_client("sts", session).get_caller_identity()
    installation.client("secretsmanager").create_secret(Name=name, SecretString="Canary-string")
    swapped = installation.client_of("sts", key["SecretAccessKey"], key["AccessKeyId"])
    with pytest.raises(ClientError):
        swapped.get_caller_identity()
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])  # flushes
    text = "\n".join(repr(entry) for entry in walk(record, AuditQuery()))
    made = {e.call.operation for e in walk(record, AuditQuery())}
    assert made >= {"CreateAccessKey", "GetSessionToken", "CreateSecret"}
    for secret in (
        key["SecretAccessKey"],
        session["SecretAccessKey"],
        session["SessionToken"],
        installation.one.secret_access_key,
        "Canary-string",
    ):
        assert secret not in text
    assert verify(record).fault == ""


def test_what_is_not_valid_is_told_in_cloudtrails_own_errors(installation: Installation) -> None:
    trail = installation.client("cloudtrail")
    for request, code in (
        ({"NextToken": "x"}, "InvalidNextTokenException"),
        ({"StartTime": 2_000_000_000, "EndTime": 1_000_000_000}, "InvalidTimeRangeException"),
        ({"MaxResults": 51}, "InvalidRequestException"),
        ({"LookupAttributes": [{"AttributeKey": "Nonsense"}]}, "InvalidRequestException"),
    ):
        with pytest.raises(ClientError) as raised:
            trail.lookup_events(**request)
        assert raised.value.response["Error"]["Code"] == code
