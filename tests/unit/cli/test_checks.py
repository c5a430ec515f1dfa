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


def test_a_sandbox_that_is_switched_off_or_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert checks.check_sandbox("none").grade is Grade.NOTE
    assert checks.check_sandbox("auto").grade is Grade.NOTE
    assert checks.check_sandbox("bubblewrap").grade is Grade.BAD
