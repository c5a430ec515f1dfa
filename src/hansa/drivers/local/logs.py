"""A process's log: rotated by copying, and the line of it that tells why the process ended."""

from __future__ import annotations

import errno
import os
import re
import shutil
from pathlib import Path

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_FIRST = re.compile(r"^(panic: |fatal error: |Traceback )")  # what follows is a stack
_TELLING = re.compile(
    r"\b(pani(c)?|fata(l)?|erro(r)?|cannot|failed|failure|refused)\b", re.IGNORECASE
)
_TAIL_BYTES = 16_384
_LINE_MAX = 300


def telling_line(path: Path, offset: int = 0) -> str:
    """The line of the log, after ``offset`` bytes, that most likely says why a process ended.

    Without colours, shortened; empty where nothing was written.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            # Smaller than the offset: it was rotated since.
            start = offset if offset <= size else 0
            file.seek(max(start, size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    lines = [line.rstrip() for line in _ANSI.sub("", text).splitlines() if line.strip()]
    return _shorten(_choose(lines))


def _choose(lines: list[str]) -> str:
    for line in lines:
        if _FIRST.match(line) and not line.startswith("Traceback"):
            return line
    flush = [line for line in lines if not line[0].isspace()]
    telling = [line for line in flush if _TELLING.search(line)]
    return (telling or flush or lines or [""])[-1]


def _shorten(line: str) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in line).split())
    return line if len(line) <= _LINE_MAX else line[: _LINE_MAX - 1] + "…"


def rotate(path: Path, bytes_max: int, files_max: int) -> bool:
    """Where the log has grown to ``bytes_max``, keep a copy as ``….1`` and empty it.

    At most ``files_max`` old ones are kept, the newest is ``.1``. The process goes on writing to
    the same file, which it has opened for appending. Returns whether it was rotated.
    """
    try:
        if path.stat().st_size < bytes_max:
            return False
    except FileNotFoundError:
        return False
    for number in range(files_max, 1, -1):
        newer = _numbered(path, number - 1)
        if newer.exists():
            newer.replace(_numbered(path, number))
    if files_max > 0:
        _copy(path, _numbered(path, 1))
    os.truncate(path, 0)
    return True


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
        target.chmod(0o600)
    except OSError as fault:
        target.unlink(missing_ok=True)
        if fault.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        # The disk is full: the oldest need of the machine is space, so the log is emptied.
