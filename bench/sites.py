"""Two networks of two members each, on the same binaries: one as Hansa sets it, one as the
test-network of fabric-samples is set.

Both are made by Hansa's API, so that nothing but settings differs. The second takes what
test-network and Fabric's sample ``core.yaml`` and ``orderer.yaml`` have: how blocks are cut, the
Gateway's limit, the log level. Its chaincode runs plainly beside its peer, without a sandbox, which
is no slower than in Docker, where test-network runs it.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench import servers
from bench.fixtures import (
    await_available,
    await_network,
    await_operation,
    client,
    create_network,
    invite_member,
)
from bench.gateway import Gateway, Identity
from bench.job import enrolled
from hansa.cli import processes
from hansa.client.api import Choice, find_member, hansafabric
from hansa.client.installation import Installation
from hansa.client.peer_cli import PeerCli
from hansa.engine import Engine

CHANNELS = {1: "one", 2: "two"}
"""By the number of members: a transaction on the second takes an endorsement of each."""

HANSA, TEST_NETWORK = "hansa", "test-network"
SETTINGS = {
    HANSA: {},
    TEST_NETWORK: {
        "batch_timeout": "2s",
        "batch_messages_max": 10,
        "raft_tick": "500ms",
        "gateway_concurrency": 500,
        "chaincode_sandbox": "none",
        "chaincode_network": "shared",
    },
}
_LOG_SPEC = "info"
"""Of test-network's peers and orderers; Hansa's write less."""


@dataclass(frozen=True)
class Site:
    """A network with the channels of :data:`CHANNELS`; ``cli`` are its first member's tools."""

    name: str
    fabric: Any
    cli: PeerCli

    @property
    def keys(self) -> dict[str, str]:
        """The first member, as requests name it."""
        return {"NetworkId": self.cli.member.network_id, "MemberId": self.cli.member.member_id}

    def follow(self, answer: dict[str, Any]) -> None:
        """Return once the operation has succeeded. Raises ``RuntimeError``."""
        await_operation(self.fabric, answer["OperationId"])

    def deploy(self, members: int, name: str, package: bytes) -> None:
        """In one call, as users do."""
        package_id = self.fabric.package_chaincode(Package=package)["PackageId"]
        definition = {"Name": name}
        self.follow(
            self.fabric.deploy_chaincode(
                **self.keys,
                ChannelName=CHANNELS[members],
                Definition=definition,
                PackageId=package_id,
            )
        )

    def install(self, package: bytes) -> None:
        """Build and install it on the first member's node, and define nothing."""
        package_id = self.fabric.package_chaincode(Package=package)["PackageId"]
        keys = {"NetworkId": self.cli.member.network_id, "NodeId": self.cli.member.node_id}
        self.follow(self.fabric.install_chaincode(**keys, PackageId=package_id))

    def gateway(self) -> Gateway:
        """Of the first member's node; to be opened in the event loop that uses it."""
        environment = self.cli.environment
        identity = Identity.read(self.cli.member.member_id, Path(environment["MSP_PATH"]))
        return Gateway(environment["CORE_PEER_ADDRESS"], self.cli.chain.read_bytes(), identity)


@contextmanager
def site(name: str, engine: Engine) -> Iterator[Site]:
    """One of :data:`SETTINGS`; its service and its processes end with it."""
    with servers.hansa(SETTINGS[name]) as (server, installation):
        api, fabric = client(server), hansafabric(installation)
        network_id, first = create_network(api, name, "2.2")
        await_network(api, network_id, first)
        second = invite_member(api, network_id, first, installation.administrator().account_id)
        for member_id in (first, second):
            _make_node(api, {"NetworkId": network_id, "MemberId": member_id})
        member = find_member(api, Choice(network_id, first))
        made = Site(name, fabric, enrolled(installation, engine, member))
        for members, channel in CHANNELS.items():
            others = {"Members": [second]} if members > 1 else {}
            made.follow(fabric.create_channel(**made.keys, Name=channel, **others))
        if name == TEST_NETWORK:
            set_log_level(installation, _LOG_SPEC)
        yield made


def _make_node(api: Any, keys: dict[str, str]) -> None:
    await_available(lambda: api.get_member(**keys)["Member"])
    configuration = {"InstanceType": "bc.t3.small", "AvailabilityZone": "us-east-1a"}
    node_id = api.create_node(**keys, NodeConfiguration=configuration)["NodeId"]
    await_available(lambda: api.get_node(**keys, NodeId=node_id)["Node"])


def set_log_level(installation: Installation, spec: str) -> None:
    """Of every peer and orderer, by Fabric's own operations service, until they start anew."""
    for name in processes.names(installation):
        for file in (processes.workloads(installation) / name / "config").glob("*.yaml"):
            if file.name in ("core.yaml", "orderer.yaml"):
                _put_log_spec(_operations_address(file), spec)


def _operations_address(file: Path) -> str:
    content = yaml.safe_load(file.read_text())
    if file.name == "core.yaml":
        return str(content["operations"]["listenAddress"])
    return str(content["Operations"]["ListenAddress"])


def _put_log_spec(address: str, spec: str) -> None:
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("PUT", "/logspec", json.dumps({"spec": spec}))
        answer = connection.getresponse()
        if answer.status != http.client.NO_CONTENT:
            raise RuntimeError(f"{address} does not take a log level: {answer.read().decode()}")
    finally:
        connection.close()
