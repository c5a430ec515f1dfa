"""Requests that both servers understand, and the networks that they are about."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from bench.servers import Server
from hansa.domain.operation import FINAL, OperationStatus

REGION = "us-east-1"
ADMINISTRATOR = "admin"
PASSWORD = "Benchmark123"
NETWORKS = 3
"""Networks that each server has while it is measured, so that a list has something to show."""

_LOGS: dict[str, Any] = {"Fabric": {"CaLogs": {"Cloudwatch": {"Enabled": False}}}}
_WAIT_SECONDS_MAX = 120


def client(server: Server) -> Any:
    """A boto3 client of the server, without retries: a failure is to be seen."""
    return boto3.client(
        "managedblockchain",
        endpoint_url=server.url,
        region_name=REGION,
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


def create_network(api: Any, name: str, version: str) -> tuple[str, str]:
    """The ids of a new network and of its member."""
    answer = api.create_network(
        Name=name,
        Framework="HYPERLEDGER_FABRIC",
        FrameworkVersion=version,
        FrameworkConfiguration={"Fabric": {"Edition": "STARTER"}},
        VotingPolicy={
            "ApprovalThresholdPolicy": {
                "ThresholdPercentage": 50,
                "ProposalDurationInHours": 24,
                "ThresholdComparator": "GREATER_THAN",
            }
        },
        MemberConfiguration=_member("org1"),
    )
    return answer["NetworkId"], answer["MemberId"]


def invite_member(api: Any, network_id: str, member_id: str, account_id: str) -> str:
    """The id of a second member, of the same account, by proposal, vote and invitation."""
    keys = {"NetworkId": network_id, "MemberId": member_id}
    actions = {"Invitations": [{"Principal": account_id}]}
    proposal_id = api.create_proposal(**keys, Actions=actions)["ProposalId"]
    api.vote_on_proposal(
        NetworkId=network_id, ProposalId=proposal_id, VoterMemberId=member_id, Vote="YES"
    )
    (invitation,) = api.list_invitations()["Invitations"]
    answer = api.create_member(
        NetworkId=network_id,
        InvitationId=invitation["InvitationId"],
        MemberConfiguration=_member("org2"),
    )
    return str(answer["MemberId"])


def _member(name: str) -> dict[str, Any]:
    administrator = {"AdminUsername": ADMINISTRATOR, "AdminPassword": PASSWORD}
    return {
        "Name": name,
        "FrameworkConfiguration": {"Fabric": administrator},
        "LogPublishingConfiguration": _LOGS,
    }


def await_available(get: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The resource, once it is AVAILABLE; raises ``RuntimeError`` where it never will be."""
    deadline = time.monotonic() + _WAIT_SECONDS_MAX
    while time.monotonic() < deadline:
        resource = get()
        if resource["Status"] == "AVAILABLE":
            return resource
        if resource["Status"] != "CREATING":
            break
        time.sleep(0.01)
    raise RuntimeError(f"not AVAILABLE: {resource}")


def await_operation(fabric: Any, operation_id: str) -> None:
    """Return once it has succeeded; raises ``RuntimeError`` where it has not."""
    deadline = time.monotonic() + _WAIT_SECONDS_MAX
    while time.monotonic() < deadline:
        operation = fabric.get_operation(OperationId=operation_id)["Operation"]
        if operation["Status"] == OperationStatus.SUCCEEDED:
            return
        if operation["Status"] in FINAL:
            break
        time.sleep(0.02)
    raise RuntimeError(f"{operation['Action']} has not succeeded: {operation}")


def await_network(api: Any, network_id: str, member_id: str) -> None:
    """Return once the network and its member are AVAILABLE."""
    await_available(lambda: api.get_network(NetworkId=network_id)["Network"])
    keys = {"NetworkId": network_id, "MemberId": member_id}
    await_available(lambda: api.get_member(**keys)["Member"])


@dataclass(frozen=True)
class Call:
    """One request, for boto3 and as it goes over the wire."""

    operation: str
    parameters: dict[str, Any]
    method: str
    path: str
    body: bytes = b""

    def send(self, api: Any) -> None:
        getattr(api, self.operation)(**self.parameters)


Calls = dict[str, Callable[[], Call]]
"""What is measured, by its title; each call of a function makes a new request."""


def hansa_calls(api: Any) -> Calls:
    """Makes the networks, waits until they are AVAILABLE, and returns what to call."""
    made = [create_network(api, f"bench{n}", "2.2") for n in range(NETWORKS)]
    for network_id, member_id in made:
        await_network(api, network_id, member_id)
    return {**_shared(*made[0]), "a create": _create_accessor}


def moto_calls(api: Any) -> Calls:
    """As :func:`hansa_calls`; moto knows one version of Fabric, and creates at once."""
    made = [create_network(api, f"bench{n}", "1.2") for n in range(NETWORKS)]
    network_id, member_id = made[0]
    return {
        **_shared(network_id, member_id),
        "a create": lambda: _create_proposal(network_id, member_id),
    }


def _shared(network_id: str, member_id: str) -> Calls:
    network = Call("get_network", {"NetworkId": network_id}, "GET", f"/networks/{network_id}")
    path = f"/networks/{network_id}/members/{member_id}"
    member = Call("get_member", {"NetworkId": network_id, "MemberId": member_id}, "GET", path)
    networks = Call("list_networks", {}, "GET", "/networks")
    return {
        "ListNetworks": lambda: networks,
        "GetNetwork": lambda: network,
        "GetMember": lambda: member,
    }


def _create_accessor() -> Call:
    request = {"ClientRequestToken": str(uuid.uuid4()), "AccessorType": "BILLING_TOKEN"}
    return Call("create_accessor", request, "POST", "/accessors", _json(request))


def _create_proposal(network_id: str, member_id: str) -> Call:
    body = {
        "ClientRequestToken": str(uuid.uuid4()),
        "MemberId": member_id,
        "Actions": {"Invitations": [{"Principal": "123456789012"}]},
    }
    request = {"NetworkId": network_id, **body}
    path = f"/networks/{network_id}/proposals"
    return Call("create_proposal", request, "POST", path, _json(body))


def _json(request: dict[str, Any]) -> bytes:
    return json.dumps(request).encode()
