from __future__ import annotations

import json
from pathlib import Path

import pytest

from hansa.chaincode.config import BuildError, NodeConfig
from hansa.chaincode.node import (
    can_share,
    link_modules,
    read_manifest,
    start_arguments,
    start_script,
)

NODE = NodeConfig("/node/bin/node", "/node/bin/npm", "/shared", "/cache", ())


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    for name, version in (("fabric-shim", "2.5.8"), ("ajv", "6.12.6"), ("@grpc/grpc-js", "1.14.0")):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "package.json").write_text(json.dumps({"version": version}))
    return tmp_path


@pytest.mark.parametrize(
    "dependencies",
    [
        {},
        None,
        {"fabric-shim": "^2.0.0"},
        {"fabric-shim": "~1.4.0"},  # the platform gives today's
        {"fabric-shim": "2.5.8", "ajv": "^6.0.0", "@grpc/grpc-js": "1.x"},
    ],
)
def test_the_platforms_modules_are_enough(
    modules: Path, dependencies: dict[str, str] | None
) -> None:
    assert can_share({"dependencies": dependencies}, modules)


@pytest.mark.parametrize(
    "dependencies",
    [
        {"fabric-shim": "2.4.0"},
        {"ajv": "~5.0.0"},
        {"ajv": "1.0.0"},
        {"left-pad": "*"},
        {"fabric-shim": "file:shim"},
    ],
)
def test_the_platforms_modules_are_not_enough(modules: Path, dependencies: dict[str, str]) -> None:
    assert not can_share({"dependencies": dependencies}, modules)


@pytest.mark.parametrize(
    ("text", "fault"),
    [(None, "no package.json"), ("{", "no JSON"), ("[]", "no JSON object")],
)
def test_a_manifest_that_cannot_be_read_says_why(
    tmp_path: Path, text: str | None, fault: str
) -> None:
    if text is not None:
        (tmp_path / "package.json").write_text(text)
    with pytest.raises(BuildError, match=fault):
        read_manifest(tmp_path)


@pytest.mark.parametrize("manifest", [{}, {"scripts": {}}, {"scripts": {"start": ""}}])
def test_the_default_start_is_fabrics(manifest: dict[str, object]) -> None:
    assert start_script(manifest) == "fabric-chaincode-node start"


def test_fabrics_start_goes_without_a_shell(tmp_path: Path) -> None:
    starter = tmp_path / "node_modules/fabric-shim/cli.js"
    starter.parent.mkdir(parents=True)
    starter.touch()
    arguments = start_arguments(NODE, "fabric-chaincode-node start", tmp_path, "host:1")
    assert arguments == [NODE.node, str(starter), "start", "--peer.address", "host:1"]


def test_a_start_with_node_goes_without_a_shell(tmp_path: Path) -> None:
    arguments = start_arguments(NODE, "node index.js --own", tmp_path, "host:1")
    assert arguments == [NODE.node, "index.js", "--own", "--peer.address", "host:1"]


def test_another_start_goes_through_a_shell_with_the_address_as_an_argument(
    tmp_path: Path,
) -> None:
    arguments = start_arguments(NODE, "export A=b && node index.js", tmp_path, "host:1")
    assert arguments[:2] == ["/bin/sh", "-c"]
    assert arguments[2:] == ['export A=b && node index.js "$@"', "sh", "--peer.address", "host:1"]


def test_the_link_to_the_modules_follows_the_engine(tmp_path: Path) -> None:
    for target in ("first", "second", "second"):
        link_modules(tmp_path, tmp_path / target)
        assert (tmp_path / "node_modules").readlink() == tmp_path / target
    assert [entry.name for entry in tmp_path.iterdir()] == ["node_modules"]
