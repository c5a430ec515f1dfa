"""``hansa demo``: what ``make up`` runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any

import pytest

from .conftest import HANSA, User

pytestmark = pytest.mark.fabric


@pytest.mark.clients
def test_from_nothing_to_a_transaction_and_again(user: User) -> None:
    first = user.hansa_json("demo", "--chaincode", "node")
    assert first["answer"]["ID"] == "asset1"
    second = user.hansa_json("demo", "--chaincode", "node")
    assert second["answer"]["ID"] == "asset2"
    same = ("network_id", "member_id", "node_id", "channel")
    assert {key: first[key] for key in same} == {key: second[key] for key in same}
    script = """
        eval "$(hansa client env)"
        peer chaincode query -C demo -n asset -c '{"Args":["getAllAssets"]}'
    """
    assets = json.loads(user.shell(script))
    assert [asset["Key"] for asset in assets] == ["asset1", "asset2"]


def test_the_guides_chaincode_in_go(user: User) -> None:
    assert user.hansa_json("demo", "--chaincode", "go")["answer"] == {"a": 90}
    assert user.hansa_json("demo", "--chaincode", "go")["answer"] == {"a": 80}


def test_down_keeps_everything_and_up_brings_it_back(user: User) -> None:
    user.hansa("demo", "--chaincode", "go")
    stopped = user.hansa_json("down")["stopped"]
    assert len(stopped) == 3
    assert user.hansa_json("demo", "--chaincode", "go")["answer"] == {"a": 80}
    pids = _pids(user)
    user.hansa("down", "--keep-networks")
    user.hansa("up")
    assert _pids(user) == pids, "a restart of the service alone interrupts no network"


def test_a_killed_service_leaves_its_networks_running(user: User) -> None:
    user.hansa("demo", "--chaincode", "go")
    pids = _pids(user)
    os.kill(user.hansa_json("status")["service"]["pid"], signal.SIGKILL)
    assert user.hansa_json("demo", "--chaincode", "go")["answer"] == {"a": 80}
    assert _pids(user) == pids


def test_an_interrupted_job_goes_on(user: User) -> None:
    with subprocess.Popen(
        [HANSA, "demo", "--chaincode", "go"],
        env=dict(user.environment),
        cwd=user.home,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        for line in process.stderr or ():
            if "Administrator enrolled" in line:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read() if process.stderr else ""
    assert process.returncode == 130
    assert "goes on from here" in rest
    assert "Traceback" not in rest
    assert user.hansa_json("demo", "--chaincode", "go")["answer"] == {"a": 90}


def test_a_second_service_is_refused(user: User) -> None:
    user.hansa("up")
    pid = user.hansa_json("status")["service"]["pid"]
    done = subprocess.run(
        [HANSA, "up", "--foreground"],
        env=dict(user.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"process {pid}" in done.stderr
    assert user.hansa_json("up")["already_running"] is True


def _pids(user: User) -> dict[str, Any]:
    return {item["name"]: item["pid"] for item in user.hansa_json("status")["processes"]}
