"""A network of two members, of whom the second comes at run time and is expelled again."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.fabric.packages import EXAMPLE_PATH
from tests.fabric.rig import (
    MEMBER,
    NETWORK,
    PASSWORD,
    Rig,
    User,
    member_facts,
    network_facts,
    node_facts,
    until,
)
from tests.ports import free_ports

from hansa.domain.workload import Workload
from hansa.engine import locate_engine
from hansa.fabric.base import FabricError, NetworkFacts
from hansa.fabric.genesis import CONSORTIUM, ORDERER_MSP_ID, SYSTEM_CHANNEL
from hansa.fabric.local import LocalFabric
from hansa.fabric.organizations import ORDERER_ADMINS

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

SECOND = "m-DDDDDDDDDDDDDDDDDDDDDDDDDD"
SECOND_NODE = "nd-EEEEEEEEEEEEEEEEEEEEEEEEEE"
JOINT = "joint"
DEFENDED = "defended"
LONELY = "lonely"
EXAMPLE = Path(__file__).parents[2] / "examples" / "chaincode_example02"


@dataclass(frozen=True)
class Alliance:
    """A network with the administrators of its two members; the first has founded it."""

    rig: Rig
    network: NetworkFacts
    founder: User
    second: User

    @property
    def fabric(self) -> LocalFabric:
        return self.rig.fabric

    def expel(self) -> None:
        self.fabric.expel_member(self.network, SECOND, (MEMBER,))

    def as_orderer(self, *arguments: str) -> str:
        keys = self.rig.settings.data_dir / "networks" / NETWORK / "keys"
        return self.founder.peer_as(ORDERER_MSP_ID, keys / "admin-msp", *arguments)

    def consortium(self) -> dict[str, Any]:
        block = self.founder.home / "system.block"
        self.as_orderer(
            *("channel", "fetch", "config", str(block), "-c", SYSTEM_CHANNEL),
            *self.founder.orderer(),
        )
        decoded = self.rig.decode("common.Block", block.read_bytes())
        top = decoded["data"]["data"][0]["payload"]["data"]["config"]["channel_group"]
        consortium: dict[str, Any] = top["groups"]["Consortiums"]["groups"][CONSORTIUM]
        return consortium

    def heights(self) -> dict[str, str]:
        """Of every channel on the orderer."""
        return heights(self.network.orderer_ports[0][1])


def heights(operations_port: int) -> dict[str, str]:
    metrics = httpx2.get(f"http://127.0.0.1:{operations_port}/metrics", trust_env=False).text
    return dict(
        re.findall(r'^ledger_blockchain_height\{channel="([^"]+)"\} (\S+)', metrics, re.MULTILINE)
    )


def known_peers(user: User) -> str:
    url = f"http://127.0.0.1:{user.node.operations_port}/metrics"
    metrics = httpx2.get(url, trust_env=False).text
    pattern = rf'^gossip_membership_total_peers_known\{{channel="{JOINT}"\}} (\S+)'
    found = re.search(pattern, metrics, re.MULTILINE)
    return found[1] if found else ""


def start_member(rig: Rig, user: User) -> None:
    """Its CA and its peer, without anything of the network, and its administrator enrolled."""
    user.home.mkdir()
    (ca,) = rig.fabric.member_workloads(user.member)
    (peer,) = rig.fabric.node_workloads(user.node)
    rig.run(ca, peer)
    completed: Workload = rig.fabric.complete_member(user.member)
    assert completed.files.keys() == ca.files.keys()
    rig.write(completed)
    user.enroll()


@pytest.fixture(scope="module")
def alliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alliance]:
    directory = tmp_path_factory.mktemp("alliance")
    rig = Rig(directory / "installation", locate_engine(os.environ))
    ports = free_ports(12)
    network = network_facts(ports[:2])
    users = [
        User(rig, directory / home, network, member, node)
        for home, member, node in (
            (
                "founder",
                member_facts(network, ports[2:4], PASSWORD),
                node_facts(network, ports[4:]),
            ),
            (
                "second",
                member_facts(network, ports[7:9], PASSWORD, SECOND),
                node_facts(network, ports[9:], SECOND_NODE, SECOND),
            ),
        )
    ]
    try:
        rig.run(*rig.fabric.network_workloads(network))
        for user in users:
            start_member(rig, user)
        yield Alliance(rig, network, *users)
    finally:
        rig.close()


@pytest.fixture(scope="module")
def joint(alliance: Alliance) -> Alliance:
    """With the second member admitted, and a channel that both members' peers have joined."""
    alliance.fabric.admit_member(alliance.network, SECOND)
    founder, second = alliance.founder, alliance.second
    founder.create_channel(JOINT, "V1_4_2", [second])
    founder.join(JOINT)
    second.fetch_first_block(JOINT)
    second.join(JOINT)
    return alliance


