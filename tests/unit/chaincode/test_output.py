from __future__ import annotations

import os
from pathlib import Path

import pytest

from hansa.chaincode import output
from hansa.chaincode.output import Bucket, ChaincodeLog, RotatingFile, log_file
from hansa.chaincode.starts import DELAY_SECONDS_MAX, HEALTHY_SECONDS, Starts
from hansa.domain.chaincode import CHAINCODE_LOGS


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_folder_has_the_name_that_is_told() -> None:
    assert output.LOGS == CHAINCODE_LOGS


@pytest.mark.parametrize(
    ("chaincode_id", "name"),
    [
        ("mycc:v0", "mycc_v0.log"),
        ("asset_1:" + "ab" * 32, "asset_1_abababababab.log"),
        ("../my cc:1", "_my_cc_1.log"),
    ],
)
def test_a_log_is_named_after_its_chaincode(tmp_path: Path, chaincode_id: str, name: str) -> None:
    assert log_file(tmp_path, chaincode_id) == tmp_path / name


def test_a_bucket_fills_with_time() -> None:
    clock = Clock()
    bucket = Bucket(10, 100, clock)
    bucket.take(150)
    assert bucket.left() == -50
    clock.now += 7
    assert bucket.left() == 20
    clock.now += 1000
    assert bucket.left() == 100


def test_a_file_is_followed_by_another_and_the_oldest_goes(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "logs" / "a.log", bytes_max=10)
    for letter in b"abcde":
        file.write(bytes([letter]) * 9)
    found = {entry.name: entry.read_text() for entry in (tmp_path / "logs").iterdir()}
    assert found == {"a.log": "e" * 9, "a.log.1": "d" * 9, "a.log.2": "c" * 9}
    assert (tmp_path / "logs" / "a.log").stat().st_mode & 0o077 == 0


def test_lines_are_whole_and_long_ones_are_cut(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    log = ChaincodeLog(RotatingFile(tmp_path / "a.log"), writer)
    for part in (b"one\ntw", b"o\n", b"x" * (output.LINE_BYTES_MAX + 5)):
        log.feed(part)
    log.finish()
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        lines = told.read().split(b"\n")
    assert lines[:2] == [b"one", b"two"]
    assert [len(line) for line in lines[2:]] == [output.LINE_BYTES_MAX, 5, 0]


def test_what_the_peer_is_not_told_is_counted(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    log = ChaincodeLog(RotatingFile(tmp_path / "a.log"), writer)
    log._told = Bucket(0, 10)
    for line in (b"1234567\n", b"too\n", b"much\n"):
        log.feed(line)
    log.say("the end")
    os.close(writer)
    with os.fdopen(reader) as told:
        lines = told.read().splitlines()
    assert lines == ["1234567", f"hansa: 2 lines are in {log.path} alone", "hansa: the end"]
    assert (tmp_path / "a.log").read_text() == "1234567\ntoo\nmuch\nhansa: the end\n"


def test_a_peer_that_has_gone_stops_nothing(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    log = ChaincodeLog(RotatingFile(tmp_path / "a.log"), writer)
    log.feed(b"word\n")
    os.close(writer)
    assert (tmp_path / "a.log").read_text() == "word\n"


def test_starts_wait_longer_with_each_failure_and_not_after_health(tmp_path: Path) -> None:
    clock = Clock()
    starts = Starts(tmp_path / "a.starts", clock)
    delays = []
    for _ in range(8):
        delays.append(starts.delay())
        starts.begun()
        starts.ended(asked=False)
    assert delays == [0, 0, 1, 2, 4, 8, 16, DELAY_SECONDS_MAX]
    clock.now += 10
    assert starts.delay() == DELAY_SECONDS_MAX - 10
    clock.now += 10
    assert starts.delay() == 0
    starts.begun()
    clock.now += HEALTHY_SECONDS
    starts.ended(asked=False)
    assert starts.delay() == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"failures": "x"}'])
def test_a_broken_note_delays_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.starts").write_text(text)
    assert Starts(tmp_path / "a.starts").delay() == 0
