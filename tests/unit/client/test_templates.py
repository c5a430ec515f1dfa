"""New contracts: what is written, and that the Python one passes its own tests and lint.

Those of the other languages run where the engine's modules are, in tests/e2e.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hansa.client.installation import ClientError
from hansa.client.sources import detect_language, project_name
from hansa.client.templates import TEMPLATES, write_contract

CONTRACT = Path(__file__).parents[3] / "contract" / "src"


@pytest.mark.parametrize("language", TEMPLATES)
def test_a_contract_is_one_that_can_be_deployed(tmp_path: Path, language: str) -> None:
    folder = tmp_path / "new"
    files = write_contract(language, "shelf", folder)
    there = [path for path in folder.rglob("*.*") if path.is_file()]
    assert sorted(str(path.relative_to(folder)) for path in there) == files
    found = detect_language(folder)
    assert found == {"go": "golang", "typescript": "node"}.get(language, language)
    assert project_name(folder, found) == "shelf"
    assert not any("{{" in (folder / file).read_text() for file in files)


def test_the_python_contract_passes_its_tests_and_the_lint(tmp_path: Path) -> None:
    write_contract("python", "shelf", tmp_path / "shelf")
    for command in (["pytest", "-q"], ["hansa_contract", "lint"]):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=tmp_path / "shelf",
            env={"PYTHONPATH": str(CONTRACT), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_bad_name_and_a_folder_in_use_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="such as my-shelf"):
        write_contract("go", "my shelf", tmp_path / "new")
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ClientError, match="not empty"):
        write_contract("go", "shelf", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
