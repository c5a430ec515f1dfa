"""A developer who installs chaincode on a network of one member, with the tools."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.fabric.rig import (
    MEMBER,
    PASSWORD,
    Rig,
    User,
    member_facts,
    network_facts,
    node_facts,
)
from tests.ports import free_ports

from hansa.domain.chaincode import BUILD_LOGS, CHAINCODE_LOGS
from hansa.domain.workload import Workload
from hansa.engine import locate_engine

LEGACY, NEW = "legacychannel", "newchannel"
POLICY = f"OR('{MEMBER}.member')"


@dataclass(frozen=True)
class Developer:
    """A member's administrator who installs chaincode; ``peer`` is the member's peer."""

    user: User
    peer: Workload

    def command(self, *arguments: str) -> str:
        """The ``peer`` command with the engine's client files, as ``hansa client env`` sets it."""
        tools, user = self.user.rig.tools, self.user
        gopath = f"{user.home / 'go'}:{tools.client / 'gopath'}"
        return user.tool(
            "peer",
            *arguments,
            environment={
                **tools.environment(),
                "GOPATH": gopath,
                "GOFLAGS": "",
                "PATH": f"{tools.go.parent}:{os.environ['PATH']}",
                "CORE_PEER_TLS_ENABLED": "true",
                "CORE_PEER_TLS_ROOTCERT_FILE": user.chain(),
                "CORE_PEER_ADDRESS": f"localhost:{user.node.peer_port}",
                "CORE_PEER_LOCALMSPID": MEMBER,
                "CORE_PEER_MSPCONFIGPATH": str(user.home / "admin/msp"),
            },
        )

    def instantiate(self, name: str, language: str, *arguments: str) -> None:
        call = json.dumps({"Args": arguments})
        self.command(
            *("chaincode", "instantiate", "-C", LEGACY, "-n", name, "-v", "v0", "-c", call),
            *("-l", language, "-P", POLICY, *self.user.orderer()),
        )

    def invoke(self, channel: str, name: str, *arguments: str) -> str:
        call = json.dumps({"Args": arguments})
        return self.command(
            *("chaincode", "invoke", "-C", channel, "-n", name, "-c", call, "--waitForEvent"),
            *self.user.orderer(),
        )

    def query(self, channel: str, name: str, *arguments: str) -> str:
        call = json.dumps({"Args": arguments})
        return self.command("chaincode", "query", "-C", channel, "-n", name, "-c", call).strip()

    def install(self, package: str) -> str:
        """Install a package of the new lifecycle; its ID."""
        told = self.command("lifecycle", "chaincode", "install", package)
        found = re.search(r"identifier: (\S+:[0-9a-f]{64})", told)
        assert found, told
        return found[1]

    def define(self, name: str, package_id: str) -> None:
        """Approve and commit version 1 of ``name`` on the channel of the new lifecycle."""
        definition = ("-C", NEW, "-n", name, "-v", "1", "--sequence", "1")
        approval = (*definition, "--package-id", package_id, *self.user.orderer())
        self.command("lifecycle", "chaincode", "approveformyorg", *approval)
        self.command("lifecycle", "chaincode", "commit", *definition, *self.user.orderer())

    def build_log(self, label: str) -> str:
        data = Path(self.user.rig.place(self.peer.name).data_directory)
        return (data / BUILD_LOGS / f"{label}.log").read_text()

    @property
    def chaincode_logs(self) -> Path:
        return Path(self.user.rig.place(self.peer.name).data_directory) / CHAINCODE_LOGS

    @property
    def peer_log(self) -> str:
        return self.user.rig.log(self.peer.name)


@contextmanager
def developing(
    directory: Path, peers: Mapping[str, str] = {}, **settings: Any
) -> Iterator[Developer]:
    """A network with a channel for either lifecycle, in ``directory``.

    ``peers`` is added to the peer's environment.
    """
    rig = Rig(directory / "installation", locate_engine(os.environ), changes=settings)
    ports = free_ports(7)
    network = network_facts(ports[:2])
    member = member_facts(network, ports[2:4], PASSWORD)
    node = node_facts(network, ports[4:])
    try:
        (peer,) = rig.fabric.node_workloads(node)
        peer = replace(peer, environment={**peer.environment, **peers})
        (ca,) = rig.fabric.member_workloads(member)
        rig.run(*rig.fabric.network_workloads(network), ca, peer)
        rig.fabric.complete_member(member)
        home = directory / "user"
        home.mkdir()
        user = User(rig, home, network, replace(member, admin_password=""), node)
        user.enroll()
        for channel, capability in ((LEGACY, "V1_4_2"), (NEW, "V2_0")):
            user.create_channel(channel, capability)
            user.join(channel)
        yield Developer(user, peer)
    finally:
        rig.close()


def write(directory: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    return directory
