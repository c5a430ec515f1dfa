"""Logs are read on from a position, whatever is added or renamed meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa.chaincode.output import RotatingFile
from hansa.fabric import log_files
from hansa.fabric.chaincodes import NO_POSITION
from hansa.fabric.log_files import log_ends, read_log


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "asset_0123456789ab.log"


def write(file: RotatingFile, first: int, last: int) -> None:
    for number in range(first, last + 1):
        file.write(f"line {number}\n".encode())


def numbers(lines: tuple[str, ...]) -> list[int]:
    return [int(line.removeprefix("line ")) for line in lines]


def test_the_last_lines_come_first_and_then_those_that_are_added(file: Path) -> None:
    log = RotatingFile(file)
    write(log, 1, 9)
    part = read_log(file, None, 3)
    assert numbers(part.lines) == [7, 8, 9]
    assert read_log(file, part.next_position, 3).lines == ()
    write(log, 10, 14)
    part = read_log(file, part.next_position, 3)
    assert numbers(part.lines) == [10, 11, 12]
    assert numbers(read_log(file, part.next_position, 3).lines) == [13, 14]


def test_no_line_is_lost_or_told_twice_where_the_file_is_rotated(file: Path) -> None:
    log = RotatingFile(file, bytes_max=50)  # six lines to a file
    read, position = [], read_log(file, None, 9).next_position
    for begin in range(1, 60, 7):
        write(log, begin, begin + 6)
        for _ in range(4):
            part = read_log(file, position, 3)
            read += numbers(part.lines)
            position = part.next_position
    assert read == list(range(1, 64))
    assert numbers(read_log(file, None, 8).lines) == list(range(56, 64))


def test_a_reader_who_is_too_late_goes_on_at_the_oldest_line(file: Path) -> None:
    log = RotatingFile(file, bytes_max=50)
    position = read_log(file, None, 9).next_position
    write(log, 1, 1)
    position = read_log(file, position, 9).next_position
    write(log, 2, 40)
    found = numbers(read_log(file, position, 99).lines)
    assert found == list(range(found[0], 41))
    assert found[0] > 2


def test_a_log_that_is_not_there_yet_is_read_from_its_beginning(file: Path) -> None:
    part = read_log(file, None, 5)
    assert part.lines == ()
    write(RotatingFile(file), 1, 2)
    assert numbers(read_log(file, part.next_position, 5).lines) == [1, 2]


def test_a_log_that_is_written_anew_is_read_from_its_beginning(file: Path) -> None:
    file.write_text("line 1\nline 2\n")
    position = read_log(file, None, 5).next_position
    file.write_text("line 3\nline 4\nline 5\n")
    assert numbers(read_log(file, position, 5).lines) == [3, 4, 5]


def test_half_a_line_waits_for_its_end(file: Path) -> None:
    file.write_text("line 1\nline ")
    part = read_log(file, None, 5)
    assert numbers(part.lines) == [1]
    file.write_text("line 1\nline 2\n")
    assert numbers(read_log(file, part.next_position, 5).lines) == [2]


def test_much_is_read_in_parts(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "PART_BYTES_MAX", 40)
    write(RotatingFile(file), 1, 9)
    assert numbers(read_log(file, None, 99).lines) == [5, 6, 7, 8, 9]
    part = read_log(file, "0-0-0", 99)
    assert numbers(part.lines) == [1, 2, 3, 4, 5]
    assert numbers(read_log(file, part.next_position, 99).lines) == [6, 7, 8, 9]


def test_what_is_no_text_and_what_is_a_link_do_no_harm(file: Path, tmp_path: Path) -> None:
    file.write_bytes(b"\xff\n")
    assert read_log(file, None, 5).lines == ("�",)
    (tmp_path / "link.log").symlink_to(file)
    with pytest.raises(OSError, match="symbolic"):
        read_log(tmp_path / "link.log", None, 5)


def test_what_was_added_to_any_log_since_is_found(file: Path) -> None:
    log = RotatingFile(file, bytes_max=50)
    write(log, 1, 8)
    ends = log_ends(file.parent)
    assert [*ends] == [file.name]
    assert log_ends(file.parent) == ends
    write(log, 9, 20)
    assert log_ends(file.parent) != ends
    assert numbers(read_log(file, ends[file.name], 99).lines)[-1] == 20
    assert numbers(read_log(file, NO_POSITION, 99).lines)[-1] == 20
    assert log_ends(file.parent / "absent") == {}
