"""Reading the logs of chaincode, which grow and are rotated meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

from hansa.chaincode.output import FILES_MAX
from hansa.fabric.chaincodes import NO_POSITION, LogPart

PART_BYTES_MAX = 1024**2
"""A builder's or a chaincode's line is much shorter: hansa.chaincode.output.LINE_BYTES_MAX."""

_BEFORE_BYTES = 64


def read_log(file: Path, position: str | None, lines_max: int) -> LogPart:
    """The last lines of a log and its former files, or the first after ``position``.

    A position is the number of a file, which it keeps when it is renamed, a place in it, and a
    checksum of what is before that place: numbers are given anew, and the log of a build is
    written anew. Where that file is gone, reading goes on at the beginning of the oldest that there
    is. Raises ``OSError``.
    """
    with _open_all(file) as descriptors:
        if not descriptors:
            return LogPart((), position or NO_POSITION)
        if position is None:
            return _last(descriptors, lines_max)
        return _after(descriptors, position, lines_max)


def log_ends(folder: Path) -> dict[str, str]:
    """The position of the end of each log in the folder, by its name. Raises ``OSError``."""
    ends = {}
    for file in folder.glob("*.log"):
        # For a moment, while it is rotated, its newest file is already the first of the former.
        for path in _newest_first(file):
            with suppress(FileNotFoundError):
                ends[file.name] = _end(path)
                break
    return ends


def _end(path: Path) -> str:
    descriptor = _open(path)
    try:
        return _position(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _newest_first(file: Path) -> Iterator[Path]:
    """Where the log's files are."""
    yield file
    for number in range(1, FILES_MAX):
        yield file.with_name(f"{file.name}.{number}")


@contextmanager
def _open_all(file: Path) -> Iterator[Sequence[int]]:
    """The log's files, oldest first, each once."""
    opened: dict[int, int] = {}
    try:
        # The newest first: if it is renamed meanwhile, it is found twice, and not left out.
        for path in _newest_first(file):
            with suppress(FileNotFoundError):
                descriptor = _open(path)
                if opened.setdefault(_number(descriptor), descriptor) != descriptor:
                    os.close(descriptor)
        yield [*opened.values()][::-1]
    finally:
        for descriptor in opened.values():
            os.close(descriptor)


def _number(descriptor: int) -> int:
    return os.fstat(descriptor).st_ino


def _position(descriptor: int, place: int) -> str:
    before = os.pread(descriptor, min(place, _BEFORE_BYTES), max(0, place - _BEFORE_BYTES))
    return f"{_number(descriptor)}-{place}-{crc32(before)}"


def _find(descriptors: Sequence[int], position: str) -> tuple[int, int]:
    """Which file the position is in, and the place in it."""
    number, place, _ = (int(part) for part in position.split("-"))
    for index, descriptor in enumerate(descriptors):
        if _number(descriptor) == number and _position(descriptor, place) == position:
            return index, place
    return 0, 0


def _last(descriptors: Sequence[int], lines_max: int) -> LogPart:
    lines: list[str] = []
    position, left = "", PART_BYTES_MAX
    for descriptor in reversed(descriptors):
        size = os.fstat(descriptor).st_size
        begin = max(0, size - left)
        found, length = _whole_lines(os.pread(descriptor, size - begin, begin))
        position = position or _position(descriptor, begin + length)
        # What begins in the middle of the file may begin in the middle of a line.
        lines = (found[1:] if begin else found) + lines
        left -= length
        if begin or len(lines) >= lines_max:
            break
    return LogPart(tuple(lines[-lines_max:]), position)


def _after(descriptors: Sequence[int], position: str, lines_max: int) -> LogPart:
    first, place = _find(descriptors, position)
    lines: list[str] = []
    left = PART_BYTES_MAX
    for descriptor in descriptors[first:]:
        data = os.pread(descriptor, left, place)
        found, length = _whole_lines(data, lines_max - len(lines))
        lines += found
        left -= length
        position, place = _position(descriptor, place + length), 0
        if length < len(data) or not left:
            break
    return LogPart(tuple(lines), position)


def _whole_lines(data: bytes, lines_max: int | None = None) -> tuple[list[str], int]:
    """The lines that have an end, and how many bytes they take."""
    lines = data.split(b"\n")[:-1][:lines_max]
    return [line.decode(errors="replace") for line in lines], sum(len(line) + 1 for line in lines)
