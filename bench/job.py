"""From ``create-network`` to a committed transaction, as a script does it: boto3, Fabric's tools.

The chaincode is the guide's chaincode_example02 (Go), deployed by Fabric's legacy lifecycle.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.fixtures import ADMINISTRATOR, PASSWORD, await_available, await_network, create_network
from hansa.client.api import Choice, find_member
from hansa.client.enroll import copy_chain, enroll
from hansa.client.environment import Tools, fabric_environment
from hansa.client.examples import examples_directory, prepare_go_example
from hansa.client.installation import ClientError, Installation
from hansa.client.peer_cli import PeerCli
from hansa.client.shims import write_shims
from hansa.engine import Engine

CHANNEL, CHAINCODE = "bench", "example02"
_READY_SECONDS_MAX = 120
_CONFIGTX = """\
Organizations:
  - &Member
    Name: {member_id}
    ID: {member_id}
    MSPDir: {msp}
Profiles:
  OneMember:
    Consortium: AWSSystemConsortium
    Application:
      Capabilities: {{V1_4_2: true}}
      Organizations:
        - *Member
"""


@dataclass
class Stopwatch:
    """Seconds of each step by its name, in the order they were done."""

    clock: Callable[[], float] = time.monotonic
    steps: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = self.clock()
        yield
        self.steps[name] = round(self.clock() - began, 3)


def run_job(installation: Installation, engine: Engine, api: Any, name: str) -> dict[str, float]:
    """Seconds of each step, and ``create-network to first commit`` of all of them."""
    watch = Stopwatch()
    began = watch.clock()
    with watch.step("network AVAILABLE"):
        network_id, member_id = create_network(api, name, "2.2")
        await_network(api, network_id, member_id)
    keys = {"NetworkId": network_id, "MemberId": member_id}
    with watch.step("node AVAILABLE"):
        configuration = {"InstanceType": "bc.t3.small", "AvailabilityZone": "us-east-1a"}
        node_id = api.create_node(**keys, NodeConfiguration=configuration)["NodeId"]
        await_available(lambda: api.get_node(**keys, NodeId=node_id)["Node"])
    with watch.step("administrator enrolled"):
        cli = enrolled(installation, engine, find_member(api, Choice(network_id)))
    with watch.step("channel joined"):
        text = _CONFIGTX.format(member_id=member_id, msp=json.dumps(cli.environment["MSP_PATH"]))
        cli.create_channel(CHANNEL, text, "OneMember")
    with watch.step("chaincode installed"):
        path = "github.com/chaincode_example02/go"
        cli.run("peer", "chaincode", "install", "-n", CHAINCODE, "-v", "v0", "-p", path)
    with watch.step("chaincode instantiated"):
        _instantiate(cli)
    with watch.step("transaction committed"):
        cli.invoke(CHANNEL, CHAINCODE, ["invoke", "a", "b", "10"])
    watch.steps["create-network to first commit"] = round(watch.clock() - began, 3)
    answer = cli.query(CHANNEL, CHAINCODE, ["query", "a"])
    if answer != 90:
        raise RuntimeError(f"the transaction is not in the ledger: a is {answer}")
    return watch.steps


def enrolled(installation: Installation, engine: Engine, member: Any) -> PeerCli:
    """The tools of the member's administrator, with Go sources of the example in place."""
    home = installation.data_dir / "clients" / member.member_id
    gopath = home / "gopath"
    prepare_go_example(gopath, examples_directory())
    go = engine.manifest.get("programs", {}).get("Go")
    tools = Tools(
        shims=write_shims(home / "bin", engine.root / "bin"),
        binaries=engine.root / "bin",
        configuration=engine.client,
        gopath=engine.client / "gopath",
        go=Path(go).parent if go and shutil.which("go") is None else None,
    )
    chain = copy_chain(installation.tls_chain, home)
    inherited = {**os.environ, "GOPATH": str(gopath)}
    variables = {**inherited, **fabric_environment(member, tools, home, chain, inherited)}
    enroll(member.ca, ADMINISTRATOR, PASSWORD, chain, home, variables)
    return PeerCli(member, variables, home, chain)


def _instantiate(cli: PeerCli) -> None:
    """Until a query answers: the chaincode is built, runs, and its first values are committed."""
    arguments = json.dumps({"Args": ["init", "a", "100", "b", "200"]})
    cli.run(
        *("peer", "chaincode", "instantiate", "-C", CHANNEL, "-n", CHAINCODE, "-v", "v0"),
        *("-c", arguments, "-o", cli.member.orderer, "--tls", "--cafile", str(cli.chain)),
    )
    deadline = time.monotonic() + _READY_SECONDS_MAX
    while True:
        try:
            cli.query(CHANNEL, CHAINCODE, ["query", "a"])
            return
        except ClientError:
            if time.monotonic() > deadline:
                raise
