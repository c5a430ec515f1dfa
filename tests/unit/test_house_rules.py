"""The house rules: what no linter knows.

Numbers of lines are ratchets: a file or function on a list may shrink, never grow; take it off the
list once it keeps the rule.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
PLAIN_LINES_MAX = 12
"""A public function or class longer than this says in a docstring what it does."""

LONG_FILES: dict[str, int] = {
    "src/hansa/store/migrations/versions/0001_the_first_schema.py": 480,
}
LONG_FUNCTIONS: dict[str, int] = {
    # A table of the schema after another; a migration is never changed once it is released.
    "src/hansa/store/migrations/versions/0001_the_first_schema.py:upgrade": 390,
    "src/hansa/store/migrations/versions/0001_the_first_schema.py:downgrade": 80,
    # One literal: the section `peer` of core.yaml.
    "src/hansa/fabric/peer_config.py:_peer": 56,
}

# Put together here, so that this file keeps its own rule.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("deb", "debian", "org"),
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.-])/(?:root|work|home/(?!ec2-user|alice|al ice))/?\b")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
GENERATED = ("src/hansa/awsapi/", "requirements/", "LICENSE")
BINARY = frozenset({".png", ".jpg", ".ico", ".woff2"})


@cache
def _files() -> tuple[str, ...]:
    """What is or would be committed; without git (a source archive), what is there."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        names = set(done.stdout.splitlines())
    else:
        folders = ("src", "tests", "tools", "docs", "engine", "bench", "examples")
        paths = (path for folder in folders for path in (ROOT / folder).rglob("*"))
        names = {str(path.relative_to(ROOT)) for path in paths if path.is_file()}
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def _texts() -> Iterator[tuple[str, str]]:
    for name in _files():
        if Path(name).suffix not in BINARY:
            yield name, (ROOT / name).read_text(errors="replace")


def _python(*folders: str) -> Iterator[tuple[str, str]]:
    for name, text in _texts():
        if name.endswith(".py") and name.startswith(folders) and not name.startswith(GENERATED):
            yield name, text


def _functions(text: str) -> Iterator[tuple[str, int]]:
    """Every function of a file, with its number of lines; docstrings do not count."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body
            has_docstring = ast.get_docstring(node) is not None
            docstring = (body[0].end_lineno or 0) - body[0].lineno + 1 if has_docstring else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - docstring


def test_files_are_short() -> None:
    long = {
        name: lines
        for name, text in _python("src/", "contract/", "tests/", "tools/", "bench/")
        if (lines := text.count("\n")) > LONG_FILES.get(name, FILE_LINES_MAX)
    }
    assert long == {}


def test_functions_are_short() -> None:
    long = {
        f"{name}:{function}": lines
        for name, text in _python("src/", "contract/", "tools/", "bench/")
        for function, lines in _functions(text)
        if lines > LONG_FUNCTIONS.get(f"{name}:{function}", FUNCTION_LINES_MAX)
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name
        for name, text in _python("src/", "contract/", "tools/", "bench/")
        if text.strip() and ast.get_docstring(ast.parse(text)) is None
    ]
    assert silent == []


def test_what_is_long_and_public_has_a_docstring() -> None:
    silent = []
    for name, text in _python("src/", "contract/"):
        if "/migrations/versions/" in name:  # upgrade and downgrade are Alembic's words
            continue
        for node in ast.parse(text).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            lines = (node.end_lineno or 0) - node.lineno + 1
            if node.name.startswith("_") or lines <= PLAIN_LINES_MAX:
                continue
            if ast.get_docstring(node) is None:
                silent.append(f"{name}:{node.name}")
    assert silent == []


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{name}: {match.group()}"
        for name, text in _texts()
        if not name.startswith(GENERATED) and (match := UNFINISHED.search(text))
    ]
    assert found == []


@pytest.mark.parametrize("host", REGISTRY_HOSTS)
def test_no_package_registry_is_named(host: str) -> None:
    """Users have their own; tools find the one they are set up for."""
    assert [name for name, text in _texts() if host in text] == []


def test_no_path_of_a_developers_machine() -> None:
    found = [
        f"{name}: {match.group()}"
        for name, text in _texts()
        if not name.startswith(GENERATED) and (match := MACHINE_PATHS.search(text))
    ]
    assert found == []


def test_only_the_command_line_prints() -> None:
    allowed = ("src/hansa/cli/",)
    printing = [
        f"{name}:{node.lineno}"
        for name, text in _python("src/")
        if not name.startswith(allowed)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
        and not any(keyword.arg == "file" for keyword in node.keywords)
    ]
    assert printing == []


def test_tests_wait_on_events_and_not_on_the_clock() -> None:
    sleeping = [
        f"{name}:{node.lineno}"
        for name, text in _python("tests/unit/", "tests/simulation/")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("time.sleep", "sleep")
    ]
    assert sleeping == []


def test_the_locks_agree() -> None:
    """`uv pip sync` is given two of them at once, so one package has one version."""

    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / name).read_text()
        return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", text, re.MULTILINE))

    run, dev, bootstrap = pins("run.lock"), pins("dev.lock"), pins("bootstrap.txt")
    assert {name: run[name] for name in run if dev.get(name) != run[name]} == {}
    both = {name for name in bootstrap if name in dev}
    assert {name: bootstrap[name] for name in both if bootstrap[name] != dev[name]} == {}


def test_scripts_can_be_run() -> None:
    scripts = [name for name in _files() if name.endswith(".sh") or name == ".ci/run"]
    assert scripts
    assert [name for name in scripts if not (ROOT / name).stat().st_mode & 0o100] == []
