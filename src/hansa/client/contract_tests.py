"""A contract's own unit tests, run by its language's tools as the engine has them."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hansa.chaincode.config import BuildersConfig
from hansa.chaincode.npm import MODULES
from hansa.client.installation import ClientError
from hansa.client.sources import LEFT_OUT


@dataclass(frozen=True)
class PlannedTests:
    """``preparations`` go before, each only if those before it have ended with 0."""

    command: Sequence[str]
    folder: Path
    variables: Mapping[str, str]
    preparations: Sequence[Sequence[str]] = field(default=())

    def run(self, output: int | None = None) -> int:
        """The exit code of the first that fails, or of the tests. ``output`` takes their stdout.

        Raises :class:`ClientError` where a program cannot be started.
        """
        for command in (*self.preparations, self.command):
            try:
                done = subprocess.run(
                    command,
                    cwd=self.folder,
                    env={**os.environ, **self.variables},
                    stdout=output,
                    check=False,
                )
            except OSError as fault:
                raise ClientError(
                    f"cannot start {command[0]}: {fault}. `hansa engine install` mends the engine."
                ) from fault
            if done.returncode != 0:
                break
        # As a shell tells it that a signal has ended a program.
        return 128 - done.returncode if done.returncode < 0 else done.returncode


def plan_tests(
    folder: Path, language: str, builders: BuildersConfig, more: Sequence[str] = ()
) -> PlannedTests:
    """How the tests of the contract in ``folder`` are run; ``more`` is for their runner.

    Raises :class:`ClientError` where there are none, and ``BuildError`` where the engine cannot
    build the language.
    """
    if language not in _PLANS:
        raise ClientError(
            f"a contract of the kind {language} has no tests that are known here. Run them by the "
            "tools of its own project."
        )
    return _PLANS[language](folder, builders, more)


def _go(folder: Path, builders: BuildersConfig, more: Sequence[str]) -> PlannedTests:
    go = builders.require_golang()
    _require_files(folder, ("*_test.go",), "items_test.go", "func TestItems(t *testing.T)")
    mode = "-mod=vendor" if (folder / "vendor").is_dir() else "-mod=mod"
    # The builder's flags, so that what it has compiled need not be compiled again.
    flags = f"{os.environ.get('GOFLAGS', '')} {mode} -trimpath -buildvcs=false -modcacherw".strip()
    variables = {
        "GOFLAGS": flags,
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOCACHE": go.cache,
        "GOMODCACHE": go.modules,
    }
    return PlannedTests([go.go, "test", "./...", *more], folder, variables)


_NO_TESTS_OF_NPM = "no test specified"
"""In the script that ``npm init`` writes."""


def _node(folder: Path, builders: BuildersConfig, more: Sequence[str]) -> PlannedTests:
    node = builders.require_node()
    scripts = _project(folder, "package.json", json.loads).get("scripts")
    script = scripts.get("test") if isinstance(scripts, dict) else None
    if not script or _NO_TESTS_OF_NPM in str(script):
        raise ClientError(
            f"{folder} has no tests: its package.json has no script test. Give it one, such as "
            '"test": "node --test", and tests in test/*.test.js.'
        )
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    install = [node.npm, "install", "--prefer-offline", "--cache", node.cache, *quiet]
    return PlannedTests(
        [node.npm, "--loglevel=error", "test", *(["--", *more] if more else [])],
        folder,
        {"PATH": f"{Path(node.node).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
        [] if (folder / MODULES).is_dir() else [install],
    )


def _java(folder: Path, builders: BuildersConfig, more: Sequence[str]) -> PlannedTests:
    java = builders.require_java()
    _require_files(folder, ("src/test/**/*.*",), "src/test/java", "JUnit's @Test")
    home = {"JAVA_HOME": java.home}
    if (folder / "pom.xml").is_file():
        if not java.maven:
            raise ClientError("Maven is not installed. Install it, then `hansa engine install`.")
        repository = f"-Dmaven.repo.local={java.repository}"
        return PlannedTests([java.maven, "-ntp", repository, "test", *more], folder, home)
    program = ["/bin/sh", "gradlew"] if (folder / "gradlew").is_file() else [java.gradle]
    if not program[0]:
        raise ClientError(
            f"{folder} has no Gradle wrapper, and Gradle is not installed. Put the wrapper in "
            "(`gradle wrapper`), or install Gradle, then `hansa engine install`."
        )
    return PlannedTests(
        [*program, "test", *more], folder, {**home, "GRADLE_USER_HOME": java.gradle_home}
    )


def _python(folder: Path, builders: BuildersConfig, more: Sequence[str]) -> PlannedTests:
    python = builders.require_python()
    patterns = ("test_*.py", "*_test.py")
    _require_files(folder, patterns, "tests/test_items.py", "hansa_contract.testing")
    pytest = ("python", "-m", "pytest", *more)
    if any((folder / ".venv").glob("lib/python*/site-packages/pytest")):
        own = (folder / ".venv" / "bin" / "python").absolute()
        return PlannedTests([str(own), *pytest[1:]], folder, {})
    wanted = ["hansa-contract", "pytest", *python_dependencies(folder, "dev")]
    listed = folder / "requirements.txt"
    command = [
        *(python.uv, "run", "--quiet", "--no-project", "--isolated"),
        *("--python", python.python, "--find-links", python.wheels),
        *(argument for each in wanted for argument in ("--with", each)),
        *(("--with-requirements", str(listed.resolve())) if listed.is_file() else ()),
    ]
    return PlannedTests([*command, *pytest], folder, {"UV_CACHE_DIR": python.cache})


def python_dependencies(folder: Path, *groups: str) -> Iterator[str]:
    """What ``pyproject.toml`` asks for, and these groups of it. Raises :class:`ClientError`."""
    if not (folder / "pyproject.toml").is_file():
        return
    project = _project(folder, "pyproject.toml", tomllib.loads)
    lists = [project.get("project", {}).get("dependencies", [])]
    lists += [project.get("dependency-groups", {}).get(group, []) for group in groups]
    for each in itertools.chain(*lists):
        if isinstance(each, str):
            yield each


def _project(folder: Path, name: str, read: Callable[[str], Any]) -> dict[str, Any]:
    try:
        found = read((folder / name).read_text())
    except (ValueError, OSError) as fault:
        raise ClientError(f"cannot read {folder / name}: {fault}.") from fault
    if not isinstance(found, dict):
        raise ClientError(f"{folder / name} holds no object.")
    return found


def _require_files(folder: Path, patterns: Sequence[str], place: str, how: str) -> None:
    """Raises :class:`ClientError` unless there is a file that matches one of ``patterns``."""
    for pattern in patterns:
        for file in folder.rglob(pattern):
            if not LEFT_OUT.intersection(file.relative_to(folder).parts):
                return
    raise ClientError(
        f"{folder} has no tests: there is no {' and no '.join(patterns)}. Begin with {place} "
        f"({how}); `hansa chaincode new` writes contracts that have some."
    )


_PLANS: Mapping[str, Callable[[Path, BuildersConfig, Sequence[str]], PlannedTests]] = {
    "golang": _go,
    "node": _node,
    "java": _java,
    "python": _python,
}
