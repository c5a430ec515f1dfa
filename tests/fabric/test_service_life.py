"""The service's start and end: alone on its data, prompt, and with its networks left at work."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from tests.fabric.running import RunningService

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

MakeService = Callable[..., RunningService]
HANSA = Path(sys.executable).with_name("hansa")


def test_a_second_service_on_the_same_data_is_refused(service: RunningService) -> None:
    assert service.process is not None
    code, text = service.refused()
    assert code == 1
    assert f"(pid {service.process.pid})" in text
    assert str(service.data_dir) in text
    assert "Traceback" not in text
    assert service.network_ids() == set(), "the first one no longer answers"


def test_a_stop_is_prompt_and_leaves_fabric_at_work(service: RunningService) -> None:
    service.network()
    before = service.workloads()
    address = urlsplit(service.url)
    idle = [socket.create_connection((address.hostname, address.port)) for _ in range(3)]
    try:
        idle[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" in idle[0].recv(4096)
        idle[1].sendall(b"POST /networks HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        # Were an open connection waited for, it would be the 75 s of its keep-alive.
        assert service.end(signal.SIGTERM) < 10
    finally:
        for connection in idle:
            connection.close()
    assert service.process is not None
    assert service.process.returncode == 0
    assert not (service.data_dir / "service.json").exists()
    assert service.workloads() == before

    service.start()
    assert service.workloads() == before, "a new service restarted what ran"


def test_down_ends_peers_before_orderers_before_cas(service: RunningService) -> None:
    network_id, member_id = service.network()
    node_id = service.node(network_id, member_id)
    pids = {
        "peer": service.pid(f"{node_id}-peer"),
        "orderer": service.pid(f"{network_id}-orderer0"),
        "ca": service.pid(f"{member_id}-ca"),
    }
    running = {name: psutil.Process(pid) for name, pid in pids.items()}
    done = subprocess.Popen(
        [HANSA, "--data-dir", service.data_dir, "down"],
        env=service.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    ended: list[str] = []
    assert service.process is not None
    while running:
        for name, process in list(running.items()):
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                ended.append(name)
                del running[name]
        service.process.poll()  # reaps the service, whose parent this test is
    output = done.communicate(timeout=60)[0].decode()
    assert done.returncode == 0, output
    assert ended == ["peer", "orderer", "ca"]
    assert service.workloads() == {}


def test_what_others_may_read_is_closed_again(make_service: MakeService) -> None:
    service = make_service()
    service.data_dir.mkdir(mode=0o755)
    service.data_dir.chmod(0o755)
    service.start()
    service.network()
    assert stat.S_IMODE(service.data_dir.stat().st_mode) == 0o700
    for path in service.data_dir.rglob("*"):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink():
            assert mode & 0o077 == 0, f"{path} has mode {mode:o}"


def test_a_data_directory_that_is_a_file_is_told(make_service: MakeService) -> None:
    service = make_service()
    service.data_dir.write_text("not a directory")
    code, text = service.refused()
    assert code == 1
    assert str(service.data_dir) in text
    assert "Traceback" not in text


def test_a_moved_data_directory_goes_on_in_its_new_place(make_service: MakeService) -> None:
    service = make_service().start()
    network_id, member_id = service.network()
    subprocess.run(
        [HANSA, "--data-dir", service.data_dir, "down"],
        env=service.variables(), check=True, capture_output=True,
    )  # fmt: skip
    assert service.process is not None
    service.process.wait(timeout=30)
    moved = service.data_dir.with_name("moved")
    service.data_dir.rename(moved)
    service.data_dir = moved
    service.start()
    service.await_network(network_id, member_id)
    service.node(network_id, member_id)


@pytest.mark.skipif(os.getuid() != 0, reason="takes files away from their user")
def test_a_database_of_another_user_is_told(make_service: MakeService) -> None:
    service = make_service().start()
    service.end(signal.SIGTERM)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--clear-groups", *service.command()],
        env=service.variables(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert str(service.data_dir) in done.stderr or "ermission" in done.stderr


def test_a_setting_that_cannot_be_read_is_told(make_service: MakeService) -> None:
    service = make_service()
    service.data_dir.mkdir()
    (service.data_dir / "settings.json").write_text(json.dumps({"portz": "1-2"}))
    code, text = service.refused()
    assert code == 1
    assert "unknown setting portz" in text
    assert "Traceback" not in text
