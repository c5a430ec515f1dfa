"""How the tests of contracts are run, and what is said where there are none."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from hansa.chaincode.config import (
    BuildError,
    BuildersConfig,
    GoConfig,
    JavaConfig,
    NodeConfig,
    PythonConfig,
)
from hansa.client.contract_tests import PlannedTests, plan_tests
from hansa.client.installation import ClientError
from hansa.client.templates import TEMPLATES, write_contract

BUILDERS = BuildersConfig(
    GoConfig("/go/bin/go", "/gopath", "/cache", "/modules", ()),
    NodeConfig("/node/bin/node", "/node/bin/npm", "/node_modules", "/npm", ()),
    {},
    JavaConfig("/jdk/bin/java", "/jdk", "/bin/mvn", "", "/m2", "/gradle", ()),
    PythonConfig("/bin/python3", "/bin/uv", (), "/wheels", "/uv", ()),
)
LANGUAGES = {"go": "golang", "typescript": "node"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_has_tests_that_are_run(tmp_path: Path, template: str) -> None:
    write_contract(template, "shelf", tmp_path / "shelf")
    language = LANGUAGES.get(template, template)
    planned = plan_tests(tmp_path / "shelf", language, BUILDERS, ["--more"])
    programs = {"golang": "/go/bin/go", "node": "/node/bin/npm", "java": "/bin/mvn"}
    assert planned.command[0] == programs.get(language, "/bin/uv")
    assert planned.command[-1] == "--more"
    assert "test" in " ".join(planned.command)


@pytest.mark.parametrize(
    ("language", "files", "words"),
    [
        ("golang", {"go.mod": "", "node_modules/x/x_test.go": ""}, "_test.go"),
        ("node", {"package.json": "{}"}, "no script test"),
        ("node", {"package.json": '{"scripts": {"test": "echo no test specified"}}'}, "no script"),
        ("java", {"pom.xml": "", "src/main/java/A.java": ""}, "src/test"),
        ("python", {"items.py": "", ".venv/test_x.py": ""}, "test_[*].py and no"),
        ("ccaas", {}, "kind ccaas"),
    ],
)
def test_a_contract_without_tests_is_told_how_to_begin(
    tmp_path: Path, language: str, files: dict[str, str], words: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(ClientError, match=words):
        plan_tests(tmp_path, language, BUILDERS)


def test_modules_are_installed_where_there_are_none(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(json.dumps({"scripts": {"test": "node --test"}}))
    (install,) = plan_tests(tmp_path, "node", BUILDERS).preparations
    assert install[:2] == ["/node/bin/npm", "install"]
    (tmp_path / "node_modules").mkdir()
    assert plan_tests(tmp_path, "node", BUILDERS).preparations == []


def test_python_tests_run_with_what_the_project_asks_for(tmp_path: Path) -> None:
    (tmp_path / "test_items.py").touch()
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["attrs"]\n'
        '[dependency-groups]\ndev = ["pytest-randomly", {include-group = "lint"}]\n'
    )
    command = " ".join(plan_tests(tmp_path, "python", BUILDERS).command)
    assert "--with hansa-contract --with pytest --with attrs --with pytest-randomly" in command
    assert f"--with-requirements {tmp_path / 'requirements.txt'} python -m pytest" in command


def test_the_projects_own_environment_is_used(tmp_path: Path) -> None:
    (tmp_path / "test_items.py").touch()
    (tmp_path / ".venv/lib/python3.11/site-packages/pytest").mkdir(parents=True)
    planned = plan_tests(tmp_path, "python", BUILDERS)
    assert planned.command == [str(tmp_path / ".venv/bin/python"), "-m", "pytest"]


def test_broken_project_files_and_missing_languages_are_told(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{")
    with pytest.raises(ClientError, match=r"cannot read .*package.json"):
        plan_tests(tmp_path, "node", BUILDERS)
    with pytest.raises(BuildError, match="no Go"):
        plan_tests(tmp_path, "golang", BuildersConfig(None, None, {"golang": "no Go"}))


def test_the_exit_code_is_that_of_the_first_that_fails(tmp_path: Path) -> None:
    def program(text: str) -> list[str]:
        return [sys.executable, "-c", text]

    run = PlannedTests(
        program("import os; raise SystemExit(int(os.environ['CODE']))"), tmp_path, {}
    )
    assert PlannedTests(run.command, tmp_path, {"CODE": "3"}).run() == 3
    failing = [program("raise SystemExit(4)")]
    assert PlannedTests(run.command, tmp_path, {"CODE": "3"}, failing).run() == 4
    assert PlannedTests(program("import os; os.kill(os.getpid(), 9)"), tmp_path, {}).run() == 137
    with pytest.raises(ClientError, match="cannot start"):
        PlannedTests(["/no/such/program"], tmp_path, {}).run()
