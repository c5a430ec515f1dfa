"""Packages of contracts: made of a folder, or read from a file that was made before."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from hansa.client.installation import ClientError
from hansa.client.sources import detect_language, project_name, read_source
from hansa.fabric.packages import Package, PackageError, make_package, read_package


def open_package(
    source: Path, name: str | None, language: str | None, kept: Collection[str] = ()
) -> Package:
    """The package of the contract in a folder, or the one in a file; its label is the name.

    ``language`` and ``name`` are the folder's own where they are None; ``kept`` are names that a
    package of a folder otherwise leaves out. Raises :class:`ClientError`.
    """
    try:
        if source.is_file():
            return read_package(source.read_bytes())
        if not source.is_dir():
            raise ClientError(
                f"there is no {source}. Name the folder of a contract, or the file of a package."
            )
        chosen = language or detect_language(source)
        label = name or project_name(source, chosen)
        return make_package(label, chosen, "", read_source(source, chosen, kept))
    except PackageError as fault:
        raise ClientError(f"{source} cannot be used: {fault}.") from fault
