"""Builds that do not end by themselves, without a sandbox."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hansa.chaincode import process
from hansa.chaincode.config import BuildError
from hansa.chaincode.process import BuildLog, run_build, try_build
from hansa.chaincode.rules import Rules
from hansa.chaincode.sandbox import Sandbox, View

RULES = Rules(build_seconds=1, build_memory_mib=150, build_processes=6)
FEW = Rules(build_processes=6)
VARIABLES = {"PATH": "/usr/bin:/bin"}


def build(directory: Path, script: str, rules: Rules = RULES) -> str:
    """Run the script as a build; what the log has."""
    view = View((), (), str(directory))
    with BuildLog(directory / "log") as log:
        run_build(Sandbox("", rules=rules), view, ["/bin/sh", "-c", script], VARIABLES, log)
    return (directory / "log").read_text()


@pytest.mark.parametrize(
    ("script", "rules", "setting"),
    [
        ("while :; do :; done", RULES, "chaincode_build_seconds"),
        ("x=1; while :; do x=$x$x; done", Rules(build_memory_mib=150), "build_memory_mib"),
        ("for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; wait", FEW, "build_processes"),
        ("for i in 1 2 3 4 5 6 7 8 9; do (sleep 60 &); done; sleep 60", FEW, "build_processes"),
    ],
)
def test_one_that_takes_too_much_is_ended_and_told(
    tmp_path: Path, script: str, rules: Rules, setting: str
) -> None:
    with pytest.raises(BuildError, match=f"the build was ended.*setting {setting}|{setting}"):
        build(tmp_path, f"echo $$ > pid; {script}", rules)
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()


def test_processes_that_it_leaves_behind_are_ended(tmp_path: Path) -> None:
    build(tmp_path, "sleep 60 > /dev/null 2>&1 & echo $! > pid")
    assert not runs((tmp_path / "pid").read_text().strip())


def runs(pid: str) -> bool:
    """A zombie does not; somebody has yet to ask for its end."""
    try:
        return ") Z " not in Path("/proc", pid, "stat").read_text()
    except OSError:
        return False


def test_processes_of_others_are_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        build(tmp_path, "true")
        assert stranger.poll() is None
        stranger.kill()


def test_one_that_talks_without_end_is_heard_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LOG_BYTES_MAX", process.MIB)
    text = build(tmp_path, "yes | head -c 3000000; echo the end", Rules())
    assert len(text) < 1_100_000
    assert "the rest is left out" in text[-100:]


def test_what_is_only_tried_is_not_heard(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    view = View((), (), str(tmp_path))
    assert try_build(Sandbox(""), view, ["/bin/sh", "-c", "echo word"], VARIABLES)
    assert not try_build(Sandbox(""), view, ["/bin/sh", "-c", "exit 1"], VARIABLES)
    assert not try_build(Sandbox(""), view, ["/no/program"], VARIABLES)
    assert capfd.readouterr().err == ""
