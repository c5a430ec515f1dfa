"""Packages that are broken, and builds that do harm: an error that says what, and no harm."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fabric.developer import Developer, developing
from tests.fabric.packages import PLAIN_MODULE, archive, pack, pack_code

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

SECONDS, MEMORY_MIB, PROCESSES = 5, 400, 40
GOOD = {"src/go.mod": PLAIN_MODULE, "src/main.go": "package main\n\nfunc main() {}\n"}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    limits = {
        "chaincode_build_seconds": SECONDS,
        "chaincode_build_memory_mib": MEMORY_MIB,
        "chaincode_build_processes": PROCESSES,
        "chaincode_build_network": "none",
    }
    with developing(tmp_path_factory.mktemp("broken"), **limits) as developer:
        yield developer


@pytest.fixture
def developer(network: Developer) -> Iterator[Developer]:
    """The peer goes on, and leaves nothing behind of what it refused."""
    rig, name = network.user.rig, network.peer.name
    data = Path(rig.place(name).data_directory)
    before = set(data.iterdir())
    yield network
    assert rig.processes[name].poll() is None
    # But for the folder of the builds' logs.
    assert [path.name for path in set(data.iterdir()) - before if "log" not in path.name] == []
    assert network.command("lifecycle", "chaincode", "queryinstalled")


def refused(developer: Developer, package: str) -> str:
    """What the developer is told."""
    with pytest.raises(AssertionError) as fault:
        developer.install(package)
    return str(fault.value)


def test_what_is_no_archive(developer: Developer, tmp_path: Path) -> None:
    (tmp_path / "p.tgz").write_text("no archive")
    assert "error reading as gzip stream" in refused(developer, str(tmp_path / "p.tgz"))


def test_what_has_no_metadata(developer: Developer, tmp_path: Path) -> None:
    (tmp_path / "p.tgz").write_bytes(archive({"code.tar.gz": archive({})}))
    assert "missing metadata.json" in refused(developer, str(tmp_path / "p.tgz"))


def test_code_that_is_no_archive(developer: Developer, tmp_path: Path) -> None:
    package = pack_code(tmp_path / "p.tgz", "noarchive_1", "golang", b"no archive")
    assert "gzip: invalid header" in refused(developer, package)


def test_an_unknown_language(developer: Developer, tmp_path: Path) -> None:
    package = pack(tmp_path / "p.tgz", "cobol_1", "cobol", {"src/main.cob": "STOP RUN."})
    assert "external builder 'unknown' failed" in refused(developer, package)
    told = developer.build_log("cobol_1")
    assert "there is no builder for chaincode of the type 'cobol'" in told
    assert "ccaas, golang, java, node, python" in told


@pytest.mark.parametrize(
    ("language", "files", "told"),
    [
        ("golang", {"src/readme": "no code"}, "no Go files"),
        ("node", {"src/index.js": ""}, "no package.json"),
        ("node", {"src/package.json": '{"main": "a.js"}'}, "a.js, is not in the package"),
        ("java", {"src/Main.java": ""}, "no pom.xml, no build.gradle and no jar"),
        ("python", {"src/readme": "no code"}, "no Python files"),
        ("ccaas", {"readme": "no address"}, "needs a connection.json"),
    ],
)
def test_missing_files(
    developer: Developer, tmp_path: Path, language: str, files: dict[str, str], told: str
) -> None:
    label = f"missing_{language}"
    package = pack(tmp_path / "p.tgz", label, language, files)
    assert f"external builder '{language}' failed" in refused(developer, package)
    assert told in developer.build_log(label)


@pytest.mark.parametrize("name", ["../../evil", "src/../../../evil"])
def test_paths_that_lead_out(developer: Developer, tmp_path: Path, name: str) -> None:
    package = pack(tmp_path / "p.tgz", "evil_1", "golang", {**GOOD, name: "x"})
    assert "absolute or escaping path" in refused(developer, package)
    data = Path(developer.user.rig.place(developer.peer.name).data_directory)
    assert not list(data.parents[2].rglob("evil"))


@pytest.mark.parametrize("goal", ["/etc/passwd", "../../../config/msp/keystore"])
def test_links_that_lead_out(developer: Developer, tmp_path: Path, goal: str) -> None:
    link = tarfile.TarInfo("src/link")
    link.type, link.linkname = tarfile.SYMTYPE, goal
    files = {name: text.encode() for name, text in GOOD.items()}
    package = pack_code(tmp_path / "p.tgz", "link_1", "golang", archive({**files, "l": link}))
    refused(developer, package)


def test_what_unpacks_to_too_much(developer: Developer, tmp_path: Path) -> None:
    """A few MB that become more than a package may have."""
    zeros = b"\0" * (64 * 1024**2)
    files = {name: text.encode() for name, text in GOOD.items()}
    bomb = archive({**files, **{f"src/{number}": zeros for number in range(9)}})
    package = pack_code(tmp_path / "p.tgz", "bomb_1", "golang", bomb)
    refused(developer, package)
    assert "unpacks to more than 512 MiB" in developer.build_log("bomb_1")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("node -e 'for(;;){}'", f"ended after {SECONDS} s (setting chaincode_build_seconds)"),
        (
            "node -e 'for (const a = [];;) a.push(Buffer.alloc(1e6, 1))'",
            f"and {MEMORY_MIB} are allowed (setting chaincode_build_memory_mib)",
        ),
        ("for i in $(seq 99); do sleep 60 & done; wait", "(setting chaincode_build_processes)"),
        ("yes $(printf %01000d 7)", "the rest is left out"),
        ("cat KEY", "No such file or directory"),
        ("echo x > /usr/x", "Read-only file system"),
    ],
)
def test_builds_that_do_harm(developer: Developer, tmp_path: Path, script: str, told: str) -> None:
    key = next(Path(developer.user.rig.directory).rglob("server.key"))
    manifest = (
        f'{{"main": "dist/a.js", "scripts": {{"build": "{script.replace("KEY", str(key))}"}}}}'
    )
    files = {"src/package.json": manifest, "src/a.ts": ""}
    refused(developer, pack(tmp_path / "p.tgz", "harm_1", "node", files))
    assert told in developer.build_log("harm_1")


def test_a_build_without_a_network_says_what_it_lacks(developer: Developer, tmp_path: Path) -> None:
    files = {
        "src/go.mod": PLAIN_MODULE + "\nrequire example.com/word v1.0.0\n",
        "src/main.go": 'package main\n\nimport "example.com/word"\n\nfunc main() { word.Say() }\n',
    }
    refused(developer, pack(tmp_path / "p.tgz", "offline_1", "golang", files))
    assert "module lookup disabled by GOPROXY=off" in developer.build_log("offline_1")


def test_after_all_of_it_a_good_package_is_installed(developer: Developer, tmp_path: Path) -> None:
    good = pack(tmp_path / "p.tgz", "good_1", "golang", GOOD)
    assert developer.install(good).startswith("good_1:")
    data = Path(developer.user.rig.place(developer.peer.name).data_directory)
    assert not list(data.glob("fabric-*"))
