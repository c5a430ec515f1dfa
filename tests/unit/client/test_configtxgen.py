"""The wrapper around configtxgen, with a stand-in for the real program."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from hansa.client.configtxgen import config_directory, option, run, with_config_path

STAND_IN = """#!/bin/sh
while [ $# -gt 0 ]; do
    printf '%s\\n' "$1" >>"$SEEN/arguments"
    if [ "$1" = -configPath ]; then cp "$2/configtx.yaml" "$SEEN/" 2>/dev/null; fi
    shift
done
exit 7
"""
INCOMPLETE = "Organizations:\n  - ID: Org1\n    MSPDir: msp\n"


@pytest.fixture
def real(tmp_path: Path) -> str:
    program = tmp_path / "configtxgen"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    (tmp_path / "seen").mkdir()
    return str(program)


def _environment(tmp_path: Path, **extra: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "SEEN": str(tmp_path / "seen"), **extra}


def test_an_incomplete_file_is_completed_in_a_copy(
    tmp_path: Path, real: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "configtx.yaml").write_text(INCOMPLETE)
    arguments = ["-profile", "P", "--configPath", str(tmp_path)]
    assert run(real, arguments, _environment(tmp_path)) == 7
    seen = yaml.safe_load((tmp_path / "seen" / "configtx.yaml").read_text())
    (organization,) = seen["Organizations"]
    assert organization["MSPDir"] == f"{tmp_path}/msp"
    assert organization["Policies"]["Admins"] == {"Type": "Signature", "Rule": "OR('Org1.admin')"}
    assert (tmp_path / "configtx.yaml").read_text() == INCOMPLETE
    given = (tmp_path / "seen" / "arguments").read_text().split("\n")
    assert given[:3] == ["-profile", "P", "-configPath"]
    assert not Path(given[3]).exists(), "the copy is to be removed"
    assert "adapted to Fabric 2.5" in capfd.readouterr().err


def test_a_complete_file_is_used_where_it_is(
    tmp_path: Path, real: str, capfd: pytest.CaptureFixture[str]
) -> None:
    complete = {"Organizations": [{"ID": "Org1", "Policies": {"Readers": {}}}]}
    (tmp_path / "configtx.yaml").write_text(json.dumps(complete))
    run(real, ["-configPath=" + str(tmp_path)], _environment(tmp_path))
    given = (tmp_path / "seen" / "arguments").read_text().split()
    assert given == ["-configPath", str(tmp_path)]
    assert capfd.readouterr().err == ""


def test_without_a_file_the_real_program_speaks(tmp_path: Path, real: str) -> None:
    run(real, ["-version"], _environment(tmp_path, FABRIC_CFG_PATH=str(tmp_path)))
    assert (tmp_path / "seen" / "arguments").read_text().split() == ["-version"]


def test_the_containers_home_is_the_clients(
    tmp_path: Path, real: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if Path("/opt/home").exists():
        pytest.skip("this machine has an /opt/home, which is then used as it is")
    (tmp_path / "configtx.yaml").write_text(INCOMPLETE)
    arguments = ["-outputCreateChannelTx", "/opt/home/c.pb", "--configPath", "/opt/home/"]
    run(real, arguments, _environment(tmp_path, HANSA_CLIENT_HOME=str(tmp_path)))
    given = (tmp_path / "seen" / "arguments").read_text().split()
    assert given[:2] == ["-outputCreateChannelTx", f"{tmp_path}/c.pb"]
    assert f"taking /opt/home for {tmp_path}" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-configPath", "d"], (0, "d")),
        (["-x", "--configPath", "d"], (1, "d")),
        (["--configPath=d"], (0, "d")),
        (["-configPath"], None),
        (["configPath", "d"], None),
    ],
)
def test_options_are_read_as_go_does(
    arguments: list[str], expected: tuple[int, str] | None
) -> None:
    assert option(arguments, "configPath") == expected


def test_the_config_path_is_replaced_or_added() -> None:
    assert with_config_path(["-a", "--configPath", "d", "-b"], "n") == [
        *("-a", "-configPath", "n", "-b")
    ]
    assert with_config_path(["--configPath=d", "-b"], "n") == ["-configPath", "n", "-b"]
    assert with_config_path(["-a"], "n") == ["-a", "-configPath", "n"]


def test_the_working_directory_serves_where_the_configured_one_has_no_file(
    tmp_path: Path,
) -> None:
    assert config_directory([], {"FABRIC_CFG_PATH": str(tmp_path)}) == Path()
    (tmp_path / "configtx.yaml").touch()
    assert config_directory([], {"FABRIC_CFG_PATH": str(tmp_path)}) == tmp_path
