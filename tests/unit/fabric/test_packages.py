from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable

import pytest

from hansa.fabric import packages
from hansa.fabric.packages import PackageError, make_package, read_package, unpack_source


def _tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    return raw.getvalue()


def _file(name: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member, content


def _link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def _package(code: bytes, **metadata: str) -> bytes:
    spelled = {"path": "", "type": "node", "label": "x", **metadata}
    return _tar(_file("metadata.json", json.dumps(spelled).encode()), _file("code.tar.gz", code))


def test_the_same_code_is_the_same_package() -> None:
    first = make_package("x_1", "node", "", {"package.json": b"{}", "index.js": b"1"})
    second = make_package("x_1", "node", "", {"index.js": b"1", "package.json": b"{}"})
    assert first == second
    assert first.package_id.startswith("x_1:")
    other = make_package("x_1", "node", "", {"index.js": b"2", "package.json": b"{}"})
    assert other.package_id != first.package_id
    assert read_package(first.content) == first


def test_code_lies_where_peers_look_for_it() -> None:
    package = make_package(
        "x", "golang", "github.com/x", {"main.go": b"x", "META-INF/statedb/i.json": b"{}"}
    )
    outer = unpack_source(package.content)
    assert json.loads(outer["metadata.json"]) == {
        "path": "github.com/x", "type": "golang", "label": "x",
    }  # fmt: skip
    assert set(unpack_source(outer["code.tar.gz"])) == {"src/main.go", "META-INF/statedb/i.json"}
    service = make_package("x", "ccaas", "", {"connection.json": b"{}"})
    assert set(unpack_source(unpack_source(service.content)["code.tar.gz"])) == {"connection.json"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no gzipped tar"),
        (b"PK\x03\x04", "no gzipped tar"),
        (gzip.compress(b"not a tar", mtime=0), "no gzipped tar"),
        (_tar(_file("metadata.json", b"{}")), "metadata.json and code.tar.gz and nothing else"),
        (_package(_tar(_file("src/a", b"x")), type="cobol"), "'cobol'"),
        (_package(_tar(_file("src/a", b"x")), label="../x"), "the label is '../x'"),
        (_package(b"garbage"), "no gzipped tar"),
        (_package(_tar(_file("../up", b"x"))), "outside"),
        (_package(_tar(_file("/etc/x", b"x"))), "outside"),
        (_package(_tar(_link("src/l", "/etc/passwd"))), "a link or a device"),
        (_package(_tar(_link("src/l", "src/x", tarfile.LNKTYPE))), "a link or a device"),
        (_package(_tar(_link("src/l", "", tarfile.CHRTYPE))), "a link or a device"),
    ],
)
def test_what_is_no_safe_package_is_told(content: bytes, says: str) -> None:
    with pytest.raises(PackageError) as caught:
        read_package(content)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("limit", "archive", "says"),
    [
        ("UNPACKED_BYTES_MAX", lambda: _tar(_file("src/big", b"\0" * 4096)), "larger than 1000"),
        ("FILES_MAX", lambda: _tar(*(_file(str(n), b"") for n in range(1001))), "more than 1000"),
    ],
)
def test_bombs_are_not_unpacked(
    monkeypatch: pytest.MonkeyPatch, limit: str, archive: Callable[[], bytes], says: str
) -> None:
    monkeypatch.setattr(packages, limit, 1000)
    with pytest.raises(PackageError, match=says):
        unpack_source(archive())


@pytest.mark.parametrize(("language", "label"), [("rust", "x"), ("node", "a b"), ("node", "")])
def test_bad_parts_make_no_package(language: str, label: str) -> None:
    with pytest.raises(PackageError):
        make_package(label, language, "", {"a": b""})
    with pytest.raises(PackageError, match="no file"):
        make_package("x", "node", "", {})
