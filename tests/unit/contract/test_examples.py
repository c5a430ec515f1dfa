"""The examples' own tests, run as their authors would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TESTED = sorted(path.parent for path in (ROOT / "examples").glob("*/python/tests"))


@pytest.mark.parametrize("package", TESTED, ids=lambda path: path.parent.name)
def test_an_example_passes_its_tests(package: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(ROOT / "contract" / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_examples_with_tests() -> None:
    assert [path.parent.name for path in TESTED] == ["marketplace"]