@pytest.fixture(scope="module")
def example(joint: Alliance) -> Alliance:
    """With the example chaincode, which both members have to endorse."""
    for user in (joint.founder, joint.second):
        shutil.copytree(EXAMPLE, user.home / "gopath" / "src" / "github.com" / EXAMPLE.name)
        user.peer("chaincode", "install", "-n", "mycc", "-v", "v0", "-p", EXAMPLE_PATH)
    both = f"AND('{MEMBER}.member','{SECOND}.member')"
    _define(joint.founder, "instantiate", "v0", both)
    return joint


@pytest.fixture(scope="module")
def expelled(example: Alliance) -> Alliance:
    """With the second member expelled, which has had two more channels.

    In one of them it has its peers for administrators, so that the service cannot sign for it; in
    the other it is alone.
    """
    founder, second = example.founder, example.second
    founder.create_channel(DEFENDED, others=[second])
    file = second.config_update(DEFENDED, _peers_for_administrators)
    second.peer("channel", "update", "-c", DEFENDED, "-f", file, *second.orderer())
    second.create_channel(LONELY)
    example.expel()
    return example


def test_a_member_that_is_not_admitted_is_in_no_channel(alliance: Alliance) -> None:
    with pytest.raises(AssertionError, match=f"include member {SECOND} which is not"):
        alliance.founder.create_channel(JOINT, others=[alliance.second])
    before = alliance.heights()
    alliance.expel()
    assert alliance.heights() == before


def test_a_member_is_admitted_once(joint: Alliance) -> None:
    before = joint.heights()
    joint.fabric.admit_member(joint.network, SECOND)
    joint.fabric.admit_member(joint.network, MEMBER)
    assert joint.heights() == before
    members = joint.consortium()["groups"]
    assert set(members) == {MEMBER, SECOND}
    # All that tells them apart is whose they are.
    shapes = [_shape(joint.rig, members[member], member) for member in (MEMBER, SECOND)]
    assert shapes[0] == shapes[1]


def test_announced_peers_of_two_members_see_each_other(joint: Alliance) -> None:
    for user in (joint.founder, joint.second):
        assert joint.fabric.announce_node(user.node) is True
    until(lambda: [known_peers(joint.founder), known_peers(joint.second)] == ["1", "1"])
    assert joint.fabric.announce_node(joint.second.node) is False


def test_both_members_have_to_endorse(example: Alliance) -> None:
    founder, second = example.founder, example.second
    assert "VALID" in _invoke(founder, founder, second)
    with pytest.raises(AssertionError, match="ENDORSEMENT_POLICY_FAILURE"):
        _invoke(founder, founder)


def test_an_expelled_member_is_gone_from_consortium_and_channel(expelled: Alliance) -> None:
    assert set(expelled.consortium()["groups"]) == {MEMBER}
    assert set(_members(expelled.founder, JOINT)) == {MEMBER}
    with pytest.raises(AssertionError, match=f"include member {SECOND} which is not"):
        expelled.founder.create_channel("another", others=[expelled.second])


@pytest.mark.parametrize("channel", [JOINT, DEFENDED])
def test_an_expelled_member_neither_reads_nor_writes(expelled: Alliance, channel: str) -> None:
    second = expelled.second
    block = str(second.home / "no.block")
    with pytest.raises(AssertionError, match="FORBIDDEN"):
        second.peer("channel", "fetch", "newest", block, "-c", channel, *second.orderer())
    file = expelled.founder.config_update(channel, _other_batches)
    with pytest.raises(AssertionError, match="FORBIDDEN"):
        second.peer("channel", "update", "-c", channel, "-f", file, *second.orderer())


