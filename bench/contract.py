"""The contract that is measured, in each language, as sources and as packages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hansa.client.sources import read_source
from hansa.engine.sources import engine_sources
from hansa.fabric.packages import make_package

KINDS = {"Go": "golang", "Node.js": "node", "Java": "java", "Python": "python"}
"""Fabric's word for each language."""

_SOURCES = Path(__file__).parent / "contracts"
_GO_MODULE = "contractapi2"
_VERSION = b'ersion = "1"', b'VERSION = "1"'


def sources(language: str) -> Mapping[str, bytes]:
    """The files by name. In Go the module is the engine's, so that its sums are in one place."""
    files = read_source(_SOURCES / folder(language), KINDS[language])
    if language == "Go":
        module = engine_sources() / "chaincode-go" / _GO_MODULE
        files |= {name: (module / name).read_bytes() for name in ("go.mod", "go.sum")}
    return files


def changed(files: Mapping[str, bytes], version: str) -> dict[str, bytes]:
    """The same contract with another answer of its function ``Version``."""
    new = dict(files)
    for name, content in files.items():
        for line in _VERSION:
            if line in content:
                new[name] = content.replace(line, line.replace(b'"1"', f'"{version}"'.encode()))
    return new


def package(language: str, version: str = "1") -> bytes:
    """A package of the new lifecycle."""
    files = changed(sources(language), version)
    return make_package(f"{folder(language)}_{version}", KINDS[language], "", files).content


def chaincode(language: str, number: int) -> str:
    """The name of the deployment ``number`` on a channel."""
    return f"{folder(language)}{number}"


def version(number: int, sequence: int) -> str:
    """What the source of a definition answers."""
    return f"{number}.{sequence}"


def folder(language: str) -> str:
    """The language as a name of files and chaincode."""
    return language.lower().removesuffix(".js")
