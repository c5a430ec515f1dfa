"""The block in the hosts file, and the choice of how names resolve."""

from __future__ import annotations

import errno
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.unit.drivers.local.bench import LocalBench

from hansa.drivers.base import PermanentDriverError, TemporaryDriverError
from hansa.drivers.local import HostsFile, NoHosts, choose_names
from hansa.drivers.local.hosts import _resolves_here

ORIGINALS = [
    b"",
    b"127.0.0.1 localhost\n",
    b"127.0.0.1 localhost",
    b"127.0.0.1 localhost\r\n\r\n# hansa x begin of something else\n\n",
    b"127.0.0.1 caf\xe9 \xff\n# hansa mine begin\n",
    b"\n",
]


def make(path: Path, content: bytes = b"127.0.0.1 localhost\n") -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("original", ORIGINALS)
def test_what_is_not_ours_stays_byte_for_byte(tmp_path: Path, original: bytes) -> None:
    file = make(tmp_path / "hosts", original)
    hosts = HostsFile(file, "mine")
    hosts.add("n-1-orderer0", ["orderer.test", "orderer.other.test"])
    hosts.add("m-1-ca", ["ca.test"])
    added = file.read_bytes()
    assert added.startswith(original)
    assert b"\n127.0.0.1 ca.test # m-1-ca\n" in added
    hosts.remove("m-1-ca")
    assert b"ca.test" not in file.read_bytes()
    assert b"127.0.0.1 orderer.test # n-1-orderer0" in file.read_bytes()
    hosts.remove("n-1-orderer0")
    assert file.read_bytes() == original


@pytest.mark.parametrize("original", ORIGINALS[:3])
@pytest.mark.parametrize("first_out", [0, 1])
def test_two_installations_side_by_side(tmp_path: Path, original: bytes, first_out: int) -> None:
    file = make(tmp_path / "hosts", original)
    both = [HostsFile(file, "one"), HostsFile(file, "one-more")]
    both[0].add("a", ["a.test"])
    both[1].add("a", ["b.test"])
    both[first_out].clear()
    assert (b"a.test" in file.read_bytes()) is (first_out == 1)
    assert (b"b.test" in file.read_bytes()) is (first_out == 0)
    both[1 - first_out].clear()
    assert file.read_bytes() == original


def test_lines_that_others_add_behind_the_block_stay(tmp_path: Path) -> None:
    file = make(tmp_path / "hosts")
    hosts = HostsFile(file, "mine")
    hosts.add("a", ["a.test"])
    with file.open("ab") as other:
        other.write(b"10.0.0.1 later\n")
    hosts.add("b", ["b.test"])
    hosts.clear()
    assert file.read_bytes() == b"127.0.0.1 localhost\n10.0.0.1 later\n"


def test_names_of_an_owner_are_replaced_and_owners_are_told_apart(tmp_path: Path) -> None:
    file = make(tmp_path / "hosts")
    hosts = HostsFile(file, "mine")
    hosts.add("a", ["old.test"])
    hosts.add("aa", ["kept.test"])
    hosts.add("a", ["new.test"])
    assert b"old.test" not in file.read_bytes()
    hosts.remove("a")
    assert b"new.test" not in file.read_bytes()
    assert b"kept.test" in file.read_bytes()


def test_nothing_to_change_writes_nothing(tmp_path: Path) -> None:
    file = make(tmp_path / "hosts")
    hosts = HostsFile(file, "mine")
    hosts.add("a", ["a.test"])
    os.utime(file, ns=(1, 1))
    hosts.add("a", ["a.test"])
    hosts.add("b", [])
    hosts.remove("c")
    assert file.stat().st_mtime_ns == 1


def test_file_is_the_same_one_with_the_same_mode(tmp_path: Path) -> None:
    file = make(tmp_path / "hosts")
    file.chmod(0o644)
    before = file.stat()
    HostsFile(file, "mine").add("a", ["a.test"])
    assert (file.stat().st_ino, file.stat().st_mode) == (before.st_ino, before.st_mode)


def test_fault_while_writing_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = make(tmp_path / "hosts")
    write, calls = os.pwrite, []

    def fails_half_way(descriptor: int, data: bytes, offset: int) -> int:
        calls.append(data)
        if len(calls) == 1:
            return write(descriptor, data[:5], offset)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data, offset)

    monkeypatch.setattr(os, "pwrite", fails_half_way)
    with pytest.raises(OSError, match="No space"):
        HostsFile(file, "mine").add("a", ["a.test"])
    assert file.read_bytes() == b"127.0.0.1 localhost\n"


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    file = make(tmp_path / "hosts")

    def add(number: int) -> None:
        HostsFile(file, f"i{number % 3}").add(f"w{number}", [f"w{number}.test"])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    assert all(f" w{number}.test ".encode() in file.read_bytes() for number in range(40))
    for number in range(3):
        HostsFile(file, f"i{number}").clear()
    assert file.read_bytes() == b"127.0.0.1 localhost\n"


