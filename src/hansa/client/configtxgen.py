"""``configtxgen`` that also takes the AMB guide's ``configtx.yaml``.

``python -m hansa.client.configtxgen REAL ARGUMENTS…`` runs the program REAL. Where the file needs
completing (see :mod:`hansa.client.configtx`), REAL gets a completed copy; otherwise it gets the
very arguments that came in. What was changed is said on stderr.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from hansa.client.configtx import CONTAINER_HOME, complete, map_home, with_absolute_paths

FILE_NAME = "configtx.yaml"


def option(arguments: Sequence[str], name: str) -> tuple[int, str] | None:
    """Where and what the value of a Go option is: ``-name V``, ``--name V``, ``-name=V``.

    The index is that of the (first) argument to replace.
    """
    for index, argument in enumerate(arguments):
        if argument in (f"-{name}", f"--{name}") and index + 1 < len(arguments):
            return index, arguments[index + 1]
        for prefix in (f"-{name}=", f"--{name}="):
            if argument.startswith(prefix):
                return index, argument[len(prefix) :]
    return None


def with_config_path(arguments: Sequence[str], directory: str) -> list[str]:
    """``arguments`` with ``directory`` as the value of ``-configPath``."""
    found = option(arguments, "configPath")
    if found is None:
        return [*arguments, "-configPath", directory]
    index = found[0]
    rest = index + (1 if "=" in arguments[index] else 2)
    return [*arguments[:index], "-configPath", directory, *arguments[rest:]]


def container_home(environment: Mapping[str, str]) -> str | None:
    """What ``/opt/home`` stands for here: None where that directory exists."""
    if Path(CONTAINER_HOME).exists():
        return None
    return environment.get("HANSA_CLIENT_HOME") or environment.get("HOME")


def config_directory(arguments: Sequence[str], environment: Mapping[str, str]) -> Path:
    """The directory that configtxgen would read, else the working directory if that has a file."""
    found = option(arguments, "configPath")
    if found is not None:
        return Path(found[1])
    named = Path(environment.get("FABRIC_CFG_PATH") or ".")
    return named if (named / FILE_NAME).exists() else Path()


def run(real: str, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run ``real``; returns its exit code."""
    home = container_home(environment)
    mapped = [map_home(argument, home) for argument in arguments]
    if mapped != list(arguments):
        _say(f"taking {CONTAINER_HOME} for {home}")
    directory = config_directory(mapped, environment).absolute()
    document = _load(directory / FILE_NAME)
    if document is None:
        return _run(real, mapped, environment)
    completed = complete(document, home)
    if completed == document:
        return _run(real, with_config_path(mapped, str(directory)), environment)
    _say(f"{directory / FILE_NAME} was adapted to Fabric 2.5, in a copy")
    with tempfile.TemporaryDirectory(prefix="configtx-") as copy:
        text = yaml.safe_dump(with_absolute_paths(completed, str(directory)))
        (Path(copy) / FILE_NAME).write_text(text)
        return _run(real, with_config_path(mapped, copy), environment)


def _load(file: Path) -> dict[str, Any] | None:
    """The file's content; None where configtxgen itself should speak about the file."""
    try:
        document = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    return document if isinstance(document, dict) else None


def _run(real: str, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    return subprocess.run([real, *arguments], env=dict(environment), check=False).returncode


def _say(text: str) -> None:
    sys.stderr.write(f"configtxgen (hansa): {text}\n")


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:], os.environ))
