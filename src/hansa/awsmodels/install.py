"""Puts our models into a directory of AWS models, and takes them out again without a trace.

That is the overlay of managedblockchain, and hansafabric as a whole; a directory each. A marker
beside the files holds their digests. A file that is not ours, or that was changed since, is never
overwritten or deleted unasked; when asked, a copy is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hansa import models as hansafabric
from hansa.awsmodels.files import make_directory, write_file
from hansa.awsmodels.overlay import API_VERSION, SERVICE, files, own_files

MARKER = ".hansa-overlay.json"
BACKUP_SUFFIX = ".before-hansa"


class ForeignFileError(Exception):
    """A file in the overlay's place is not ours; the text says which, and what to do."""


@dataclass(frozen=True)
class OverlayStatus:
    """``directory`` is managedblockchain's, the first of ours.

    ``state`` is ``absent``, ``installed``, ``outdated`` (written by another version) or ``changed``
    (a file is missing or was edited); ``foreign`` are files in the places of ours.
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


def _wanted(models: Path) -> dict[Path, dict[str, bytes]]:
    """Our files by name, by the directory they belong in."""
    own = models / hansafabric.SERVICE / hansafabric.API_VERSION
    return {overlay_directory(models): files(), own: own_files()}


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


def _foreign(
    directory: Path, wanted: Mapping[str, bytes], ours: Mapping[str, str]
) -> tuple[Path, ...]:
    """Files with the overlay's names whose content we did not write."""
    present = [directory / name for name in wanted if (directory / name).exists()]
    return tuple(path for path in present if _digest(path.read_bytes()) != ours.get(path.name))


def overlay_status(models: Path) -> OverlayStatus:
    """Whether our models are below ``models``. Raises :class:`ForeignFileError`."""
    found = [_status(directory, wanted) for directory, wanted in _wanted(models).items()]
    states = {status.state for status in found}
    foreign = tuple(path for status in found for path in status.foreign)
    mixed = "changed" if "changed" in states else "outdated"
    state = states.pop() if len(states) == 1 else mixed
    return OverlayStatus(overlay_directory(models), state, foreign)


def _status(directory: Path, wanted: Mapping[str, bytes]) -> OverlayStatus:
    ours = _read_marker(directory)["files"]
    foreign = _foreign(directory, wanted, ours)
    if not ours:
        return OverlayStatus(directory, "absent", foreign)
    if foreign or any(not (directory / name).exists() for name in ours):
        return OverlayStatus(directory, "changed", foreign)
    digests = {name: _digest(content) for name, content in wanted.items()}
    return OverlayStatus(directory, "installed" if ours == digests else "outdated")


def install_overlay(models: Path, *, force: bool = False) -> OverlayStatus:
    """Write our models below ``models``; nothing changes where they are there already.

    Raises :class:`ForeignFileError` where another's file is in a place of ours; with ``force`` that
    file is kept beside it, under the suffix ``.before-hansa``, and :func:`remove_overlay` restores
    it.
    """
    all_foreign = [
        path
        for directory, wanted in _wanted(models).items()
        for path in _foreign(directory, wanted, _read_marker(directory)["files"])
    ]
    if all_foreign and not force:
        names = ", ".join(str(path) for path in all_foreign)
        raise ForeignFileError(
            f"{names} exists and was not written by Hansa; move it away, or repeat with --force, "
            f"which keeps it as *{BACKUP_SUFFIX}"
        )
    for directory, wanted in _wanted(models).items():
        _install(directory, wanted)
    return overlay_status(models)


def _install(directory: Path, wanted: Mapping[str, bytes]) -> None:
    marker = _read_marker(directory)
    made = [str(path) for path in make_directory(directory)]
    for path in _foreign(directory, wanted, marker["files"]):
        backup = path.with_name(path.name + BACKUP_SUFFIX)
        if not backup.exists():  # the first is the user's own; a later one is our file, edited
            path.rename(backup)
    record = {
        "files": {name: _digest(content) for name, content in wanted.items()},
        "directories": [*marker["directories"], *made],
    }
    for name, content in wanted.items():
        write_file(directory / name, content)
    write_file(directory / MARKER, (json.dumps(record, indent=2) + "\n").encode())


def remove_overlay(models: Path, *, force: bool = False) -> bool:
    """Delete our models and what was made for them; ``False`` where there was none.

    Raises :class:`ForeignFileError` where one of the files was edited; ``force`` deletes that too.
    """
    markers = {directory: _read_marker(directory) for directory in _wanted(models)}
    if not any(marker["files"] for marker in markers.values()):
        return False
    edited = [
        path
        for directory, wanted in _wanted(models).items()
        for path in _foreign(directory, wanted, markers[directory]["files"])
        if path.name in markers[directory]["files"]
    ]
    if edited and not force:
        names = ", ".join(str(path) for path in edited)
        raise ForeignFileError(
            f"{names} was changed after Hansa installed it; keep a copy if you need it, and repeat "
            "with --force to delete it"
        )
    for directory, marker in markers.items():
        _remove(directory, marker["files"])
    made = {Path(path) for marker in markers.values() for path in marker["directories"]}
    for directory in sorted(made, key=lambda each: -len(each.parts)):
        if directory.is_dir() and not any(directory.iterdir()):
            directory.rmdir()
    return True


def _remove(directory: Path, names: Iterable[str]) -> None:
    for name in names:
        path = directory / name
        path.unlink(missing_ok=True)
        backup = path.with_name(name + BACKUP_SUFFIX)
        if backup.exists():
            backup.rename(path)
    (directory / MARKER).unlink(missing_ok=True)
