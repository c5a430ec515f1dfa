"""curl, which signs by itself (``--aws-sigv4``)."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

pytestmark = pytest.mark.clients

NETWORK = {
    "ClientRequestToken": "curl",
    "Name": "from-curl",
    "Framework": "HYPERLEDGER_FABRIC",
    "FrameworkVersion": "2.2",
    "FrameworkConfiguration": {"Fabric": {"Edition": "STARTER"}},
    "VotingPolicy": {"ApprovalThresholdPolicy": {"ThresholdPercentage": 50}},
    "MemberConfiguration": {
        "Name": "member",
        "FrameworkConfiguration": {
            "Fabric": {"AdminUsername": "admin", "AdminPassword": "TempPassword123"}
        },
    },
}


def _curl(curl: str, server: Any, path: str, *options: str, secret: str = "") -> tuple[int, Any]:
    user = f"{server.access.access_key_id}:{secret or server.access.secret_access_key}"
    done = subprocess.run(
        [
            *(curl, "--silent", "--show-error", "--noproxy", "*", "--write-out", "\n%{http_code}"),
            *("--aws-sigv4", "aws:amz:us-east-1:managedblockchain", "--user", user),
            *(*options, server.url + path),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def test_creates_and_lists(curl: str, server: Any) -> None:
    kind = ("--header", "Content-Type: application/json")
    status, created = _curl(curl, server, "/networks", *kind, "--data", json.dumps(NETWORK))
    assert status == 200
    status, listed = _curl(curl, server, "/networks")
    assert status == 200
    assert created["NetworkId"] in [each["Id"] for each in listed["Networks"]]


def test_sends_a_query(curl: str, server: Any) -> None:
    # No ARN in the path: curl of this age signs a path with escapes as it is, and AWS's rule is to
    # escape it once more, so AWS refuses that too.
    status, listed = _curl(curl, server, "/networks?maxResults=5&name=from%20curl")
    assert status == 200
    assert "Networks" in listed
    status, refused = _curl(curl, server, "/networks?maxResults=5000")
    assert status == 400
    assert "maxResults" in refused["Message"]


def test_a_wrong_secret_and_no_signature_are_refused(curl: str, server: Any) -> None:
    status, refused = _curl(curl, server, "/networks", secret="wrong")
    assert status == 403
    assert "signature" in json.dumps(refused).lower()
    unsigned = subprocess.run(
        [curl, "--silent", "--noproxy", "*", "--include", f"{server.url}/networks"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert " 403 " in unsigned.stdout.splitlines()[0]
    assert "MissingAuthenticationToken" in unsigned.stdout
