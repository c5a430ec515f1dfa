"""The hansa command as its users meet it: options, output, errors, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from hansa.cli.main import COMMANDS, root, run
from hansa.store.database import open_store
from hansa.store.tables import AccessKey


@pytest.fixture
def data_dir(tmp_path: Path) -> str:
    return str(tmp_path / "data")


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_every_command_has_a_help_of_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n  {name} " not in text] == []
    assert {command.name for command in _every(root)} >= set(COMMANDS)
    assert [command.name for command in _every(root) if not command.help] == []


def _every(group: Any) -> list[Any]:
    found = [group.get_command(click.Context(group), name) for name in COMMANDS]
    return [command for command in found if command is not None]


@pytest.mark.parametrize("arguments", [["--json", "version"], ["version", "--json"]])
def test_shared_options_stand_anywhere(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 0
    assert set(_json(capsys)) == {"hansa", "python", "system"}


@pytest.mark.parametrize("arguments", [["nonsense"], ["up", "--nonsense"], ["completion", "csh"]])
def test_a_command_line_that_is_not_understood(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "Error" in output.err


@pytest.mark.parametrize("arguments", [["env"], ["tls-chain"], ["configure"]])
def test_before_the_first_start_it_says_so(
    arguments: list[str], data_dir: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, "--data-dir", data_dir]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "first start" in output.err
    assert "hansa up" in output.err


def test_a_client_without_a_service_ends_with_3(
    data_dir: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--data-dir", data_dir, "client", "env"]) == 3
    assert "is not running. Start it with `hansa up`" in capsys.readouterr().err


def test_status_of_what_does_not_run(data_dir: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--json", "--data-dir", data_dir, "status"]) == 3
    assert _json(capsys) == {"data_dir": data_dir, "service": None, "processes": []}


def test_down_of_what_does_not_run(data_dir: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--json", "--data-dir", data_dir, "down"]) == 0
    assert _json(capsys) == {"service": None, "stopped": []}


def test_logs_of_what_is_not_there(data_dir: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--data-dir", data_dir, "logs", "nd-X"]) == 1
    assert "there are no logs of nd-X" in capsys.readouterr().err


def test_logs_show_the_last_lines(data_dir: str, capsys: pytest.CaptureFixture[str]) -> None:
    log = Path(data_dir) / "logs" / "service.log"
    log.parent.mkdir(parents=True)
    log.write_text("one\ntwo\nthree\n")
    assert run(["--data-dir", data_dir, "logs", "-n", "2"]) == 0
    assert capsys.readouterr().out == "two\nthree\n"


def test_logs_of_a_resource_are_those_of_its_processes(
    data_dir: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (("n-A-orderer0", "a"), ("n-A-orderer1", "b"), ("n-AB-orderer0", "c")):
        log = Path(data_dir) / "workloads" / name / "log" / "current.log"
        log.parent.mkdir(parents=True)
        log.write_text(f"{text}\n")
    assert run(["--data-dir", data_dir, "logs", "n-A"]) == 0
    assert capsys.readouterr().out == "n-A-orderer0: a\nn-A-orderer1: b\n"


def test_the_tls_chain_is_printed_or_written(
    tmp_path: Path, data_dir: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chain = Path(data_dir) / "tls" / "managedblockchain-tls-chain.pem"
    chain.parent.mkdir(parents=True)
    chain.write_text("PEM\n")
    assert run(["--data-dir", data_dir, "tls-chain"]) == 0
    assert capsys.readouterr().out == "PEM\n"
    target = tmp_path / "chain.pem"
    assert run(["--data-dir", data_dir, "tls-chain", "-o", str(target)]) == 0
    assert target.read_text() == "PEM\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_HANSA_COMPLETE" in capsys.readouterr().out


def test_a_setting_that_cannot_be_used_is_named(
    data_dir: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HANSA_RAFT_TICK", "50ms")
    monkeypatch.setenv("HANSA_LOG_FILES_MAX", "some")
    assert run(["--data-dir", data_dir, "status"]) == 1
    assert "log_files_max from HANSA_LOG_FILES_MAX" in capsys.readouterr().err


def test_what_was_not_foreseen_is_told_without_a_trace(
    data_dir: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the sky fell")

    monkeypatch.setattr("hansa.cli.service.running", broken)
    assert run(["--data-dir", data_dir, "status"]) == 1
    error = capsys.readouterr().err
    assert "RuntimeError: the sky fell" in error
    assert "hansa doctor" in error
    assert "Traceback" not in error


def test_an_interruption_is_told(
    data_dir: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hansa.cli.service.running", interrupted)
    assert run(["--data-dir", data_dir, "status"]) == 130
    assert "goes on from here" in capsys.readouterr().err


def test_clean_leaves_a_strangers_directory_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert run(["--data-dir", str(tmp_path), "clean", "--yes"]) == 1
    assert "does not look like Hansa's" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").exists()


def test_clean_deletes_an_installation(data_dir: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(data_dir).mkdir()
    (Path(data_dir) / "administrator.json").write_text("{}")
    assert run(["--data-dir", data_dir, "--json", "clean", "--yes"]) == 0
    assert _json(capsys) == {"deleted": [data_dir]}
    assert not Path(data_dir).exists()
    assert run(["--data-dir", data_dir, "clean", "--yes"]) == 0


def test_aws_models_are_installed_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = ["--models", str(tmp_path / "models")]
    assert run(["aws-models", "install", *models, "--json"]) == 0
    assert _json(capsys)["state"] == "installed"
    assert run(["aws-models", "path", *models]) == 0
    assert Path(capsys.readouterr().out.strip()).is_dir()
    assert run(["aws-models", "remove", *models, "--json"]) == 0
    assert _json(capsys) == {"removed": True}
    assert run(["aws-models", "status", *models, "--json"]) == 0
    assert _json(capsys)["state"] == "absent"


def test_accounts_are_made_with_a_key_of_their_own(
    data_dir: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["account", "create", "buyer", "--data-dir", data_dir]) == 1
    assert "hansa up" in capsys.readouterr().err
    data = Path(data_dir)
    (data / "secrets").mkdir(parents=True)
    open_store(data / "hansa.db", data / "secrets" / "store.key").close()
    assert run(["account", "create", "buyer", "--json", "--data-dir", data_dir]) == 0
    made = _json(capsys)
    key_file = Path(made["KeyFile"])
    assert key_file.stat().st_mode & 0o777 == 0o600
    key = json.loads(key_file.read_text())
    assert key["AccountId"] == made["AccountId"]
    assert len(made["AccountId"]) == 12
    assert run(["account", "list", "--json", "--data-dir", data_dir]) == 0
    assert _json(capsys) == [{"AccountId": made["AccountId"], "Name": "buyer"}]
    wanted = ["bank", "--account-id", "123456789012"]
    assert run(["account", "create", *wanted, "--json", "--data-dir", data_dir]) == 0
    assert _json(capsys)["AccountId"] == "123456789012"
    for refused in (["buyer"], ["no such/name"], ["b", *wanted[1:]], ["b", "--account-id", "12"]):
        assert run(["account", "create", *refused, "--data-dir", data_dir]) == 1
        assert key["SecretAccessKey"] not in capsys.readouterr().err


def test_a_lost_or_rotated_key_of_an_administrator_is_written_again(
    data_dir: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = Path(data_dir)
    (data / "secrets").mkdir(parents=True)
    open_store(data / "hansa.db", data / "secrets" / "store.key").close()
    made = {}
    for name in ("default", "buyer"):
        assert run(["account", "create", name, "--json", "--data-dir", data_dir]) == 0
        made[name] = Path(_json(capsys)["KeyFile"])
    before = json.loads(made["buyer"].read_text())
    made["buyer"].unlink()
    for account in ("buyer", before["AccountId"]):
        assert run(["account", "key", account, "--json", "--data-dir", data_dir]) == 0
        shown = _json(capsys)
        assert shown["KeyFile"] == str(made["buyer"])
        assert json.loads(made["buyer"].read_text()) == before
        assert made["buyer"].stat().st_mode & 0o777 == 0o600
    store = open_store(data / "hansa.db", data / "secrets" / "store.key")
    with store.write() as session:
        session.get_one(AccessKey, before["AccessKeyId"]).status = "Inactive"
    store.close()
    assert run(["account", "key", "buyer", "--data-dir", data_dir]) == 0
    after = json.loads(made["buyer"].read_text())
    assert after["AccessKeyId"] != before["AccessKeyId"]
    assert after["SecretAccessKey"] not in capsys.readouterr().out
    assert run(["account", "key", "default", "--json", "--data-dir", data_dir]) == 0
    assert _json(capsys)["KeyFile"] == str(data / "administrator.json")
    assert run(["account", "key", "nobody", "--data-dir", data_dir]) == 1
    assert "there is no account nobody" in capsys.readouterr().err
