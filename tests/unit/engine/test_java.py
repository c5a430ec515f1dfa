from __future__ import annotations

from pathlib import Path

import pytest

from hansa.engine.java import Java, find_java

JDK = "echo openjdk 17.0.9 2023-10-17"


def program(directory: Path, name: str, script: str = "exit 0") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH with links to a JDK and to Maven, as distributions have them."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    program(tmp_path / "jdk/bin", "java", JDK)
    (bin_ / "javac").symlink_to(program(tmp_path / "jdk/bin", "javac"))
    (bin_ / "mvn").symlink_to(program(tmp_path / "maven/bin", "mvn"))
    return bin_


def test_links_are_followed_to_the_homes(path: Path, tmp_path: Path) -> None:
    (tmp_path / "maven/conf").symlink_to("/etc/hostname")
    assert find_java({"PATH": str(path)}) == Java(
        str(tmp_path / "jdk"),
        "17.0.9",
        str(tmp_path / "maven/bin/mvn"),
        "",
        (str(tmp_path / "jdk"), str(tmp_path / "maven"), "/etc/hostname"),
    )


def test_the_named_jdk_comes_first(path: Path, tmp_path: Path) -> None:
    program(tmp_path / "other/bin", "java", "echo openjdk 21 2023-09-19")
    program(tmp_path / "other/bin", "javac")
    found = find_java({"PATH": str(path), "JAVA_HOME": str(tmp_path / "other")})
    assert found is not None
    assert (found.home, found.version) == (str(tmp_path / "other"), "21.0.0")


@pytest.mark.parametrize("script", ["echo openjdk 1.8.0_402", "exit 1"])
def test_a_jdk_that_is_too_old_or_broken_is_none(path: Path, tmp_path: Path, script: str) -> None:
    program(tmp_path / "jdk/bin", "java", script)
    assert find_java({"PATH": str(path)}) is None


def test_a_jdk_without_maven_and_gradle_builds_nothing(path: Path, tmp_path: Path) -> None:
    (path / "mvn").unlink()
    assert find_java({"PATH": str(path)}) is None
    program(tmp_path / "gradle/bin", "gradle")
    (path / "gradle").symlink_to(tmp_path / "gradle/bin/gradle")
    found = find_java({"PATH": str(path)})
    assert found is not None
    assert (found.maven, Path(found.gradle).name) == ("", "gradle")
