"""What a peer hands to a builder: a chaincode package, unpacked."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from hansa.chaincode.config import BuildError

SOURCE_BYTES_MAX = 512 * 1024**2
"""A whole node_modules, or a folder of wheels, is smaller."""

UNDEFINED = "undefined"
"""The type of a package of the legacy lifecycle that is neither Go, Java nor Node.js."""


@dataclass(frozen=True)
class Package:
    """``source`` holds ``src`` and perhaps ``META-INF``; ``path`` is what the author asked for.

    ``language`` is in lower case. ``label`` is the chaincode's name in the legacy lifecycle.
    """

    source: Path
    language: str
    path: str
    label: str

    @property
    def code(self) -> Path:
        return self.source / "src"

    @property
    def log_name(self) -> str:
        return build_log_name(self.label)


def build_log_name(label: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", label).lstrip(".") or "chaincode"
    return f"{safe[:120]}.log"


def read_package(source: Path, metadata_directory: Path) -> Package:
    """Raises :class:`BuildError` where ``metadata.json`` is not as Fabric writes it."""
    file = metadata_directory / "metadata.json"
    try:
        metadata = json.loads(file.read_text())
        language = str(metadata["type"]).lower()
        return Package(
            source=source,
            language=_language_of(source) if language == UNDEFINED else language,
            path=str(metadata.get("path") or ""),
            label=str(metadata.get("label") or ""),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BuildError(f"the package's metadata.json cannot be read: {fault}") from fault


def _language_of(source: Path) -> str:
    """What a package of the legacy lifecycle is whose language has no number there."""
    return "python" if any((source / "src").rglob("*.py")) else UNDEFINED


def refuse_too_much(directory: Path) -> None:
    """Raises :class:`BuildError` for a package that is small packed alone."""
    total = 0
    for folder, _, files in os.walk(directory):
        for file in files:
            total += Path(folder, file).lstat().st_size
            if total > SOURCE_BYTES_MAX:
                raise BuildError(
                    f"the package unpacks to more than {SOURCE_BYTES_MAX // 1024**2} MiB; "
                    "leave out of it what is not source"
                )


def copy_metadata(origin: Path, target: Path) -> None:
    """Copy ``META-INF`` (CouchDB indexes, contract metadata) where there is one."""
    if (origin / "META-INF").is_dir():
        shutil.copytree(origin / "META-INF", target / "META-INF", dirs_exist_ok=True)


def release_metadata(built: Path, release: Path) -> None:
    """Fabric wants the content of ``META-INF`` at the top of the release directory."""
    if (built / "META-INF").is_dir():
        shutil.copytree(built / "META-INF", release, dirs_exist_ok=True)


def refuse_escaping_links(directory: Path) -> None:
    """Raises :class:`BuildError` for a symbolic link that leaves ``directory``.

    A peer refuses to store a build with an absolute link, and leaves half of it behind.
    """
    root = directory.resolve()
    for link in directory.rglob("*"):
        if link.is_symlink() and (
            Path(link.readlink()).is_absolute() or not link.resolve().is_relative_to(root)
        ):
            raise BuildError(
                f"{link.relative_to(directory)} is a symbolic link out of the package; "
                "put the file itself into the package"
            )


def empty_directory(directory: Path) -> None:
    for entry in directory.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
