"""Keys and other files that are made once and then never change, in directories of mode 0700.

A directory appears under its name only when it is complete, so whoever finds it may use it, and of
two makers at the same time one wins and both see the winner's files.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

Files = Mapping[str, bytes]
"""Contents by path relative to a directory, with ``/`` between its parts."""

_SYNCS_AT_ONCE = 16


def make_once(directory: Path, make: Callable[[], Files]) -> Path:
    """Make ``directory`` with the files that ``make`` returns, unless it is there already.

    Safe against a crash at any point and against other threads and processes doing the same.
    """
    if _is_complete(directory):
        return directory
    _make_private(directory.parent)
    scratch = Path(tempfile.mkdtemp(prefix=_scratch_prefix(directory), dir=directory.parent))
    try:
        for path, content in make().items():
            _write_private(scratch / path, content)
        _sync_tree(scratch)
        try:
            scratch.rename(directory)
        except OSError:
            if not _is_complete(directory):
                raise
        _sync(directory.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return directory


def read_all(directory: Path) -> dict[str, bytes]:
    """Every file below ``directory``."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def replace_private(path: Path, content: bytes) -> None:
    """Write ``path`` (mode 0600) so that a reader sees the old content or all of the new."""
    _make_private(path.parent)
    descriptor, name = tempfile.mkstemp(prefix=_scratch_prefix(path), dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
        _sync(path.parent)
    finally:
        Path(name).unlink(missing_ok=True)


def forget(directory: Path) -> None:
    """Delete ``directory`` and what an interrupted making of it has left. Absent is fine."""
    for leftover in directory.parent.glob(_scratch_prefix(directory) + "*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if directory.exists():
        # Renamed first: a crash midway must not leave a directory that looks complete.
        doomed = Path(tempfile.mkdtemp(prefix=_scratch_prefix(directory), dir=directory.parent))
        directory.rename(doomed)
        shutil.rmtree(doomed)


def _make_private(directory: Path) -> None:
    # One by one: mkdir with parents=True gives its mode to the last one only.
    for parent in (*reversed(directory.parents), directory):
        parent.mkdir(mode=0o700, exist_ok=True)


def _is_complete(directory: Path) -> bool:
    return directory.is_dir() and any(directory.iterdir())


def _scratch_prefix(path: Path) -> str:
    return f".{path.name}."


def _write_private(path: Path, content: bytes) -> None:
    _make_private(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _sync_tree(top: Path) -> None:
    # All at once: the file system then commits many in one go, several times as fast.
    with ThreadPoolExecutor(max_workers=_SYNCS_AT_ONCE) as pool:
        list(pool.map(_sync, (top, *top.rglob("*"))))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
