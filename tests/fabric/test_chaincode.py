"""Chaincode on a real peer, from the user's install to an answer, by the engine's builders."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest
from tests.fabric.developer import LEGACY, NEW, Developer, developing, write
from tests.fabric.packages import CONTRACT_JS, EXAMPLE_PATH, GOPATH_1X, running_below
from tests.fabric.rig import MEMBER, until

from hansa.engine.sources import engine_sources

pytestmark = [pytest.mark.fabric, pytest.mark.slow]


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    with developing(tmp_path_factory.mktemp("chaincode")) as made:
        yield made


def test_chaincode_of_fabric_1x_by_the_legacy_lifecycle(developer: Developer) -> None:
    write(developer.user.home / "go/src" / EXAMPLE_PATH, {"main.go": GOPATH_1X})
    developer.command("chaincode", "install", "-n", "mycc", "-v", "v0", "-p", EXAMPLE_PATH)
    assert "built in" in developer.build_log("mycc")
    developer.instantiate("mycc", "golang", "init", "a", "100")
    assert f'payload:"{MEMBER}"' in developer.invoke(LEGACY, "mycc", "read")


def test_a_contract_class_in_node_by_the_legacy_lifecycle(developer: Developer) -> None:
    manifest = (
        '{"name": "asset", "version": "1.0.0", "main": "index.js", '
        '"dependencies": {"fabric-contract-api": "^2.2.0", "fabric-shim": "^2.2.0"}}'
    )
    contract = CONTRACT_JS.replace(
        "async read", "async put(ctx, k, v) { await ctx.stub.putState(k, v); }\n    async read"
    )
    code = write(developer.user.home / "asset", {"package.json": manifest, "index.js": contract})
    developer.command(
        *("chaincode", "install", "-n", "asset", "-v", "v0", "-l", "node", "-p", str(code))
    )
    developer.instantiate("asset", "node", "put", "a", "moin")
    answer = developer.command(
        *("chaincode", "query", "-C", LEGACY, "-n", "asset", "-c", '{"Args": ["read", "a"]}')
    )
    assert answer.strip() == "moin"


def test_a_contract_in_go_by_the_new_lifecycle(developer: Developer) -> None:
    home = developer.user.home
    source = engine_sources() / "chaincode-go" / "contractapi2"
    code = write(home / "capi", {file.name: file.read_text() for file in source.iterdir()})
    package = str(home / "capi.tgz")
    lifecycle = ("lifecycle", "chaincode")
    # Packing lists the module's dependencies: with modules on, which the guide's client has off.
    packing = ("package", package, "-p", str(code), "--label", "capi_1")
    developer.user.tool(
        "peer",
        *lifecycle,
        *packing,
        environment={
            **developer.user.rig.tools.environment(),
            "GO111MODULE": "on",
            "GOFLAGS": "-mod=mod",
            "PATH": f"{developer.user.rig.tools.go.parent}:{os.environ['PATH']}",
        },
    )
    developer.define("capi", developer.install(package))
    assert "status:200" in developer.invoke(NEW, "capi", "Read", "nothing")


def test_a_compilers_message_is_in_the_build_log_and_in_the_peers(developer: Developer) -> None:
    path = "github.com/broken/go"
    broken = "package main\n\nfunc main() {\n\tundefinedThing()\n}\n"
    write(developer.user.home / "go/src" / path, {"main.go": broken})
    with pytest.raises(AssertionError, match="could not build chaincode"):
        developer.command("chaincode", "install", "-n", "broken", "-v", "v0", "-p", path)
    message = "main.go:4:2: undefined: undefinedThing"
    assert message in developer.build_log("broken")
    until(lambda: message in developer.peer_log)


def test_chaincode_does_not_outlive_its_peer_and_comes_back_with_it(developer: Developer) -> None:
    rig = developer.user.rig
    query = ("chaincode", "query", "-C", LEGACY, "-n", "mycc", "-c", '{"Args": ["read"]}')
    assert developer.command(*query).strip() == MEMBER
    rig.kill(developer.peer.name)
    data = rig.place(developer.peer.name).data_directory
    until(lambda: not running_below(data))
    rig.run(developer.peer)
    until(lambda: listens(developer.user.node.peer_port))
    assert developer.command(*query).strip() == MEMBER


def listens(port: int) -> bool:
    """A peer is healthy a little before it listens, where it has chaincode to start first."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
