"""The builder for Java with the engine's real JDK and Maven."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fabric.packages import Peer, read_until

from hansa.engine import locate_engine

pytestmark = pytest.mark.fabric

EXAMPLE = Path(__file__).parents[2] / "examples" / "asset-contract" / "java"
CONTRACT = "src/src/main/java/asset/AssetContract.java"
WORD = "local/example/word/1.0/word-1.0"

NewPeer = Callable[[str], Peer]


@pytest.fixture
def new_peer(tmp_path: Path) -> NewPeer:
    builder = locate_engine(os.environ).root / "builders" / "java"

    def make(name: str) -> Peer:
        directory = tmp_path / name
        directory.mkdir()
        return Peer(builder, directory)

    return make


def example() -> dict[str, str]:
    files = (file for file in EXAMPLE.rglob("*") if file.is_file())
    return {f"src/{file.relative_to(EXAMPLE)}": file.read_text() for file in files}


def test_compile_errors_tell_file_and_line(new_peer: NewPeer) -> None:
    peer, files = new_peer("broken"), example()
    files[CONTRACT] = files[CONTRACT].replace("put(ctx, id, owner", "putt(ctx, id, owner", 1)
    line = (
        files[CONTRACT]
        .splitlines()
        .index("        return putt(ctx, id, owner, Long.parseLong(value));")
    )
    peer.unpack("JAVA", "", files)
    assert peer.detect()
    done = peer.build()
    assert done.returncode == 1
    for text in (done.stderr, peer.log.read_text()):
        assert f"AssetContract.java:[{line + 1},16] cannot find symbol" in text
        assert "building chaincode mycc failed: mvn ended with exit code 1" in text
        assert "\x1b" not in text
    assert not list(peer.output.iterdir())


def test_jars_that_are_built_already_run_as_they_are(new_peer: NewPeer) -> None:
    peer = new_peer("project")
    peer.unpack("java", "", example())
    assert peer.build().returncode == 0
    jars = new_peer("jars")
    jars.unpack("java", "", {})
    code = jars.source / "src"
    code.mkdir(parents=True)
    (peer.output / "libraries").rename(code / "lib")
    (peer.output / "chaincode.jar").rename(code / "chaincode.jar")
    assert jars.build().returncode == 0
    with jars.run() as process:
        told = read_until(process, "Starting chaincode as client")
        process.terminate()
    assert "Starting chaincode as client" in told[-1]


def test_a_vendored_repository_is_all_that_is_asked(new_peer: NewPeer) -> None:
    """A dependency that no registry has is found in the package."""
    peer, files = new_peer("vendored"), example()
    dependency = "<groupId>local.example</groupId><artifactId>word</artifactId>"
    version = "<version>1.0</version>"
    files["src/pom.xml"] = files["src/pom.xml"].replace(
        "</dependencies>", f"<dependency>{dependency}{version}</dependency></dependencies>"
    )
    files[f"src/repository/{WORD}.pom"] = (
        f"<project><modelVersion>4.0.0</modelVersion>{dependency}{version}</project>"
    )
    peer.unpack("java", "", files)
    with zipfile.ZipFile(peer.source / f"src/repository/{WORD}.jar", "w") as jar:
        jar.writestr("word.txt", "moin")
    done = peer.build()
    assert done.returncode == 0, done.stderr
    assert (peer.output / "libraries" / "local.example.word-1.0.jar").is_file()


def test_a_project_without_the_shim_is_refused(new_peer: NewPeer) -> None:
    peer, files = new_peer("plain"), example()
    pom = files["src/pom.xml"]
    start, end = pom.index("  <dependencies>"), pom.index("</dependencies>")
    files["src/pom.xml"] = pom[:start] + pom[end + len("</dependencies>") :]
    files[CONTRACT] = "package asset;\n\npublic final class AssetContract { }\n"
    peer.unpack("java", "", files)
    done = peer.build()
    assert done.returncode == 1
    assert "add the dependency" in done.stderr
