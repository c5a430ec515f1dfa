from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hansa.fabric import vault


def tree(top: Path) -> list[str]:
    return sorted(str(path.relative_to(top)) for path in top.rglob("*"))


def modes(top: Path) -> dict[str, int]:
    return {str(path.relative_to(top)): path.stat().st_mode & 0o777 for path in top.rglob("*")}


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """A umask that hides nothing: the modes have to be asked for."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_directory_is_made_once(tmp_path: Path) -> None:
    directory = tmp_path / "members" / "m-1"
    vault.make_once(directory, lambda: {"ca/key": b"first", "cert": b"one"})
    vault.make_once(directory, lambda: pytest.fail("it is there already"))
    assert vault.read_all(directory) == {"ca/key": b"first", "cert": b"one"}
    assert modes(tmp_path) == {
        "members": 0o700,
        "members/m-1": 0o700,
        "members/m-1/ca": 0o700,
        "members/m-1/ca/key": 0o600,
        "members/m-1/cert": 0o600,
    }


def test_an_empty_directory_counts_as_absent(tmp_path: Path) -> None:
    directory = tmp_path / "tls"
    directory.mkdir()
    vault.make_once(directory, lambda: {"key": b"made"})
    assert vault.read_all(directory) == {"key": b"made"}


def test_of_two_makers_at_once_both_get_the_winners_files(tmp_path: Path) -> None:
    directory = tmp_path / "keys"
    makers = 8
    together = threading.Barrier(makers)
    seen: list[dict[str, bytes]] = []

    def make(number: int) -> None:
        def files() -> dict[str, bytes]:
            together.wait()  # every one has found nothing and makes its own
            return {"key": str(number).encode(), "cert": str(number).encode()}

        seen.append(vault.read_all(vault.make_once(directory, files)))

    threads = [threading.Thread(target=make, args=(number,)) for number in range(makers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == makers
    assert all(files == seen[0] for files in seen)
    assert seen[0]["key"] == seen[0]["cert"]
    assert tree(tmp_path) == ["keys", "keys/cert", "keys/key"]


def test_a_failed_making_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> dict[str, bytes]:
        raise RuntimeError("no keys today")

    with pytest.raises(RuntimeError):
        vault.make_once(tmp_path / "keys", fail)
    assert tree(tmp_path) == []


def test_forgetting_takes_what_an_interrupted_making_left(tmp_path: Path) -> None:
    directory = tmp_path / "n-1"
    vault.make_once(directory, lambda: {"key": b"secret"})
    (tmp_path / ".n-1.abc").mkdir()
    (tmp_path / ".n-1.abc" / "key").write_bytes(b"half")
    (tmp_path / "n-2").mkdir()
    vault.forget(directory)
    vault.forget(directory)
    assert tree(tmp_path) == ["n-2"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "m-1" / "registrar.pem"
    vault.replace_private(file, b"old")
    vault.replace_private(file, b"new")
    assert file.read_bytes() == b"new"
    assert modes(tmp_path) == {"m-1": 0o700, "m-1/registrar.pem": 0o600}
