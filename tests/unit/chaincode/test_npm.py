"""Which packages may have the modules that another one had installed, and when to compile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa.chaincode import npm
from hansa.chaincode.config import BuildError, NodeConfig
from hansa.chaincode.node import must_compile
from hansa.chaincode.process import BuildLog
from hansa.chaincode.sandbox import Sandbox

ASKS: dict[str, Any] = {"dependencies": {"left-pad": "1.0.0"}}
NPM = 'echo "$@" >> ../asked; mkdir -p node_modules/left-pad; echo 1 > node_modules/left-pad/i.js'


@pytest.fixture
def node(tmp_path: Path) -> NodeConfig:
    program = tmp_path / "npm"
    program.write_text(f"#!/bin/sh\n{NPM}\n")
    program.chmod(0o755)
    return NodeConfig("/bin/node", str(program), "/shared", str(tmp_path / "part" / "cache"), ())


def install(
    node: NodeConfig, target: Path, manifest: dict[str, Any], *, development: bool = False
) -> None:
    target.mkdir(exist_ok=True)
    environment = {"PATH": "/bin", "HOME": str(target)}
    with BuildLog(target.parent / "log") as log:
        npm.install(node, Sandbox(""), target, manifest, environment, log, development=development)
    assert (target / "node_modules/left-pad/i.js").is_file()


def asked(tmp_path: Path) -> list[str]:
    return (tmp_path / "asked").read_text().splitlines()


def test_the_same_question_is_asked_once(node: NodeConfig, tmp_path: Path) -> None:
    install(node, tmp_path / "one", ASKS)
    (tmp_path / "one/node_modules/left-pad/i.js").write_text("changed afterwards")
    install(node, tmp_path / "two", {**ASKS, "version": "2.0.0", "main": "other.js"})
    assert len(asked(tmp_path)) == 1
    assert (tmp_path / "two/node_modules/left-pad/i.js").read_text() == "1\n"
    assert "installed for the same package.json" in (tmp_path / "log").read_text()


def test_other_questions_are_asked(node: NodeConfig, tmp_path: Path) -> None:
    install(node, tmp_path / "one", ASKS)
    install(node, tmp_path / "two", ASKS, development=True)
    (tmp_path / "three").mkdir()
    (tmp_path / "three/package-lock.json").write_text("{}")
    install(node, tmp_path / "three", ASKS)
    words = [line.split()[:2] for line in asked(tmp_path)]
    assert words == [["install", "--omit=dev"], ["install", "--include=dev"], ["ci", "--omit=dev"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"scripts": {"postinstall": "node evil.js"}},
        {"dependencies": {"left-pad": "file:left-pad"}},
        {"workspaces": ["packages/*"]},
    ],
)
def test_what_a_package_decides_itself_is_for_it_alone(
    node: NodeConfig, tmp_path: Path, changes: dict[str, Any]
) -> None:
    install(node, tmp_path / "one", {**ASKS, **changes})
    install(node, tmp_path / "two", {**ASKS, **changes})
    assert len(asked(tmp_path)) == 2
    assert not (tmp_path / "part/installed").exists()


def test_the_oldest_are_dropped(
    node: NodeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npm, "KEPT_MAX", 2)
    for number in range(4):
        install(node, tmp_path / str(number), {"dependencies": {"left-pad": f"1.0.{number}"}})
    assert len(list((tmp_path / "part/installed").iterdir())) == 2


def test_a_failing_npm_keeps_nothing(node: NodeConfig, tmp_path: Path) -> None:
    Path(node.npm).write_text(f"#!/bin/sh\n{NPM}\nexit 1\n")
    with pytest.raises(BuildError):
        install(node, tmp_path / "one", ASKS)
    assert not (tmp_path / "part/installed").exists()


@pytest.mark.parametrize(
    ("manifest", "compiles"),
    [
        ({"main": "dist/index.js", "scripts": {"build": "tsc"}}, True),
        ({"main": "index", "scripts": {"build": "tsc"}}, False),
        ({"main": "dist/index.js"}, False),
        ({"scripts": {"build": "tsc"}}, False),
    ],
)
def test_what_lacks_its_main_file_is_compiled(
    tmp_path: Path, manifest: dict[str, Any], *, compiles: bool
) -> None:
    (tmp_path / "index.js").touch()
    assert must_compile(manifest, tmp_path) is compiles
