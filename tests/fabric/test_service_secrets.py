"""What must not be found: passwords and keys where they do not belong, and our own insides."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import botocore.auth
import psutil
import pytest
from tests.fabric.running import PASSWORD, RunningService

from hansa.store.cipher import open_cipher

pytestmark = [pytest.mark.fabric, pytest.mark.slow]


def files(*roots: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below the roots, with its content."""
    for root in roots:
        for path in [root] if root.is_file() else root.rglob("*"):
            if path.is_file() and not path.is_symlink():
                with contextlib.suppress(FileNotFoundError):  # a ledger deletes what it compacts
                    yield path, path.read_bytes()


def test_the_administrators_password_is_nowhere(service: RunningService) -> None:
    network_id, member_id = service.network()
    service.node(network_id, member_id)
    found = [path for path, content in files(service.data_dir) if PASSWORD.encode() in content]
    assert found == []
    assert PASSWORD not in service.log.read_text()
    for pids in service.workloads().values():
        for pid in pids:
            process = psutil.Process(pid)
            assert PASSWORD not in " ".join(process.cmdline())
            assert PASSWORD not in " ".join(process.environ().values())

    ca = next((service.data_dir / "workloads" / f"{member_id}-ca").rglob("*.db"))
    with contextlib.closing(sqlite3.connect(f"file:{ca}?mode=ro", uri=True)) as database:
        ((kept,),) = database.execute("SELECT token FROM users WHERE id = 'admin'").fetchall()
    text = kept.decode() if isinstance(kept, bytes) else kept
    assert text.startswith("$2"), "the CA does not keep a bcrypt hash"


def test_secret_keys_are_in_no_log_and_no_environment(service: RunningService) -> None:
    service.network()
    secret = service.administrator["SecretAccessKey"]
    cipher = open_cipher(service.data_dir / "secrets" / "store.key")
    sealed = service.query("SELECT registrar_secret FROM members")[0][0]
    registrar = cipher.decrypt(sealed)
    logs = [service.log, service.data_dir / "logs", service.data_dir / "workloads"]
    for path, content in files(*logs):
        assert secret.encode() not in content, path
        assert registrar.encode() not in content, path
    kept = [path.name for path, content in files(service.data_dir) if secret.encode() in content]
    assert kept == ["administrator.json"]
    for pids in service.workloads().values():
        for pid in pids:
            assert secret not in " ".join(psutil.Process(pid).environ().values())
    assert service.process is not None
    assert secret not in " ".join(psutil.Process(service.process.pid).cmdline())
    assert (service.data_dir / "administrator.json").stat().st_mode & 0o077 == 0


def test_a_fault_of_ours_shows_nothing_of_our_insides(service: RunningService) -> None:
    with contextlib.closing(sqlite3.connect(service.data_dir / "hansa.db")) as database:
        database.execute("DROP TABLE accessors")
    status, answer = service.request("GET", "/accessors")
    assert status == 500
    text = str(answer)
    for inside in ("Traceback", "sqlite", "sqlalchemy", "no such table", str(service.data_dir)):
        assert inside not in text
    request_id = text.partition("request id ")[2].partition(" ")[0]
    assert request_id in service.log.read_text(), "the log does not tell what the id stands for"
    status, answer = service.request("GET", "/networks")
    assert status == 200, "another operation failed, too"


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_that_is_off_is_told(
    service: RunningService, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr(
        botocore.auth, "get_current_datetime", lambda **_: moment.replace(tzinfo=None)
    )
    status, answer = service.request("GET", "/networks")
    assert status == 403
    told = "Signature expired" if minutes < 0 else "Signature not yet current"
    assert told in answer["Message"]
    assert "clock" in answer["Message"]
