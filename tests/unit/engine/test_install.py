"""The installation with compilers that only pretend, so that it takes no time."""

from __future__ import annotations

import fcntl
import json
import os
import re
import threading
import zipfile
from pathlib import Path

import pytest

from hansa.engine import (
    EngineBrokenError,
    EngineError,
    EngineMissingError,
    Silent,
    engine_status,
    install,
    install_engine,
    locate_engine,
    toolchain,
)
from hansa.engine.locate import OPTIONAL, REQUIRED
from hansa.engine.sources import engine_sources

GO = """
for word do [ "$last" = -o ] && output=$word; last=$word; done
case "$1" in
env) echo go1.25.5; echo %(root)s ;;
list) case "$*" in *-m*) echo %(root)s/module ;; *) echo one; echo two ;; esac ;;
mod) mkdir -p "$output/github.com/hyperledger/fabric-chaincode-go/shim"
    echo 'package shim' > "$output/github.com/hyperledger/fabric-chaincode-go/shim/a.go"
    touch "$output/modules.txt" ;;
build) echo "$last" >> %(root)s/built
    mkdir -p "$GOCACHE/00" && touch "$GOCACHE/00/object"
    [ ! -e "%(root)s/fail-$(basename "$last")" ] || { echo 'a.go:1:1: broken'; exit 1; }
    echo one; echo two
    [ "$output" = /dev/null ] || { echo '#!/bin/sh' > "$output"; chmod 755 "$output"; } ;;
esac
"""


PIP = """while [ "$1" != --target ]; do shift; done
mkdir -p "$2/bin"
printf '#!/bin/sh\\n' >"$2/bin/uv"
"""
"""Installs a uv that installs nothing."""


class Watched(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, bool]] = []
        self.fractions: list[float] = []
        self.notes: list[str] = []
        self._name = ""

    def begin(self, step: str, number: int, total: int) -> None:
        assert 1 <= number <= total
        self._name = step

    def advance(self, fraction: float | None, detail: str) -> None:
        if fraction is not None:
            self.fractions.append(fraction)

    def end(self, seconds: float, *, skipped: bool) -> None:
        self.steps.append((self._name, skipped))

    def note(self, text: str) -> None:
        self.notes.append(text)

    @property
    def taken(self) -> list[str]:
        return [name for name, skipped in self.steps if not skipped]


