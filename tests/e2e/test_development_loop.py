"""From a folder to a deployed contract with `hansa channel` and `hansa chaincode` alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.installation import Installation, told
from tests.e2e.network import Network, create_network

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

ASSET = Path(__file__).parents[2] / "examples" / "asset-contract" / "javascript"


@pytest.fixture(scope="module")
def network(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = create_network(service, tmp_path_factory.mktemp("home"))
    yield made
    made.delete()


@pytest.fixture(scope="module")
def channel(service: Installation, network: Network) -> list[str]:
    """A channel made by the command, as the options that choose it."""
    chosen = ["--network", network.network_id]
    made = service.hansa_json("channel", "create", "loop", *chosen)
    assert (made["Action"], made["Status"]) == ("CreateChannel", "SUCCEEDED")
    return [*chosen, "--channel", "loop"]


def test_a_channel_is_made_listed_and_shown(
    service: Installation, network: Network, channel: list[str]
) -> None:
    chosen = channel[:2]
    (listed,) = service.hansa_json("channel", "list", *chosen)
    assert (listed["Name"], listed["Members"]) == ("loop", [network.member_id])
    assert network.node_id in service.hansa("channel", "show", "loop", *chosen)
    assert service.hansa_json("channel", "join", "loop", *chosen) == []
    (made,) = service.hansa_json("operation", "list", *chosen, "--status", "SUCCEEDED")[:1]
    assert "CreateChannel of loop is SUCCEEDED" in service.hansa("operation", "show", made["Id"])
    again = service.try_hansa("channel", "create", "loop", *chosen)
    assert again.returncode == 1
    assert "ResourceAlreadyExistsException" in again.stderr


def test_a_folder_is_deployed_and_deployed_anew_once_it_changes(
    service: Installation, network: Network, channel: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "asset"
    shutil.copytree(ASSET, folder)
    (folder / "node_modules" / "stale").mkdir(parents=True)
    (folder / "node_modules" / "stale" / "broken.js").write_text("}")
    done = service.try_hansa("chaincode", "deploy", str(folder), *channel)
    assert done.returncode == 0, told(done)
    for told_step in ("Packaged", "Uploaded", f"Install on node {network.node_id}", "in force"):
        assert told_step in done.stderr
    (listed,) = service.hansa_json("chaincode", "list", *channel)
    assert (listed["Definition"]["Name"], listed["Definition"]["Sequence"]) == ("asset-contract", 1)
    assert listed["Approvals"] == {network.member_id: True}
    create = ("asset-contract", "createAsset", "a1", "Ann", "7")
    committed = service.hansa_json("chaincode", "invoke", *create, *channel)
    assert committed["ValidationCode"] == "VALID"
    assert json.loads(committed["ResultText"])["Owner"] == "Ann"
    read = ("asset-contract", "readAsset")
    found = service.hansa("chaincode", "query", *read, "a1", *channel)
    assert json.loads(found) == json.loads(committed["ResultText"])
    absent = service.try_hansa("chaincode", "query", *read, "nothing", *channel)
    assert absent.returncode == 1
    assert "Asset nothing does not exist" in absent.stderr
    again = service.hansa_json("chaincode", "deploy", str(folder), *channel)
    assert again["Chaincode"]["Definition"]["Sequence"] == 1
    with (folder / "index.js").open("a") as code:
        code.write("console.log('begun anew');\n")
    changed = service.hansa_json("chaincode", "deploy", str(folder), *channel)
    assert changed["Chaincode"]["Definition"]["Sequence"] == 2
    assert service.hansa("chaincode", "query", *read, "a1", *channel) == found
    logs = service.hansa("chaincode", "logs", "asset-contract", *channel)
    build, _, output = logs.partition(f"==> output on {network.node_id} <==")
    assert "building node chaincode asset-contract" in build
    assert "begun anew" in output
    (counted,) = service.hansa_json("chaincode", "metrics", "asset-contract", *channel)
    assert (counted["NodeId"], counted["FailedCalls"]) == (network.node_id, 1)
    # One transaction, three queries; this package was started once, and read what the last asked.
    assert (counted["Calls"], counted["Starts"]) == (4, 1)
    assert counted["StateRequests"] >= 1
    assert counted["CallSeconds"] > 0
    assert counted["Transactions"] == {"VALID": 1}
    shown = service.hansa("chaincode", "metrics", "asset-contract", *channel)
    assert "1 VALID" in shown


def test_a_package_is_made_for_others_and_deployed(
    service: Installation, network: Network, channel: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "asset.tar.gz"
    packed = ("chaincode", "package", str(ASSET), "--name", "packed", "-o", str(file))
    made = service.hansa_json(*packed)
    deployed = service.hansa_json("chaincode", "deploy", str(file), *channel)
    assert deployed["Chaincode"]["Definition"]["Name"] == "packed"
    installed = network.tool("peer", "lifecycle", "chaincode", "queryinstalled")
    assert made["PackageId"] in installed


def test_what_the_compiler_says_is_told(
    service: Installation, channel: list[str], tmp_path: Path
) -> None:
    (tmp_path / "go.mod").write_text("module example.org/broken\n\ngo 1.20\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() { x }\n")
    done = service.try_hansa("chaincode", "deploy", str(tmp_path), *channel)
    assert done.returncode == 1
    assert "main.go:3" in done.stderr
    assert "✗ Install on node" in done.stderr
    (build,) = service.hansa_json("chaincode", "logs", "broken", *channel, "--only", "build")
    assert any("main.go:3" in line for line in build["Lines"])
