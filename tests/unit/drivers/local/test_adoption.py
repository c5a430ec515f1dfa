"""What a service does at its start about processes of the one before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.drivers.contract import SECONDS
from tests.unit.drivers.local.bench import SERVER, LocalBench, until

from hansa.domain.workload import Phase
from hansa.drivers.base import TemporaryDriverError
from hansa.drivers.local import records
from hansa.drivers.local.identity import (
    Identity,
    await_end,
    boot_id,
    identify,
    is_alive,
    opened,
)
from hansa.drivers.local.records import Folder

NAME = "n-1-orderer0"


@pytest.fixture
def stranger() -> Iterator[Identity]:
    """A process that is none of the driver's business."""
    process = subprocess.Popen([sys.executable, "-ISc", "import signal; signal.pause()"])
    identity = identify(process.pid)
    assert identity is not None
    yield identity
    assert is_alive(identity), "a stranger was ended"
    process.kill()
    process.wait()


def process_file(bench: LocalBench) -> Path:
    return bench.directory / NAME / "process.json"


def test_running_process_is_adopted_and_supervised(bench: LocalBench) -> None:
    _, process = bench.started(NAME)
    bench.reopen()
    assert bench.boot.adopted == (NAME,)
    assert bench.driver.await_ready(NAME, SECONDS).pid == process.pid
    os.kill(process.pid, signal.SIGKILL)
    # Looking at it would notice the end, too; the supervision has to do it by itself.
    until(lambda: bench.noted_pid(NAME) not in (None, process.pid), "for the next process")
    assert bench.recovered(NAME).restarts == 1


def test_process_that_ended_meanwhile_is_started_again(bench: LocalBench) -> None:
    _, process = bench.started(NAME)
    bench.driver.close()
    os.kill(process.pid, signal.SIGKILL)
    bench.open()
    assert bench.boot.restarted == (NAME,)
    assert bench.seen(NAME, lambda seen: seen.phase is Phase.READY).pid != process.pid


def test_children_of_a_process_that_ended_meanwhile_are_ended(bench: LocalBench) -> None:
    workload, process = bench.started(NAME, "--child")
    child = bench.child(workload)
    bench.driver.close()
    os.kill(process.pid, signal.SIGKILL)
    bench.open()
    assert await_end(child, SECONDS)


def test_children_that_an_earlier_process_has_left_are_ended(bench: LocalBench) -> None:
    _, process = bench.started(NAME)
    bench.driver.close()
    marker = {"HANSA_WORKLOAD": f"{bench.installation_id}/{NAME}"}
    command = [sys.executable, "-ISc", "import signal; signal.pause()"]
    left = subprocess.Popen(command, env=marker, start_new_session=True)
    bench.open()
    assert left.wait(SECONDS) == -signal.SIGKILL
    assert is_alive(process)
    assert bench.boot.adopted == (NAME,)


def test_children_of_an_adopted_process_stay(bench: LocalBench) -> None:
    workload, process = bench.started(NAME, "--child")
    child = bench.child(workload)
    bench.reopen()
    assert is_alive(process)
    assert is_alive(child)


@pytest.mark.parametrize("other", [{"started": 1}, {"boot": "another"}], ids=["start time", "boot"])
def test_pid_that_was_handed_out_again_is_left_alone(
    bench: LocalBench, stranger: Identity, other: dict[str, object]
) -> None:
    bench.started(NAME)
    bench.driver.stop_all()
    bench.driver.close()
    recorded = {"pid": stranger.pid, "started": stranger.started, "boot": boot_id()}
    digest = Folder(bench.directory, NAME).load()
    assert digest is not None
    content = {**recorded, **other, "digest": digest.digest, "groups": []}
    process_file(bench).write_text(json.dumps(content))
    bench.open()
    assert bench.boot.adopted == ()
    seen = bench.seen(NAME, lambda seen: seen.phase is Phase.READY)
    assert seen.pid != stranger.pid
    bench.driver.remove(NAME)


def test_no_pidfd_for_another_start_time(stranger: Identity) -> None:
    with opened(replace(stranger, started=stranger.started - 1)) as descriptor:
        assert descriptor is None
    with opened(stranger) as descriptor:
        assert descriptor is not None


def test_crash_after_the_start_before_it_was_noted(bench: LocalBench) -> None:
    workload, process = bench.started(NAME, "--child")
    child = bench.child(workload)
    process_file(bench).unlink()
    bench.reopen()
    assert bench.boot.adopted == (NAME,)
    assert bench.driver.await_ready(NAME, SECONDS).pid == process.pid
    assert is_alive(child)
    assert json.loads(process_file(bench).read_text())["pid"] == process.pid


def test_crash_before_the_start(bench: LocalBench) -> None:
    bench.driver.close()
    workload = bench.workload(NAME)
    folder = Folder(bench.directory, NAME)
    folder.write_files(workload.files, {})
    folder.save(records.Record.of(workload))
    bench.open()
    assert bench.boot.restarted == (NAME,)
    bench.seen(NAME, lambda seen: seen.phase is Phase.READY)


