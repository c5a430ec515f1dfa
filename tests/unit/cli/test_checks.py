"""What the doctor finds."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from hansa.cli import checks
from hansa.cli.checks import GIB
from hansa.client.installation import Installation, open_installation
from hansa.diagnosis.findings import Grade
from hansa.settings import Settings


def _installation(data_dir: Path, **environment: str) -> Installation:
    return open_installation(data_dir, environment)


@pytest.mark.parametrize(
    ("free", "grade"), [(GIB - 1, Grade.BAD), (2 * GIB, Grade.NOTE), (50 * GIB, Grade.OK)]
)
def test_disk(free: int, grade: Grade) -> None:
    assert checks.check_disk(free).grade is grade


@pytest.mark.parametrize(("limit", "grade"), [(256, Grade.NOTE), (65536, Grade.OK)])
def test_open_files(limit: int, grade: Grade) -> None:
    assert checks.check_open_files(limit).grade is grade


def test_a_directory_that_others_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    finding = checks.check_data_directory(_installation(tmp_path))
    assert (finding.grade, finding.remedy) == (Grade.BAD, f"Run: chmod 700 {tmp_path}")
    tmp_path.chmod(0o700)
    assert checks.check_data_directory(_installation(tmp_path)).grade is Grade.OK


def test_a_directory_that_is_yet_to_be_made(tmp_path: Path) -> None:
    finding = checks.check_data_directory(_installation(tmp_path / "a" / "b"))
    assert finding.grade is Grade.OK


def test_an_address_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        finding = checks.check_listen(_installation(tmp_path, HANSA_LISTEN=listen))
    assert finding.grade is Grade.BAD
    assert listen in finding.seen
    assert "--listen" in finding.remedy
    assert checks.check_listen(_installation(tmp_path, HANSA_LISTEN=listen)).grade is Grade.OK


def test_an_address_that_is_none(tmp_path: Path) -> None:
    finding = checks.check_listen(_installation(tmp_path, HANSA_LISTEN="here"))
    assert finding.grade is Grade.BAD


def test_names_as_set(tmp_path: Path) -> None:
    assert checks.check_names(_installation(tmp_path, HANSA_NAMES="resolver")).grade is Grade.OK
    assert checks.check_names(_installation(tmp_path, HANSA_NAMES="localhost")).grade is Grade.NOTE
    assert checks.check_names(_installation(tmp_path, HANSA_NAMES="guess")).grade is Grade.BAD


def test_a_key_that_others_read(tmp_path: Path) -> None:
    file = tmp_path / "administrator.json"
    file.write_text(json.dumps({"AccountId": "1", "AccessKeyId": "A", "SecretAccessKey": "S"}))
    file.chmod(0o644)
    assert checks.check_credentials(_installation(tmp_path)).grade is Grade.BAD
    file.chmod(0o600)
    assert checks.check_credentials(_installation(tmp_path)).grade is Grade.OK


def test_the_service_does_not_run(tmp_path: Path) -> None:
    finding = checks.check_service(_installation(tmp_path))
    assert (finding.grade, finding.remedy) == (Grade.NOTE, "Start it: hansa up")


def test_a_sandbox_that_is_switched_off_or_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = [
        checks.check_sandbox(Settings(tmp_path, chaincode_sandbox=choice))
        for choice in ("none", "auto", "bubblewrap")
    ]
    assert [finding.grade for finding in found] == [Grade.NOTE, Grade.NOTE, Grade.BAD]
    assert all(finding.remedy for finding in found)


@pytest.mark.parametrize(
    ("script", "network", "grade", "seen"),
    [
        ("exit 0", "peer", Grade.OK, "reaches the peer alone"),
        ("exit 0", "shared", Grade.OK, "the network, as set"),
        (
            'case "$*" in *--unshare-net*) echo not permitted >&2; exit 1 ;; esac',
            "peer",
            Grade.NOTE,
            "shares the machine's network",
        ),
    ],
)
def test_what_a_sandbox_keeps_chaincode_from(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    network: str,
    grade: Grade,
    seen: str,
) -> None:
    (tmp_path / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    finding = checks.check_sandbox(Settings(tmp_path, chaincode_network=network))
    assert finding.grade is grade
    assert seen in finding.seen
