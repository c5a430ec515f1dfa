"""The job that shows that an installation works: from nothing to a transaction read back.

Network, member, node, administrator, channel, chaincode, transaction: each step first looks whether
it is done, so that a second run takes seconds and an interrupted one goes on.
"""

from __future__ import annotations

import json
import os
import secrets
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hansa.client.api import Choice, all_pages, find_member
from hansa.client.enroll import copy_chain, enroll
from hansa.client.environment import MemberFacts, Tools, fabric_environment
from hansa.client.installation import ClientError, Installation
from hansa.client.peer_cli import Chaincode, PeerCli
from hansa.client.progress import Progress

NETWORK = "hansa-demo"
MEMBER = "hansa-demo-org"
CHANNEL = "demo"
ADMINISTRATOR = "admin"
WAIT_SECONDS_MAX = 300
_POLL_SECONDS = 0.05
_GONE = ("DELETING", "DELETED")

CONFIGTX = """\
Organizations:
  - &Member
    Name: {member_id}
    ID: {member_id}
    MSPDir: {msp}
Profiles:
  OneMember:
    Consortium: AWSSystemConsortium
    Application:
      Capabilities: {{V2_0: true}}
      Organizations:
        - *Member
"""


@dataclass(frozen=True)
class Outcome:
    """What the job has shown: where it ran, and what was read back.

    ``question`` are the arguments of a query that shows the chaincode's state.
    """

    member: MemberFacts
    chaincode: str
    answer: Any
    question: list[str]


