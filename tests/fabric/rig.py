"""Runs workloads as plain child processes, and Fabric's tools as a member's user would."""

from __future__ import annotations

import copy
import os
import ssl
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import yaml

from hansa.domain.endpoints import Endpoints
from hansa.domain.workload import Place, Probe, Workload
from hansa.engine import Engine
from hansa.fabric.base import MemberFacts, NetworkFacts, NodeFacts
from hansa.fabric.channels import channel_group, update_envelope
from hansa.fabric.local import LocalFabric
from hansa.fabric.tools import FabricTools
from hansa.settings import Settings

NETWORK = "n-AAAAAAAAAAAAAAAAAAAAAAAAAA"
MEMBER = "m-BBBBBBBBBBBBBBBBBBBBBBBBBB"
NODE = "nd-CCCCCCCCCCCCCCCCCCCCCCCCCC"
REGION = "us-east-1"
ADMIN = "AdminUser"
PASSWORD = "Passw0rd-of-the-test"
READY_SECONDS_MAX = 90


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Rig:
    """One installation in ``directory``; every process it starts ends with :meth:`close`."""

    directory: Path
    tools: Engine
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = Settings(data_dir=self.directory / "data", **self.changes)
        self.fabric = LocalFabric(
            self.settings,
            Endpoints(REGION, "localhost", named=False),
            self.tools,
            self.place,
            now,
        )

    def place(self, name: str) -> Place:
        home = self.directory / "workloads" / name
        return Place(
            config_directory=str(home / "config"),
            data_directory=str(home / "data"),
            listen_host="127.0.0.1",
            internal_host="127.0.0.1",
            engine_directory=str(self.tools.root),
        )

    def write(self, workload: Workload) -> None:
        place = self.place(workload.name)
        Path(place.data_directory).mkdir(parents=True, exist_ok=True)
        for path, content in workload.files.items():
            file = Path(place.config_directory) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def start(self, workload: Workload) -> None:
        self.write(workload)
        log = Path(self.place(workload.name).config_directory).parent / "log"
        with log.open("ab") as output:
            self.processes[workload.name] = subprocess.Popen(
                [str(self.tools.binary(workload.program)), *workload.arguments],
                env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
                | dict(workload.environment),
                cwd=self.place(workload.name).data_directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def await_ready(self, workload: Workload) -> None:
        """Ask until the probe succeeds; fail with the end of the log if the process ends first."""
        process = self.processes[workload.name]
        until(lambda: answers(workload.probe) or process.poll() is not None)
        assert process.poll() is None, self.log(workload.name)[-3000:]

    def run(self, *workloads: Workload) -> None:
        for workload in workloads:
            self.start(workload)
        for workload in workloads:
            self.await_ready(workload)

    def decode(self, message: str, encoded: bytes) -> dict[str, Any]:
        return FabricTools(self.tools).decode(message, encoded)

    def log(self, name: str) -> str:
        return (self.directory / "workloads" / name / "log").read_text()

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def close(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


def until(condition: Callable[[], bool], seconds_max: float = READY_SECONDS_MAX) -> None:
    """Ask again and again, a little apart, until ``condition`` holds."""
    pause = threading.Event()
    deadline = datetime.now(UTC).timestamp() + seconds_max
    while not condition():
        assert datetime.now(UTC).timestamp() < deadline, "it did not happen in time"
        pause.wait(0.02)


def answers(probe: Probe) -> bool:
    context: ssl.SSLContext | bool = True
    if probe.ca_pem:
        context = ssl.create_default_context(cadata=probe.ca_pem.decode())
    try:
        answer = httpx2.get(probe.url, verify=context, timeout=2, trust_env=False)
    except httpx2.HTTPError:
        return False
    return answer.status_code == 200 and probe.contains in answer.text


def network_facts(ports: Sequence[int]) -> NetworkFacts:
    """A network with one orderer for each two of ``ports``."""
    pairs = tuple(zip(ports[::2], ports[1::2], strict=True))
    return NetworkFacts(NETWORK, REGION, MEMBER, pairs)


def member_facts(
    network: NetworkFacts, ports: Sequence[int], password: str, member_id: str = MEMBER
) -> MemberFacts:
    return MemberFacts(
        member_id=member_id,
        network_id=NETWORK,
        region=REGION,
        ca_port=ports[0],
        operations_port=ports[1],
        admin_username=ADMIN,
        admin_password=password,
        registrar_secret="registrar-secret-of-the-test",
        orderer_ports=network.orderer_ports,
    )


def node_facts(
    network: NetworkFacts, ports: Sequence[int], node_id: str = NODE, member_id: str = MEMBER
) -> NodeFacts:
    return NodeFacts(
        node_id=node_id,
        member_id=member_id,
        network_id=NETWORK,
        region=REGION,
        peer_port=ports[0],
        chaincode_port=ports[1],
        operations_port=ports[2],
        instance_type="bc.t3.small",
        orderer_ports=network.orderer_ports,
    )


@dataclass(frozen=True)
class User:
    """A member's administrator with the tools, in ``home``."""

    rig: Rig
    home: Path
    network: NetworkFacts
    member: MemberFacts
    node: NodeFacts

    def tool(self, program: str, *arguments: str, environment: Mapping[str, str] = {}) -> str:
        done = subprocess.run(
            [str(self.rig.tools.binary(program)), *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home)} | dict(environment),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def chain(self) -> str:
        file = self.home / "chain.pem"
        file.write_bytes(self.rig.fabric.tls_chain())
        return str(file)

    def ca(self, *arguments: str, home: str = "admin") -> str:
        client = str(self.home / home)
        return self.tool(
            "fabric-ca-client", *arguments, "--tls.certfiles", self.chain(), "-H", client
        )

    def enroll(self, name: str = ADMIN, secret: str = PASSWORD, home: str = "admin") -> str:
        url = f"https://{name}:{secret}@localhost:{self.member.ca_port}"
        output = self.ca("enroll", "-u", url, "-M", "msp", home=home)
        msp = self.home / home / "msp"
        (msp / "admincerts").mkdir(exist_ok=True)
        certificate = (msp / "signcerts" / "cert.pem").read_bytes()
        (msp / "admincerts" / "cert.pem").write_bytes(certificate)
        return output

    def peer(self, *arguments: str, home: str = "admin") -> str:
        return self.peer_as(self.member.member_id, self.home / home / "msp", *arguments)

    def peer_as(self, msp_id: str, msp: Path, *arguments: str) -> str:
        """The ``peer`` program with the identity in the directory ``msp``."""
        core = {"peer": {"BCCSP": {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}}}}
        (self.home / "core.yaml").write_text(yaml.safe_dump(core))
        return self.tool(
            "peer",
            *arguments,
            environment={
                "FABRIC_CFG_PATH": str(self.home),
                "CORE_PEER_TLS_ENABLED": "true",
                "CORE_PEER_TLS_ROOTCERT_FILE": self.chain(),
                "CORE_PEER_ADDRESS": f"localhost:{self.node.peer_port}",
                "CORE_PEER_LOCALMSPID": msp_id,
                "CORE_PEER_MSPCONFIGPATH": str(msp),
                "PATH": f"{self.rig.tools.go.parent}:{os.environ['PATH']}",
                "GO111MODULE": "off",
                "GOFLAGS": "",
                "GOPATH": f"{self.home / 'gopath'}:{self.rig.tools.client / 'gopath'}",
            },
        )

    def orderer(self, ordinal: int = 0) -> tuple[str, ...]:
        port = self.network.orderer_ports[ordinal][0]
        return ("-o", f"localhost:{port}", "--tls", "--cafile", self.chain())

    def create_channel(
        self, channel: str, capability: str = "V2_0", others: Sequence[User] = ()
    ) -> None:
        """Channel creation as the 2019 guide has it, with the policies that Fabric 2 asks for.

        ``others`` are the administrators of the other members that are to be in it. With
        ``capability`` ``V1_4_2`` it takes the chaincode lifecycle of Fabric 1.
        """
        organizations = {
            user.member.member_id: str(user.home / "admin" / "msp") for user in (self, *others)
        }
        configuration = _configtx(organizations, capability)
        (self.home / "configtx.yaml").write_text(yaml.safe_dump(configuration))
        transaction = str(self.home / f"{channel}.pb")
        self.tool(
            "configtxgen",
            *("-configPath", str(self.home), "-profile", "Channel"),
            *("-outputCreateChannelTx", transaction, "-channelID", channel),
        )
        block = str(self.home / f"{channel}.block")
        self.peer(
            *("channel", "create", "-c", channel, "-f", transaction, "--outputBlock", block),
            *self.orderer(),
        )

    def fetch_first_block(self, channel: str) -> None:
        """What a member does that has not made the channel itself, before it joins."""
        block = str(self.home / f"{channel}.block")
        self.peer("channel", "fetch", "oldest", block, "-c", channel, *self.orderer())

    def join(self, channel: str) -> None:
        self.peer("channel", "join", "-b", str(self.home / f"{channel}.block"))

    def channel_group(self, channel: str) -> dict[str, Any]:
        """The channel's configuration now."""
        block = self.home / "config.block"
        self.peer("channel", "fetch", "config", str(block), "-c", channel, *self.orderer())
        return channel_group(self.rig.decode("common.Block", block.read_bytes()))

    def config_update(self, channel: str, change: Callable[[dict[str, Any]], None]) -> str:
        """A file with the update that ``change`` makes to the channel's top group, unsigned."""
        tools = FabricTools(self.rig.tools)
        before = self.channel_group(channel)
        after = copy.deepcopy(before)
        change(after)
        files = []
        for name, group in (("before", before), ("after", after)):
            file = self.home / name
            file.write_bytes(tools.encode("common.Config", {"channel_group": group}))
            files.append(str(file))
        computed = tools.run(
            "configtxlator",
            (
                "compute_update",
                "--channel_id",
                channel,
                "--original",
                files[0],
                "--updated",
                files[1],
            ),
        )
        update = tools.decode("common.ConfigUpdate", computed)
        envelope = self.home / "update.envelope"
        envelope.write_bytes(tools.encode("common.Envelope", update_envelope(channel, update)))
        return str(envelope)


def _configtx(organizations: Mapping[str, str], capability: str) -> dict[str, Any]:
    """``configtx.yaml`` for a channel of the members with these MSP directories."""

    def implied(rule: str) -> dict[str, str]:
        return {"Type": "ImplicitMeta", "Rule": rule}

    members = [_organization(member_id, msp) for member_id, msp in organizations.items()]
    policies = {
        "Readers": implied("ANY Readers"),
        "Writers": implied("ANY Writers"),
        "Admins": implied("MAJORITY Admins"),
    }
    application = {
        "Organizations": members,
        "Policies": {
            **policies,
            "LifecycleEndorsement": implied("MAJORITY Endorsement"),
            "Endorsement": implied("MAJORITY Endorsement"),
        },
        "Capabilities": {capability: True},
    }
    profile = {
        "Consortium": "AWSSystemConsortium",
        "Policies": policies,
        "Application": application,
    }
    return {"Organizations": members, "Profiles": {"Channel": profile}}


def _organization(member_id: str, msp: str) -> dict[str, Any]:
    def any_of(role: str) -> dict[str, str]:
        return {"Type": "Signature", "Rule": f"OR('{member_id}.{role}')"}

    return {
        "Name": member_id,
        "ID": member_id,
        "MSPDir": msp,
        "Policies": {
            "Readers": any_of("member"),
            "Writers": any_of("member"),
            "Admins": any_of("admin"),
            "Endorsement": any_of("member"),
        },
    }
