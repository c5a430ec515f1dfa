"""Chaincode is kept by a process of its own, so the tests start one, without a sandbox."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from hansa.chaincode.keeper import LOOK_SECONDS
from hansa.chaincode.output import LOGS

KEEP = """
import os, sys
from hansa.chaincode.keeper import keep
from hansa.chaincode.rules import Rules
from hansa.chaincode.sandbox import Sandbox, View
rules = Rules(memory_mib=200, processes=8, cpus=float(os.environ.get("CPUS", "9")))
variables = {"CORE_CHAINCODE_ID_NAME": "mycc:v0", "PATH": "/usr/bin:/bin"}
keep(Sandbox("", rules=rules), View((), (), "/"), sys.argv[1:], variables)
"""
STARTS = "mycc_v0.starts"


@contextmanager
def keeping(directory: Path, script: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", KEEP, "/bin/sh", "-c", script],
        env={**os.environ, "TMPDIR": str(directory), **variables},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def kept(directory: Path, script: str) -> tuple[int, str]:
    """Its exit code, and what the peer is told."""
    with keeping(directory, script) as process:
        told = process.communicate(timeout=60)[1]
        return process.returncode, told


def failures(directory: Path) -> int:
    return int(json.loads((directory / LOGS / STARTS).read_text())["failures"])


def test_its_end_is_told_and_counted(tmp_path: Path) -> None:
    code, told = kept(tmp_path, "echo out; echo err >&2; exit 7")
    assert code == 7
    assert told.splitlines()[:2] == ["out", "err"]
    assert "chaincode mycc:v0 ended with exit code 7" in told
    assert (tmp_path / LOGS / "mycc_v0.log").read_text() == told
    assert failures(tmp_path) == 1
    kept(tmp_path, "exit 0")
    assert failures(tmp_path) == 2


def test_one_that_fails_again_and_again_is_started_later(tmp_path: Path) -> None:
    (tmp_path / LOGS).mkdir()
    (tmp_path / LOGS / STARTS).write_text('{"failures": 3, "ended": 9999999999}')
    _, told = kept(tmp_path, "exit 1")
    assert "ended soon after its last starts; starting it in" in told.splitlines()[0]
    assert failures(tmp_path) == 4


def test_an_end_that_the_peer_asks_for_is_no_failure(tmp_path: Path) -> None:
    script = "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done"
    with keeping(tmp_path, script) as process:
        assert process.stderr
        assert process.stderr.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.stderr.read() == "bye\n"
        assert process.wait(timeout=60) == 3
    assert failures(tmp_path) == 0


@pytest.mark.parametrize(
    ("script", "setting"),
    [
        ("x=1; while :; do x=$x$x; done", "chaincode_memory_mib"),
        ("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 60 & done; wait", "chaincode_processes"),
        # Those whose parent has ended are seen, too.
        (
            "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do (sleep 60 &) ; done; wait; sleep 60",
            "processes",
        ),
    ],
)
def test_one_that_takes_too_much_is_ended(tmp_path: Path, script: str, setting: str) -> None:
    code, told = kept(tmp_path, script)
    assert code == 128 + signal.SIGKILL
    assert "was ended" in told
    assert setting in told
    assert "the next call starts it again" in told


def test_one_that_takes_too_much_of_the_processor_is_slowed_down(tmp_path: Path) -> None:
    cpus = 0.1
    script = "trap 'echo bye; exit 3' TERM; while :; do :; done"
    with keeping(tmp_path, script, CPUS=str(cpus)) as process:
        assert process.stderr
        assert "is slowed down: it takes more than 0.1 of" in process.stderr.readline()
        spinning = psutil.Process(process.pid).children()[0]
        begun, before = time.monotonic(), spinning.cpu_times().user
        while spinning.cpu_times().user - before < 4 * LOOK_SECONDS * cpus:
            spinning.cpu_times()
        assert time.monotonic() - begun > 2 * LOOK_SECONDS
        # One that is stopped for a moment can still be asked to end.
        process.send_signal(signal.SIGTERM)
        assert process.stderr.readline() == "bye\n"
        assert process.wait(timeout=60) == 3


def test_what_it_leaves_behind_is_ended_with_it(tmp_path: Path) -> None:
    code, _ = kept(tmp_path, "sleep 60 & echo $! > $TMPDIR/pid || :; exit 0")
    assert code == 0


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KEEP, "/no/program"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        told = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "chaincode mycc:v0 cannot be started" in told
    assert "Traceback" not in told


def test_output_without_measure_reaches_the_peer_in_part(tmp_path: Path) -> None:
    with keeping(tmp_path, "yes 0123456789 | head -c 6000000; exit 4") as process:
        assert process.stderr
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.extend(process.stderr or ()))
        reader.start()
        assert process.wait(timeout=60) == 4
        reader.join()
    assert len(lines) < 300_000
    assert lines[-1].startswith("hansa: chaincode mycc:v0 ended with exit code 4")
    sizes = [file.stat().st_size for file in (tmp_path / LOGS).glob("*.log*")]
    assert len(sizes) == 2
    assert sum(sizes) >= 6_000_000
