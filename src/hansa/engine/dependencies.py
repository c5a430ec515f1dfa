"""Fetch and compile beforehand what chaincode is given."""

from __future__ import annotations

import os
import re
import shutil
import time
from functools import partial
from pathlib import Path

from hansa.engine.run import run
from hansa.engine.toolchain import Node
from hansa.engine.workspace import GoTool, Step, Workspace

WARMED = ("shim", "contractapi", "contractapi2")
"""Modules of ``engine/chaincode-go``, each with the dependencies of one kind of chaincode."""

KEPT_SECONDS = 10 * 365 * 86400
"""Go drops what its cache has not used for five days, unless it is from the future."""

STUBBED = (
    "github.com/hyperledger/fabric/",
    "github.com/hyperledger/fabric-chaincode-go/",
    "github.com/hyperledger/fabric-protos-go/",
    "github.com/golang/protobuf/",
)

_BUILD = ("build", "-trimpath", "-ldflags=-s -w")
_PACKAGE = re.compile(r"^package (\w+)", re.MULTILINE)

_LEGACY = """package main

import (
	"github.com/hyperledger/fabric/core/chaincode/lib/cid"
	"github.com/hyperledger/fabric/core/chaincode/shim"
	"github.com/hyperledger/fabric/core/chaincode/shim/ext/statebased"
	"github.com/hyperledger/fabric/protos/ledger/queryresult"
	"github.com/hyperledger/fabric/protos/msp"
	"github.com/hyperledger/fabric/protos/peer"
)

var _ = []any{
	cid.GetMSPID, statebased.NewStateEP,
	queryresult.KV{}, msp.SerializedIdentity{}, peer.Response{},
}

func main() { shim.NewLogger("warm").Error(shim.Start(nil)) }
"""


def chaincode_go_tool(workspace: Workspace, go: GoTool) -> GoTool:
    """Go with the caches that chaincode builds will have."""
    part = workspace.part("chaincode-go")
    return GoTool(go.go, workspace, part / "modules", part / "cache")


def go_dependency_steps(workspace: Workspace, go: GoTool) -> list[Step]:
    """The steps are done for one version of Go: a cache of another one serves nothing."""
    tool = chaincode_go_tool(workspace, go)
    part, source = workspace.part("chaincode-go"), workspace.source("chaincode-go")

    def done() -> bool:
        return workspace.part_facts("chaincode-go").get("go") == go.go.version

    steps = [Step("collect Fabric 1.x packages", done, lambda: _collect(tool, source, part))]
    steps += [
        Step(f"compile {name} for chaincode", done, partial(_warm, tool, source / name))
        for name in WARMED
    ]

    def finish() -> None:
        _warm_legacy(tool, part)
        _keep(part / "cache")
        workspace.complete_part("chaincode-go", go=go.go.version)

    return [*steps, Step("compile Fabric 1.x packages", done, finish)]


def _collect(go: GoTool, source: Path, part: Path) -> None:
    """Make a GOPATH of the shim and of what it needs, with 1.x's import paths as aliases."""
    new = part / "gopath.partial"
    shutil.rmtree(new, ignore_errors=True)
    legacy, target = source / "legacy", new / "src"
    new.mkdir(parents=True)
    run([go.go.program, "mod", "vendor", "-o", str(target)], legacy, go.environment())
    (target / "modules.txt").unlink()
    run(
        [go.go.program, "run", "./cmd/alias", str(target), str(legacy / "extra"), str(target)],
        legacy,
        go.environment(),
    )
    shutil.rmtree(part / "gopath", ignore_errors=True)
    new.replace(part / "gopath")


def _warm(go: GoTool, directory: Path) -> None:
    go.packages(directory, ["."])
    run([go.go.program, *_BUILD, "-o", os.devnull, "."], directory, go.environment())


def _warm_legacy(go: GoTool, part: Path) -> None:
    own = part / "warm"
    (own / "src" / "warm").mkdir(parents=True, exist_ok=True)
    (own / "src" / "warm" / "main.go").write_text(_LEGACY)
    environment = go.environment(
        GO111MODULE="off", GOPATH=f"{part / 'gopath'}:{own}", GOFLAGS="-buildvcs=false"
    )
    run([go.go.program, *_BUILD, "-o", os.devnull, "warm"], own, environment)
    shutil.rmtree(own)


def _keep(cache: Path) -> None:
    later = time.time() + KEPT_SECONDS
    for directory in cache.iterdir():
        if directory.is_dir() and len(directory.name) == 2:
            for file in directory.iterdir():
                os.utime(file, (later, later))


def node_dependency_steps(workspace: Workspace, node: Node) -> list[Step]:
    """fabric-shim and the contract API, as the committed package-lock.json has them."""
    part, source = workspace.part("chaincode-node"), workspace.source("chaincode-node")

    def work() -> None:
        part.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, part / name)
        path = f"{Path(node.program).parent}:{workspace.environment.get('PATH', os.defpath)}"
        environment = {
            **workspace.environment,
            "PATH": path,
            "npm_config_cache": str(part / "cache"),
            "npm_config_update_notifier": "false",
        }
        options = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        run([node.npm, "ci", *options], part, environment)
        workspace.complete_part("chaincode-node", node=node.version)

    return [
        Step(
            "install Node.js packages for chaincode",
            lambda: workspace.part_is_complete("chaincode-node"),
            work,
        )
    ]


def write_client_gopath(gopath: Path, target: Path) -> None:
    """Write each package that chaincode is given as its ``package`` line alone.

    ``peer chaincode install -p`` lists imports and does not compile: it only has to find them.
    """
    for directory in sorted((gopath / "src").rglob("*")):
        name = f"{directory.relative_to(gopath / 'src')}/"
        if not directory.is_dir() or not name.startswith(STUBBED):
            continue
        found = next((file for file in sorted(directory.glob("*.go"))), None)
        package = _PACKAGE.search(found.read_text()) if found else None
        if package:
            stub = target / "src" / name / "stub.go"
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.write_text(f"{package[0]}\n")
