"""A contract's own unit tests, run by its language's tools as the engine has them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hansa.chaincode.config import BuildersConfig
from hansa.chaincode.npm import MODULES
from hansa.client.contract_tools import (
    node_path,
    npm_install,
    own_python,
    python_dependencies,
    read_project,
    run,
)
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
            code = run(command, self.folder, self.variables, output)
            if code != 0:
                break
        # As a shell tells it that a signal has ended a program.
        return 128 - code if code < 0 else code


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
    scripts = read_project(folder, "package.json", json.loads).get("scripts")
    script = scripts.get("test") if isinstance(scripts, dict) else None
    if not script or _NO_TESTS_OF_NPM in str(script):
        raise ClientError(
            f"{folder} has no tests: its package.json has no script test. Give it one, such as "
            '"test": "node --test", and tests in test/*.test.js.'
        )
    return PlannedTests(
        [node.npm, "--loglevel=error", "test", *(["--", *more] if more else [])],
        folder,
        {"PATH": node_path(node)},
        [] if (folder / MODULES).is_dir() else [npm_install(node)],
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
    if own := own_python(folder, "pytest"):
        return PlannedTests([own, *pytest[1:]], folder, {})
    wanted = ["hansa-contract", "pytest", *python_dependencies(folder, "dev")]
    listed = folder / "requirements.txt"
    command = [
        *(python.uv, "run", "--quiet", "--no-project", "--isolated"),
        *("--python", python.python, "--find-links", python.wheels),
        *(argument for each in wanted for argument in ("--with", each)),
        *(("--with-requirements", str(listed.resolve())) if listed.is_file() else ()),
    ]
    return PlannedTests([*command, *pytest], folder, {"UV_CACHE_DIR": python.cache})


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
