"""Which roles a request hands to a service."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from hansa.domain.caller import Caller
from hansa.surroundings.actions import permissions
from hansa.surroundings.passed_roles import passed_roles

CALLER = Caller("111122223333", "arn:aws:iam::111122223333:user/a", "AKIA", "eu-west-1")
ROLE = "arn:aws:iam::111122223333:role/app"


def scope(query: str = "", **headers: str) -> dict[str, Any]:
    return {
        "method": "POST",
        "path": "/b",
        "query_string": query.encode(),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
    }


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("IamInstanceProfile.Name", "app"),
        ("IamInstanceProfile.Arn", "arn:aws:iam::111122223333:instance-profile/app"),
        ("LaunchSpecification.IamInstanceProfile.Name", "app"),
        ("SpotFleetRequestConfig.LaunchSpecifications.1.IamInstanceProfile.Arn", ROLE),
        ("SpotFleetRequestConfig.IamFleetRole", ROLE),
        ("DeliverLogsPermissionArn", ROLE),
    ],
)
def test_of_ec2_in_the_query_and_in_the_body(parameter: str, value: str) -> None:
    form = urlencode({"Action": "RunInstances", parameter: value})
    assert passed_roles("ec2", scope(), form.encode(), CALLER) == [ROLE]
    assert passed_roles("ec2", scope(form), b"", CALLER) == [ROLE]


def test_a_filter_by_a_role_passes_none() -> None:
    form = urlencode({"Filter.1.Name": "iam-instance-profile.arn", "Filter.1.Value.1": ROLE})
    assert passed_roles("ec2", scope(), form.encode(), CALLER) == []


def test_of_ssm_at_any_depth_and_not_as_a_value() -> None:
    body = {"ServiceRoleArn": ROLE, "Targets": [{"Parameters": {"AutomationAssumeRole": [ROLE]}}]}
    assert passed_roles("ssm", scope(), json.dumps(body).encode(), CALLER) == [ROLE]
    stored = {"Name": "/role", "Value": ROLE}
    assert passed_roles("ssm", scope(), json.dumps(stored).encode(), CALLER) == []
    for odd in (b"", b"[", b"[" * 100_000, b"5"):
        assert passed_roles("ssm", scope(), odd, CALLER) == []


def test_of_s3_for_replication_alone() -> None:
    body = f"<ReplicationConfiguration><Role> {ROLE}\n</Role></ReplicationConfiguration>".encode()
    assert passed_roles("s3", scope("replication"), body, CALLER) == [ROLE]
    assert passed_roles("s3", scope(), body, CALLER) == []


def test_the_service_is_a_condition_key() -> None:
    body = b"Action=RunInstances&IamInstanceProfile.Name=app"
    run, passing = permissions("ec2", scope(), body, CALLER, "")
    assert (run.action, dict(run.context)) == ("ec2:RunInstances", {})
    assert (passing.action, passing.resource_arn) == ("iam:PassRole", ROLE)
    assert passing.context == {"iam:PassedToService": "ec2.amazonaws.com"}


def test_a_document_that_is_nested_too_deep_is_asked_for_all() -> None:
    target = {"x_amz_target": "AmazonSSM.GetParameter"}
    (needed,) = permissions("ssm", scope(**target), b"[" * 100_000, CALLER, "")
    assert needed.resource_arn == "*"
