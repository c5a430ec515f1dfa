"""The engine's sources and the digests that name what is made from them."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

from platformdirs import user_cache_path

from hansa.engine.errors import EngineBrokenError

PACKAGE = Path(__file__).parent
BUILDER_SOURCES = PACKAGE.parent / "chaincode"
"""Copied beside the stubs that peers call."""

FORM = "1"
"""Raised when the installer makes something else of the same sources."""

PARTS = (
    "fabric",
    "fabric-ca",
    "chaincode-go",
    "chaincode-node",
    "chaincode-java",
    "chaincode-python",
)


def engine_sources() -> Path:
    """The folder ``engine`` of a checkout, or its copy in an installed package.

    Raises :class:`EngineBrokenError` where neither is there.
    """
    for candidate in (PACKAGE / "source", PACKAGE.parents[2] / "engine"):
        if (candidate / "fabric" / "go.mod").is_file():
            return candidate
    raise EngineBrokenError("Hansa's own files are incomplete (no engine sources): reinstall Hansa")


def contract_sources() -> Path:
    """The folder ``contract`` of a checkout, or its copy in an installed package.

    Raises :class:`EngineBrokenError` where neither is there.
    """
    for candidate in (PACKAGE / "contract", PACKAGE.parents[2] / "contract"):
        if (candidate / "pyproject.toml").is_file():
            return candidate
    raise EngineBrokenError("Hansa's own files are incomplete (no hansa-contract): reinstall Hansa")


def cache_root(environment: Mapping[str, str]) -> Path:
    """``$HANSA_CACHE_DIR``, else the user's cache directory (XDG)."""
    chosen = environment.get("HANSA_CACHE_DIR")
    return Path(chosen).absolute() if chosen else user_cache_path("hansa")


def part_digest(part: str) -> str:
    """Names what is built from one folder of the sources on this kind of machine."""
    return _digest(_files(engine_sources() / part), platform.machine(), part)


def engine_digest() -> str:
    """Names the whole engine: every part, the builders, and hansa-contract."""
    builders = _digest(_files(BUILDER_SOURCES), "builders")
    contract = _digest(_files(contract_sources()), "contract")
    return _digest((), *(part_digest(part) for part in PARTS), builders, contract)


def _files(directory: Path) -> list[tuple[str, Path]]:
    return [
        (str(file.relative_to(directory)), file)
        for file in sorted(directory.rglob("*"))
        if file.is_file()
        and not {"node_modules", "__pycache__"} & set(file.relative_to(directory).parts)
    ]


def _digest(files: Iterable[tuple[str, Path]], *words: str) -> str:
    total = hashlib.sha256("\0".join((FORM, *words)).encode())
    for name, file in files:
        total.update(f"\0{name}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]
