"""New contracts: their own tests pass, and they are deployed and called as they are written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.installation import Installation, told
from tests.e2e.network import create_network

from hansa.chaincode.config import load_config
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


@pytest.mark.parametrize("language", TEMPLATES)
def test_its_own_tests_pass(service: Installation, tmp_path: Path, language: str) -> None:
    folder = tmp_path / "shelf"
    write_contract(language, "shelf", folder)
    if language == "node":  # what the engine has, so that nothing is fetched
        builders = load_config(locate_engine(os.environ).root / "builders" / "config.json")
        (folder / "node_modules").symlink_to(builders.require_node().modules)
    done = service.try_hansa("chaincode", "test", str(folder))
    assert done.returncode == 0, told(done)
    assert "3" in done.stdout or language == "go"


def test_tests_that_fail_fail(service: Installation, tmp_path: Path) -> None:
    write_contract("go", "shelf", tmp_path / "shelf")
    code = tmp_path / "shelf" / "items.go"
    code.write_text(code.read_text().replace("item.Owner = owner", "_ = owner"))
    done = service.try_hansa("chaincode", "test", str(tmp_path / "shelf"))
    assert (done.returncode, "items_test.go:" in done.stdout) == (1, True), told(done)
