"""What the driver does when processes end, hang, leave children or write much."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.drivers.contract import SECONDS, listening
from tests.unit.drivers.local.bench import LocalBench, environment_of, until

from hansa.domain.workload import Phase, Program
from hansa.drivers.base import DriverError, PermanentDriverError, PortTakenError
from hansa.drivers.local.identity import await_end, is_alive

NAME = "n-1-orderer0"


def test_process_is_its_own_and_knows_only_what_it_was_given(
    bench: LocalBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVICE", "1")
    workload, process = bench.started(NAME)
    environment = environment_of(process.pid)
    assert environment.pop("HANSA_WORKLOAD_DIGEST")
    assert environment == {
        "HOME": "/nowhere",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "GIVEN": "yes",
        "HANSA_WORKLOAD": f"{bench.installation_id}/{NAME}",
    }
    assert os.getsid(process.pid) == process.pid
    directory = bench.driver.place(workload.name).data_directory
    assert Path(f"/proc/{process.pid}/cwd").readlink() == Path(directory)
    assert Path(f"/proc/{process.pid}/fd/0").readlink() == Path(os.devnull)
    status = Path(f"/proc/{process.pid}/status").read_text()
    assert "Umask:\t0077" in status


def test_files_are_secret_and_not_in_the_record(bench: LocalBench) -> None:
    bench.started(NAME)
    paths = [bench.directory, *bench.directory.rglob("*")]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}
    assert "secret" not in (bench.directory / NAME / "workload.json").read_text()
    key = bench.directory / NAME / "config" / "msp" / "keystore" / "key.pem"
    assert key.read_bytes() == b"key"


def test_intent_is_durable_before_the_process_exists(bench: LocalBench) -> None:
    intents = []

    def find(program: Program) -> Path:
        intents.append((bench.directory / NAME / "workload.json").exists())
        raise FileNotFoundError(program)

    bench.find_program = find
    with pytest.raises(DriverError):
        bench.driver.apply(bench.workload(NAME))
    assert intents[0]


def test_ending_again_and_again_is_explained_and_waits_longer(bench: LocalBench) -> None:
    workload = bench.workload(
        NAME, "--code", "2", "--say", "\x1b[31m2024 PANI cannot open the ledger\x1b[0m"
    )
    bench.driver.apply(workload)
    first = bench.driver.await_ready(NAME, SECONDS)
    assert first.phase is Phase.DOWN
    seen = bench.seen(NAME, lambda seen: "three times in a row" in seen.reason)
    assert seen.reason.startswith(
        "orderer of n-1 ended with exit code 2 three times in a row: "
        "2024 PANI cannot open the ledger"
    )


def test_applying_again_does_not_hurry_one_that_keeps_ending(bench: LocalBench) -> None:
    bench.backoff = type(bench.backoff)(lambda: 0.0, first_seconds=1000, most_seconds=1000)
    bench.reopen()
    workload = bench.workload(NAME, "--code", "3")
    bench.driver.apply(workload)
    assert bench.driver.await_ready(NAME, SECONDS).phase is Phase.DOWN
    bench.driver.apply(workload)
    assert bench.driver.observe(NAME).restarts == 0
    assert bench.processes() == []


def test_waiting_returns_as_soon_as_it_ends(bench: LocalBench) -> None:
    bench.driver.apply(bench.workload(NAME, "--silent"))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bench.driver.await_ready, NAME, 600.0)
        bench.seen(NAME, lambda seen: seen.pid is not None)
        bench.die(NAME)
        assert waiting.result(SECONDS).reason.startswith("orderer of n-1 ended by SIGKILL")


def test_one_that_does_not_answer_is_starting(bench: LocalBench) -> None:
    workload = bench.workload(NAME, "--silent")
    bench.driver.apply(workload)
    seen = bench.driver.await_ready(NAME, 0.01)
    assert seen.phase is Phase.STARTING
    assert workload.probe.url in seen.reason


def test_stop_is_deaf_to_refusal(bench: LocalBench) -> None:
    _, process = bench.started(NAME, "--ignore-term", stop_seconds=0.05)
    bench.driver.stop(NAME)
    assert not is_alive(process)
    assert bench.noted_pid(NAME) is None
    assert bench.driver.observe(NAME).phase is Phase.STOPPED


@pytest.mark.parametrize("kind", ["--child", "--lost-child"])
def test_children_end_with_it(bench: LocalBench, kind: str) -> None:
    workload, _ = bench.started(NAME, kind)
    child = bench.child(workload)
    assert bench.driver.usage(NAME).processes == 2
    bench.driver.stop(NAME)
    assert not is_alive(child)


@pytest.mark.parametrize("kind", ["--child", "--lost-child"])
def test_children_of_one_that_was_killed_are_ended_before_the_next(
    bench: LocalBench, kind: str
) -> None:
    workload, process = bench.started(NAME, kind)
    child = bench.child(workload)
    os.kill(process.pid, signal.SIGKILL)
    assert await_end(child, SECONDS)
    bench.recovered(NAME)


def test_remove_leaves_nothing(bench: LocalBench) -> None:
    workload, process = bench.started(NAME, "--child")
    child = bench.child(workload)
    bench.driver.remove(NAME)
    assert not is_alive(process)
    assert not is_alive(child)
    assert list(bench.directory.iterdir()) == []
    assert bench.driver.log_path(NAME) is None


def test_files_that_are_no_longer_wanted_go_and_the_process_s_own_stay(bench: LocalBench) -> None:
    workload, _ = bench.started(NAME)
    config = Path(bench.driver.place(NAME).config_directory)
    (config / "made-by-the-process").write_text("1")
    bench.driver.apply(bench.workload(NAME, files={"other.yaml": b"1"}, ports=workload.ports))
    found = {path.name for path in config.rglob("*") if path.is_file()}
    assert found == {"other.yaml", "made-by-the-process"}


@pytest.mark.parametrize("path", ["../outside", "/etc/outside", "a/../../outside"])
def test_files_outside_are_refused(bench: LocalBench, path: str) -> None:
    with pytest.raises(PermanentDriverError, match="configuration file"):
        bench.driver.apply(bench.workload(NAME, files={path: b""}))
    assert bench.processes() == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", ".hidden", "a\nb"])
def test_names_that_are_no_directory_are_refused(bench: LocalBench, name: str) -> None:
    with pytest.raises(PermanentDriverError, match="name of a workload"):
        bench.driver.apply(bench.workload(name))


def test_stranger_on_the_port_is_named(bench: LocalBench) -> None:
    workload = bench.workload(NAME)
    with listening(workload.ports[0]), pytest.raises(PortTakenError) as caught:
        bench.driver.apply(workload)
    assert f"process {os.getpid()} (" in caught.value.holder
    bench.driver.apply(workload)
    assert bench.driver.await_ready(NAME, SECONDS).phase is Phase.READY


def test_it_starts_by_itself_when_the_stranger_goes(bench: LocalBench) -> None:
    workload = bench.workload(NAME)
    with listening(workload.ports[0]):
        with pytest.raises(PortTakenError):
            bench.driver.apply(workload)
        assert "cannot listen on port" in bench.driver.observe(NAME).reason
    bench.seen(NAME, lambda seen: seen.phase is Phase.READY)


def test_missing_program_says_what_to_do(bench: LocalBench) -> None:
    bench.find_program = lambda program: bench.directory / program
    with pytest.raises(PermanentDriverError, match="hansa engine install"):
        bench.driver.apply(bench.workload(NAME))
    assert "hansa engine install" in bench.driver.observe(NAME).reason


@pytest.mark.parametrize(("mode", "text"), [(0o700, "not a program"), (0o600, "denied")])
def test_program_that_does_not_run_says_what_to_do(
    bench: LocalBench, tmp_path: Path, mode: int, text: str
) -> None:
    program = tmp_path / "orderer"
    program.write_bytes(b"\x00\x01")
    program.chmod(mode)
    bench.find_program = lambda _: program
    with pytest.raises(PermanentDriverError, match=f"(?s){text}.*hansa engine install"):
        bench.driver.apply(bench.workload(NAME))


def test_log_is_rotated_while_the_process_writes(bench: LocalBench) -> None:
    bench.log_bytes_max = 5000
    bench.reopen()
    workload, process = bench.started(NAME, "--fill", "1000")
    path = bench.driver.log_path(NAME)
    assert path is not None
    old = [Path(f"{path}.{number}") for number in (1, 2, 3)]

    def ask_until_kept() -> bool:
        assert bench.driver.observe(NAME).phase is Phase.READY
        return old[1].exists()

    until(ask_until_kept)
    assert Path(path).stat().st_size < 1_000_000
    kept: list[str] = []

    def read() -> bool:
        with contextlib.suppress(FileNotFoundError):  # it is being rotated on
            kept.append(old[0].read_text())
        return bool(kept)

    until(read)
    assert len(kept[0]) >= 5000
    assert set(kept[0]) == {"x"}
    assert not old[2].exists()
    assert is_alive(process)
    assert bench.driver.observe(workload.name).restarts == 0


def test_two_threads_apply_the_same_and_others_go_on(bench: LocalBench) -> None:
    same = bench.workload(NAME)
    others = [bench.workload(f"m-{number}-ca") for number in range(6)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(bench.driver.apply, [same, *others, same, same]))
        names = [same.name, *(other.name for other in others)]
        seen = list(pool.map(lambda name: bench.driver.await_ready(name, SECONDS), names))
    assert {item.phase for item in seen} == {Phase.READY}
    assert len(bench.processes()) == 7
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(bench.driver.remove, [*names, *names]))
    assert bench.processes() == []
    assert list(bench.directory.iterdir()) == []


def test_a_slow_stop_holds_up_nobody(bench: LocalBench) -> None:
    _, deaf = bench.started(NAME, "--ignore-term", stop_seconds=600.0)
    _, other = bench.started("m-1-ca")
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(bench.driver.stop, NAME)
        until(lambda: '"STOP"' in (bench.directory / NAME / "workload.json").read_text())
        os.kill(other.pid, signal.SIGKILL)
        assert bench.recovered("m-1-ca").phase is Phase.READY
        assert not stopping.done()
        os.kill(deaf.pid, signal.SIGKILL)
        stopping.result(SECONDS)


def test_an_end_that_cannot_be_handled_yet_is_handled_later_and_holds_up_nobody(
    bench: LocalBench,
) -> None:
    _, busy = bench.started(NAME)
    _, other = bench.started("m-1-ca")
    with bench.driver._keeper(NAME).lock:
        os.kill(busy.pid, signal.SIGKILL)
        until(lambda: (NAME, busy) in bench.driver._supervisor._pending)
        os.kill(other.pid, signal.SIGKILL)
        until(lambda: bench.noted_pid("m-1-ca") not in (None, other.pid))
        assert bench.noted_pid(NAME) == busy.pid
    until(lambda: bench.noted_pid(NAME) not in (None, busy.pid))


def test_amended_files_are_on_the_disk(bench: LocalBench) -> None:
    workload, process = bench.started(NAME)
    bench.driver.amend(replace(workload, files={"server.yaml": b"public"}))
    config = Path(bench.driver.place(NAME).config_directory)
    assert [path.read_bytes() for path in config.rglob("*") if path.is_file()] == [b"public"]
    bench.reopen()
    assert bench.boot.adopted == (NAME,)
    assert is_alive(process)


def test_usage_counts_memory_time_and_disk(bench: LocalBench) -> None:
    bench.started(NAME)
    Path(bench.driver.place(NAME).data_directory, "ledger").write_bytes(b"1" * 100_000)
    usage = bench.driver.usage(NAME)
    assert usage.processes == 1
    assert usage.rss_bytes > 1_000_000
    assert usage.cpu_seconds >= 0
    assert usage.disk_bytes >= 100_000
    assert list(bench.driver.usages()) == [NAME]
    nothing = bench.driver.usage("nobody")
    assert (nothing.rss_bytes, nothing.processes, nothing.disk_bytes) == (0, 0, 0)


def test_stop_all_ends_peers_first_and_the_next_start_begins_all_again(
    bench: LocalBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    programs = {
        "m-1-ca": Program.FABRIC_CA_SERVER,
        NAME: Program.ORDERER,
        "nd-1-peer": Program.PEER,
    }
    for name, program in programs.items():
        bench.started(name, program=program)
    for keeper in bench.driver._all():
        monkeypatch.setattr(keeper, "halt", _noted(order, keeper.name, keeper.halt))
    bench.driver.stop_all()
    assert order == ["nd-1-peer", NAME, "m-1-ca"]
    assert bench.processes() == []
    assert {bench.driver.observe(name).phase for name in programs} == {Phase.STOPPED}
    bench.reopen()
    assert set(bench.boot.restarted) == set(programs)
    for name in programs:
        bench.seen(name, lambda seen: seen.phase is Phase.READY)


def _noted(order: list[str], name: str, act: Callable[[], None]) -> Callable[[], None]:
    def noted() -> None:
        order.append(name)
        act()

    return noted
