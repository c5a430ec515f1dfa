"""The engine's tools of each language, as contracts are tested and served with them."""

from __future__ import annotations

import itertools
import os
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hansa.chaincode.config import NodeConfig
from hansa.client.installation import ClientError


def run(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], output: int | None = None
) -> int:
    """The exit code of a command in ``folder``, with ``variables`` besides the environment's.

    ``output`` takes its stdout. Raises :class:`ClientError` where it cannot be started.
    """
    environment = {**os.environ, **variables}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, stdout=output, check=False)
    except OSError as fault:
        raise ClientError(cannot_start(command, fault)) from fault
    return done.returncode


def cannot_start(command: Sequence[str], fault: OSError) -> str:
    return f"cannot start {command[0]}: {fault}. `hansa engine install` mends the engine."


def npm_install(node: NodeConfig) -> list[str]:
    """The command that installs what a project's ``package.json`` asks for."""
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    return [node.npm, "install", "--prefer-offline", "--cache", node.cache, *quiet]


def node_path(node: NodeConfig) -> str:
    """PATH, with the engine's Node.js first."""
    return f"{Path(node.node).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def own_python(folder: Path, module: str) -> str | None:
    """The Python of the project's own ``.venv``, if that has the module."""
    if not any((folder / ".venv").glob(f"lib/python*/site-packages/{module}")):
        return None
    return str((folder / ".venv" / "bin" / "python").absolute())


def python_dependencies(folder: Path, *groups: str) -> Iterator[str]:
    """What ``pyproject.toml`` asks for, and these groups of it. Raises :class:`ClientError`."""
    if not (folder / "pyproject.toml").is_file():
        return
    project = read_project(folder, "pyproject.toml", tomllib.loads)
    lists = [project.get("project", {}).get("dependencies", [])]
    lists += [project.get("dependency-groups", {}).get(group, []) for group in groups]
    for each in itertools.chain(*lists):
        if isinstance(each, str):
            yield each


def read_project(folder: Path, name: str, read: Callable[[str], Any]) -> dict[str, Any]:
    """A project file of the contract's, by its name. Raises :class:`ClientError`."""
    try:
        found = read((folder / name).read_text())
    except (ValueError, OSError) as fault:
        raise ClientError(f"cannot read {folder / name}: {fault}.") from fault
    if not isinstance(found, dict):
        raise ClientError(f"{folder / name} holds no object.")
    return found
