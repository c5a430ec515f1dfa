"""The external builders with the engine's real compilers and modules."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fabric.packages import (
    CONTRACT_JS,
    EXAMPLE_PATH,
    GOPATH_1X,
    PLAIN_MODULE,
    PRY,
    SHIM_JS,
    Peer,
    read_until,
    running_below,
    serving,
)
from tests.fabric.rig import until

from hansa.chaincode.config import load_config
from hansa.engine import Engine, locate_engine
from hansa.engine.sources import engine_sources

pytestmark = pytest.mark.fabric

NewPeer = Callable[..., Peer]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return locate_engine(os.environ)


@pytest.fixture
def new_peer(engine: Engine, tmp_path: Path) -> NewPeer:
    def make(language: str, sandbox: str = "auto") -> Peer:
        return Peer(engine.root / "builders" / language, tmp_path, sandbox)

    return make


def sandboxes() -> list[str]:
    return ["none", *(["bubblewrap"] if shutil.which("bwrap") else [])]


def module(name: str) -> dict[str, str]:
    """A module of the engine's own, with the dependencies of one kind of chaincode."""
    folder = engine_sources() / "chaincode-go" / name
    return {f"src/{file.name}": file.read_text() for file in folder.iterdir()}


@pytest.mark.parametrize("sandbox", sandboxes())
def test_a_gopath_of_fabric_1x_compiles_unchanged(new_peer: NewPeer, sandbox: str) -> None:
    peer = new_peer("golang", sandbox)
    files = {
        f"src/{EXAMPLE_PATH}/main.go": GOPATH_1X,
        # What the client's GOPATH adds to the package, and what a 1.x project vendors.
        "src/github.com/hyperledger/fabric/core/chaincode/shim/stub.go": "package shim\n",
        f"src/{EXAMPLE_PATH}/vendor/github.com/hyperledger/fabric/protos/peer/old.go": (
            "package peer\n\nvar Response = 1\n"
        ),
        "META-INF/statedb/couchdb/indexes/index.json": "{}",
    }
    peer.unpack("GOLANG", EXAMPLE_PATH, files)
    assert peer.detect()
    done = peer.build(GOPROXY="off")
    assert done.returncode == 0, done.stderr
    assert os.access(peer.output / "chaincode", os.X_OK)
    release = peer.directory / "release"
    release.mkdir()
    assert peer.call("release", peer.output, release).returncode == 0
    assert (release / "statedb/couchdb/indexes/index.json").read_text() == "{}"


@pytest.mark.parametrize("name", ["shim", "contractapi", "contractapi2"])
def test_a_module_compiles_with_what_is_prefetched(new_peer: NewPeer, name: str) -> None:
    peer = new_peer("golang")
    peer.unpack("golang", f"hansa.local/engine/chaincode-go/{name}", module(name))
    done = peer.build(GOPROXY="off")
    assert done.returncode == 0, done.stderr
    assert "built in" in peer.log.read_text()


def test_a_vendored_module_compiles(new_peer: NewPeer) -> None:
    peer = new_peer("golang")
    files = {
        "src/go.mod": PLAIN_MODULE + "\nrequire example.com/word v1.0.0\n",
        "src/main.go": (
            'package main\n\nimport "example.com/word"\n\nfunc main() { println(word.Word) }\n'
        ),
        "src/vendor/modules.txt": (
            "# example.com/word v1.0.0\n## explicit; go 1.21\nexample.com/word\n"
        ),
        "src/vendor/example.com/word/word.go": 'package word\n\nconst Word = "moin"\n',
    }
    peer.unpack("golang", "example.com/plain", files)
    done = peer.build(GOPROXY="off")
    assert done.returncode == 0, done.stderr


def with_own_modules(builder: Path, directory: Path) -> Path:
    """The builder for Go with a folder of modules of its own, in which there are none."""
    (directory / "bin").mkdir(parents=True)
    (directory / "modules").mkdir()
    shared, own = builder.parent / "config.json", directory / "config.json"
    config = load_config(shared)
    golang = replace(config.require_golang(), modules=str(directory / "modules"))
    replace(config, golang=golang).save(own)
    for stub in (builder / "bin").iterdir():
        copy = directory / "bin" / stub.name
        copy.write_text(stub.read_text().replace(str(shared), str(own)))
        copy.chmod(0o700)
    return directory


def publish(directory: Path, module: str) -> None:
    """Version 1.0.0 of a module with one package, as a module proxy has it."""
    versions = directory / module / "@v"
    versions.mkdir(parents=True)
    files = {
        "go.mod": f"module {module}\n\ngo 1.21\n",
        "word.go": 'package word\n\nconst Word = "moin"\n',
    }
    (versions / "v1.0.0.info").write_text('{"Version": "v1.0.0"}')
    (versions / "v1.0.0.mod").write_text(files["go.mod"])
    with zipfile.ZipFile(versions / "v1.0.0.zip", "w") as content:
        for name, text in files.items():
            content.writestr(f"{module}@v1.0.0/{name}", text)


