"""Puts the overlay into a directory of AWS models, and takes it out again without a trace.

A marker beside the files holds their digests. A file that is not ours, or that was changed since,
is never overwritten or deleted unasked; when asked, a copy is kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hansa.awsmodels.files import make_directory, write_file
from hansa.awsmodels.overlay import API_VERSION, SERVICE, files

MARKER = ".hansa-overlay.json"
BACKUP_SUFFIX = ".before-hansa"


class ForeignFileError(Exception):
    """A file in the overlay's place is not ours; the text says which, and what to do."""


@dataclass(frozen=True)
class OverlayStatus:
    """``state`` is ``absent``, ``installed``, ``outdated`` (written by another version) or
    ``changed`` (a file is missing or was edited); ``foreign`` are files in its place not ours.
    """

    directory: Path
    state: str
    foreign: tuple[Path, ...] = ()


def user_models_directory(home: Path) -> Path:
    """Where botocore looks for the user's own models."""
    return home / ".aws" / "models"


def overlay_directory(models: Path) -> Path:
    """Where the overlay lies below ``models``, a directory of botocore's search path."""
    return models / SERVICE / API_VERSION


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_marker(directory: Path) -> dict[str, Any]:
    path = directory / MARKER
    try:
        marker = json.loads(path.read_text())
        return {"files": dict(marker["files"]), "directories": list(marker["directories"])}
    except FileNotFoundError:
        return {"files": {}, "directories": []}
    except (ValueError, KeyError, TypeError) as fault:
        raise ForeignFileError(
            f"{path} cannot be read as the record of what Hansa installed ({fault}); "
            f"look at {directory}, delete what you do not need, and try again"
        ) from fault


def _foreign(directory: Path, ours: dict[str, str]) -> tuple[Path, ...]:
    """Files with the overlay's names whose content we did not write."""
    present = [directory / name for name in files() if (directory / name).exists()]
    return tuple(path for path in present if _digest(path.read_bytes()) != ours.get(path.name))


def overlay_status(models: Path) -> OverlayStatus:
    """Whether the overlay is below ``models``. Raises :class:`ForeignFileError`."""
    directory = overlay_directory(models)
    ours = _read_marker(directory)["files"]
    foreign = _foreign(directory, ours)
    if not ours:
        return OverlayStatus(directory, "absent", foreign)
    if foreign or any(not (directory / name).exists() for name in ours):
        return OverlayStatus(directory, "changed", foreign)
    wanted = {name: _digest(content) for name, content in files().items()}
    return OverlayStatus(directory, "installed" if ours == wanted else "outdated")


def install_overlay(models: Path, *, force: bool = False) -> OverlayStatus:
    """Write the overlay below ``models``; nothing changes where it is there already.

    Raises :class:`ForeignFileError` where another's file is in its place; with ``force`` that file
    is kept beside it, under the suffix ``.before-hansa``, and :func:`remove_overlay` restores it.
    """
    directory = overlay_directory(models)
    marker = _read_marker(directory)
    foreign = _foreign(directory, marker["files"])
    if foreign and not force:
        names = ", ".join(str(path) for path in foreign)
        raise ForeignFileError(
            f"{names} exists and was not written by Hansa; move it away, or repeat with --force, "
            f"which keeps it as *{BACKUP_SUFFIX}"
        )
    made = [str(path) for path in make_directory(directory)]
    for path in foreign:
        backup = path.with_name(path.name + BACKUP_SUFFIX)
        if not backup.exists():  # the first is the user's own; a later one is our file, edited
            path.rename(backup)
    wanted = files()
    record = {
        "files": {name: _digest(content) for name, content in wanted.items()},
        "directories": [*marker["directories"], *made],
    }
    for name, content in wanted.items():
        write_file(directory / name, content)
    write_file(directory / MARKER, (json.dumps(record, indent=2) + "\n").encode())
    return overlay_status(models)


def remove_overlay(models: Path, *, force: bool = False) -> bool:
    """Delete the overlay and what was made for it; ``False`` where there was none.

    Raises :class:`ForeignFileError` where one of its files was edited; ``force`` deletes that too.
    """
    directory = overlay_directory(models)
    marker = _read_marker(directory)
    if not marker["files"]:
        return False
    edited = [path for path in _foreign(directory, marker["files"]) if path.name in marker["files"]]
    if edited and not force:
        names = ", ".join(str(path) for path in edited)
        raise ForeignFileError(
            f"{names} was changed after Hansa installed it; keep a copy if you need it, and repeat "
            "with --force to delete it"
        )
    for name in marker["files"]:
        path = directory / name
        path.unlink(missing_ok=True)
        backup = path.with_name(name + BACKUP_SUFFIX)
        if backup.exists():
            backup.rename(path)
    (directory / MARKER).unlink(missing_ok=True)
    for made in sorted(map(Path, marker["directories"]), key=lambda each: -len(each.parts)):
        if made.is_dir() and not any(made.iterdir()):
            made.rmdir()
    return True
