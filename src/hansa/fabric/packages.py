"""Chaincode packages: made of source code, or read as others have made them. Pure.

A package is a gzipped tar of ``metadata.json`` and ``code.tar.gz``, in which the code is below
``src/``. Source: "Fabric chaincode lifecycle", packaging, and "External builders" in Fabric's
documentation. The same code makes the same package: names are sorted, times and owners are zero.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

LANGUAGES = ("ccaas", "golang", "java", "node", "python")
UNPACKED_BYTES_MAX = 256 * 1024 * 1024
FILES_MAX = 50_000
METADATA_BYTES_MAX = 64 * 1024
# Fabric's own rule, core/chaincode/persistence.
LABEL = re.compile(r"[A-Za-z0-9]+([.+_-][A-Za-z0-9]+)*\Z")


class PackageError(ValueError):
    """The content is no package, or none that is safe to unpack; the text says why."""


@dataclass(frozen=True)
class Package:
    """``content`` is the whole; ``package_id`` is ``LABEL:SHA-256``, as peers name it."""

    package_id: str
    label: str
    language: str
    content: bytes


def make_package(label: str, language: str, path: str, files: Mapping[str, bytes]) -> Package:
    """A package of ``files``, by path relative to the code's root.

    ``path`` is Go's import path where there is no ``go.mod``. Raises :class:`PackageError`.
    """
    if language not in LANGUAGES:
        raise PackageError(
            f"the language is {language!r}; it has to be one of {', '.join(LANGUAGES)}"
        )
    if not files:
        raise PackageError("there is no file in it")
    metadata = {"path": path, "type": language, "label": _checked_label(label)}
    code = _tar({_code_name(name, language): content for name, content in files.items()})
    return read_package(
        _tar(
            {
                "metadata.json": json.dumps(metadata, separators=(",", ":")).encode(),
                "code.tar.gz": code,
            }
        )
    )


def read_package(content: bytes) -> Package:
    """What is in a package. Raises :class:`PackageError`."""
    metadata, code = package_parts(content)
    label, language = str(metadata["label"]), str(metadata["type"]).lower()
    if language not in LANGUAGES:
        raise PackageError(f"its type is {language!r}; it has to be one of {', '.join(LANGUAGES)}")
    for _ in _members(code, UNPACKED_BYTES_MAX):
        pass
    digest = hashlib.sha256(content).hexdigest()
    return Package(f"{_checked_label(label)}:{digest}", label, language, content)


def package_parts(content: bytes) -> tuple[dict[str, Any], bytes]:
    """A package's metadata, with ``label`` and ``type``, and the archive of its code.

    Raises :class:`PackageError`.
    """
    files = dict(_members(content, METADATA_BYTES_MAX + len(content)))
    if set(files) != {"metadata.json", "code.tar.gz"}:
        raise PackageError(
            "a package holds metadata.json and code.tar.gz and nothing else; this one holds "
            f"{', '.join(sorted(files)) or 'nothing'}"
        )
    try:
        read = json.loads(files["metadata.json"])
        metadata = {**read, "label": read["label"], "type": read["type"]}
    except (ValueError, KeyError, TypeError) as fault:
        raise PackageError(f"its metadata.json cannot be read: {fault}") from fault
    return metadata, files["code.tar.gz"]


def unpack_source(archive: bytes) -> dict[str, bytes]:
    """The files of a gzipped tar of source code. Raises :class:`PackageError`."""
    return dict(_members(archive, UNPACKED_BYTES_MAX))


def _checked_label(label: str) -> str:
    if not LABEL.match(label):
        raise PackageError(
            f"the label is {label!r}; it has to be letters and digits, with single '.', '+', '_' "
            "or '-' between them"
        )
    return label


def _code_name(name: str, language: str) -> str:
    """Where a file lies in the code: below ``src``, but for what Fabric reads itself."""
    is_metadata = name.startswith("META-INF/") or language == "ccaas"
    return name if is_metadata else f"src/{name}"


def _members(archive: bytes, bytes_max: int) -> Iterator[tuple[str, bytes]]:
    """The regular files of a gzipped tar, safe ones all of them."""
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for count, member in enumerate(tar):
                if count >= FILES_MAX:
                    raise PackageError(f"it holds more than {FILES_MAX} files")
                if member.isdir():
                    continue
                name = _safe_name(member)
                total += member.size
                if total > bytes_max:
                    raise PackageError(f"unpacked it is larger than {bytes_max} bytes")
                file = tar.extractfile(member)
                yield name, b"" if file is None else file.read()
    except (tarfile.TarError, OSError, EOFError) as fault:
        raise PackageError(f"it is no gzipped tar archive: {fault}") from fault


def _safe_name(member: tarfile.TarInfo) -> str:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise PackageError(f"{member.name!r} would be unpacked outside of its directory")
    if not member.isfile():
        raise PackageError(
            f"{member.name!r} is a link or a device; a package holds plain files and folders only"
        )
    return str(path)


def _tar(files: Mapping[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(files[name]), 0o100644
            tar.addfile(member, io.BytesIO(files[name]))
    return gzip.compress(raw.getvalue(), mtime=0)
