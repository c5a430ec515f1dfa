"""Runs numbered scripts one after the other in one shell, as somebody pastes them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.installation import HANSA, Installation, system_path

CLI_V1 = Path(sys.executable).with_name("aws")
CLI_V2 = Path("/usr/bin/aws")

# The variables' names are odd on purpose: the steps share them.
_SHELL = """
trap 'printf "%s: %s (exit %d)\\n" "$E2E_STEP" "$BASH_COMMAND" $? >> "$E2E_OUT/failed"' ERR
test -z "$E2E_BEFORE" || . "$E2E_BEFORE"
eval "$(hansa env)"
for E2E_STEP in "$@"; do
    E2E_NAME=$(basename "$E2E_STEP" .sh)
    . "$E2E_STEP" > "$E2E_OUT/$E2E_NAME.out" 2> "$E2E_OUT/$E2E_NAME.err"
done
export -p | grep -v ' E2E_' > "$E2E_OUT/exports"
"""

# Waits as printed are for AWS, where each takes minutes; the loops around them stay as they are.
_SLEEP = """#!/bin/sh
exec /bin/sleep "$(awk "BEGIN { print $1 / 40 }")"
"""


@dataclass(frozen=True)
class Outcome:
    """What the steps printed, by their names; ``failed`` has a line for each failed command."""

    out: Mapping[str, str]
    err: Mapping[str, str]
    failed: str
    exports: Path

    def __str__(self) -> str:
        shown = [
            f"--- {name}\n{self.out[name][-3000:]}{self.err[name][-3000:]}" for name in self.out
        ]
        return "\n".join([self.failed, *shown])

    def variable(self, name: str) -> str:
        """The value of an exported variable after the last step; empty where there is none."""
        prefix = f"declare -x {name}="
        lines = [line for line in _read(self.exports).splitlines() if line.startswith(prefix)]
        return lines[0].removeprefix(prefix).strip('"') if lines else ""


def require_aws(version: str) -> Path:
    """The AWS CLI of that major version: 1 is that of this environment, 2 is Debian's."""
    program = CLI_V1 if version == "1" else CLI_V2
    if not program.exists():
        pytest.fail(f"AWS CLI v{version} is missing: {program}. See CONTRIBUTING.md.")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    shown = done.stdout + done.stderr
    if not shown.startswith(f"aws-cli/{version}."):
        pytest.fail(f"{program} is no AWS CLI v{version}: {shown}")
    return program


def write_programs(directory: Path, version: str) -> Path:
    """A directory for the head of the PATH: ``aws`` of that version, ``hansa``, ``sleep``."""
    directory.mkdir(parents=True)
    (directory / "aws").symlink_to(require_aws(version))
    (directory / "hansa").symlink_to(HANSA)
    (directory / "sleep").write_text(_SLEEP)
    (directory / "sleep").chmod(0o755)
    return directory


def run_steps(
    installation: Installation,
    scripts: Sequence[Path],
    home: Path,
    programs: Path,
    variables: Mapping[str, str] = {},
    before: Outcome | None = None,
) -> Outcome:
    """Run ``scripts`` in a clean shell in ``home`` after nothing but ``eval "$(hansa env)"``.

    What the steps of ``before`` exported is exported here, too.
    """
    results = Path(tempfile.mkdtemp(prefix=f"{home.name}-results-", dir=home.parent))
    environment = {
        "HOME": str(home),
        "PATH": f"{programs}:{system_path()}",
        "LC_ALL": "C.UTF-8",
        "E2E_OUT": str(results),
        "E2E_BEFORE": str(before.exports) if before else "",
        **variables,
    }
    done = installation.run(
        ["bash", "--norc", "-c", _SHELL, "steps", *map(str, scripts)], environment, cwd=home
    )
    (results / "shell.out").write_text(done.stdout)
    (results / "shell.err").write_text(done.stderr)
    names = ["shell", *(script.stem for script in scripts)]
    outcome = Outcome(
        out={name: _read(results / f"{name}.out") for name in names},
        err={name: _read(results / f"{name}.err") for name in names},
        failed=_read(results / "failed"),
        exports=results / "exports",
    )
    assert (done.returncode, outcome.failed) == (0, ""), str(outcome)
    return outcome


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""