def program(file: Path, script: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A machine with Go, Node.js and a compiler; its root user installs nothing."""
    tools = tmp_path / "tools/bin"
    program(tools / "go", GO % {"root": tmp_path / "tools"})
    program(tools / "node", f"echo {tools}/node 20.1.0")
    program(tools / "npm", 'mkdir -p node_modules/fabric-shim; echo "$@" > asked')
    program(tools / "java", "echo openjdk 17.0.1 2021-10-19")
    program(tools / "javac", "exit 0")
    program(tools / "mvn", 'echo "$@" > asked')
    program(tools / "gcc", "exit 0")
    program(tools / "bwrap", "exit 0")
    program(tools / "pip", PIP)
    (tmp_path / "tools/module").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr("hansa.engine.python._installer", lambda _environment: [f"{tools}/pip"])
    monkeypatch.setattr("hansa.engine.programs.apply_patch", lambda _patch, _directory: [])
    return {
        "PATH": f"{tools}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "HANSA_CACHE_DIR": str(tmp_path / "cache"),
    }


def official(directory: Path) -> Path:
    for name in REQUIRED:
        program(directory / name, "echo ' Version: v2.5.4'")
    return directory


def test_nothing_installed_says_what_to_run(machine: dict[str, str]) -> None:
    with pytest.raises(EngineMissingError, match="run: hansa engine install"):
        locate_engine(machine)
    status = engine_status(machine)
    assert status.engine is None
    assert "run: hansa engine install" in status.problem


def test_it_is_built_once(machine: dict[str, str], tmp_path: Path) -> None:
    first, second = Watched(), Watched()
    engine = install_engine(machine, first)
    assert engine == locate_engine(machine)
    assert engine.kind == "built"
    assert engine.differences() == []
    assert engine.limits() == []
    assert engine.versions() == {
        "fabric": "2.5.9",
        "fabric-ca": "1.5.21",
        "go": "1.25.5",
        "java": "17.0.1",
        "node": "20.1.0",
    }
    for name in (*REQUIRED, *OPTIONAL):
        assert os.access(engine.binary(name), os.X_OK)
    assert "compile peer" in first.taken
    assert first.fractions[-1] == 1.0
    assert not (tmp_path / "cache/build").exists()
    assert install_engine(machine, second) == engine
    assert second.taken == []
    assert len(second.steps) == len(first.steps)


def test_a_failed_build_tells_the_last_words_and_the_next_goes_on(
    machine: dict[str, str], tmp_path: Path
) -> None:
    failing = tmp_path / "tools/fail-configtxgen"
    failing.touch()
    with pytest.raises(EngineError, match=r"a\.go:1:1: broken(.|\n)*hansa engine install"):
        install_engine(machine, Watched())
    with pytest.raises(EngineMissingError):
        locate_engine(machine)
    failing.unlink()
    again = Watched()
    install_engine(machine, again)
    assert "compile peer" not in again.taken
    assert "compile configtxgen" in again.taken


def test_chaincode_caches_are_made_anew_for_another_go(
    machine: dict[str, str], tmp_path: Path
) -> None:
    install_engine(machine, Watched())
    program(
        tmp_path / "tools/bin/go", (GO % {"root": tmp_path / "tools"}).replace("1.25.5", "1.26.0")
    )
    again = Watched()
    assert install_engine(machine, again).versions()["go"] == "1.26.0"
    assert "compile peer" not in again.taken
    assert "compile shim for chaincode" in again.taken


def test_what_is_compiled_for_chaincode_is_not_dropped_by_go(
    machine: dict[str, str], tmp_path: Path
) -> None:
    install_engine(machine, Watched())
    (object_,) = (tmp_path / "cache").glob("parts/chaincode-go-*/cache/00/object")
    assert object_.stat().st_mtime > (tmp_path / "tools").stat().st_mtime + 9 * 365 * 86400


def test_a_missing_program_makes_it_broken_and_installing_mends_it(
    machine: dict[str, str], tmp_path: Path
) -> None:
    engine = install_engine(machine, Watched())
    engine.binary("peer").resolve().unlink()
    with pytest.raises(EngineBrokenError, match=r"peer is missing.*hansa engine install"):
        locate_engine(machine)
    assert "broken" in engine_status(machine).problem
    again = Watched()
    install_engine(machine, again)
    assert "compile peer" in again.taken


def test_a_go_that_was_removed_makes_it_broken(machine: dict[str, str], tmp_path: Path) -> None:
    install_engine(machine, Watched())
    (tmp_path / "tools/bin/go").unlink()
    with pytest.raises(EngineBrokenError, match="Go is no longer at"):
        locate_engine(machine)


def test_without_node_all_but_node_chaincode_works(machine: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "tools/bin/node").unlink()
    machine["PATH"] = str(tmp_path / "tools/bin")
    for name in ("basename", "mkdir", "touch", "chmod"):
        (tmp_path / "tools/bin" / name).symlink_to(f"/bin/{name}")
    watched = Watched()
    engine = install_engine(machine, watched)
    assert any("nodejs npm" in text for text in watched.notes)
    assert any("Node.js chaincode cannot be built" in text for text in engine.limits())
    config = json.loads((engine.root / "builders/config.json").read_text())
    assert config["node"] is None
    assert "hansa engine install" in config["missing"]["node"]


def test_without_maven_all_but_java_chaincode_works(
    machine: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "find_java", lambda _environment: None)
    engine = install_engine(machine, Silent())
    assert any("Java chaincode cannot be built" in text for text in engine.limits())
    config = json.loads((engine.root / "builders/config.json").read_text())
    assert config["java"] is None
    assert "maven" in config["missing"]["java"]


def test_java_packages_that_cannot_be_fetched_stop_nothing(
    machine: dict[str, str], tmp_path: Path
) -> None:
    program(tmp_path / "tools/bin/mvn", "echo no route to host; exit 1")
    watched = Watched()
    engine = install_engine(machine, watched)
    assert any("no route to host" in text for text in watched.notes)
    program(tmp_path / "tools/bin/mvn", "exit 0")
    again = Watched()
    assert install_engine(machine, again) == engine
    assert again.taken == ["fetch Java packages for chaincode"]


def test_python_packages_that_cannot_be_fetched_stop_nothing(
    machine: dict[str, str], tmp_path: Path
) -> None:
    program(tmp_path / "tools/bin/pip", "echo no route to host; exit 1")
    watched = Watched()
    engine = install_engine(machine, watched)
    assert any("no route to host" in text for text in watched.notes)
    assert any("packages of Python chaincode" in text for text in engine.limits())
    config = json.loads((engine.root / "builders/config.json").read_text())
    assert config["python"] is None
    assert "hansa engine install" in config["missing"]["python"]
    program(tmp_path / "tools/bin/pip", PIP)
    again = Watched()
    assert install_engine(machine, again).limits() == []
    assert again.taken == ["install Python packages for chaincode"]


def test_the_builders_have_a_wheel_of_hansa_contract(
    machine: dict[str, str], tmp_path: Path
) -> None:
    builders = install_engine(machine, Silent()).root / "builders"
    (wheel,) = (builders / "wheels").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read("hansa_contract-0.1.0.dist-info/METADATA").decode()
        record = archive.read("hansa_contract-0.1.0.dist-info/RECORD").decode()
    assert "hansa_contract/stub.py" in names
    assert "hansa_contract/py.typed" in names
    assert [line.split(",")[0] for line in record.splitlines()] == names
    assert (builders / "contract/hansa_contract/stub.py").is_file()
    pinned = (engine_sources() / "chaincode-python/packages.txt").read_text()
    for line in metadata.splitlines():
        if line.startswith("Requires-Dist: "):
            name = re.split(r"[<>=;~! ]", line.removeprefix("Requires-Dist: "))[0]
            assert f"\n{name}==" in f"\n{pinned}", name


def test_without_a_compiler_it_stops_before_any_work(
    machine: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "find_compiler", lambda _environment: None)
    watched = Watched()
    with pytest.raises(EngineError, match="apt-get install gcc libc6-dev"):
        install_engine(machine, watched)
    assert watched.steps == []


def test_without_room_it_stops_before_any_work(
    machine: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "FREE_BYTES_MIN", 2**62)
    with pytest.raises(EngineError, match="set HANSA_CACHE_DIR"):
        install_engine(machine, Watched())


def test_a_cache_that_cannot_be_written_says_what_to_do(
    machine: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    machine["HANSA_CACHE_DIR"] = str(tmp_path / "file/cache")
    with pytest.raises(EngineError, match="set HANSA_CACHE_DIR"):
        install_engine(machine, Watched())


def test_two_installations_do_not_meet(machine: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    told = threading.Event()

    class Waiting(Watched):
        def note(self, text: str) -> None:
            super().note(text)
            told.set()

    waiting = Waiting()
    thread = threading.Thread(target=install_engine, args=(machine, waiting))
    with (tmp_path / "cache/install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        thread.start()
        assert told.wait(20)
        assert waiting.steps == []
    thread.join(60)
    assert "another installation of the engine is running" in waiting.notes[0]
    assert locate_engine(machine).kind == "built"


@pytest.mark.parametrize("folder", ["", "bin"])
def test_a_users_own_binaries_are_used_and_left_alone(
    machine: dict[str, str], tmp_path: Path, folder: str
) -> None:
    own = official(tmp_path / "own" / folder)
    before = sorted((tmp_path / "own").rglob("*"))
    machine["HANSA_ENGINE"] = str(tmp_path / "own")
    watched = Watched()
    engine = install_engine(machine, watched)
    assert engine.kind == "official"
    assert engine.binary("peer").resolve() == own / "peer"
    assert engine.versions()["fabric"] == "2.5.4"
    told = " ".join(engine.differences())
    for word in ("hf.Admin", "OU user", "257 MB", "2.5.4", "osnadmin"):
        assert word in told
    assert "compile peer" not in watched.taken
    assert sorted((tmp_path / "own").rglob("*")) == before
    assert (engine.root / "builders/golang/bin/detect").exists()


def test_a_users_own_folder_must_have_all_that_is_needed(
    machine: dict[str, str], tmp_path: Path
) -> None:
    machine["HANSA_ENGINE"] = str(tmp_path / "own")
    with pytest.raises(EngineBrokenError, match="no peer in it"):
        locate_engine(machine)
    (official(tmp_path / "own") / "fabric-ca-client").unlink()
    with pytest.raises(EngineBrokenError, match="fabric-ca-client cannot be run"):
        locate_engine(machine)
    assert "fabric-ca-client" in engine_status(machine).problem


def test_an_engine_that_hansa_made_elsewhere_is_used_whole(machine: dict[str, str]) -> None:
    made = install_engine(machine, Watched())
    elsewhere = {**machine, "HANSA_CACHE_DIR": "/nowhere", "HANSA_ENGINE": str(made.root)}
    assert locate_engine(elsewhere).root == made.root
    assert install_engine(elsewhere, Watched()).kind == "built"


def test_the_client_has_a_configuration_and_the_packages_that_chaincode_imports(
    machine: dict[str, str],
) -> None:
    engine = install_engine(machine, Watched())
    environment = engine.environment()
    assert (Path(environment["FABRIC_CFG_PATH"]) / "core.yaml").is_file()
    stub = "src/github.com/hyperledger/fabric-chaincode-go/shim/stub.go"
    assert (Path(environment["GOPATH"]) / stub).read_text() == "package shim\n"
