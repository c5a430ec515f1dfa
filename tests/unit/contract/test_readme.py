"""What README.md tells users to do works, word for word."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hansa_contract.lint import RULES
from hansa_contract.testing import MockChannel

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "contract" / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(blocks("toml")[0])
    for block in blocks("python"):
        if match := re.match(r"# (\w+\.py)\n", block):
            (tmp_path / match[1]).write_text(block)
    return tmp_path


def test_the_tutorial(package: Path) -> None:
    assert sorted(file.name for file in package.iterdir()) == [
        "pyproject.toml",
        "shelf.py",
        "test_shelf.py",
    ]
    (script,) = blocks("console")
    commands = re.findall(r"^\$ (.*)$", script, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        done = run(command, package)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def run(command: str, package: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = command.split()
    words = [sys.executable, *arguments]
    if program == "hansa-contract":
        words = [sys.executable, "-m", "hansa_contract", *arguments]
    paths = [str(ROOT / "contract" / "src"), str(package)]
    return subprocess.run(
        words,
        cwd=package,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_first_example() -> None:
    names: dict[str, object] = {"__name__": "first"}
    exec(compile(blocks("python")[0], "README.md", "exec", dont_inherit=True), names)
    channel = MockChannel({"assets": [names["Assets"]]})  # type: ignore[list-item]
    channel.submit("create", "a1", "Ann")
    assert channel.evaluate("read", "a1").text == "Ann"


def test_every_rule_is_listed() -> None:
    assert set(re.findall(r"HC\d{3}", TEXT)) | {"HC000"} == set(RULES)
