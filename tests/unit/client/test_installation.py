"""What the data directory tells."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hansa.client.installation import (
    ClientError,
    Installation,
    NotRunningError,
    open_installation,
)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return open_installation(tmp_path, {})


@pytest.fixture
def held(tmp_path: Path) -> Iterator[int]:
    """The lock of a running service; this process holds it."""
    descriptor = os.open(tmp_path / "service.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield descriptor
    os.close(descriptor)


def _service_file(tmp_path: Path) -> None:
    content = {"url": "http://127.0.0.1:9", "pid": 42, "started": "2026-01-01T00:00:00Z"}
    (tmp_path / "service.json").write_text(json.dumps(content))


def test_nothing_was_ever_started(installation: Installation) -> None:
    assert installation.lock_holder() is None
    with pytest.raises(NotRunningError, match="hansa up"):
        installation.service()
    with pytest.raises(ClientError, match="first start"):
        installation.administrator()


def test_a_left_over_service_file_is_no_service(tmp_path: Path, installation: Installation) -> None:
    _service_file(tmp_path)
    (tmp_path / "service.lock").write_text("42")
    with pytest.raises(NotRunningError):
        installation.service()


def test_the_account_is_chosen_by_name_or_number(tmp_path: Path) -> None:
    (tmp_path / "accounts").mkdir()
    for file, number, name in (
        ("administrator.json", "1" * 12, "default"),
        ("accounts/222222222222.json", "2" * 12, "buyer"),
    ):
        content = {"AccountId": number, "AccountName": name, "AccessKeyId": "A"}
        (tmp_path / file).write_text(json.dumps({**content, "SecretAccessKey": "S"}))

    def chosen(**variables: str) -> tuple[str, str]:
        administrator = open_installation(tmp_path, variables).administrator()
        return administrator.account_id, administrator.account_name

    assert chosen() == chosen(HANSA_ACCOUNT="default") == ("1" * 12, "default")
    assert chosen(HANSA_ACCOUNT="buyer") == chosen(HANSA_ACCOUNT="2" * 12) == ("2" * 12, "buyer")
    with pytest.raises(ClientError, match="no key of an account seller"):
        chosen(HANSA_ACCOUNT="seller")


@pytest.mark.parametrize(("written", "pid"), [(b"77\n", 77), (b"", 42)])
def test_the_lock_tells_that_it_runs(
    tmp_path: Path, installation: Installation, held: int, written: bytes, pid: int
) -> None:
    _service_file(tmp_path)
    os.write(held, written)
    assert installation.lock_holder() == pid
    assert installation.service().url == "http://127.0.0.1:9"


def test_the_secret_is_not_shown(tmp_path: Path, installation: Installation) -> None:
    stored = {"AccountId": "1" * 12, "AccessKeyId": "AKIA", "SecretAccessKey": "hidden"}
    (tmp_path / "administrator.json").write_text(json.dumps(stored))
    administrator = installation.administrator()
    assert administrator.secret_access_key == "hidden"
    assert "hidden" not in repr(administrator)


def test_a_broken_file_is_named(tmp_path: Path, installation: Installation) -> None:
    (tmp_path / "administrator.json").write_text("{")
    with pytest.raises(ClientError, match="administrator.json"):
        installation.administrator()


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="starter_orderers from HANSA_STARTER_ORDERERS"):
        open_installation(tmp_path, {"HANSA_STARTER_ORDERERS": "many"})
