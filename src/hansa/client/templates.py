"""New contracts: small ones that are complete, with tests that run without a peer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import hansa
from hansa.client.installation import ClientError
from hansa.client.sources import chaincode_name

_SUFFIX = ".tmpl"


@dataclass(frozen=True)
class Template:
    """``create`` is the function that makes an item."""

    create: str


TEMPLATES = {
    "go": Template("Create"),
    "java": Template("create"),
    "node": Template("create"),
    "python": Template("create"),
    "typescript": Template("create"),
}
"""By language."""


def write_contract(language: str, name: str, folder: Path) -> list[str]:
    """Write the template of a language into ``folder``, which is empty or not there yet.

    Returns the names of the files. Raises :class:`ClientError`.
    """
    if chaincode_name(name) != name:
        raise ClientError(
            f"{name!r} is no name of a chaincode: it takes letters and digits, with single dashes "
            f"or underscores between them, such as {chaincode_name(name)}."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ClientError(f"{folder} is there already, and not empty. Name another folder.")
    written = []
    for path, content in _files(resources.files(hansa) / "templates" / language, ""):
        target = folder / path.removesuffix(_SUFFIX)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content.replace("{{name}}", name))
        written.append(path.removesuffix(_SUFFIX))
    return sorted(written)


def _files(place: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for each in place.iterdir():
        if each.is_dir():
            yield from _files(each, f"{path}{each.name}/")
        elif each.name.endswith(_SUFFIX):
            yield f"{path}{each.name}", each.read_text()
