"""Build Fabric's and fabric-ca's programs from their pinned modules."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from hansa.engine.patch import apply_patch
from hansa.engine.run import run
from hansa.engine.workspace import GoTool, Step, Workspace

FABRIC_VERSION = "2.5.9"
FABRIC_COMMIT = "7c3876255"
FABRIC_CA_VERSION = "1.5.21"

FABRIC_MODULE = "github.com/hyperledger/fabric"
FABRIC_CA_MODULE = "github.com/hyperledger/fabric-ca"

FABRIC_PROGRAMS = (
    "peer",
    "orderer",
    "configtxgen",
    "configtxlator",
    "osnadmin",
    "discover",
    "ledgerutil",
)
FABRIC_CA_PROGRAMS = ("fabric-ca-server", "fabric-ca-client")

_FABRIC_FLAGS = (
    (
        f"-ldflags=-s -w -X {FABRIC_MODULE}/common/metadata.Version=v{FABRIC_VERSION}"
        f" -X {FABRIC_MODULE}/common/metadata.CommitSHA={FABRIC_COMMIT}"
    ),
)
_FABRIC_CA_FLAGS = (
    f"-ldflags=-s -w -X {FABRIC_CA_MODULE}/lib/metadata.Version=v{FABRIC_CA_VERSION}",
)


def fabric_target(program: str) -> str:
    """The package of a program; the orderer is our own, with small raft segments."""
    return "./cmd/orderer" if program == "orderer" else f"{FABRIC_MODULE}/cmd/{program}"


def program_steps(workspace: Workspace, go: GoTool, compiler: str) -> list[Step]:
    """One step for the modules of each of the two projects, and one for each program.

    ``compiler`` is the C compiler, which fabric-ca's SQLite needs.
    """
    fabric = workspace.part("fabric") / "bin"
    source = workspace.source("fabric")
    steps = [
        Step(
            "download Fabric's modules",
            lambda: all((fabric / name).is_file() for name in FABRIC_PROGRAMS),
            lambda: _download(go, source, [fabric_target(name) for name in FABRIC_PROGRAMS]),
        )
    ]
    steps += [
        Step(
            f"compile {name}",
            (fabric / name).is_file,
            partial(go.build, source, fabric_target(name), fabric / name, _FABRIC_FLAGS),
        )
        for name in FABRIC_PROGRAMS
    ]
    return [*steps, *_ca_steps(workspace, go, compiler)]


def _download(go: GoTool, directory: Path, targets: list[str]) -> None:
    go.packages(directory, targets)


def _ca_steps(workspace: Workspace, go: GoTool, compiler: str) -> list[Step]:
    binaries = workspace.part("fabric-ca") / "bin"
    server, client = (binaries / name for name in FABRIC_CA_PROGRAMS)
    return [
        Step(
            "compile fabric-ca-server",
            server.is_file,
            lambda: _build_ca(workspace, go, server, compiler),
        ),
        Step(
            "compile fabric-ca-client",
            client.is_file,
            lambda: go.build(
                workspace.source("fabric-ca"),
                f"{FABRIC_CA_MODULE}/cmd/fabric-ca-client",
                client,
                _FABRIC_CA_FLAGS,
                CGO_ENABLED="1",
                CC=compiler,
            ),
        ),
    ]


def _build_ca(workspace: Workspace, go: GoTool, output: Path, compiler: str) -> None:
    """Build the server of a copy of the verified module with ``hf-admin.patch`` applied."""
    source, copy = workspace.source("fabric-ca"), workspace.scratch / "fabric-ca"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in ("go.mod", "go.sum"):
        shutil.copy(source / name, copy / name)
    go.packages(copy, [f"{FABRIC_CA_MODULE}/cmd/fabric-ca-server"], CGO_ENABLED="1", CC=compiler)
    found = run(
        [go.go.program, "list", "-m", "-f", "{{.Dir}}", FABRIC_CA_MODULE], copy, go.environment()
    )
    # The module cache may be read-only: the copy is made anew, with modes of its own.
    shutil.copytree(found[-1], copy / "patched", copy_function=shutil.copyfile)
    for directory in (copy / "patched").rglob("*"):
        if directory.is_dir():
            directory.chmod(0o755)
    (copy / "patched").chmod(0o755)
    apply_patch((source / "hf-admin.patch").read_text(), copy / "patched")
    with (copy / "go.mod").open("a") as stream:
        stream.write(f"\nreplace {FABRIC_CA_MODULE} => ./patched\n")
    go.build(
        copy,
        f"{FABRIC_CA_MODULE}/cmd/fabric-ca-server",
        output,
        _FABRIC_CA_FLAGS,
        CGO_ENABLED="1",
        CC=compiler,
    )
