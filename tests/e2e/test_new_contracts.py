"""New contracts: their own tests pass, and they are deployed and called as they are written."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.installation import Installation, told
from tests.e2e.network import create_network

from hansa.chaincode.config import BuildersConfig, load_config
from hansa.client.templates import TEMPLATES, write_contract
from hansa.engine import locate_engine

pytestmark = [pytest.mark.fabric, pytest.mark.slow]


@pytest.fixture(scope="module")
def chosen(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The options that choose a network of these tests, in which there is a channel."""
    made = create_network(service, tmp_path_factory.mktemp("home"))
    options = ["--network", made.network_id]
    service.hansa("channel", "create", "new", *options)
    yield options
    made.delete()


@pytest.mark.parametrize("language", TEMPLATES)
def test_a_new_contract_is_deployed_and_called(
    service: Installation, chosen: list[str], tmp_path: Path, language: str
) -> None:
    name, folder = f"items-{language}", tmp_path / language
    service.hansa("chaincode", "new", language, name, str(folder))
    service.hansa("chaincode", "deploy", str(folder), *chosen)
    create = TEMPLATES[language].create
    committed = service.hansa_json("chaincode", "invoke", name, create, "i1", "Ann", *chosen)
    assert json.loads(committed["ResultText"]) == {"id": "i1", "owner": "Ann"}
    again = service.try_hansa("chaincode", "invoke", name, create, "i1", "Bob", *chosen)
    assert again.returncode == 1
    assert "item i1 is there already" in again.stderr


@pytest.fixture(scope="module")
def builders() -> BuildersConfig:
    return load_config(locate_engine(os.environ).root / "builders" / "config.json")


def test_its_own_tests_pass_in_go(tmp_path: Path, builders: BuildersConfig) -> None:
    write_contract("go", "shelf", tmp_path / "shelf")
    go = builders.require_golang()
    # The builder's flags, so that what it has compiled is there.
    flags = "-mod=mod -trimpath -buildvcs=false -modcacherw"
    settings = {"GOFLAGS": flags, "GOPROXY": "off", "GOSUMDB": "off", "CGO_ENABLED": "0"}
    caches = {"GOMODCACHE": go.modules, "GOCACHE": go.cache}
    run([go.go, "test", "./..."], tmp_path / "shelf", {**settings, **caches})


def test_its_own_tests_pass_in_node(tmp_path: Path, builders: BuildersConfig) -> None:
    folder, node = tmp_path / "shelf", builders.require_node()
    write_contract("node", "shelf", folder)
    (folder / "node_modules").symlink_to(node.modules)
    run([node.npm, "test"], folder, {"npm_config_cache": str(tmp_path / "npm")})


def run(command: list[str], folder: Path, variables: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, told(done)
