"""The same AssetContract in every language, deployed in every way, and used by API and by SDK.

The application is the recipe's: the SDKs of Node.js, with discovery.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.examples.deploying import CHANNEL, EXAMPLES, Way, by_aws_cli, by_boto3, by_hansa
from tests.e2e.installation import Installation, told
from tests.e2e.network import ADMIN, PASSWORD, Pair, refused

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

E2E = Path(__file__).parents[1]
ASSET = EXAMPLES / "asset-contract"


@pytest.fixture(scope="module")
def application(
    service: Installation, npm_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The application with its packages, as the lock file says."""
    directory = tmp_path_factory.mktemp("node-app")
    for name in ("app.js", "package.json", "package-lock.json"):
        shutil.copy(E2E / "node-app" / name, directory)
    install = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    done = service.run(install, {"npm_config_cache": str(npm_cache)}, cwd=directory)
    assert done.returncode == 0, told(done)
    return directory


@pytest.mark.parametrize(
    ("folder", "language", "deploy"),
    [
        ("go", "golang", by_boto3),
        ("javascript", "node", by_aws_cli),
        ("java", "java", by_hansa),
        ("python", "python", by_aws_cli),
    ],
)
def test_the_contract_in(
    pair: Pair, application: Path, folder: str, language: str, deploy: Way
) -> None:
    name = f"asset-{folder}"
    deploy(pair, name, language, ASSET / folder)
    is_empty_on_both_nodes(pair, name)
    shown = run_application(pair, application, name)
    call_by_api(pair, name, shown["read"])


def test_the_recipes_own_contract(pair: Pair, application: Path, tmp_path: Path) -> None:
    """The contract that the recipe's step 8 writes, with what makes it a package."""
    step = E2E / "recipe" / "08-chaincode.sh"
    done = pair.first.service.run(["bash", str(step)], {"HOME": str(tmp_path)})
    assert done.returncode == 0, told(done)
    directory = tmp_path / "fabric-client-app" / "chaincode"
    shutil.copy(ASSET / "javascript" / "package.json", directory)
    index = "module.exports.contracts = [require('./asset-contract.js')];\n"
    (directory / "index.js").write_text(index)
    # Its time is the endorser's clock, so that two endorsers would not agree.
    alone = f"OR('{pair.first.member_id}.member')"
    by_hansa(pair, "recipe", "node", directory, "--policy", alone)
    shown = run_application(pair, application, "recipe")
    # The peer's own tool reads what the application wrote.
    read = pair.second.query(CHANNEL, "recipe", "readAsset", "asset2")
    assert json.loads(read) == shown["read"]


def is_empty_on_both_nodes(pair: Pair, name: str) -> None:
    """So the contract runs on both before the application calls, which waits less long."""
    for member in (pair.first, pair.second):
        told = refused(
            pair.fabric.query_chaincode,
            "IllegalActionException",
            **member.member_keys,
            ChannelName=CHANNEL,
            ChaincodeName=name,
            Function="readAsset",
            Arguments=["asset1"],
        )
        assert "Asset asset1 does not exist" in told


def run_application(pair: Pair, application: Path, name: str) -> dict[str, Any]:
    variables = {
        **pair.first.environment,
        "CHANNEL": CHANNEL,
        "CHAINCODE": name,
        "ADMIN_USER": ADMIN,
        "ADMIN_PASSWORD": PASSWORD,
    }
    done = pair.first.service.run(("node", "app.js"), variables, cwd=application)
    assert done.returncode == 0, told(done)
    shown: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert (shown["created"]["Owner"], shown["created"]["Value"]) == ("Bob", 250)
    assert shown["read"] == shown["created"]
    owners = {item["Key"]: item["Record"]["Owner"] for item in shown["all"]}
    assert owners == {"asset1": "Alice", "asset2": "Bob"}
    assert "Asset nothing does not exist" in shown["missing"]
    peers = {f"grpcs://{member.environment['PEER']}" for member in (pair.first, pair.second)}
    assert {url.lower() for url in shown["endorsers"]} == {peer.lower() for peer in peers}
    return shown


def call_by_api(pair: Pair, name: str, written: dict[str, Any]) -> None:
    """Calls by boto3, on the ledger that the application has written to."""
    call = {"ChannelName": CHANNEL, "ChaincodeName": name}
    submit, evaluate = pair.fabric.invoke_chaincode, pair.fabric.query_chaincode
    mine, others = {**pair.first.member_keys, **call}, {**pair.second.member_keys, **call}
    read = evaluate(**others, Function="readAsset", Arguments=["asset2"])["ResultText"]
    assert json.loads(read) == written
    create = {"Function": "createAsset", "Arguments": ["asset3", "Ann", "7"]}
    created = json.loads(submit(**mine, **create)["ResultText"])
    assert set(created) == {"ID", "Owner", "Value", "Timestamp"}
    assert (created["ID"], created["Owner"], created["Value"]) == ("asset3", "Ann", 7)
    assert created["Timestamp"].endswith("Z")
    listed = json.loads(evaluate(**mine, Function="getAllAssets")["ResultText"])
    assert [item["Key"] for item in listed] == ["asset1", "asset2", "asset3"]
    assert listed[2]["Record"] == created
    create["Arguments"] = ["asset4", "Ann", "many"]
    assert "value" in refused(submit, "IllegalActionException", **mine, **create)
