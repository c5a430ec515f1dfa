"""A contract's folder: its language, its name, and the files that belong in a package."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from hansa.client.installation import ClientError
from hansa.fabric.packages import UNPACKED_BYTES_MAX

PROJECT_FILES = {
    "go.mod": "golang",
    "package.json": "node",
    "pyproject.toml": "python",
    "requirements.txt": "python",
    "pom.xml": "java",
    "build.gradle": "java",
    "build.gradle.kts": "java",
    "chaincode.jar": "java",
    "connection.json": "ccaas",
}
"""The language of a folder, by a file that lies at its top."""

LEFT_OUT = frozenset(
    {
        ".DS_Store",
        ".git",
        ".gradle",
        ".hg",
        ".idea",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".venv",
        ".vscode",
        "__pycache__",
        "coverage",
        "node_modules",
        "venv",
    }
)
"""Names that never belong in a package: the builder makes them anew, or they are a tool's own."""

# What a project's own tool builds, beside the file that says so: elsewhere such a name is code.
_OUTPUTS = {
    "pom.xml": {"target"},
    "build.gradle": {"build"},
    "build.gradle.kts": {"build"},
    "pyproject.toml": {"build", "dist"},
}


def detect_language(folder: Path) -> str:
    """The language of the contract in ``folder``.

    Raises :class:`ClientError` where no project file says it, or several do.
    """
    found = {name: language for name, language in PROJECT_FILES.items() if (folder / name).exists()}
    languages = sorted(set(found.values()))
    if len(languages) == 1:
        return languages[0]
    if found:
        raise ClientError(
            f"{folder} has {' and '.join(found)}, so its language may be "
            f"{' or '.join(languages)}. Say which with --language."
        )
    hint = " Go code takes a go.mod: `go mod init NAME`." if any(folder.glob("*.go")) else ""
    raise ClientError(
        f"{folder} does not show which language its contract is in: it has none of "
        f"{', '.join(PROJECT_FILES)}. Name the folder of the project, or give --language.{hint}"
    )


def project_name(folder: Path, language: str) -> str:
    """The name of the contract as its project file has it, else the folder's, made a valid one.

    Raises :class:`ClientError` where nothing of it can be used, or the file cannot be read.
    """
    try:
        named = _named(folder, language)
    except (ValueError, OSError, ET.ParseError) as fault:
        raise ClientError(f"cannot read the project file of {folder}: {fault}.") from fault
    return chaincode_name(named or folder.resolve().name)


def chaincode_name(text: str) -> str:
    """``text`` as the name of a chaincode: letters and digits, single dashes or underscores.

    Raises :class:`ClientError` where there is neither a letter nor a digit in it.
    """
    last = text.rstrip("/").rpartition("/")[2]
    name = re.sub(r"[^A-Za-z0-9_]+|_{2,}", "-", last).strip("-_")
    name = re.sub(r"[-_]{2,}", "-", name)[:64].rstrip("-_")
    if not name:
        raise ClientError(f"no name for the chaincode can be made of {text!r}. Give it by --name.")
    return name


def _named(folder: Path, language: str) -> str:
    file = next((folder / n for n in _NAMING[language] if (folder / n).exists()), None)
    if file is None:
        return ""
    text = file.read_text()
    if file.name == "package.json":
        return str(json.loads(text).get("name", ""))
    if file.name == "pyproject.toml":
        return str(tomllib.loads(text).get("project", {}).get("name", ""))
    if file.name == "pom.xml":
        # The user's own file, which Maven reads the same way.
        root = ET.fromstring(text)  # noqa: S314
        return (root.findtext("{*}artifactId") or "").strip()
    pattern = r"^module\s+(\S+?)(?:/v\d+)?\s*$" if language == "golang" else _ROOT_PROJECT
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else ""


_ROOT_PROJECT = r"rootProject\.name\s*=\s*['\"]([^'\"]+)"
_NAMING: Mapping[str, tuple[str, ...]] = {
    "golang": ("go.mod",),
    "node": ("package.json",),
    "python": ("pyproject.toml",),
    "java": ("pom.xml", "settings.gradle", "settings.gradle.kts"),
    "ccaas": (),
}


def read_source(folder: Path, language: str, kept: Collection[str] = ()) -> dict[str, bytes]:
    """The files of ``folder`` for a package, by path relative to it.

    Left out are :data:`LEFT_OUT` and what builds make, but for the names in ``kept``. Raises
    :class:`ClientError` on a link that leads outside, and where it is more than a package holds.
    """
    files: dict[str, bytes] = {}
    size = 0
    for path in _files(folder, language, frozenset(kept)):
        size += path.stat().st_size
        if size > UNPACKED_BYTES_MAX:
            raise ClientError(
                f"{folder} holds more than {UNPACKED_BYTES_MAX // 1024**2} MB, the most that a "
                "package may. Name the contract's own folder, and keep data out of it."
            )
        files[path.relative_to(folder).as_posix()] = path.read_bytes()
    if not files:
        raise ClientError(f"there is no file in {folder}. Name the folder of a contract.")
    return files


def _files(folder: Path, language: str, kept: Collection[str]) -> Iterator[Path]:
    root = folder.resolve()
    for place, folders, names in os.walk(folder):
        left = LEFT_OUT | _outputs(Path(place), names, language)
        folders[:] = sorted(each for each in folders if each not in left or each in kept)
        linked = [each for each in folders if (Path(place) / each).is_symlink()]
        for name in (*linked, *sorted(names)):
            path = Path(place) / name
            if name in left and name not in kept:
                continue
            inside = path.is_file() and path.resolve().is_relative_to(root)
            if not inside:
                raise ClientError(
                    f"{path} is a link to what is not in the package, or no plain file. Put the "
                    "file itself there, or leave it out of the folder."
                )
            yield path


def _outputs(place: Path, names: Collection[str], language: str) -> frozenset[str]:
    """What builds have made in a folder with these files."""
    outputs: set[str] = set()
    for name in names:
        outputs |= _OUTPUTS.get(name, set())
    if language == "node" and "package.json" in names and _builds(place / "package.json"):
        outputs.add("dist")
    return frozenset(outputs)


def _builds(package_json: Path) -> bool:
    """Whether the builder makes ``dist`` itself."""
    try:
        return "build" in json.loads(package_json.read_text()).get("scripts", {})
    except (ValueError, AttributeError):
        return False