@pytest.mark.parametrize("sandbox", sandboxes())
def test_what_one_module_had_fetched_and_compiled_serves_the_next(
    engine: Engine, tmp_path: Path, sandbox: str
) -> None:
    # What was compiled is the engine's to keep: nobody has compiled this one.
    word = f"example.com/word{secrets.token_hex(6)}"
    publish(tmp_path / "proxy", word)
    builder = with_own_modules(engine.root / "builders" / "golang", tmp_path / "builder")

    def compiled(name: str, proxy: str) -> list[str]:
        """The packages that the build of a contract named ``name`` had to compile."""
        (tmp_path / name).mkdir()
        peer = Peer(builder, tmp_path / name, sandbox)
        files = {
            "src/go.mod": f"module example.com/{name}\n\ngo 1.21\n\nrequire {word} v1.0.0\n",
            "src/main.go": (
                f'package main\n\nimport "{word}"\n\nfunc main() {{ println(word.Word) }}\n'
            ),
        }
        peer.unpack("golang", f"example.com/{name}", files)
        done = peer.build(GOPROXY=proxy, GOSUMDB="off", GOFLAGS="-v")
        assert done.returncode == 0, done.stderr
        told = peer.log.read_text().splitlines()
        return [line for line in told if line.startswith("example.com/")]

    with serving(tmp_path / "proxy") as (url, asked):
        assert compiled("first", url) == [word, "example.com/first"]
    assert f"/{word}/@v/v1.0.0.zip" in asked
    assert compiled("second", "off") == ["example.com/second"]


@pytest.mark.parametrize("sandbox", sandboxes())
def test_a_compilers_message_reaches_the_peer_and_the_log(new_peer: NewPeer, sandbox: str) -> None:
    peer = new_peer("golang", sandbox)
    broken = "package main\n\nfunc main() {\n\tundefinedThing()\n}\n"
    peer.unpack("golang", "example.com/plain", {"src/go.mod": PLAIN_MODULE, "src/main.go": broken})
    done = peer.build()
    assert done.returncode == 1
    for text in (done.stderr, peer.log.read_text()):
        assert "./main.go:4:2: undefined: undefinedThing" in text
        assert "building chaincode mycc failed: go ended with exit code 1" in text
    assert not list(peer.output.iterdir())
    assert peer.log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("sandbox", sandboxes())
def test_go_chaincode_is_kept_from_keys_and_is_told_to_end(new_peer: NewPeer, sandbox: str) -> None:
    peer = new_peer("golang", sandbox)
    key = peer.directory / "peer.key"
    key.write_text("secret")
    files = {"src/go.mod": PLAIN_MODULE, "src/main.go": PRY % key}
    peer.unpack("golang", "example.com/plain", files)
    assert peer.build().returncode == 0
    with peer.run() as process:
        told = read_until(process, "ready")
        process.send_signal(signal.SIGTERM)
        told += read_until(process, "SIGTERM")
        code = process.wait(timeout=20)
    assert told[-1] == "got SIGTERM"
    assert code == 3
    assert not [line for line in told if "not readable" in line]
    processes = next(line.split() for line in told if line.startswith("processes"))
    assert processes[2:] == ["mycc:v0", "-peer.address=127.0.0.1:1"]
    if sandbox == "bubblewrap":
        assert "key hidden" in told
        assert int(processes[1]) <= 3
        assert not [line for line in told if "WARNING" in line]
    else:
        assert "key read" in told
        assert [line for line in told if "WITHOUT a sandbox" in line]


@pytest.mark.parametrize("sandbox", sandboxes())
def test_chaincode_ends_with_its_keeper(new_peer: NewPeer, sandbox: str) -> None:
    """A peer that loses patience kills the process that it started."""
    peer = new_peer("golang", sandbox)
    files = {"src/go.mod": PLAIN_MODULE, "src/main.go": PRY % "/no"}
    peer.unpack("golang", "example.com/plain", files)
    assert peer.build().returncode == 0
    with peer.run() as process:
        read_until(process, "ready")
        assert running_below(peer.output)
        process.kill()
        until(lambda: not running_below(peer.output))


@pytest.mark.parametrize("sandbox", sandboxes())
def test_chaincode_ends_with_its_peer(new_peer: NewPeer, sandbox: str) -> None:
    """The peer is killed and cannot end anything."""
    peer = new_peer("golang", sandbox)
    files = {"src/go.mod": PLAIN_MODULE, "src/main.go": PRY % "/no"}
    peer.unpack("golang", "example.com/plain", files)
    assert peer.build().returncode == 0
    with peer.run(between=True) as process:
        read_until(process, "ready")
        process.kill()
        assert read_until(process, "never said")[-1] == "got SIGTERM"
        until(lambda: not running_below(peer.output))


