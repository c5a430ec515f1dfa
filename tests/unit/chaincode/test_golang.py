from __future__ import annotations

from pathlib import Path

import pytest

from hansa.chaincode.config import BuildError
from hansa.chaincode.golang import Layout, drop_provided_from_vendor, find_layout
from hansa.chaincode.package import Package


def package(directory: Path, path: str, *files: str) -> Package:
    for name in files:
        file = directory / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("package main\n")
    return Package(directory, "golang", path, "mycc")


def test_a_module_is_at_the_top(tmp_path: Path) -> None:
    found = find_layout(package(tmp_path, "example.com/a/b", "go.mod", "b/main.go"))
    assert found == Layout(tmp_path / "src", "example.com/a/b", modules=True, vendored=False)


def test_a_module_may_bring_its_dependencies(tmp_path: Path) -> None:
    found = find_layout(package(tmp_path, "example.com/a", "go.mod", "vendor/modules.txt"))
    assert found.vendored


def test_a_gopath_may_hold_a_module(tmp_path: Path) -> None:
    found = find_layout(package(tmp_path, "github.com/a/b", "github.com/a/b/go.mod"))
    inner = tmp_path / "src/github.com/a/b"
    assert found == Layout(inner, ".", modules=True, vendored=False)


def test_a_gopath_of_fabric_1x_has_no_module(tmp_path: Path) -> None:
    found = find_layout(package(tmp_path, "github.com/a/b", "github.com/a/b/main.go"))
    assert found == Layout(tmp_path / "src", "github.com/a/b", modules=False, vendored=False)


@pytest.mark.parametrize("path", ["-toolexec=evil", "/etc", "a/../../b"])
def test_a_path_that_is_no_import_path_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(BuildError, match="no import path"):
        find_layout(package(tmp_path, path, "go.mod"))


def test_a_package_without_go_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"no Go files at github\.com/a, and no go\.mod"):
        find_layout(package(tmp_path, "github.com/a", "github.com/a/README.md"))


def test_provided_packages_leave_vendor_and_others_stay(tmp_path: Path) -> None:
    shim = "github.com/hyperledger/fabric/core/chaincode/shim"
    gopath = tmp_path / "gopath"
    (gopath / "src" / shim).mkdir(parents=True)
    (gopath / "src" / shim / "alias.go").write_text("package shim\n")
    vendor = "github.com/a/vendor"
    made = package(
        tmp_path / "source",
        "github.com/a",
        f"{vendor}/{shim}/chaincode.go",
        f"{vendor}/{shim}/ext/own/own.go",
        f"{vendor}/github.com/other/other.go",
        f"{shim}/stub.go",
    )
    drop_provided_from_vendor(made.code, gopath)
    left = {str(file.relative_to(made.code)) for file in made.code.rglob("*.go")}
    assert left == {
        f"{vendor}/{shim}/ext/own/own.go",
        f"{vendor}/github.com/other/other.go",
        f"{shim}/stub.go",
    }
