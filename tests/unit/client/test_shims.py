"""The programs that stand before the engine's on the PATH."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hansa.client.shims import write_shims

STAND_IN = """#!/bin/sh
printf "%s|" "$@" "$CORE_PEER_MSPCONFIGPATH" "$CORE_PEER_TLS_ROOTCERT_FILE"
exit 3
"""


@pytest.fixture
def shims(tmp_path: Path) -> Path:
    binaries = tmp_path / "engine's bin"
    binaries.mkdir()
    for name in ("peer", "configtxgen"):
        (binaries / name).write_text(STAND_IN)
        (binaries / name).chmod(0o755)
    return write_shims(tmp_path / "shims", binaries)


def test_peer_takes_the_containers_home_for_the_clients(shims: Path) -> None:
    if Path("/opt/home").exists():
        pytest.skip("this machine has an /opt/home, which is then used as it is")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HANSA_CLIENT_HOME": "/home/al ice",
        "CORE_PEER_MSPCONFIGPATH": "/opt/home/admin-msp",
        "CORE_PEER_TLS_ROOTCERT_FILE": "/chain.pem",
    }
    arguments = ["channel", "create", "-f", "/opt/home/c.pb", "", "a  b", "/opt/homes"]
    done = subprocess.run(
        [shims / "peer", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stdout == (
        "channel|create|-f|/home/al ice/c.pb||a  b|/opt/homes|/home/al ice/admin-msp|/chain.pem|"
    )


def test_configtxgen_runs_the_real_one(shims: Path) -> None:
    done = subprocess.run(
        [shims / "configtxgen", "-version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, "-version|||")


def test_they_are_written_once(shims: Path, tmp_path: Path) -> None:
    before = (shims / "peer").stat().st_mtime_ns
    write_shims(shims, tmp_path / "engine's bin")
    assert (shims / "peer").stat().st_mtime_ns == before
    assert sorted(file.name for file in shims.iterdir()) == ["configtxgen", "peer"]