@pytest.mark.parametrize("name", ["a b", "a\nb", "", "#", "-a"])
def test_what_is_no_host_name_is_refused(tmp_path: Path, name: str) -> None:
    file = make(tmp_path / "hosts")
    with pytest.raises(PermanentDriverError, match="host name"):
        HostsFile(file, "mine").add("a", [name])
    assert file.read_bytes() == b"127.0.0.1 localhost\n"


def test_names_come_with_a_workload_and_go_with_it(tmp_path: Path) -> None:
    file = make(tmp_path / "hosts")
    bench = LocalBench(tmp_path, HostsFile(file, "mine"))
    try:
        workload, _ = bench.started("n-1-orderer0")
        line = f"127.0.0.1 {workload.hostnames[0]} #".encode()
        assert line in file.read_bytes()
        bench.driver.stop(workload.name)
        assert line in file.read_bytes()
        bench.driver.stop_all()
        assert file.read_bytes() == b"127.0.0.1 localhost\n"
        bench.driver.apply(workload)
        bench.driver.stop_all()
        bench.reopen()
        bench.seen(workload.name, lambda seen: seen.pid is not None)
        assert line in file.read_bytes()
        bench.driver.remove(workload.name)
        assert file.read_bytes() == b"127.0.0.1 localhost\n"
    finally:
        bench.end()


def test_file_that_is_not_there_holds_no_names(tmp_path: Path) -> None:
    hosts = HostsFile(tmp_path / "hosts", "mine")
    hosts.remove("a")
    hosts.clear()
    with pytest.raises(FileNotFoundError):
        hosts.add("a", ["a.test"])


def test_hosts_file_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "hosts").mkdir()
    bench = LocalBench(tmp_path, HostsFile(tmp_path / "hosts", "mine"))
    workload = bench.workload("n-1-orderer0")
    with pytest.raises(TemporaryDriverError, match="set names=localhost"):
        bench.driver.apply(workload)
    bench.hosts = NoHosts()
    bench.reopen()
    bench.end()


class TestChoice:
    def choose(self, file: Path, mode: str, *, resolves: bool) -> tuple[bool, type, str]:
        choice = choose_names(mode, "test", "eu-west-1", file, "mine", lambda _: resolves)
        return choice.named, type(choice.hosts), choice.reason

    def test_auto_takes_the_first_that_works(self, tmp_path: Path) -> None:
        file = make(tmp_path / "hosts")
        assert self.choose(file, "auto", resolves=True)[:2] == (True, NoHosts)
        assert self.choose(file, "auto", resolves=False)[:2] == (True, HostsFile)
        missing = tmp_path / "missing"
        named, hosts, reason = self.choose(missing, "auto", resolves=False)
        assert (named, hosts) == (False, NoHosts)
        assert str(missing) in reason

    def test_what_is_set_is_taken(self, tmp_path: Path) -> None:
        file = make(tmp_path / "hosts")
        assert self.choose(file, "resolver", resolves=False)[:2] == (True, NoHosts)
        assert self.choose(file, "hosts", resolves=True)[:2] == (True, HostsFile)
        assert self.choose(file, "localhost", resolves=True)[:2] == (False, NoHosts)

    def test_what_cannot_be_had_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(PermanentDriverError, match="names=auto"):
            self.choose(tmp_path / "missing", "hosts", resolves=True)
        with pytest.raises(PermanentDriverError, match="one of auto"):
            self.choose(tmp_path / "missing", "dns", resolves=True)

    def test_the_name_asked_for_is_below_the_service(self, tmp_path: Path) -> None:
        asked: list[str] = []

        def resolves(name: str) -> bool:
            asked.append(name)
            return False

        choose_names("auto", "test", "eu-west-1", tmp_path, "mine", resolves)
        assert asked == ["probe.managedblockchain.eu-west-1.test"]

    @pytest.mark.parametrize(
        ("addresses", "expected"),
        [(["127.0.0.1", "::1"], True), (["127.0.0.1", "10.0.0.1"], False), ([], False)],
    )
    def test_only_this_machine_counts(
        self, monkeypatch: pytest.MonkeyPatch, addresses: list[str], expected: object
    ) -> None:
        def resolve(_name: str, _port: None) -> list[object]:
            if not addresses:
                raise socket.gaierror
            return [(0, 0, 0, "", (address, 0)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert _resolves_here("probe.test") is expected
