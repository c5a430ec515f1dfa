"""A network with a member, a node and its enrolled administrator, for a test file to share."""

from __future__ import annotations

import contextlib
import json
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.e2e.installation import Installation, told
from tests.requests import member_configuration, starter_network

ADMIN = "AdminUser"
PASSWORD = "Password123"


def request(name: str, **changed: Any) -> dict[str, Any]:
    """What CreateNetwork is sent."""
    member = member_configuration("org1", ADMIN, PASSWORD)
    return starter_network(name, **{"MemberConfiguration": member, **changed})


@dataclass(frozen=True)
class Network:
    """``home`` holds the administrator's identity and all that its tools write."""

    service: Installation
    api: Any
    network_id: str
    member_id: str
    node_id: str
    home: Path
    environment: dict[str, str]

    @property
    def member_keys(self) -> dict[str, str]:
        return {"NetworkId": self.network_id, "MemberId": self.member_id}

    @property
    def names(self) -> tuple[str, str, str]:
        """The workloads: orderer, CA, peer."""
        return f"{self.network_id}-orderer0", f"{self.member_id}-ca", f"{self.node_id}-peer"

    def attempt(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A tool of Fabric as the member's administrator, unless ``variables`` say otherwise."""
        return subprocess.run(
            command,
            env={**self.environment, **variables},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def tool(self, *command: str) -> str:
        done = self.attempt(*command)
        assert done.returncode == 0, told(done)
        return done.stdout

    @property
    def orderer(self) -> tuple[str, ...]:
        chain = self.environment["TLS_CHAIN"]
        return ("-o", self.environment["ORDERER"], "--tls", "--cafile", chain)

    def create_channel(self, channel: str, configtx: Path, profile: str = "OneOrgChannel") -> None:
        """Create the channel of ``profile`` and join it."""
        text = configtx.read_text().replace("MemberID", self.member_id)
        (self.home / "configtx.yaml").write_text(text)
        self.tool(
            *("configtxgen", "-outputCreateChannelTx", f"{channel}.pb", "-profile", profile),
            *("-channelID", channel, "-configPath", str(self.home)),
        )
        create = ("peer", "channel", "create", "-c", channel, "-f", f"{channel}.pb")
        self.tool(*create, *self.orderer)
        self.tool("peer", "channel", "join", "-b", f"{channel}.block")

    def deploy(self, channel: str, name: str, path: Path, language: str) -> None:
        """Deploy with Fabric 2's lifecycle."""
        lifecycle = ("peer", "lifecycle", "chaincode")
        package = ("--path", str(path), "--lang", language, "--label", name)
        self.tool(*lifecycle, "package", f"{name}.tar.gz", *package)
        self.tool(*lifecycle, "install", f"{name}.tar.gz")
        listed = json.loads(self.tool(*lifecycle, "queryinstalled", "--output", "json"))
        (package_id,) = [
            item["package_id"] for item in listed["installed_chaincodes"] if item["label"] == name
        ]
        definition = ("-C", channel, "--name", name, "--version", "1", "--sequence", "1")
        approve = ("approveformyorg", "--package-id", package_id)
        self.tool(*lifecycle, *approve, *definition, *self.orderer)
        self.tool(*lifecycle, "commit", *definition, *self.orderer)

    def invoke(self, channel: str, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Submit a transaction and wait until it is committed."""
        return self.attempt(
            *("peer", "chaincode", "invoke", "-C", channel, "-n", name, *self.orderer),
            *("-c", json.dumps({"Args": arguments}), "--waitForEvent"),
            *("--waitForEventTimeout", "10s"),
        )

    def query(self, channel: str, name: str, *arguments: str) -> str:
        text = json.dumps({"Args": arguments})
        return self.tool("peer", "chaincode", "query", "-C", channel, "-n", name, "-c", text)

    def delete(self) -> None:
        """Delete the member, and so the network; what a test has done to it does not matter."""
        with contextlib.suppress(ClientError):
            self.api.delete_member(**self.member_keys)
            self.api.get_waiter("network_deleted").wait(NetworkId=self.network_id)


def create_network(service: Installation, home: Path) -> Network:
    """A network with a node, AVAILABLE, and its administrator enrolled in ``home``."""
    api = service.client()
    created = api.create_network(**request(f"net-{uuid.uuid4().hex[:8]}"))
    api.get_waiter("network_available").wait(NetworkId=created["NetworkId"])
    return _with_node(service, api, created["NetworkId"], created["MemberId"], home)


def join_network(first: Network, name: str, home: Path) -> Network:
    """Another member of the same network and account, by proposal, vote and invitation."""
    api = first.api
    account = first.service.client("sts").get_caller_identity()["Account"]
    actions = {"Invitations": [{"Principal": account}]}
    proposal_id = api.create_proposal(**first.member_keys, Actions=actions)["ProposalId"]
    api.vote_on_proposal(
        NetworkId=first.network_id,
        ProposalId=proposal_id,
        VoterMemberId=first.member_id,
        Vote="YES",
    )
    (invitation,) = [
        found
        for found in api.list_invitations()["Invitations"]
        if found["NetworkSummary"]["Id"] == first.network_id and found["Status"] == "PENDING"
    ]
    configuration = request("")["MemberConfiguration"] | {"Name": name}
    member_id = api.create_member(
        NetworkId=first.network_id,
        InvitationId=invitation["InvitationId"],
        MemberConfiguration=configuration,
    )["MemberId"]
    return _with_node(first.service, api, first.network_id, member_id, home)


def _with_node(
    service: Installation, api: Any, network_id: str, member_id: str, home: Path
) -> Network:
    keys = {"NetworkId": network_id, "MemberId": member_id}
    api.get_waiter("member_available").wait(**keys)
    configuration = {"InstanceType": "bc.t3.small", "AvailabilityZone": "us-east-1a"}
    node_id = api.create_node(**keys, NodeConfiguration=configuration)["NodeId"]
    api.get_waiter("node_available").wait(**keys, NodeId=node_id)
    chosen = ("--network", network_id, "--member", member_id, "--home", str(home))
    service.hansa("client", "enroll", *chosen, HANSA_ADMIN_PASSWORD=PASSWORD)
    environment = service.exported("client", "env", *chosen)
    return Network(service, api, network_id, member_id, node_id, home, environment)


@dataclass(frozen=True)
class Pair:
    """A network of two members, each with a node; ``fabric`` is the client of hansafabric."""

    first: Network
    second: Network
    fabric: Any

    def await_done(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The operation, which has to succeed."""
        operation_id = answer["OperationId"]
        self.fabric.get_waiter("operation_succeeded").wait(
            OperationId=operation_id, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
        )
        found: dict[str, Any] = self.fabric.get_operation(OperationId=operation_id)["Operation"]
        return found


def refused(call: Any, code: str, **parameters: Any) -> str:
    """The message of the refusal, which has to have this code."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


def vote(api: Any, network_id: str, proposal_id: str, member_id: str, cast: str = "YES") -> None:
    """Cast the vote of a member whose account ``api`` is a client of."""
    api.vote_on_proposal(
        NetworkId=network_id, ProposalId=proposal_id, VoterMemberId=member_id, Vote=cast
    )
