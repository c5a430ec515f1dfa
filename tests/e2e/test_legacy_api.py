"""Fabric 1's chaincode lifecycle through the API, beside work by hand; the channel raised to 2.5.

The tests tell one story of one channel, in order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from tests.e2e.installation import Installation, until
from tests.e2e.network import Network, Pair, create_network, join_network, refused
from tests.e2e.test_chaincode_api import ASSET, EXAMPLES, archive

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

CHANNEL = "older"
NOWHERE = EXAMPLES / "nowhere"
VAULT = archive(
    NOWHERE,
    {"vault_contract.py": Path(__file__).with_name("vault_contract.py").read_text()},
)
EXAMPLE_02_PATH = "github.com/chaincode_example02/go"
EXAMPLE_02 = archive(
    NOWHERE,
    {
        f"{EXAMPLE_02_PATH}/{file.name}": file.read_text()
        for file in (EXAMPLES / "chaincode_example02" / "go").glob("*.go")
    },
)
BROKEN = archive(
    NOWHERE,
    {"go.mod": "module broken\n\ngo 1.20\n", "main.go": "package main\n\nfunc main() { x }\n"},
)


@dataclass(frozen=True)
class Story:
    """``asset`` is the package of the AssetContract in JavaScript, ``vault`` that in Python."""

    pair: Pair
    asset: str
    vault: str

    @property
    def channel(self) -> dict[str, str]:
        return {**self.pair.first.member_keys, "ChannelName": CHANNEL}

    def deploy(self, package_id: str, *arguments: str, **definition: Any) -> list[Any]:
        """The steps of the operation, which has to succeed."""
        answer = self.pair.fabric.deploy_chaincode(
            **self.channel, Definition=definition, PackageId=package_id, InitArguments=arguments
        )
        return list(self.pair.await_done(answer)["Steps"])

    def in_force(self) -> dict[str, Any]:
        """The definitions by name."""
        keys = {"NetworkId": self.pair.first.network_id, "ChannelName": CHANNEL}
        found = self.pair.fabric.list_chaincodes(**keys)["Chaincodes"]
        return {item["Definition"]["Name"]: item["Definition"] for item in found}

    def await_version(self, name: str, version: str) -> dict[str, Any]:
        """The definition once that version is in force on the node that is asked."""

        def look() -> dict[str, Any] | None:
            found = self.in_force().get(name)
            return found if found and found["Version"] == version else None

        return dict(until(look, f"version {version} of {name} is in force"))

    def invoke(self, name: str, function: str, *arguments: str, **more: Any) -> None:
        self.pair.fabric.invoke_chaincode(
            **{**self.channel, **more}, ChaincodeName=name, Function=function, Arguments=arguments
        )

    def put(self, collection: str, key: str, value: bytes, **more: Any) -> None:
        self.invoke("vault", "put", collection, key, Transient={"value": value}, **more)

    def query(self, network: Network, name: str, function: str, *arguments: str) -> str:
        """As the member of ``network``, on its own peer."""
        answer = self.pair.fabric.query_chaincode(
            **{**self.channel, **network.member_keys}, ChaincodeName=name, Function=function,
            Arguments=arguments,
        )  # fmt: skip
        return str(answer["ResultText"])

    def vault_of(self, network: Network, function: str, *arguments: str) -> str:
        return self.query(network, "vault", function, *arguments)

    @property
    def collections(self) -> list[dict[str, Any]]:
        """``own`` is the first member's; ``brief`` is both members', and soon purged."""
        own, either = (_any_of(self.pair.first), _any_of(self.pair.first, self.pair.second))
        return [
            {"Name": "own", "MemberPolicy": own},
            {"Name": "brief", "MemberPolicy": either, "BlockToLive": 2},
        ]


def _any_of(*networks: Network) -> str:
    return f"OR({', '.join(f'{chr(39)}{each.member_id}.member{chr(39)}' for each in networks)})"


@pytest.fixture(scope="module")
def story(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    first = create_network(service, tmp_path_factory.mktemp("first"))
    second = join_network(first, "org2", tmp_path_factory.mktemp("second"))
    pair = Pair(first, second, service.client("hansafabric"))
    created = pair.fabric.create_channel(
        **first.member_keys, Name=CHANNEL, Members=[second.member_id], Capability="V1_4_2"
    )
    pair.await_done(created)
    packages = [
        pair.fabric.package_chaincode(Code=code, Language=language, Label=label)["PackageId"]
        for code, language, label in ((archive(ASSET), "node", "asset_1"), (VAULT, "python", "v"))
    ]
    yield Story(pair, *packages)
    first.api.delete_member(**second.member_keys)
    first.delete()


def test_one_call_installs_and_instantiates(story: Story) -> None:
    first, second = story.pair.first, story.pair.second
    steps = story.deploy(story.asset, Name="asset")
    assert [step["Name"] for step in steps][2:] == ["Put version 1 in force"]
    definition = story.await_version("asset", "1")
    assert "Sequence" not in definition
    assert all(each.member_id in definition["EndorsementPolicy"] for each in (first, second))
    again = story.deploy(story.asset, Name="asset")
    assert {step["Detail"] for step in again} == {"It was there"}
    until_known(lambda: story.invoke("asset", "createAsset", "a1", "Ann", "7"))
    # By hand, as the guide has it, with the other member's identity.
    until(lambda: '"Ann"' in second.query(CHANNEL, "asset", "readAsset", "a1"), "it is there")
    assert second.invoke(CHANNEL, "asset", "createAsset", "a2", "Bob", "8").returncode == 0
    listed = second.tool("peer", "chaincode", "list", "--installed")
    assert "Name: asset, Version: 1" in listed


def test_what_was_instantiated_by_hand_is_upgraded_by_the_api(story: Story) -> None:
    first = story.pair.first
    chosen = ("-n", "hand", "-v", "v0", "-l", "node")
    first.tool("peer", "chaincode", "install", *chosen, "-p", str(ASSET))
    first.tool(
        *("peer", "chaincode", "instantiate", "-C", CHANNEL, *chosen, "-c", '{"Args":[]}'),
        *("-P", _any_of(first), *first.orderer),
    )
    # By hand nothing waits for the block.
    assert story.await_version("hand", "v0")["Collections"] == []
    story.deploy(story.asset, Name="hand")
    story.await_version("hand", "v1")
    listed = first.tool("peer", "chaincode", "list", "--instantiated", "-C", CHANNEL)
    assert "Name: hand, Version: v1" in listed
    # And the reverse: installed by the API, put in force by hand.
    keys = {"NetworkId": first.network_id, "NodeId": first.node_id, "PackageId": story.asset}
    name = {"LegacyName": "hand", "LegacyVersion": "v2"}
    story.pair.await_done(story.pair.fabric.install_chaincode(**keys, **name))
    first.tool(
        *("peer", "chaincode", "upgrade", "-C", CHANNEL, "-n", "hand", "-v", "v2"),
        *("-c", '{"Args":[]}', "-P", _any_of(first), *first.orderer),
    )
    story.await_version("hand", "v2")


def test_python_with_private_data(story: Story) -> None:
    """A language that Fabric 1 has no number for."""
    first, second = story.pair.first, story.pair.second
    story.deploy(story.vault, "begin", "7", Name="vault", Collections=story.collections)
    assert story.vault_of(first, "get_open", "begun") == "7"
    until_known(lambda: story.put("brief", "b", b"soon gone"))
    until(lambda: story.vault_of(second, "get", "brief", "b") == "soon gone", "it is spread")
    story.put("own", "k", b"secret", EndorsingMembers=[first.member_id])
    assert story.vault_of(first, "get", "own", "k") == "secret"
    digest = hashlib.sha256(b"secret").hexdigest()
    until(lambda: story.vault_of(second, "digest", "own", "k") == digest, "the hash")
    for function in ("get", "put"):
        call = {**story.channel, **second.member_keys, "ChaincodeName": "vault"}
        api = story.pair.fabric.query_chaincode
        told = refused(
            api, "IllegalActionException", **call, Function=function, Arguments=["own", "k"],
            Transient={"value": b"x"},
        )  # fmt: skip
        assert "access permission" in told
    for number in range(3):
        story.invoke("vault", "put_open", "n", str(number))
    until(lambda: not story.vault_of(first, "get", "brief", "b"), "it is purged after two blocks")


def test_a_version_is_one_code(story: Story) -> None:
    fabric = story.pair.fabric
    call = {**story.channel, "PackageId": story.vault}
    told = refused(
        fabric.deploy_chaincode, "IllegalActionException", **call,
        Definition={"Name": "asset", "Version": "1"},
    )  # fmt: skip
    assert "give another version" in told
    refused(
        fabric.deploy_chaincode, "InvalidRequestException", **call,
        Definition={"Name": "asset", "Sequence": 2},
    )  # fmt: skip
    told = refused(
        fabric.commit_chaincode, "IllegalActionException", **story.channel,
        Definition={"Name": "asset"},
    )  # fmt: skip
    assert "nobody approves" in told


def test_a_build_that_failed_is_mended_with_the_next_version(story: Story) -> None:
    """With Go code of Fabric 1.x, as it was."""
    fabric = story.pair.fabric
    broken = fabric.package_chaincode(Code=BROKEN, Language="golang", Label="broken")["PackageId"]
    with pytest.raises(WaiterError):
        story.deploy(broken, Name="mended")
    keys = {"NetworkId": story.pair.first.network_id, "Status": "FAILED"}
    (failed,) = fabric.list_operations(**keys)["Operations"]
    assert "main.go:3" in failed["StatusReason"]
    mended = fabric.package_chaincode(
        Code=EXAMPLE_02, Language="golang", Label="mended", Path=EXAMPLE_02_PATH
    )["PackageId"]
    story.deploy(mended, "init", "a", "100", "b", "200", Name="mended")
    story.await_version("mended", "2")
    assert story.query(story.pair.first, "mended", "query", "b") == "200"


def test_a_raised_channel_keeps_chaincode_and_takes_new(story: Story) -> None:
    first, second = story.pair.first, story.pair.second
    story.pair.await_done(story.pair.fabric.update_channel(**story.channel, Capability="V2_5"))
    assert "Sequence" not in story.in_force()["asset"]
    until_known(lambda: story.invoke("asset", "createAsset", "a3", "Cid", "9"))
    until(lambda: '"Ann"' in second.query(CHANNEL, "asset", "readAsset", "a1"), "it is kept")

    # The new lifecycle takes the name over: what was written stays.
    both = f"AND('{first.member_id}.member', '{second.member_id}.member')"
    either = _any_of(first, second)
    own, brief = story.collections
    collections = [
        {**own, "EndorsementPolicy": _any_of(first)},
        brief,
        {"Name": "twofold", "MemberPolicy": either, "RequiredPeerCount": 1, "MaxPeerCount": 1},
        {"Name": "wide", "MemberPolicy": either, "RequiredPeerCount": 2, "MaxPeerCount": 2},
    ]
    for _ in range(2):
        steps = story.deploy(
            story.vault, "begin", "8", Name="vault", InitRequired=True, EndorsementPolicy=both,
            Collections=collections,
        )  # fmt: skip
    assert {step["Detail"] for step in steps} == {"It was there"}
    until(lambda: story.in_force()["vault"].get("Sequence") == 1, "the new lifecycle has it")
    assert story.in_force()["vault"]["InitRequired"] is True
    assert story.vault_of(first, "get_open", "begun") == "8"
    assert story.vault_of(first, "get", "own", "k") == "secret"
    until(lambda: '"Cid"' in second.query(CHANNEL, "asset", "readAsset", "a3"), "it is there")


def test_collections_of_a_raised_channel(story: Story) -> None:
    first, second = story.pair.first, story.pair.second
    # The chaincode's policy asks for both members, the collection's for its own.
    alone = {"EndorsingMembers": [first.member_id]}
    story.put("own", "k", b"changed", **alone)
    with pytest.raises(ClientError, match="ENDORSEMENT_POLICY_FAILURE"):
        story.invoke("vault", "put_open", "n", "9", **alone)
    until_known(lambda: story.put("twofold", "t", b"to both"))
    until(lambda: story.vault_of(second, "get", "twofold", "t") == "to both", "it is spread")
    with pytest.raises(ClientError, match="required to disseminate to at least 2"):
        story.put("wide", "w", b"too wide", **alone)
    story.invoke("vault", "purge", "own", "k", **alone)
    for function in ("get", "digest"):
        assert story.vault_of(first, function, "own", "k") == ""
    until(lambda: story.vault_of(second, "digest", "own", "k") == "", "the hash is purged, too")


def test_a_channel_made_by_hand_is_deployed_on(story: Story) -> None:
    first = story.pair.first
    first.create_channel("byhand2", Path(__file__).with_name("configtx.yaml"))
    answer = story.pair.fabric.deploy_chaincode(
        **first.member_keys, ChannelName="byhand2", Definition={"Name": "asset"},
        PackageId=story.asset,
    )  # fmt: skip
    story.pair.await_done(answer)
    assert first.invoke("byhand2", "asset", "createAsset", "a1", "Ann", "7").returncode == 0
    assert '"Ann"' in first.query("byhand2", "asset", "readAsset", "a1")


def until_known(attempt: Any) -> None:
    """Peers learn from each other what they run; until then a Gateway finds no endorsers."""

    def tried() -> bool:
        try:
            attempt()
        except ClientError as fault:
            raise AssertionError(str(fault)) from fault
        return True

    until(tried, "endorsers are known")
