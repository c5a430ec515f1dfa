"""What is found in a Java package and in what was built of it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from hansa.chaincode import java, javabuild
from hansa.chaincode.config import BuildError, BuildersConfig, JavaConfig
from hansa.chaincode.package import Package
from hansa.chaincode.process import BuildLog

ALONE = {"TMPDIR": "/tmp", "HANSA_CHAINCODE_SANDBOX": "none", "PATH": "/bin"}


def make_jar(file: Path, *entries: str, manifest: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for entry in entries:
            archive.writestr(entry, "")
        if manifest:
            archive.writestr("META-INF/MANIFEST.MF", manifest)
    return file


def program(file: Path, script: str) -> str:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def build(directory: Path, *, maven: str = "", gradle: str = "") -> Path:
    """Build the package in ``directory``; the output."""
    config = JavaConfig("/jdk/bin/java", "/jdk", maven, gradle, str(directory), "/gradle", ())
    output = directory / "output"
    output.mkdir()
    package = Package(directory / "source", "java", "", "mycc")
    with BuildLog(directory / "log") as log:
        java.build(BuildersConfig(None, None, {}, config), package, output, ALONE, log)
    return output


@pytest.fixture
def code(tmp_path: Path) -> Path:
    made = tmp_path / "source" / "src"
    made.mkdir(parents=True)
    return made


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["chaincode.jar", "other.jar"], "chaincode.jar"),
        (["asset-1.0.jar", "original-asset-1.0.jar", "asset-1.0-sources.jar"], "asset-1.0.jar"),
    ],
)
def test_the_chaincodes_own_jar_is_found(names: list[str], chosen: str) -> None:
    assert java.choose_jar([Path(name) for name in names]).name == chosen


@pytest.mark.parametrize("names", [[], ["a.jar", "b.jar"]])
def test_what_is_not_one_jar_says_what_to_do(names: list[str]) -> None:
    with pytest.raises(BuildError, match="finalName"):
        java.choose_jar([Path(name) for name in names])


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ("", java.CONTRACT_MAIN),
        ("Manifest-Version: 1.0\r\n", java.CONTRACT_MAIN),
        ("Manifest-Version: 1.0\r\nMain-Class: a.b.Ma\r\n in\r\n", "a.b.Main"),
    ],
)
def test_the_main_class_is_the_manifests_or_the_shims(
    tmp_path: Path, manifest: str, expected: str
) -> None:
    assert java.main_class(make_jar(tmp_path / "a.jar", manifest=manifest)) == expected


def test_a_shaded_jar_runs_alone(tmp_path: Path, code: Path) -> None:
    make_jar(code / "chaincode.jar", java.SHIM_CLASS)
    make_jar(code / "lib" / "other.jar")
    assert [file.name for file in build(tmp_path).iterdir()] == ["chaincode.jar"]


def test_a_jar_that_is_none_is_told(tmp_path: Path, code: Path) -> None:
    (code / "chaincode.jar").write_text("no jar")
    with pytest.raises(BuildError, match="chaincode.jar is no jar"):
        build(tmp_path)


def test_a_package_without_a_project_is_told(tmp_path: Path, code: Path) -> None:
    (code / "Main.java").touch()
    with pytest.raises(BuildError, match="no pom.xml, no build.gradle and no jar"):
        build(tmp_path)


def test_without_maven_it_says_what_to_install(tmp_path: Path, code: Path) -> None:
    (code / "pom.xml").touch()
    with pytest.raises(BuildError, match="apt-get install maven"):
        build(tmp_path)


def test_without_gradle_it_says_what_to_do(tmp_path: Path, code: Path) -> None:
    (code / "build.gradle").touch()
    with pytest.raises(BuildError, match="put the wrapper in"):
        build(tmp_path)


def pretend_gradle(jar: Path) -> str:
    """Does what the script given to Gradle has it do, and notes what it was asked."""
    made = f"build/hansa/{javabuild.LIBRARIES}"
    return f'echo "$@" > asked; mkdir -p {made}; cp {jar} build/hansa/asset.jar'


def test_gradle_is_asked_for_the_jar_and_what_it_needs(tmp_path: Path, code: Path) -> None:
    (code / "build.gradle.kts").touch()
    (code / "build").mkdir()
    (code / "build" / "stale.jar").touch()
    jar = make_jar(tmp_path / "made.jar", java.SHIM_CLASS)
    output = build(tmp_path, gradle=program(tmp_path / "gradle", pretend_gradle(jar)))
    assert (output / "chaincode.jar").is_file()
    assert "hansaChaincode" in (code / "asked").read_text()
    assert "runtimeClasspath" in (tmp_path / "source" / "hansa.gradle").read_text()
    assert not (code / "build" / "stale.jar").exists()


def test_a_wrapper_in_the_package_comes_first(tmp_path: Path, code: Path) -> None:
    (code / "build.gradle").touch()
    (code / javabuild.WRAPPER).parent.mkdir(parents=True)
    (code / javabuild.WRAPPER).touch()
    jar = make_jar(tmp_path / "made.jar", java.SHIM_CLASS)
    program(code / "gradlew", pretend_gradle(jar))
    (code / "gradlew").chmod(0o644)  # a peer unpacks no modes
    assert (build(tmp_path, gradle="/no/gradle") / "chaincode.jar").is_file()
