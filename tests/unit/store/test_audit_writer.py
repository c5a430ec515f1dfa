"""One thread writes what many record; nobody who has to wait is answered before."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest
from tests.unit.store.test_audit import AT, numbers, reopened

from hansa.domain.audit import Call
from hansa.store import audit_writer
from hansa.store.audit_search import AuditQuery, walk
from hansa.store.audit_verify import verify
from hansa.store.audit_writer import AuditWriter, NotRecordedError
from hansa.store.faults import StoreError

SECONDS_MAX = 30


class Disk:
    """What is written, in batches; may be full, and may be held."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.is_full = False
        self.free = threading.Event()
        self.free.set()
        self.entered = threading.Semaphore(0)
        self.written = threading.Semaphore(0)

    @property
    def calls(self) -> list[str]:
        return [name for batch in self.batches for name in batch]

    def append(self, calls: Sequence[Call]) -> None:
        self.entered.release()
        assert self.free.wait(SECONDS_MAX)
        if self.is_full:
            raise StoreError("The disk is full.")
        self.batches.append([call.request_id for call in calls])
        self.written.release()


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def writer(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Iterator[AuditWriter]:
    monkeypatch.setattr(audit_writer, "RETRY_SECONDS", 0.01)
    made = AuditWriter(disk.append)
    yield made
    disk.is_full = False
    disk.free.set()
    made.close()


def call(name: object) -> Call:
    return Call(str(name), AT)


def wait(future: Future[None] | None) -> None:
    assert future is not None
    future.result(SECONDS_MAX)


def test_a_change_is_written_before_it_is_answered(disk: Disk, writer: AuditWriter) -> None:
    wait(writer.add(call("a"), urgent=True))
    assert disk.batches == [["a"]]


def test_what_was_read_goes_with_the_next_change(disk: Disk, writer: AuditWriter) -> None:
    assert writer.add(call("read"), urgent=False) is None
    wait(writer.add(call("change"), urgent=True))
    assert disk.batches == [["read", "change"]]


def test_what_was_read_is_written_by_itself_soon(disk: Disk, writer: AuditWriter) -> None:
    writer.add(call("read"), urgent=False)
    assert disk.written.acquire(timeout=SECONDS_MAX)
    assert disk.batches == [["read"]]


def test_what_comes_while_the_disk_is_busy_shares_one_flush(
    disk: Disk, writer: AuditWriter
) -> None:
    disk.free.clear()
    first = writer.add(call(0), urgent=True)
    assert disk.entered.acquire(timeout=SECONDS_MAX)
    others = [writer.add(call(number), urgent=True) for number in range(1, 50)]
    disk.free.set()
    for future in (first, *others):
        wait(future)
    assert disk.batches == [["0"], [str(number) for number in range(1, 50)]]


def test_a_full_disk_is_told_and_nothing_is_lost(disk: Disk, writer: AuditWriter) -> None:
    assert writer.ready() is None
    disk.is_full = True
    with pytest.raises(StoreError, match="full"):
        wait(writer.add(call("a"), urgent=True))
    with pytest.raises(NotRecordedError, match=r"was not done. The disk is full"):
        wait(_until_asked(writer))
    assert writer.add(call("b"), urgent=False) is None
    disk.is_full = False
    assert disk.written.acquire(timeout=SECONDS_MAX)
    wait(writer.add(call("c"), urgent=True))
    assert disk.calls == ["a", "b", "c"]
    assert writer.ready() is None


def test_once_there_is_room_the_next_change_is_taken(
    disk: Disk, writer: AuditWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_writer, "RETRY_SECONDS", SECONDS_MAX)
    disk.is_full = True
    with pytest.raises(StoreError):
        wait(writer.add(call("a"), urgent=True))
    disk.is_full = False
    wait(_until_asked(writer))
    assert disk.calls == ["a"]
    assert writer.ready() is None


def _until_asked(writer: AuditWriter) -> Future[None]:
    """The writer's thread tells whoever waits first, and notes the fault then."""
    event = threading.Event()
    for _ in range(1000):
        asked = writer.ready()
        if asked is not None:
            return asked
        event.wait(0.01)
    raise AssertionError("the fault is not known")


def test_memory_is_bounded_while_nothing_can_be_written(
    disk: Disk, writer: AuditWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_writer, "WAITING_MAX", 10)
    disk.is_full = True
    with pytest.raises(StoreError):
        wait(writer.add(call("first"), urgent=True))
    refused = [writer.add(call(number), urgent=False) for number in range(40)]
    told = [future for future in refused if future is not None]
    assert len(told) >= 28
    with pytest.raises(StoreError):
        wait(told[-1])


def test_somebody_who_no_longer_waits_holds_nobody_up(disk: Disk, writer: AuditWriter) -> None:
    disk.free.clear()
    writer.add(call("a"), urgent=True)
    assert disk.entered.acquire(timeout=SECONDS_MAX)
    gone = writer.add(call("b"), urgent=True)
    assert gone is not None
    gone.cancel()
    disk.free.set()
    wait(writer.add(call("c"), urgent=True))
    assert disk.calls == ["a", "b", "c"]


def test_the_end_writes_what_waits(disk: Disk) -> None:
    writer = AuditWriter(disk.append)
    for number in range(1200):
        writer.add(call(number), urgent=False)
    writer.close()
    assert disk.calls == [str(number) for number in range(1200)]


def test_the_end_comes_even_if_the_disk_is_full(disk: Disk) -> None:
    disk.is_full = True
    writer = AuditWriter(disk.append)
    writer.add(call("a"), urgent=False)
    writer.close()
    assert disk.batches == []


def test_many_threads_make_one_chain(tmp_path: Path) -> None:
    record = reopened(tmp_path)
    writer = AuditWriter(record.append)

    def work(name: int) -> None:
        for number in range(25):
            wait(writer.add(call(f"{name}-{number}"), urgent=number % 3 > 0) or _done())

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS_MAX)
    writer.close()
    assert numbers(record) == list(range(1, 201))
    assert verify(record).fault == ""
    order = [entry.call.request_id for entry in walk(record, AuditQuery())]
    for name in range(8):
        mine = [each for each in order if each.startswith(f"{name}-")]
        assert mine == [f"{name}-{number}" for number in range(25)]
    record.close()


def _done() -> Future[None]:
    future: Future[None] = Future()
    future.set_result(None)
    return future
