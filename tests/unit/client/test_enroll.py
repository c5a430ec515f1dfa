"""Enrolling, with a stand-in for fabric-ca-client."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hansa.client.enroll import copy_chain, enroll
from hansa.client.installation import ClientError

PASSWORD = "p@ss/wörd:123"
STAND_IN = """#!/bin/sh
echo "$@" >"$SEEN"
echo "$FABRIC_CA_CLIENT_URL" >>"$SEEN"
mkdir -p "$FABRIC_CA_CLIENT_MSPDIR/signcerts" "$FABRIC_CA_CLIENT_MSPDIR/keystore"
echo certificate >"$FABRIC_CA_CLIENT_MSPDIR/signcerts/cert.pem"
echo key >"$FABRIC_CA_CLIENT_MSPDIR/keystore/key_sk"
"""


def _environment(tmp_path: Path, program: str) -> dict[str, str]:
    binaries = tmp_path / "bin"
    binaries.mkdir(exist_ok=True)
    (binaries / "fabric-ca-client").write_text(program)
    (binaries / "fabric-ca-client").chmod(0o755)
    return {"PATH": f"{binaries}:{os.environ['PATH']}", "SEEN": str(tmp_path / "seen")}


def _enroll(tmp_path: Path, program: str) -> Path:
    chain = tmp_path / "chain.pem"
    return enroll(
        *("ca.example:30002", "Admin User", PASSWORD, chain, tmp_path / "home"),
        _environment(tmp_path, program),
    )


def _tree(directory: Path) -> dict[str, str]:
    files = (file for file in directory.rglob("*") if file.is_file())
    return {str(file.relative_to(directory)): file.read_text().strip() for file in files}


def test_the_directory_has_what_the_peer_cli_asks_for(tmp_path: Path) -> None:
    msp = _enroll(tmp_path, STAND_IN)
    assert msp == tmp_path / "home" / "admin-msp"
    assert _tree(tmp_path / "home") == {
        "admin-msp/signcerts/cert.pem": "certificate",
        "admin-msp/admincerts/cert.pem": "certificate",
        "admin-msp/keystore/key_sk": "key",
    }
    assert (msp / "keystore" / "key_sk").stat().st_mode & 0o777 == 0o600
    assert msp.stat().st_mode & 0o777 == 0o700


def test_the_password_is_no_argument(tmp_path: Path) -> None:
    _enroll(tmp_path, STAND_IN)
    arguments, url = (tmp_path / "seen").read_text().splitlines()
    assert arguments == "enroll"
    assert url == "https://Admin%20User:p%40ss%2Fw%C3%B6rd%3A123@ca.example:30002"


def test_a_second_enrollment_replaces_the_first(tmp_path: Path) -> None:
    _enroll(tmp_path, STAND_IN)
    msp = _enroll(tmp_path, STAND_IN.replace("echo key", "echo other"))
    assert (msp / "keystore" / "key_sk").read_text() == "other\n"


def test_a_refusal_keeps_what_was_there_and_tells_no_secret(tmp_path: Path) -> None:
    _enroll(tmp_path, STAND_IN)
    before = _tree(tmp_path / "home")
    refusing = '#!/bin/sh\necho "Error: no $FABRIC_CA_CLIENT_URL" >&2\nexit 1\n'
    with pytest.raises(ClientError, match="cannot enroll Admin User at ca.example:30002") as fault:
        _enroll(tmp_path, refusing)
    assert "p%40ss" not in str(fault.value)
    assert _tree(tmp_path / "home") == before


def test_without_the_program_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="hansa engine install"):
        enroll("c:1", "u", "p", tmp_path / "chain", tmp_path / "home", {"PATH": str(tmp_path)})


def test_the_chain_is_copied(tmp_path: Path) -> None:
    chain = tmp_path / "managedblockchain-tls-chain.pem"
    chain.write_text("PEM")
    assert copy_chain(chain, tmp_path / "home").read_text() == "PEM"
    assert [file.name for file in (tmp_path / "home").iterdir()] == [chain.name]
