"""The recipe's application side: its SDKs of Node.js, and its contract as chaincode in Node.js."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.installation import Installation, told
from tests.e2e.network import ADMIN, PASSWORD, Network, create_network

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "asset-contract" / "javascript"
CHANNEL = "assets"


@pytest.fixture(scope="module")
def network(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = create_network(service, tmp_path_factory.mktemp("member"))
    made.create_channel(CHANNEL, HERE / "configtx.yaml")
    yield made
    made.delete()


@pytest.fixture(scope="module")
def application(
    service: Installation, npm_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The application with its packages, as the lock file says."""
    directory = tmp_path_factory.mktemp("node-app")
    for name in ("app.js", "package.json", "package-lock.json"):
        shutil.copy(HERE / "node-app" / name, directory)
    install = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    done = service.run(install, {"npm_config_cache": str(npm_cache)}, cwd=directory)
    assert done.returncode == 0, told(done)
    return directory


@pytest.fixture
def recipes_contract(service: Installation, tmp_path: Path) -> Path:
    """The contract that the recipe's step 8 writes, with what makes it a package."""
    step = HERE / "recipe" / "08-chaincode.sh"
    done = service.run(["bash", str(step)], {"HOME": str(tmp_path)})
    assert done.returncode == 0, told(done)
    directory = tmp_path / "fabric-client-app" / "chaincode"
    shutil.copy(EXAMPLE / "package.json", directory)
    index = "module.exports.contracts = [require('./asset-contract.js')];\n"
    (directory / "index.js").write_text(index)
    return directory


def test_application_with_the_example(network: Network, application: Path) -> None:
    _create_and_read(network, application, "example", EXAMPLE)


def test_application_with_the_recipes_contract(
    network: Network, application: Path, recipes_contract: Path
) -> None:
    _create_and_read(network, application, "recipe", recipes_contract)


def _create_and_read(network: Network, application: Path, name: str, contract: Path) -> None:
    network.deploy(CHANNEL, name, contract, "node")
    variables = {
        **network.environment,
        "CHANNEL": CHANNEL,
        "CHAINCODE": name,
        "ADMIN_USER": ADMIN,
        "ADMIN_PASSWORD": PASSWORD,
    }

    done = network.service.run(("node", "app.js"), variables, cwd=application)

    assert done.returncode == 0, told(done)
    shown = json.loads(done.stdout.splitlines()[-1])
    assert (shown["created"]["Owner"], shown["created"]["Value"]) == ("Bob", 250)
    assert shown["read"] == shown["created"]
    owners = {item["Key"]: item["Record"]["Owner"] for item in shown["all"]}
    assert owners == {"asset1": "Alice", "asset2": "Bob"}
    assert "Asset nothing does not exist" in shown["missing"]
    (endorser,) = shown["endorsers"]
    assert endorser.lower() == f"grpcs://{network.environment['PEER']}".lower()
    # The peer's own tool reads what the application wrote.
    assert json.loads(network.query(CHANNEL, name, "readAsset", "asset2")) == shown["read"]
