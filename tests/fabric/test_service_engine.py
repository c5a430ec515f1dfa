"""An engine that is missing, or whose programs do not run: told before anything is made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fabric.running import RunningService, await_status, network_request, until

from hansa.engine import locate_engine

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

MakeService = Callable[..., RunningService]


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A whole engine, whose programs a test may spoil."""
    real, copy = locate_engine(os.environ).root, tmp_path / "engine"
    (copy / "bin").mkdir(parents=True)
    for program in (real / "bin").iterdir():
        (copy / "bin" / program.name).symlink_to(program.resolve())
    for folder in ("builders", "client"):
        (copy / folder).symlink_to(real / folder)
    shutil.copyfile(real / "engine.json", copy / "engine.json")
    return copy


def with_engine(make_service: MakeService, engine: Path) -> RunningService:
    service = make_service()
    service.environment["HANSA_ENGINE"] = str(engine)
    return service


def replace_program(engine: Path, name: str, content: str, mode: int) -> None:
    program = engine / "bin" / name
    program.unlink()
    program.write_text(content)
    program.chmod(mode)


def test_an_empty_folder_is_no_engine(make_service: MakeService, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    service = with_engine(make_service, tmp_path / "nothing")
    code, text = service.refused()
    assert code == 1
    assert f"HANSA_ENGINE names {tmp_path / 'nothing'}" in text
    assert "hansa engine install" in text or "unset HANSA_ENGINE" in text
    assert "Traceback" not in text
    assert not (service.data_dir / "hansa.db").exists()
    assert not (service.data_dir / "administrator.json").exists()


def test_a_program_that_cannot_be_run_is_named(make_service: MakeService, engine: Path) -> None:
    replace_program(engine, "orderer", "#!/bin/sh\n", 0o600)
    service = with_engine(make_service, engine)
    code, text = service.refused()
    assert code == 1
    assert "orderer" in text
    assert "cannot be run" in text
    assert "Traceback" not in text
    assert not (service.data_dir / "hansa.db").exists()


def test_a_program_that_is_none_fails_the_creation_for_good(
    make_service: MakeService, engine: Path
) -> None:
    replace_program(engine, "orderer", "\x7fnot a program", 0o700)
    service = with_engine(make_service, engine).start()
    network = failed_network(service)
    assert "is not a program for this machine" in network["StatusReason"]
    assert "hansa engine install" in network["StatusReason"]


def test_a_program_that_ends_at_once_fails_the_creation_with_its_words(
    make_service: MakeService, engine: Path
) -> None:
    replace_program(engine, "orderer", "#!/bin/sh\necho no such luck today >&2\nexit 3\n", 0o700)
    service = with_engine(make_service, engine)
    service.settings["create_seconds_max"] = "1"
    service.start()
    network = failed_network(service)
    assert "orderer" in network["StatusReason"]
    assert "exit code 3" in network["StatusReason"]
    assert "no such luck today" in network["StatusReason"]


def failed_network(service: RunningService) -> dict[str, object]:
    """A network whose creation has failed, whose member has, too, and which leaves nothing."""
    answer = service.api.create_network(**network_request())
    network_id, member_id = answer["NetworkId"], answer["MemberId"]
    path = f"/networks/{network_id}"
    network = await_status(lambda: service.request("GET", path)[1]["Network"], "CREATE_FAILED")
    keys = {"NetworkId": network_id, "MemberId": member_id}
    await_status(lambda: _member_of_failed(service, keys), "over")
    service.api.delete_member(**keys)
    service.await_gone(network_id)
    until(lambda: not service.leftovers(), "nothing is left")
    return dict(network)


def _member_of_failed(service: RunningService, keys: dict[str, str]) -> dict[str, str]:
    """A member that can be deleted: it was made before its network failed, or failed with it."""
    status = service.api.get_member(**keys)["Member"]["Status"]
    return {"Status": "over" if status in ("AVAILABLE", "CREATE_FAILED") else status}
