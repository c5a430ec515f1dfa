"""``hansa demo``: what ``make up`` runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any

import pytest
from tests.e2e.installation import HANSA, Installation

pytestmark = [pytest.mark.fabric, pytest.mark.slow]


@pytest.mark.clients
def test_from_nothing_to_a_transaction_and_again(fresh: Installation) -> None:
    first = fresh.hansa_json("demo", "--chaincode", "node")
    assert first["answer"]["ID"] == "asset1"
    second = fresh.hansa_json("demo", "--chaincode", "node")
    assert second["answer"]["ID"] == "asset2"
    same = ("network_id", "member_id", "node_id", "channel")
    assert {key: first[key] for key in same} == {key: second[key] for key in same}
    script = """
        eval "$(hansa client env)"
        peer chaincode query -C demo -n asset -c '{"Args":["getAllAssets"]}'
    """
    assets = json.loads(fresh.shell(script))
    assert [asset["Key"] for asset in assets] == ["asset1", "asset2"]


def test_the_guides_chaincode_in_go(fresh: Installation) -> None:
    assert fresh.hansa_json("demo", "--chaincode", "go")["answer"] == {"a": 90}
    assert fresh.hansa_json("demo", "--chaincode", "go")["answer"] == {"a": 80}


def test_down_keeps_everything_and_up_brings_it_back(fresh: Installation) -> None:
    fresh.hansa("demo", "--chaincode", "go")
    stopped = fresh.hansa_json("down")["stopped"]
    assert len(stopped) == 3
    assert fresh.hansa_json("demo", "--chaincode", "go")["answer"] == {"a": 80}
    pids = _pids(fresh)
    fresh.hansa("down", "--keep-networks")
    fresh.hansa("up")
    assert _pids(fresh) == pids, "a restart of the service alone interrupts no network"


def test_a_killed_service_leaves_its_networks_running(fresh: Installation) -> None:
    fresh.hansa("demo", "--chaincode", "go")
    pids = _pids(fresh)
    os.kill(fresh.hansa_json("status")["service"]["pid"], signal.SIGKILL)
    assert fresh.hansa_json("demo", "--chaincode", "go")["answer"] == {"a": 80}
    assert _pids(fresh) == pids


def test_an_interrupted_job_goes_on(fresh: Installation) -> None:
    with subprocess.Popen(
        [str(HANSA), "demo", "--chaincode", "go"],
        env=fresh.environment,
        cwd=fresh.home,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        # A shell that starts the tests in the background has them ignore it, and so their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        for line in process.stderr or ():
            if "Administrator enrolled" in line:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read() if process.stderr else ""
    assert process.returncode == 130
    assert "goes on from here" in rest
    assert "Traceback" not in rest
    assert fresh.hansa_json("demo", "--chaincode", "go")["answer"] == {"a": 90}


def test_a_second_service_is_refused(fresh: Installation) -> None:
    fresh.hansa("up")
    pid = fresh.hansa_json("status")["service"]["pid"]
    done = subprocess.run(
        [str(HANSA), "up", "--foreground"],
        env=fresh.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"process {pid}" in done.stderr
    assert fresh.hansa_json("up")["already_running"] is True


def _pids(fresh: Installation) -> dict[str, Any]:
    return {item["name"]: item["pid"] for item in fresh.hansa_json("status")["processes"]}
