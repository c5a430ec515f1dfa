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
CONTRACT = HERE.parents[1] / "examples" / "asset-contract"
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


def test_application_creates_and_reads_assets(
    service: Installation, network: Network, application: Path
) -> None:
    network.deploy(CHANNEL, "asset", CONTRACT, "node")
    variables = {
        **network.environment,
        "CHANNEL": CHANNEL,
        "CHAINCODE": "asset",
        "ADMIN_USER": ADMIN,
        "ADMIN_PASSWORD": PASSWORD,
    }

    done = service.run(("node", "app.js"), variables, cwd=application)

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
    assert json.loads(network.query(CHANNEL, "asset", "readAsset", "asset2")) == shown["read"]
