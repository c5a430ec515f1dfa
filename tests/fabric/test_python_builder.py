"""The builder for Python with the engine's real uv."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fabric.packages import Peer, read_until, serving

from hansa.engine import locate_engine

pytestmark = pytest.mark.fabric

NO_INDEX = {"UV_DEFAULT_INDEX": "http://127.0.0.1:1/simple", "UV_HTTP_TIMEOUT": "1"}
"""Whoever asks an index fails."""

CONTRACT = """from hansa_contract import Context, Contract, evaluate
{more}

class Words(Contract):
    @evaluate
    def say(self, ctx: Context) -> str:
        return "moin"
"""

PRY = """import importlib.util, os, sys

try:
    print("key", open({key!r}).read())
except OSError:
    print("key hidden")
print("servers packages", importlib.util.find_spec("botocore"))
print("prefix", sys.prefix != sys.base_prefix, "seed", os.environ.get("PYTHONHASHSEED"))
print("settings", sorted(name for name in os.environ if name.startswith(("UV_", "PIP_"))))
sys.stdout.flush()
"""

NewPeer = Callable[..., Peer]


@pytest.fixture
def new_peer(tmp_path: Path) -> NewPeer:
    builder = locate_engine(os.environ).root / "builders" / "python"

    def make(name: str = "peer", sandbox: str = "auto") -> Peer:
        directory = tmp_path / name
        directory.mkdir()
        return Peer(builder, directory, sandbox)

    return make


def sandboxes() -> list[str]:
    return ["none", *(["bubblewrap"] if shutil.which("bwrap") else [])]


def wheel(directory: Path, name: str = "word", version: str = "1.0") -> Path:
    """A package with one module that has ``WORD``."""
    directory.mkdir(parents=True, exist_ok=True)
    information = f"{name}-{version}.dist-info"
    file = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.py", f"WORD = {version!r}\n")
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        archive.writestr(f"{information}/METADATA", head)
        kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{information}/WHEEL", kind)
        archive.writestr(f"{information}/RECORD", "")
    return file


def files(more: str = "", **others: str) -> dict[str, str]:
    return {
        "src/words.py": CONTRACT.format(more=more),
        **{f"src/{name.replace('_', '.')}": text for name, text in others.items()},
    }


def test_a_package_without_more_needs_no_network(new_peer: NewPeer) -> None:
    peer = new_peer()
    peer.unpack("python", "", files())
    assert peer.detect()
    done = peer.build(**NO_INDEX)
    assert done.returncode == 0, done.stderr
    assert (peer.output / "src/words.py").is_file()
    assert "built in" in peer.log.read_text()
    assert [str(f) for f in peer.output.rglob("*") if f.is_symlink() and not f.exists()] == []


@pytest.mark.parametrize("kind", ["requirements_txt", "pyproject_toml"])
def test_vendored_wheels_need_no_network(new_peer: NewPeer, kind: str) -> None:
    peer = new_peer()
    asked = {
        "requirements_txt": "word>=1\n",
        "pyproject_toml": '[project]\nname = "words"\nversion = "1"\ndependencies = ["word>=1"]\n',
    }
    peer.unpack("python", "", files("from word import WORD", **{kind: asked[kind]}))
    wheel(peer.source / "src" / "wheels")
    done = peer.build(**NO_INDEX)
    assert done.returncode == 0, done.stderr


def test_a_folder_of_the_users_serves_as_a_mirror(new_peer: NewPeer, tmp_path: Path) -> None:
    mirror = wheel(tmp_path / "mirror").parent
    peer = new_peer()
    peer.unpack("python", "", files("from word import WORD", requirements_txt="word==1.0\n"))
    done = peer.build(**NO_INDEX, PIP_FIND_LINKS=str(mirror), UV_OFFLINE="1")
    assert done.returncode == 0, done.stderr


def test_what_one_package_had_fetched_is_not_fetched_for_the_next(
    new_peer: NewPeer, tmp_path: Path
) -> None:
    wheel(tmp_path / "mirror" / "word")
    fetched: list[int] = []
    with serving(tmp_path / "mirror") as (url, asked):
        for name in ("first", "second"):
            peer = new_peer(name)
            source = files(f"from word import WORD  # {name}", requirements_txt="word==1.0\n")
            peer.unpack("python", "", source)
            done = peer.build(UV_DEFAULT_INDEX=url)
            assert done.returncode == 0, done.stderr
            fetched.append(len([path for path in asked if path.endswith(".whl")]))
    assert fetched[0] > 0
    assert fetched[1] == fetched[0]


def test_hashes_are_honoured(new_peer: NewPeer) -> None:
    for name, right in (("right", True), ("wrong", False)):
        peer = new_peer(name)
        peer.unpack("python", "", files("from word import WORD", requirements_txt=""))
        file = wheel(peer.source / "src" / "wheels")
        digest = hashlib.sha256(file.read_bytes()).hexdigest() if right else "0" * 64
        pinned = f"word==1.0 --hash=sha256:{digest}\n"
        (peer.source / "src/requirements.txt").write_text(pinned)
        done = peer.build(**NO_INDEX)
        assert (done.returncode == 0) is right, done.stderr
        if not right:
            assert "Hash mismatch for `word==1.0`" in done.stderr
            assert not list(peer.output.iterdir())


def test_what_cannot_be_found_is_told(new_peer: NewPeer) -> None:
    peer = new_peer()
    peer.unpack("python", "", files(requirements_txt="word==9\n"))
    wheel(peer.source / "src" / "wheels")
    done = peer.build(**NO_INDEX)
    assert done.returncode == 1
    assert "there is no version of word==9" in done.stderr
    assert "building chaincode mycc failed: uv ended with exit code 1" in done.stderr


def test_what_conflicts_with_the_platform_is_told(new_peer: NewPeer) -> None:
    peer = new_peer()
    peer.unpack("python", "", files(requirements_txt="hansa-contract==9\n"))
    (peer.source / "src" / "wheels").mkdir()
    done = peer.build(**NO_INDEX)
    assert done.returncode == 1
    assert "there is no version of hansa-contract==9" in done.stderr


@pytest.mark.parametrize("sandbox", sandboxes())
@pytest.mark.parametrize(
    ("more", "text"),
    [
        ("import nothing_like_it", "words.py:2: ModuleNotFoundError: No module named 'nothing"),
        ("class {", "words.py:2:7: SyntaxError"),
    ],
)
def test_a_module_that_fails_tells_the_line_and_leaves_nothing(
    new_peer: NewPeer, sandbox: str, more: str, text: str
) -> None:
    peer = new_peer(sandbox=sandbox)
    peer.unpack("python", "", files(more))
    done = peer.build(**NO_INDEX)
    assert done.returncode == 1
    for told in (done.stderr, peer.log.read_text()):
        assert text in told
        assert "the contracts cannot be loaded: see the file and line above" in told
    assert not list(peer.output.iterdir())


@pytest.mark.parametrize("sandbox", sandboxes())
def test_python_chaincode_is_kept_from_keys_and_settings(
    new_peer: NewPeer, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_INDEX", "http://user:password@127.0.0.1:1/simple")
    peer = new_peer(sandbox=sandbox)
    key = peer.directory / "peer.key"
    key.write_text("secret")
    peer.unpack("python", "", files(PRY.format(key=str(key))))
    assert peer.build(**NO_INDEX).returncode == 0
    with peer.run() as process:
        told = read_until(process, "the stream to the peer broke")
        assert process.wait(timeout=20) == 1
    assert ("key hidden" if sandbox == "bubblewrap" else "key secret") in told
    assert "servers packages None" in told
    assert "prefix True seed 0" in told
    assert "settings []" in told


def test_a_link_out_of_the_package_is_refused(new_peer: NewPeer) -> None:
    peer = new_peer()
    peer.unpack("python", "", files())
    (peer.source / "src" / "out").symlink_to("/etc/passwd")
    done = peer.build(**NO_INDEX)
    assert done.returncode == 1
    assert "out is a symbolic link out of the package" in done.stderr


def test_a_package_without_code_is_refused(new_peer: NewPeer) -> None:
    peer = new_peer()
    peer.unpack("python", "", {"src/readme.txt": "nothing"})
    done = peer.build(**NO_INDEX)
    assert done.returncode == 1
    assert "the package has no Python files in its folder src" in done.stderr