def test_a_long_line_of_chaincode_reaches_the_peer_in_lines_that_it_takes(
    new_peer: NewPeer,
) -> None:
    peer = new_peer("golang")
    loud = (
        'package main\n\nimport "strings"\n\nfunc main() { println(strings.Repeat("x", 200000)) }\n'
    )
    peer.unpack("golang", "example.com/plain", {"src/go.mod": PLAIN_MODULE, "src/main.go": loud})
    assert peer.build().returncode == 0
    with peer.run() as process:
        told = [line for line in read_until(process, "never said") if line.startswith("x")]
        assert process.wait(timeout=20) == 0
    assert len("".join(told)) == 200000
    assert max(len(line) for line in told) < 65536


NODE_MANIFEST = (
    '{"name": "asset", "version": "1.0.0", "main": "index.js", '
    '"dependencies": {"fabric-contract-api": "^2.2.0"}}'
)


@pytest.mark.parametrize("sandbox", sandboxes())
def test_a_contract_class_starts_with_the_platforms_modules(
    new_peer: NewPeer, sandbox: str
) -> None:
    peer = new_peer("node", sandbox)
    files = {"src/package.json": NODE_MANIFEST, "src/index.js": CONTRACT_JS}
    peer.unpack("node", "/a/path", files)
    assert peer.detect()
    done = peer.build()
    assert done.returncode == 0, done.stderr
    with peer.run() as process:
        told = read_until(process, "Registering with peer")
        process.terminate()
    assert 'Registering with peer 127.0.0.1:1 as chaincode "mycc:v0"' in told[-1]


@pytest.mark.parametrize("sandbox", sandboxes())
def test_node_chaincode_on_the_shim_runs_its_start_script(new_peer: NewPeer, sandbox: str) -> None:
    peer = new_peer("node", sandbox)
    key = peer.directory / "peer.key"
    key.write_text("secret")
    manifest = (
        '{"name": "shimmed", "version": "1.0.0", "scripts": {"start": "node index.js --own"}, '
        '"dependencies": {"fabric-shim": "~1.4.0"}}'
    )
    files = {"src/package.json": manifest, "src/index.js": SHIM_JS % key}
    peer.unpack("node", "", files)
    assert peer.build().returncode == 0
    with peer.run() as process:
        told = read_until(process, "ready")
        process.send_signal(signal.SIGTERM)
        told += read_until(process, "SIGTERM")
        code = process.wait(timeout=20)
    assert "function --own --peer.address 127.0.0.1:1" in told
    assert "-----BEGIN CERTIFICATE-----" in told
    assert ("key hidden" if sandbox == "bubblewrap" else "key read") in told
    assert (told[-1], code) == ("got SIGTERM", 3)


def test_a_broken_node_package_tells_the_line_and_leaves_nothing(new_peer: NewPeer) -> None:
    peer = new_peer("node")
    files = {"src/package.json": NODE_MANIFEST, "src/index.js": "'use strict';\nclass {\n"}
    peer.unpack("node", "", files)
    done = peer.build()
    assert done.returncode == 1
    assert "index.js:2" in done.stderr
    assert "SyntaxError" in peer.log.read_text()
    assert not list(peer.output.iterdir())


def test_a_node_package_with_other_dependencies_gets_them_from_npm(new_peer: NewPeer) -> None:
    peer = new_peer("node")
    manifest = NODE_MANIFEST.replace(
        '"fabric-contract-api": "^2.2.0"', '"fabric-shim": "2.5.8", "local": "file:local"'
    )
    files = {
        "src/package.json": manifest,
        "src/index.js": CONTRACT_JS.replace(
            "'use strict';", "'use strict';\nconst { word } = require('local');"
        ),
        "src/local/package.json": '{"name": "local", "version": "1.0.0", "main": "l.js"}',
        "src/local/l.js": "exports.word = 1;\n",
    }
    peer.unpack("node", "", files)
    done = peer.build()
    assert done.returncode == 0, done.stderr
    installed = peer.output / "src" / "node_modules"
    assert (installed / "local").resolve() == peer.output / "src" / "local"
    assert (installed / "fabric-shim" / "cli.js").is_file()


def test_chaincode_as_a_service_releases_its_address(new_peer: NewPeer) -> None:
    peer = new_peer("ccaas")
    peer.unpack("ccaas", "", {"connection.json": '{"address": "127.0.0.1:9999"}'})
    assert peer.detect()
    assert peer.build().returncode == 0
    release = peer.directory / "release"
    release.mkdir()
    assert peer.call("release", peer.output, release).returncode == 0
    assert (release / "chaincode/server/connection.json").is_file()


def test_the_client_gopath_has_what_the_peer_command_looks_for(engine: Engine) -> None:
    environment = {**os.environ, **engine.environment(), "GOFLAGS": ""}
    listed = subprocess.run(
        ["go", "list", "github.com/hyperledger/fabric/core/chaincode/shim"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.returncode == 0, listed.stderr
