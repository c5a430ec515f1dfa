"""Whole-file writes that a crash cannot leave half done."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write ``content`` to ``path`` atomically, with ``mode``; a symbolic link is followed.

    Missing directories are made with mode 0700. Raises ``OSError``.
    """
    target = Path(os.path.realpath(path))
    make_directory(target.parent)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise


def make_directory(path: Path) -> list[Path]:
    """Make ``path`` and its missing parents, mode 0700; those made, the outermost first."""
    missing = [path, *path.parents]
    made = [each for each in missing if not each.exists()][::-1]
    for each in made:
        each.mkdir(mode=0o700, exist_ok=True)
    return made
