"""CloudTrail's LookupEvents through the AWS CLI and boto3, over calls of every service."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.clients.conftest import Shell
from tests.clients.identities import Installation

from hansa.store.audit_search import AuditQuery, walk
from hansa.store.audit_verify import verify

pytestmark = pytest.mark.clients


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


def test_no_secret_that_is_made_or_given_is_recorded(installation: Installation) -> None:
    record = installation.record
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
