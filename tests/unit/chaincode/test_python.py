from __future__ import annotations

from pathlib import Path

import pytest

from hansa.chaincode.config import BuildError, PythonConfig
from hansa.chaincode.python import (
    _build_environment,
    _drop_interpreter,
    _link_interpreter,
    _requirements,
    _without_indexes,
)
from hansa.chaincode.sandbox import Sandbox

PYTHON = PythonConfig("/python", "/uv", (), "/wheels", "/cache", ())
PROJECT = '[project]\nname = "a"\nversion = "1"\n'


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({}, None),
        ({"requirements.txt": "# nothing\n\n"}, None),
        ({"requirements.txt": "a==1\n"}, "requirements.txt"),
        ({"pyproject.toml": PROJECT}, None),
        ({"pyproject.toml": PROJECT + "dependencies = []\n"}, None),
        ({"pyproject.toml": PROJECT + 'dependencies = ["a"]\n'}, "pyproject.toml"),
        (
            {"pyproject.toml": PROJECT + 'dependencies = ["a"]\n', "requirements.txt": "b\n"},
            "requirements.txt",
        ),
    ],
)
def test_where_dependencies_are_written(
    tmp_path: Path, files: dict[str, str], name: str | None
) -> None:
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    found = _requirements(tmp_path)
    assert (found.name if found else None) == name


@pytest.mark.parametrize("text", ["[", "project = 3\n"])
def test_a_broken_pyproject_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(BuildError, match=r"pyproject\.toml cannot be read"):
        _requirements(tmp_path)


def test_pips_settings_count_where_uvs_say_nothing() -> None:
    settings = {"PIP_INDEX_URL": "pips", "PIP_CERT": "/ca.pem", "PIP_EXTRA_INDEX_URL": "more"}
    found = _build_environment(PYTHON, Sandbox(""), {**settings, "UV_INDEX": "uvs"}, "/home")
    assert found["UV_DEFAULT_INDEX"] == "pips"
    assert found["UV_INDEX"] == "uvs"
    assert found["SSL_CERT_FILE"] == "/ca.pem"
    assert found["UV_CACHE_DIR"] == "/cache"
    found = _build_environment(PYTHON, Sandbox(""), {"UV_DEFAULT_INDEX": "own", **settings}, "/h")
    assert found["UV_DEFAULT_INDEX"] == "own"


def test_chaincode_is_not_told_where_packages_come_from() -> None:
    given = {"UV_INDEX": "https://user:password@x", "PIP_INDEX_URL": "x", "LANG": "C"}
    assert _without_indexes(given) == {"LANG": "C"}


def test_the_interpreter_is_linked_anew_at_each_start(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    for name, target in (("python", "/usr/bin/python3"), ("python3", "python")):
        (venv / "bin" / name).symlink_to(target)
    (venv / "bin" / "activate").touch()
    _drop_interpreter(venv)
    assert [file.name for file in (venv / "bin").iterdir()] == ["activate"]
    for python in (Path("/a/python"), Path("/b/python"), Path("/b/python")):
        assert _link_interpreter(venv, python).readlink() == python
