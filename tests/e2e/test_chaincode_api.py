"""Chaincode through the API alone: two members of one network, Go and Node.js, upgrades, faults."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import WaiterError
from tests.e2e.installation import Installation
from tests.e2e.network import Pair, create_network, join_network, refused

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

EXAMPLES = Path(__file__).parents[2] / "examples"
ASSET = EXAMPLES / "asset-contract" / "javascript"
CHANNEL = "goods"


@pytest.fixture(scope="module")
def pair(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    first = create_network(service, tmp_path_factory.mktemp("first"))
    second = join_network(first, "org2", tmp_path_factory.mktemp("second"))
    made = Pair(first, second, service.client("hansafabric"))
    made.await_done(
        made.fabric.create_channel(**first.member_keys, Name=CHANNEL, Members=[second.member_id])
    )
    yield made
    first.api.delete_member(**second.member_keys)
    first.delete()


def archive(folder: Path, changed: Mapping[str, str] = {}, top: str = "") -> bytes:
    """A gzipped tar of a folder's files below ``top``, some of them with other content."""
    files = {
        f"{top}{path.relative_to(folder)}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {"node_modules", "__pycache__"} & {*path.parts}
    }
    files |= {name: content.encode() for name, content in changed.items()}
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return raw.getvalue()


def deploy(pair: Pair, package_id: str, **definition: Any) -> dict[str, Any]:
    return pair.await_done(
        pair.fabric.deploy_chaincode(
            **pair.first.member_keys,
            ChannelName=CHANNEL,
            Definition=definition,
            PackageId=package_id,
        )
    )


def in_force(pair: Pair, name: str) -> dict[str, Any]:
    found = pair.fabric.list_chaincodes(NetworkId=pair.first.network_id, ChannelName=CHANNEL)[
        "Chaincodes"
    ]
    (chaincode,) = [item for item in found if item["Definition"]["Name"] == name]
    return dict(chaincode)


@pytest.fixture(scope="module")
def asset(pair: Pair) -> str:
    """The package of the AssetContract in JavaScript."""
    code = archive(ASSET)
    package = pair.fabric.package_chaincode
    made = package(Code=code, Language="node", Label="asset_1")["PackageId"]
    # The same code is the same package, however often and in whatever order it is given.
    assert package(Code=code, Language="node", Label="asset_1")["PackageId"] == made
    return str(made)


def test_one_call_deploys_on_both_members(pair: Pair, asset: str) -> None:
    done = deploy(pair, asset, Name="asset")
    assert {step["Status"] for step in done["Steps"]} == {"DONE"}
    chaincode = in_force(pair, "asset")
    assert (chaincode["Definition"]["Sequence"], chaincode["Definition"]["Version"]) == (1, "1")
    assert chaincode["Approvals"] == {pair.first.member_id: True, pair.second.member_id: True}
    again = deploy(pair, asset, Name="asset")
    assert {step["Detail"] for step in again["Steps"]} == {"It was there"}
    assert in_force(pair, "asset")["Definition"]["Sequence"] == 1
    endorsers = [
        argument
        for network in (pair.first, pair.second)
        for argument in (
            *("--peerAddresses", network.environment["CORE_PEER_ADDRESS"]),
            *("--tlsRootCertFiles", network.environment["TLS_CHAIN"]),
        )
    ]
    pair.first.tool(
        *("peer", "chaincode", "invoke", "-C", CHANNEL, "-n", "asset", *pair.first.orderer),
        *("-c", '{"Args":["createAsset","a1","Ann","7"]}', "--waitForEvent", *endorsers),
    )
    assert '"a1"' in pair.second.query(CHANNEL, "asset", "readAsset", "a1")


def test_another_definition_is_the_next_sequence(pair: Pair, asset: str) -> None:
    members = [pair.first.member_id, pair.second.member_id]
    policy = f"OR('{members[0]}.member', '{members[1]}.member')"
    deploy(pair, asset, Name="asset", EndorsementPolicy=policy)
    definition = in_force(pair, "asset")["Definition"]
    assert (definition["Sequence"], definition["EndorsementPolicy"]) == (2, policy)


def test_private_collections_are_part_of_the_definition(pair: Pair, asset: str) -> None:
    policy = f"OR('{pair.first.member_id}.member')"
    collection = {"Name": "secret", "MemberPolicy": policy, "BlockToLive": 9}
    deploy(pair, asset, Name="private", Collections=[collection])
    (found,) = in_force(pair, "private")["Definition"]["Collections"]
    assert (found["Name"], found["BlockToLive"], found["MemberOnlyRead"]) == ("secret", 9, True)


def test_a_package_made_by_hand_is_installed(pair: Pair, service: Installation) -> None:
    pair.first.tool(
        *("peer", "lifecycle", "chaincode", "package", "hand.tar.gz"),
        *("--path", str(ASSET), "--lang", "node", "--label", "hand"),
    )
    content = (pair.first.home / "hand.tar.gz").read_bytes()
    package_id = pair.fabric.package_chaincode(Package=content)["PackageId"]
    keys = {"NetworkId": pair.first.network_id, "NodeId": pair.first.node_id}
    pair.await_done(pair.fabric.install_chaincode(**keys, PackageId=package_id))
    installed = pair.first.tool("peer", "lifecycle", "chaincode", "queryinstalled")
    assert package_id in installed


def test_the_compilers_words_are_told(pair: Pair) -> None:
    broken = {
        "go.mod": "module broken\n\ngo 1.20\n",
        "main.go": "package main\n\nfunc main() { x }\n",
    }
    code = archive(Path(__file__).parent / "nowhere", broken)
    package_id = pair.fabric.package_chaincode(Code=code, Language="golang", Label="broken")[
        "PackageId"
    ]
    with pytest.raises(WaiterError):
        deploy(pair, package_id, Name="broken")
    (failed,) = [
        item
        for item in pair.fabric.list_operations(NetworkId=pair.first.network_id, Status="FAILED")[
            "Operations"
        ]
        if item["Subject"] == "broken"
    ]
    assert "main.go:3" in failed["StatusReason"]
    assert failed["Steps"][0]["Status"] == "FAILED"


def test_bad_definitions_are_refused(pair: Pair, asset: str) -> None:
    keys = {**pair.first.member_keys, "ChannelName": CHANNEL}

    def refusal(code: str, **definition: Any) -> str:
        return refused(
            pair.fabric.deploy_chaincode, code, **keys, Definition=definition, PackageId=asset
        )

    stranger = "m-" + "Z" * 26
    assert stranger in refusal(
        "InvalidRequestException", Name="bad", EndorsementPolicy=f"OR('{stranger}.member')"
    )
    assert "where" in refusal("InvalidRequestException", Name="bad", EndorsementPolicy="AND(")
    assert "first is 1" in refusal("IllegalActionException", Name="bad", Sequence=3)
    refusal("InvalidRequestException", Name="bad name")
    missing = "asset_1:" + "0" * 64
    refused(
        pair.fabric.deploy_chaincode, "ResourceNotFoundException", **keys,
        Definition={"Name": "bad"}, PackageId=missing,
    )  # fmt: skip
    package = pair.fabric.package_chaincode
    refused(package, "InvalidRequestException", Package=b"no archive")
    refused(package, "InvalidRequestException", Code=b"x", Language="node")
    assert "outside" in refused(
        package, "InvalidRequestException", Language="node", Label="up",
        Code=archive(EXAMPLES / "nowhere", {"../up.js": "x"}),
    )  # fmt: skip