@dataclass(frozen=True)
class MainJob:
    """``api`` is a boto3 client of managedblockchain; ``examples`` the folder of that name.

    ``language`` is ``node`` or ``golang``; ``environment`` that of the user.
    """

    installation: Installation
    api: Any
    tools: Tools
    examples: Path
    language: str
    environment: Mapping[str, str]
    progress: Progress

    def run(self) -> Outcome:
        """Do what is not done yet. Raises :class:`ClientError`."""
        network_id, member_id = self._network()
        self._node(network_id, member_id)
        member = find_member(self.api, Choice(network_id, member_id))
        home = client_home(self.installation, member_id)
        with self.progress("Administrator enrolled") as step:
            step.detail = self._enroll(member, home)
        cli = self._cli(member, home)
        with self.progress(f"Channel {CHANNEL} created and joined") as step:
            step.detail = self._channel(cli)
        chaincode = self._chaincode()
        with self.progress(f"Chaincode {chaincode.name} ({self.language}) deployed") as step:
            step.detail = self._deploy(cli, chaincode)
        with self.progress("Transaction committed and read back") as step:
            answer = self._transact(cli, chaincode)
            step.detail = json.dumps(answer)
        question = ["getAllAssets"] if chaincode.language == "node" else ["query", "a"]
        return Outcome(member, chaincode.name, answer, question)

    def _network(self) -> tuple[str, str]:
        with self.progress(f"Network {NETWORK} AVAILABLE") as step:
            network_id = self._find_network()
            step.detail = f"{network_id}, was there" if network_id else ""
            if network_id is None:
                network_id = self._create_network()
                step.detail = network_id
            self._await("network", lambda: self.api.get_network(NetworkId=network_id)["Network"])
        with self.progress(f"Member {MEMBER} AVAILABLE") as step:
            members = all_pages(self.api.list_members, "Members", NetworkId=network_id)
            member_id = next(item["Id"] for item in members if item.get("Name") == MEMBER)
            keys = {"NetworkId": network_id, "MemberId": member_id}
            self._await("member", lambda: self.api.get_member(**keys)["Member"])
            step.detail = member_id
        return network_id, member_id

    def _find_network(self) -> str | None:
        networks = all_pages(self.api.list_networks, "Networks", Name=NETWORK)
        there = [n for n in networks if n["Name"] == NETWORK and n["Status"] not in _GONE]
        return str(there[0]["Id"]) if there else None

    def _create_network(self) -> str:
        fabric = {"AdminUsername": ADMINISTRATOR, "AdminPassword": self._password()}
        answer = self.api.create_network(
            Name=NETWORK,
            Description="Made by `hansa demo`",
            Framework="HYPERLEDGER_FABRIC",
            FrameworkVersion="2.2",
            FrameworkConfiguration={"Fabric": {"Edition": "STARTER"}},
            VotingPolicy={
                "ApprovalThresholdPolicy": {
                    "ThresholdPercentage": 50,
                    "ProposalDurationInHours": 24,
                    "ThresholdComparator": "GREATER_THAN",
                }
            },
            MemberConfiguration={"Name": MEMBER, "FrameworkConfiguration": {"Fabric": fabric}},
        )
        return str(answer["NetworkId"])

    def _password(self) -> str:
        """The demo administrator's password: durable before it is used, mode 0600."""
        file = self.installation.data_dir / "clients" / "fabric" / "demo-password"
        if file.exists():
            return file.read_text()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # AMB wants a lower-case and an upper-case letter and a digit, and 8 to 32 characters.
        letters = string.ascii_letters + string.digits
        password = "aA1" + "".join(secrets.choice(letters) for _ in range(21))
        new = file.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as text:
            text.write(password)
            text.flush()
            os.fsync(descriptor)
        new.replace(file)
        return password

    def _node(self, network_id: str, member_id: str) -> None:
        keys = {"NetworkId": network_id, "MemberId": member_id}
        with self.progress("Peer node AVAILABLE") as step:
            nodes = all_pages(self.api.list_nodes, "Nodes", **keys)
            there = [node for node in nodes if node["Status"] not in _GONE]
            if there:
                node_id = there[0]["Id"]
                step.detail = f"{node_id}, was there"
            else:
                zone = f"{self.installation.settings.region}a"
                configuration = {"InstanceType": "bc.t3.small", "AvailabilityZone": zone}
                node_id = self.api.create_node(**keys, NodeConfiguration=configuration)["NodeId"]
                step.detail = node_id
            self._await("node", lambda: self.api.get_node(**keys, NodeId=node_id)["Node"])

    def _await(self, kind: str, get: Callable[[], dict[str, Any]]) -> None:
        """Wait until a resource is AVAILABLE. Raises :class:`ClientError` where it never will."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while time.monotonic() < deadline:
            resource = get()
            if resource["Status"] == "AVAILABLE":
                return
            if resource["Status"] not in ("CREATING", "UPDATING", "UNHEALTHY"):
                raise ClientError(
                    f"the {kind} {resource['Id']} is {resource['Status']}: "
                    f"{resource.get('StatusReason') or 'no reason was given'}. Delete it with "
                    f"`aws managedblockchain delete-{'member' if kind == 'network' else kind}`, "
                    "and run this again."
                )
            time.sleep(_POLL_SECONDS)
        raise ClientError(
            f"the {kind} is not AVAILABLE after {WAIT_SECONDS_MAX} s. See `hansa status` and "
            "`hansa logs`, and run this again."
        )

    def _enroll(self, member: MemberFacts, home: Path) -> str:
        chain = copy_chain(self.installation.tls_chain, home)
        if (home / "admin-msp" / "signcerts").exists():
            return "was there"
        variables = self._variables(member, home, chain)
        enroll(member.ca, ADMINISTRATOR, self._password(), chain, home, variables)
        return ""

    def _variables(self, member: MemberFacts, home: Path, chain: Path) -> dict[str, str]:
        exports = fabric_environment(member, self.tools, home, chain, self.environment)
        return {**self.environment, **exports}

    def _cli(self, member: MemberFacts, home: Path) -> PeerCli:
        chain = home / self.installation.tls_chain.name
        return PeerCli(member, self._variables(member, home, chain), home, chain)

    def _channel(self, cli: PeerCli) -> str:
        if CHANNEL in cli.channels():
            return "was there"
        msp = cli.environment["MSP_PATH"]
        text = CONFIGTX.format(member_id=cli.member.member_id, msp=json.dumps(msp))
        cli.create_channel(CHANNEL, text, "OneMember")
        return ""

    def _chaincode(self) -> Chaincode:
        if self.language == "node":
            return Chaincode(
                "asset", "1.0", str(self.examples / "asset-contract" / "javascript"), "node"
            )
        path = "github.com/chaincode_example02/go"
        return Chaincode("example02", "1.0", path, "golang", needs_init=True)

    def _deploy(self, cli: PeerCli, chaincode: Chaincode) -> str:
        if cli.committed(CHANNEL, chaincode.name) is None:
            cli.commit(CHANNEL, chaincode, cli.install(chaincode))
            fresh = True
        else:
            fresh = False
        if chaincode.needs_init and not self._is_initialized(cli, chaincode):
            cli.invoke(CHANNEL, chaincode.name, ["init", "a", "100", "b", "200"], init=True)
        return "" if fresh else "was there"

    def _is_initialized(self, cli: PeerCli, chaincode: Chaincode) -> bool:
        try:
            cli.query(CHANNEL, chaincode.name, ["query", "a"])
        except ClientError:
            return False
        return True

    def _transact(self, cli: PeerCli, chaincode: Chaincode) -> Any:
        """Each run commits one more transaction, and reads back what it changed."""
        if chaincode.language == "node":
            count = len(cli.query(CHANNEL, chaincode.name, ["getAllAssets"]))
            asset = f"asset{count + 1}"
            cli.invoke(CHANNEL, chaincode.name, ["createAsset", asset, "Alice", "100"])
            return cli.query(CHANNEL, chaincode.name, ["readAsset", asset])
        cli.invoke(CHANNEL, chaincode.name, ["invoke", "a", "b", "10"])
        return {"a": cli.query(CHANNEL, chaincode.name, ["query", "a"])}


def client_home(installation: Installation, member_id: str) -> Path:
    """Where a member's identities are kept, unless the user names another place."""
    return installation.data_dir / "clients" / "fabric" / member_id
