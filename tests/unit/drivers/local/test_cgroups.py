"""Limits through control groups: on a made-up tree, and on the real one where that is allowed."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from tests.unit.drivers.contract import SECONDS
from tests.unit.drivers.local.bench import LocalBench

from hansa.domain.workload import Limits
from hansa.drivers.local import cgroups
from hansa.drivers.local.cgroups import Cgroups, find_hierarchies
from hansa.drivers.local.identity import is_alive

LIMITS = Limits(cpus=0.5, memory_mib=64)


def group(path: Path, **files: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, content in {"cgroup_procs": "", **files}.items():
        (path / name.replace("_", ".", 1)).write_text(content)
    return path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


def test_version_1(tmp_path: Path, own: Path) -> None:
    own.write_text("4:memory:/mine\n2:cpu,cpuacct:/\n3:pids:/\n")
    group(tmp_path / "memory" / "mine")
    group(tmp_path / "cpu")
    groups = Cgroups("i", find_hierarchies(tmp_path, own))
    assert groups.note() == ""
    made = groups.place("w", os.getpid(), LIMITS)
    memory, cpu = tmp_path / "memory/mine/hansa-i/w", tmp_path / "cpu/hansa-i/w"
    assert set(made) == {memory, cpu}
    assert (memory / "memory.limit_in_bytes").read_text() == str(64 * 1024 * 1024)
    assert (cpu / "cpu.cfs_period_us").read_text() == "100000"
    assert (cpu / "cpu.cfs_quota_us").read_text() == "50000"
    assert (memory / "cgroup.procs").read_text() == str(os.getpid())
    assert cgroups.pids(made) == {os.getpid()}


def test_version_2_with_controllers_handed_down(tmp_path: Path, own: Path) -> None:
    own.write_text("0::/mine\n")
    group(tmp_path, cgroup_controllers="cpu memory pids")
    mine = group(tmp_path / "mine", cgroup_subtree_control="cpu memory")
    groups = Cgroups("i", find_hierarchies(tmp_path, own))
    (made,) = groups.place("w", os.getpid(), LIMITS)
    assert made == mine / "hansa-i" / "w"
    assert (made / "memory.max").read_text() == str(64 * 1024 * 1024)
    assert (made / "cpu.max").read_text() == "50000 100000"
    assert (mine / "hansa-i" / "cgroup.subtree_control").read_text() == "+cpu +memory"


def test_version_2_without_controllers_says_so(tmp_path: Path, own: Path) -> None:
    own.write_text("0::/mine\n")
    group(tmp_path, cgroup_controllers="cpu memory")
    group(tmp_path / "mine", cgroup_subtree_control="")
    groups = Cgroups("i", find_hierarchies(tmp_path, own))
    assert "without limits of cpu and memory" in groups.note()
    assert groups.place("w", os.getpid(), LIMITS) == ()


def test_part_of_the_controllers_says_which_is_missing(tmp_path: Path, own: Path) -> None:
    own.write_text("2:cpu:/\n")
    group(tmp_path / "cpu")
    note = Cgroups("i", find_hierarchies(tmp_path, own)).note()
    assert "without limits of memory" in note


def test_kernel_that_refuses_is_noted(tmp_path: Path, own: Path) -> None:
    own.write_text("2:cpu:/\n")
    group(tmp_path / "cpu" / "hansa-i" / "w").joinpath("cpu.cfs_quota_us").mkdir()
    group(tmp_path / "cpu")
    groups = Cgroups("i", find_hierarchies(tmp_path, own))
    groups.place("w", os.getpid(), LIMITS)
    assert "cannot use" in groups.note()


def test_no_limits_make_no_groups(tmp_path: Path, own: Path) -> None:
    own.write_text("2:cpu:/\n")
    group(tmp_path / "cpu")
    groups = Cgroups("i", find_hierarchies(tmp_path, own))
    assert groups.place("w", os.getpid(), Limits()) == ()
    assert not (tmp_path / "cpu" / "hansa-i").exists()


def test_removing_takes_empty_groups_only(tmp_path: Path) -> None:
    first, second = tmp_path / "hansa-i" / "a", tmp_path / "hansa-i" / "b"
    for path in (first, second):
        path.mkdir(parents=True)
    (second / "child").mkdir()
    cgroups.remove([first, second, tmp_path / "hansa-i" / "unknown"])
    assert not first.exists()
    assert second.exists()
    (second / "child").rmdir()
    cgroups.remove([second])
    assert not (tmp_path / "hansa-i").exists()
    assert tmp_path.exists()


def test_removing_waits_for_the_dead_if_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = tmp_path / "hansa-i" / "a"
    group.mkdir(parents=True)
    rmdir, refusals = Path.rmdir, [OSError(16, "busy")] * 3

    def refuse_for_a_while(path: Path) -> None:
        if path == group and refusals:
            raise refusals.pop()
        rmdir(path)

    monkeypatch.setattr(Path, "rmdir", refuse_for_a_while)
    cgroups.remove([group])
    assert group.exists()
    cgroups.remove([group], wait=True)
    assert not (tmp_path / "hansa-i").exists()


@pytest.mark.parametrize("file", ["memory.oom_control", "memory.events"])
def test_out_of_memory_is_read(tmp_path: Path, file: str) -> None:
    assert cgroups.out_of_memory_kills([tmp_path]) == 0
    (tmp_path / file).write_text("low 0\noom_kill 2\n")
    assert cgroups.out_of_memory_kills([tmp_path]) == 2


def test_processes_run_in_their_group_and_leave_none(tmp_path: Path, own: Path) -> None:
    """On the real tree of the CPU controller, version 1."""
    real = Path("/proc/self/cgroup").read_text().splitlines()
    lines = [line for line in real if "cpu" in line.split(":")[1].split(",")]
    own.write_text("\n".join(lines))
    hierarchies = find_hierarchies(own=own)
    if not hierarchies:
        pytest.skip("this user may not make control groups of version 1")
    bench = LocalBench(tmp_path)
    installation = uuid.uuid4().hex
    bench.cgroups = Cgroups(installation, hierarchies)
    bench.reopen()
    parent = hierarchies[0].parent / f"hansa-{installation}"
    try:
        workload, process = bench.started("n-1-orderer0", "--lost-child", limits=LIMITS)
        child = bench.child(workload)
        listed = (parent / "n-1-orderer0" / "cgroup.procs").read_text().split()
        assert str(process.pid) in listed
        assert (parent / "n-1-orderer0" / "cpu.cfs_quota_us").read_text() == "50000\n"
        bench.reopen()
        assert bench.driver.await_ready(workload.name, SECONDS).pid == process.pid
        bench.die(workload.name)
        bench.recovered(workload.name)
        assert not is_alive(child)
        bench.driver.remove(workload.name)
        assert not parent.exists()
    finally:
        bench.end()
