"""Chaincode that does harm: it is held to what is its own, and its peer goes on."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fabric.developer import LEGACY, Developer, developing, write
from tests.fabric.hostile import GONE, GONE_PATH, HOSTILE, HOSTILE_PATH
from tests.fabric.rig import until

from hansa.chaincode.output import FILE_BYTES_MAX, FILES_MAX

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

MEMORY_MIB, PROCESSES, CPUS, SPIN_SECONDS = 512, 32, 0.1, 10


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    assert shutil.which("bwrap"), "tools/test-prerequisites.sh installs bubblewrap"
    peers = {"CORE_CHAINCODE_EXECUTETIMEOUT": "3s"}
    limits = {
        "chaincode_memory_mib": MEMORY_MIB,
        "chaincode_processes": PROCESSES,
        "chaincode_cpus": CPUS,
        "chaincode_spin_seconds": SPIN_SECONDS,
    }
    with developing(tmp_path_factory.mktemp("hostile"), peers, **limits) as developer:
        home = developer.user.home / "go/src"
        write(home / HOSTILE_PATH, {"main.go": HOSTILE})
        write(home / GONE_PATH, {"main.go": GONE})
        for name, path in (("hostile", HOSTILE_PATH), ("gone", GONE_PATH)):
            developer.command("chaincode", "install", "-n", name, "-v", "v0", "-p", path)
        developer.instantiate("hostile", "golang")
        yield developer


@pytest.fixture
def developer(network: Developer) -> Iterator[Developer]:
    """The peer lives before and afterwards, and so does its chaincode."""
    peer = network.user.rig.processes[network.peer.name]
    assert network.query(LEGACY, "hostile", "greet") == "done"
    yield network
    # Otherwise each test would wait longer for the start than the one before.
    for file in network.chaincode_logs.glob("*.starts"):
        file.unlink()
    assert network.query(LEGACY, "hostile", "greet") == "done"
    assert peer.poll() is None


def log(developer: Developer, name: str = "hostile") -> str:
    return (developer.chaincode_logs / f"{name}_v0.log").read_text()


def fails(developer: Developer, call: str) -> str:
    with pytest.raises(AssertionError) as refused:
        developer.query(LEGACY, "hostile", call)
    return str(refused.value)


def test_it_reads_nothing_of_the_service(developer: Developer) -> None:
    rig = developer.user.rig
    files = [file for file in rig.directory.rglob("*") if file.is_file()]
    # Its own launch has a key of its own.
    foreign = [str(file) for file in files if "fabric-run" not in str(file)]
    keys = [file for file in foreign if "key" in file.lower()]
    assert len(keys) > 3
    private = [*keys, foreign[0], foreign[-1], "/etc/shadow", f"{Path.home()}/.bashrc"]
    answers = developer.query(LEGACY, "hostile", "read", *private).split("|")
    assert [one for one in answers if "no such file or directory" not in one] == []


def test_it_reaches_nothing_but_its_peer(developer: Developer) -> None:
    node = developer.user.node
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        places = [
            f"tcp 127.0.0.1:{port}",
            f"tcp 127.0.0.1:{node.peer_port}",
            f"tcp 127.0.0.1:{node.operations_port}",
            "tcp 192.0.2.1:443",
            "udp 192.0.2.1:53",
            f"tcp 127.0.0.1:{node.chaincode_port}",
        ]
        *refused, allowed = developer.query(LEGACY, "hostile", "dial", *places).split("|")
        other.settimeout(0)
        with pytest.raises(BlockingIOError):
            other.accept()
    assert all("connection refused" in one for one in refused[:3])
    assert all("network is unreachable" in one for one in refused[3:])
    assert "it can be done" in allowed


def test_it_writes_nowhere_but_in_a_small_place_of_its_own(developer: Developer) -> None:
    places = ["/fill", "/dev/fill", "/usr/fill", "/tmp/fill", "/dev/shm/fill"]
    answers = developer.query(LEGACY, "hostile", "write", *places).split("|")
    assert all("read-only file system" in one for one in answers[:3]), answers
    assert all("no space left" in one or "too large" in one for one in answers[3:]), answers


def test_one_that_blocks_is_given_up_and_the_next_call_is_answered(developer: Developer) -> None:
    assert "timeout expired" in fails(developer, "block")


def test_one_that_panics_is_reported_and_started_again(developer: Developer) -> None:
    fails(developer, "panic")
    until(lambda: "ended with exit code 2" in log(developer))
    assert "panic: of its own making" in log(developer)
    until(lambda: "the next call starts it again" in developer.peer_log)


def test_one_that_leaves_is_reported_and_started_again(developer: Developer) -> None:
    fails(developer, "leave")
    until(lambda: "ended with exit code 7" in log(developer))


def test_one_that_writes_endlessly_is_kept_in_bounds(developer: Developer) -> None:
    peer_log = len(developer.peer_log)
    assert developer.query(LEGACY, "hostile", "shout") == "done"
    until((developer.chaincode_logs / "hostile_v0.log.1").exists)
    assert developer.query(LEGACY, "hostile", "greet") == "done"
    fails(developer, "leave")
    until(lambda: "exit code 7" in log(developer)[-2000:])
    files = list(developer.chaincode_logs.glob("hostile_v0.log*"))
    assert len(files) <= FILES_MAX
    assert max(file.stat().st_size for file in files) <= FILE_BYTES_MAX
    # Beyond a burst, the peer's log has some tens of kB a second of it.
    until(lambda: "lines are in" in developer.peer_log[peer_log:])


def test_one_that_takes_too_much_memory_is_ended(developer: Developer) -> None:
    fails(developer, "eat")
    until(lambda: "(setting chaincode_memory_mib)" in log(developer))
    assert f"and {MEMORY_MIB} are allowed" in log(developer)


def test_one_that_spins_is_slowed_down_and_ended_and_its_peer_serves(developer: Developer) -> None:
    assert developer.query(LEGACY, "hostile", "spin") == "done"
    until(lambda: f"slowed down: it takes more than {CPUS}" in log(developer))
    assert LEGACY in developer.command("channel", "list")
    until(lambda: "(setting chaincode_spin_seconds)" in log(developer))
    until(lambda: "the next call starts it again" in log(developer)[-300:])


def test_one_that_forks_is_ended_with_all_of_its_processes(developer: Developer) -> None:
    fails(developer, "fork")
    until(lambda: f"more than {PROCESSES} processes" in log(developer))


def test_one_that_ends_at_once_fails_its_call_alone(developer: Developer) -> None:
    with pytest.raises(AssertionError, match="chaincode registration failed"):
        developer.instantiate("gone", "golang")
    told = log(developer, "gone")
    assert "not today" in told
    assert "chaincode gone:v0 ended with exit code 7" in told
    assert (developer.chaincode_logs / "gone_v0.log").stat().st_mode & 0o077 == 0


def test_the_logs_are_where_they_are_said_to_be(developer: Developer) -> None:
    assert developer.chaincode_logs.stat().st_mode & 0o077 == 0
    assert Path(developer.chaincode_logs / "hostile_v0.log").is_file()
