"""Contract folders: their language, their name, and what a package of them holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from hansa.client import sources
from hansa.client.contracts import open_package
from hansa.client.installation import ClientError
from hansa.client.sources import chaincode_name, detect_language, project_name, read_source
from hansa.fabric.packages import make_package


def put(folder: Path, files: Mapping[str, str]) -> Path:
    """The folder, with these files in it by their paths."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


@pytest.mark.parametrize(
    ("file", "content", "language", "name"),
    [
        ("go.mod", "module example.org/trade/asset_go/v2\n\ngo 1.20\n", "golang", "asset_go"),
        ("package.json", '{"name": "@trade/asset-js"}', "node", "asset-js"),
        ("package.json", "{}", "node", "folder"),
        ("pyproject.toml", '[project]\nname = "asset.py"\n', "python", "asset-py"),
        ("requirements.txt", "", "python", "folder"),
        (
            "pom.xml",
            '<project xmlns="m"><artifactId>asset-java</artifactId></project>',
            "java",
            "asset-java",
        ),
        ("build.gradle", "", "java", "folder"),
        ("connection.json", "{}", "ccaas", "folder"),
    ],
)
def test_a_project_file_shows_language_and_name(
    tmp_path: Path, file: str, content: str, language: str, name: str
) -> None:
    folder = put(tmp_path / "folder", {file: content})
    assert detect_language(folder) == language
    assert project_name(folder, language) == name


def test_gradle_names_its_project_in_its_settings(tmp_path: Path) -> None:
    put(tmp_path, {"build.gradle": "", "settings.gradle": "rootProject.name = 'asset'\n"})
    assert project_name(tmp_path, "java") == "asset"


def test_a_folder_whose_language_is_not_clear_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "code", {"main.go": ""})
    with pytest.raises(ClientError, match="go mod init"):
        detect_language(tmp_path / "code")
    put(tmp_path / "both", {"go.mod": "", "package.json": ""})
    with pytest.raises(ClientError, match="golang or node. Say which with --language"):
        detect_language(tmp_path / "both")
    put(tmp_path / "broken", {"package.json": "{"})
    with pytest.raises(ClientError, match="cannot read the project file"):
        project_name(tmp_path / "broken", "node")


@pytest.mark.parametrize(
    ("text", "name"),
    [("asset", "asset"), ("my asset!", "my-asset"), ("a--b__c", "a-b-c"), ("x" * 70, "x" * 64)],
)
def test_names_become_those_of_chaincode(text: str, name: str) -> None:
    assert chaincode_name(text) == name


def test_a_name_without_a_letter_is_refused() -> None:
    with pytest.raises(ClientError, match="--name"):
        chaincode_name("...")


def test_what_builds_make_is_left_out(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "package.json": '{"scripts": {"build": "tsc"}}',
            "src/index.ts": "",
            "src/build/made.ts": "code of the user's, whatever its name",
            "dist/index.js": "",
            "node_modules/shim/index.js": "",
            ".git/config": "",
            "pkg/__pycache__/x.pyc": "",
        },
    )
    assert set(read_source(tmp_path, "node")) == {
        "package.json",
        "src/index.ts",
        "src/build/made.ts",
    }
    kept = read_source(tmp_path, "node", ["node_modules", "dist"])
    assert {"node_modules/shim/index.js", "dist/index.js"} <= set(kept)
    (tmp_path / "package.json").write_text("{}")
    assert "dist/index.js" in read_source(tmp_path, "node")


def test_outputs_of_java_are_those_beside_a_project_file(tmp_path: Path) -> None:
    put(
        tmp_path,
        {"pom.xml": "", "target/x.jar": "", "src/main/java/target/Asset.java": ""},
    )
    assert set(read_source(tmp_path, "java")) == {"pom.xml", "src/main/java/target/Asset.java"}


def test_links_inside_are_followed_and_others_refused(tmp_path: Path) -> None:
    folder = put(tmp_path / "code", {"package.json": "{}", "lib/a.js": "a"})
    (folder / "b.js").symlink_to(folder / "lib" / "a.js")
    assert read_source(folder, "node")["b.js"] == b"a"
    put(tmp_path, {"secret": "key"})
    (folder / "c.js").symlink_to(tmp_path / "secret")
    with pytest.raises(ClientError, match=r"c\.js is a link"):
        read_source(folder, "node")
    (folder / "c.js").unlink()
    (folder / "other").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(ClientError, match="other is a link"):
        read_source(folder, "node")
    (folder / "other").unlink()
    os.mkfifo(folder / "pipe")
    with pytest.raises(ClientError, match="no plain file"):
        read_source(folder, "node")


def test_too_much_and_nothing_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClientError, match="there is no file"):
        read_source(tmp_path, "node")
    put(tmp_path, {"package.json": "{}"})
    monkeypatch.setattr(sources, "UNPACKED_BYTES_MAX", 1)
    with pytest.raises(ClientError, match="the most that a package may"):
        read_source(tmp_path, "node")


def test_a_package_of_a_folder_or_a_file(tmp_path: Path) -> None:
    folder = put(tmp_path / "code", {"package.json": '{"name": "asset"}', "index.js": "1"})
    made = open_package(folder, None, None)
    assert (made.label, made.language) == ("asset", "node")
    files = {"package.json": b'{"name": "asset"}', "index.js": b"1"}
    assert made == make_package("asset", "node", "", files)
    file = tmp_path / "asset.tar.gz"
    file.write_bytes(made.content)
    assert open_package(file, None, None) == made
    assert open_package(folder, "other", "golang").language == "golang"


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "asset.tar.gz"
    file.write_bytes(b"no archive")
    with pytest.raises(ClientError, match="cannot be used: it is no gzipped tar"):
        open_package(file, None, None)
    with pytest.raises(ClientError, match="there is no"):
        open_package(tmp_path / "absent", None, None)
    put(tmp_path / "code", {"package.json": "{}"})
    with pytest.raises(ClientError, match="the label is 'a b'"):
        open_package(tmp_path / "code", "a b", None)