def test_crash_between_the_new_values_and_the_new_process(bench: LocalBench) -> None:
    workload, process = bench.started(NAME)
    bench.driver.close()
    other = replace(workload, environment={"OTHER": "1"})
    Folder(bench.directory, NAME).save(records.Record.of(other))
    bench.open()
    assert not is_alive(process)
    bench.seen(NAME, lambda seen: seen.phase is Phase.READY)


def test_crash_within_a_pause(bench: LocalBench) -> None:
    _, process = bench.started(NAME)

    def crash() -> None:
        bench.driver.close()
        assert not is_alive(process)
        bench.open()
        assert bench.boot.restarted == (NAME,)
        bench.seen(NAME, lambda seen: seen.phase is Phase.READY)
        raise KeyboardInterrupt

    first = bench.driver
    with pytest.raises(KeyboardInterrupt):
        first.pause(NAME, crash)


@pytest.mark.parametrize("intent", [records.Intent.STOP, records.Intent.REMOVE])
def test_crash_within_an_ending(bench: LocalBench, intent: records.Intent) -> None:
    workload, process = bench.started(NAME)
    bench.driver.close()
    Folder(bench.directory, NAME).save(records.Record.of(workload, intent))
    bench.open()
    assert not is_alive(process)
    wanted = Phase.STOPPED if intent is records.Intent.STOP else Phase.ABSENT
    assert bench.driver.observe(NAME).phase is wanted


def test_crash_within_a_deletion_leaves_no_trash(bench: LocalBench) -> None:
    bench.driver.close()
    trash = bench.directory / ".trash-1" / "data"
    trash.mkdir(parents=True)
    bench.open()
    assert list(bench.directory.iterdir()) == []
    assert list(bench.driver.names()) == []


def test_orphans_are_ended_and_other_installations_are_not(
    bench: LocalBench, tmp_path: Path
) -> None:
    other = LocalBench(tmp_path / "other")
    try:
        _, neighbour = other.started(NAME)
        _, orphan = bench.started(NAME)
        bench.driver.close()
        (bench.directory / NAME / "workload.json").unlink()
        bench.open()
        assert bench.boot.orphans == (f"{NAME} ({orphan.pid})",)
        assert not is_alive(orphan)
        assert is_alive(neighbour)
    finally:
        other.end()


def test_unreadable_record_can_be_made_again(bench: LocalBench) -> None:
    workload, process = bench.started(NAME)
    bench.driver.close()
    (bench.directory / NAME / "workload.json").write_text("{")
    bench.open()
    assert not is_alive(process)
    assert bench.driver.observe(NAME).phase is Phase.STOPPED
    bench.driver.apply(workload)
    assert bench.driver.await_ready(NAME, SECONDS).phase is Phase.READY


def test_stop_all_needs_no_start(bench: LocalBench) -> None:
    _, process = bench.started(NAME)
    bench.driver.close()
    bench.driver = bench.make()
    bench.driver.stop_all()
    assert not is_alive(process)


def test_processes_outlive_a_killed_service(bench: LocalBench, tmp_path: Path) -> None:
    bench.driver.close()
    workload = bench.workload(NAME)
    port = str(workload.ports[0])
    script = tmp_path / "service.py"
    script.write_text(_SERVICE)
    command = [sys.executable, str(script), str(bench.directory), bench.installation_id]
    paths = os.pathsep.join(path for path in sys.path if path)
    service = subprocess.Popen(
        [*command, SERVER, port], stdout=subprocess.PIPE, env={"PYTHONPATH": paths}, text=True
    )
    with service:
        assert service.stdout is not None
        pid = int(service.stdout.readline())
        os.killpg(os.getpgid(pid), 0)
        service.kill()
    bench.open()
    assert bench.boot.adopted == (NAME,)
    assert bench.driver.await_ready(NAME, SECONDS).pid == pid


_SERVICE = f"""
import signal, sys
from pathlib import Path
from hansa.domain.workload import Probe, Program, Workload
from hansa.drivers.local import LocalDriver, NoHosts
directory, installation, server, port = sys.argv[1:]
driver = LocalDriver(Path(directory), installation, Path("/"), lambda _: Path(sys.executable),
                     NoHosts(), 1000, 1, {{}})
driver.start()
driver.apply(Workload("{NAME}", "n-1", Program.ORDERER, ("-IS", server, "--port", port), {{}}, {{}},
             (int(port),), (), Probe(f"http://127.0.0.1:{{port}}/")))
print(driver.await_ready("{NAME}", 20).pid, flush=True)
signal.pause()
"""


def test_full_disk_is_a_fault_that_passes(
    bench: LocalBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    workload = bench.workload(NAME)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(TemporaryDriverError, match="the disk is full; free some space"):
            bench.driver.apply(workload)
    assert bench.processes() == []
    assert not list(bench.directory.rglob(".new-*"))
    bench.driver.apply(workload)
    assert bench.driver.await_ready(NAME, SECONDS).phase is Phase.READY
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        bench.driver.remove(NAME)
    assert bench.driver.observe(NAME).phase is Phase.ABSENT
