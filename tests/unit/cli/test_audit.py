"""``hansa audit`` as its users meet it."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.store.test_audit import DENIED, STRANGER

from hansa.cli.main import run
from hansa.store.audit import open_audit

Hansa = Callable[..., int]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An installation whose record has a stranger's call and a denied one."""
    (tmp_path / "secrets").mkdir(mode=0o700)
    record = open_audit(tmp_path / "audit.db", tmp_path / "secrets" / "store.key")
    record.append([STRANGER, DENIED])
    record.close()
    return tmp_path


@pytest.fixture
def hansa(data_dir: Path) -> Hansa:
    return lambda *arguments: run(["audit", *arguments, "--data-dir", str(data_dir)])


def test_before_the_first_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("list", "verify", "export"):
        assert run(["audit", command, "--data-dir", str(tmp_path)]) == 1
        assert "Start the service with `hansa up`" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_list_shows_who_did_what(hansa: Hansa, capsys: pytest.CaptureFixture[str]) -> None:
    assert hansa("list") == 0
    _, first, second = capsys.readouterr().out.splitlines()
    assert "unknown-key" in first
    for word in ("111111111111 user/team/alice", "managedblockchain:GetNetwork", "request-2"):
        assert word in second


def test_list_by_what_is_asked_for(hansa: Hansa, capsys: pytest.CaptureFixture[str]) -> None:
    for options, found in (
        (["--user", "alice"], 1),
        (["--refused"], 2),
        (["--resource", "n-A", "--operation", "GetNetwork", "--account", "1" * 12], 1),
        (["--since", "2026-11-22"], 0),
        (["--until", "2026-11-21T09:00:01Z", "--limit", "1"], 1),
        (["--key", "AKIDBOB"], 0),
    ):
        assert hansa("list", "--json", *options) == 0
        assert len(json.loads(capsys.readouterr().out)) == found
    assert hansa("list", "--user", "nobody") == 0
    assert "No such call is recorded." in capsys.readouterr().out
    assert hansa("list", "--since", "yesterday") == 2
    assert "give it as 2026-11-21" in capsys.readouterr().err


def test_show_by_either_id(hansa: Hansa, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("request-2", DENIED.event_id):
        assert hansa("show", name) == 0
        assert json.loads(capsys.readouterr().out)["call"]["ruling"]["statement"] == "No"
    assert hansa("show", "request-3") == 1
    assert "no call with the id request-3 is recorded" in capsys.readouterr().err


def test_export_gives_lines_that_can_be_verified(
    hansa: Hansa, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "calls.jsonl"
    assert hansa("export", "--output", str(file)) == 0
    assert "2 calls in" in capsys.readouterr().err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first, second = (json.loads(line) for line in file.read_text().splitlines())
    assert second["previous"] == first["hash"]
    assert hansa("export", "--output", str(file)) == 1
    assert "File exists" in capsys.readouterr().err
    assert hansa("export", "--cloudtrail", "--user", "alice") == 0
    assert json.loads(capsys.readouterr().out)["eventName"] == "GetNetwork"


def test_verify(hansa: Hansa, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hansa("verify", "--json") == 0
    newest = json.loads(capsys.readouterr().out)["newest"]
    assert hansa("verify", "--noted", newest) == 0
    assert "2 entries are as they were written." in capsys.readouterr().out
    assert hansa("verify", "--noted", "2:no") == 2
    with closing(sqlite3.connect(data_dir / "audit.db", isolation_level=None)) as database:
        database.execute("UPDATE entries SET content = replace(content, 'alice', 'bob')")
    assert hansa("verify") == 6
    error = capsys.readouterr().err
    assert "broken at entry 2" in error
    assert "compare it with a backup" in error
    assert hansa("verify", "--json") == 6
    assert json.loads(capsys.readouterr().out)["broken"] == 2


def test_a_file_that_is_no_record(
    hansa: Hansa, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_dir / "audit.db").write_bytes(b"nonsense" * 1000)
    assert hansa("list") == 1
    assert "cannot read the record of calls" in capsys.readouterr().err
