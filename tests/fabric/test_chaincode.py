"""Chaincode on a real peer, from the user's install to an answer, by the engine's builders."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.fabric.packages import CONTRACT_JS, EXAMPLE_PATH, GOPATH_1X, running_below
from tests.fabric.rig import (
    MEMBER,
    PASSWORD,
    Rig,
    User,
    free_ports,
    member_facts,
    network_facts,
    node_facts,
    until,
)

from hansa.domain.chaincode import BUILD_LOGS
from hansa.domain.workload import Workload
from hansa.engine import locate_engine
from hansa.engine.sources import engine_sources

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

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

    def build_log(self, label: str) -> str:
        data = Path(self.user.rig.place(self.peer.name).data_directory)
        return (data / BUILD_LOGS / f"{label}.log").read_text()

    @property
    def peer_log(self) -> str:
        return self.user.rig.log(self.peer.name)


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    rig = Rig(tmp_path_factory.mktemp("installation"), locate_engine(os.environ))
    ports = free_ports(7)
    network = network_facts(ports[:2])
    member = member_facts(network, ports[2:4], PASSWORD)
    node = node_facts(network, ports[4:])
    try:
        (peer,) = rig.fabric.node_workloads(node)
        (ca,) = rig.fabric.member_workloads(member)
        rig.run(*rig.fabric.network_workloads(network), ca, peer)
        rig.fabric.complete_member(member)
        home = tmp_path_factory.mktemp("user")
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


def test_chaincode_of_fabric_1x_by_the_legacy_lifecycle(developer: Developer) -> None:
    write(developer.user.home / "go/src" / EXAMPLE_PATH, {"main.go": GOPATH_1X})
    developer.command("chaincode", "install", "-n", "mycc", "-v", "v0", "-p", EXAMPLE_PATH)
    assert "built in" in developer.build_log("mycc")
    developer.instantiate("mycc", "golang", "init", "a", "100")
    assert f'payload:"{MEMBER}"' in developer.invoke(LEGACY, "mycc", "read")


def test_a_contract_class_in_node_by_the_legacy_lifecycle(developer: Developer) -> None:
    manifest = (
        '{"name": "asset", "version": "1.0.0", "main": "index.js", '
        '"dependencies": {"fabric-contract-api": "^2.2.0", "fabric-shim": "^2.2.0"}}'
    )
    contract = CONTRACT_JS.replace(
        "async read", "async put(ctx, k, v) { await ctx.stub.putState(k, v); }\n    async read"
    )
    code = write(developer.user.home / "asset", {"package.json": manifest, "index.js": contract})
    developer.command(
        *("chaincode", "install", "-n", "asset", "-v", "v0", "-l", "node", "-p", str(code))
    )
    developer.instantiate("asset", "node", "put", "a", "moin")
    answer = developer.command(
        *("chaincode", "query", "-C", LEGACY, "-n", "asset", "-c", '{"Args": ["read", "a"]}')
    )
    assert answer.strip() == "moin"


def test_a_contract_in_go_by_the_new_lifecycle(developer: Developer) -> None:
    home = developer.user.home
    source = engine_sources() / "chaincode-go" / "contractapi2"
    code = write(home / "capi", {file.name: file.read_text() for file in source.iterdir()})
    package = str(home / "capi.tgz")
    lifecycle = ("lifecycle", "chaincode")
    # Packing lists the module's dependencies: with modules on, which the guide's client has off.
    packing = ("package", package, "-p", str(code), "--label", "capi_1")
    developer.user.tool(
        "peer",
        *lifecycle,
        *packing,
        environment={
            **developer.user.rig.tools.environment(),
            "GO111MODULE": "on",
            "GOFLAGS": "-mod=mod",
            "PATH": f"{developer.user.rig.tools.go.parent}:{os.environ['PATH']}",
        },
    )
    told = developer.command(*lifecycle, "install", package)
    found = re.search(r"capi_1:[0-9a-f]{64}", told)
    assert found, told
    definition = ("-C", NEW, "-n", "capi", "-v", "1", "--sequence", "1")
    developer.command(
        *lifecycle,
        "approveformyorg",
        *definition,
        *("--package-id", found[0]),
        *developer.user.orderer(),
    )
    developer.command(*lifecycle, "commit", *definition, *developer.user.orderer())
    assert "status:200" in developer.invoke(NEW, "capi", "Read", "nothing")


def test_a_compilers_message_is_in_the_build_log_and_in_the_peers(developer: Developer) -> None:
    path = "github.com/broken/go"
    broken = "package main\n\nfunc main() {\n\tundefinedThing()\n}\n"
    write(developer.user.home / "go/src" / path, {"main.go": broken})
    with pytest.raises(AssertionError, match="could not build chaincode"):
        developer.command("chaincode", "install", "-n", "broken", "-v", "v0", "-p", path)
    message = "main.go:4:2: undefined: undefinedThing"
    assert message in developer.build_log("broken")
    until(lambda: message in developer.peer_log)


def test_chaincode_does_not_outlive_its_peer_and_comes_back_with_it(developer: Developer) -> None:
    rig = developer.user.rig
    query = ("chaincode", "query", "-C", LEGACY, "-n", "mycc", "-c", '{"Args": ["read"]}')
    assert developer.command(*query).strip() == MEMBER
    rig.kill(developer.peer.name)
    data = rig.place(developer.peer.name).data_directory
    until(lambda: not running_below(data))
    rig.run(developer.peer)
    until(lambda: listens(developer.user.node.peer_port))
    assert developer.command(*query).strip() == MEMBER


def listens(port: int) -> bool:
    """A peer is healthy a little before it listens, where it has chaincode to start first."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