def test_a_member_that_policies_hold_in_a_channel_is_void_there(expelled: Alliance) -> None:
    members = _members(expelled.founder, DEFENDED)
    assert set(members) == {MEMBER, SECOND}
    void = _encoded(expelled.rig.settings.data_dir / "networks" / NETWORK / "void" / "ca.pem")
    msp = members[SECOND]["values"]["MSP"]
    assert msp["mod_policy"] == ORDERER_ADMINS
    assert msp["value"]["config"]["root_certs"] == [void]


def test_a_channel_of_the_member_alone_is_left_to_it(expelled: Alliance) -> None:
    expelled.second.fetch_first_block(LONELY)
    assert set(_members(expelled.second, LONELY)) == {SECOND}


def test_the_remaining_go_on(expelled: Alliance) -> None:
    founder, second = expelled.founder, expelled.second
    left_at = int(expelled.heights()[JOINT])
    founder.peer("chaincode", "install", "-n", "mycc", "-v", "v1", "-p", EXAMPLE_PATH)
    _define(founder, "upgrade", "v1", f"OR('{MEMBER}.member')")
    assert "VALID" in _invoke(founder, founder)
    assert int(heights(founder.node.operations_port)[JOINT]) == left_at + 2
    assert int(heights(second.node.operations_port)[JOINT]) <= left_at


def test_a_member_is_expelled_once(expelled: Alliance) -> None:
    before = expelled.heights()
    assert {JOINT, DEFENDED, LONELY} < set(before)
    expelled.expel()
    assert expelled.heights() == before


def test_silent_orderers_are_told(alliance: Alliance) -> None:
    ports = free_ports(2)
    lost = replace(alliance.network, orderer_ports=((ports[0], ports[1]),))
    with pytest.raises(FabricError, match=f"cannot admit member {SECOND} to the consortium: peer"):
        alliance.fabric.admit_member(lost, SECOND)
    with pytest.raises(FabricError, match=f"cannot expel member {SECOND}: peer channel"):
        alliance.fabric.expel_member(lost, SECOND, (MEMBER,))


_LIST = ("chaincode", "list", "--instantiated", "-C", JOINT)


def _define(user: User, act: str, version: str, policy: str) -> None:
    start = '{"Args":["init","a","100","b","200"]}'
    user.peer(
        *("chaincode", act, "-C", JOINT, "-n", "mycc", "-v", version, "-c", start, "-P", policy),
        *user.orderer(),
    )
    until(lambda: f"Version: {version}," in user.peer(*_LIST))


def _invoke(user: User, *endorsers: User) -> str:
    """Move one from a to b, endorsed by the peers of these users; await its commit."""
    peers = [
        word
        for endorser in endorsers
        for word in (
            *("--peerAddresses", f"localhost:{endorser.node.peer_port}"),
            *("--tlsRootCertFiles", user.chain()),
        )
    ]
    call = ("-C", JOINT, "-n", "mycc", "-c", '{"Args":["invoke","a","b","1"]}', "--waitForEvent")
    return user.peer("chaincode", "invoke", *call, *user.orderer(), *peers)


def _members(user: User, channel: str) -> dict[str, Any]:
    members: dict[str, Any] = user.channel_group(channel)["groups"]["Application"]["groups"]
    return members


def _peers_for_administrators(group: dict[str, Any]) -> None:
    policies = group["groups"]["Application"]["groups"][SECOND]["policies"]
    (identity,) = policies["Admins"]["policy"]["value"]["identities"]
    identity["principal"]["role"] = "PEER"


def _other_batches(group: dict[str, Any]) -> None:
    group["groups"]["Orderer"]["values"]["BatchTimeout"]["value"]["timeout"] = "3s"


def _shape(rig: Rig, organization: dict[str, Any], member_id: str) -> str:
    """The member's group, with neither its id nor its authority in it."""
    keys = rig.settings.data_dir / "members" / member_id / "keys"
    text = json.dumps(organization, sort_keys=True).replace(member_id, "ID")
    return text.replace(_encoded(keys / "ca" / "ca.pem"), "AUTHORITY")


def _encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()
