from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hansa.awsmodels.environment import shell_environment, shell_script, unset_variables
from hansa.awsmodels.profile import Access

ACCESS = Access("http://127.0.0.1:8590", "us-east-1", "AKIAHANSA", "it's/a $acred")

FAKE_AWS = """#!/bin/sh
if [ "$*" = --version ]; then echo asked >> "{log}"; echo "aws-cli/{version} Python/3"; exit; fi
printf '%s|' "$@"
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data dir"


def _fake_aws(directory: Path, version: str) -> Path:
    directory.mkdir(exist_ok=True)
    program = directory / "aws"
    program.write_text(FAKE_AWS.format(version=version, log=directory / "asked"))
    program.chmod(0o755)
    return directory


def _aws(variables: dict[str, str], *arguments: str, **more: str) -> str:
    environment = {**variables, **more}
    done = subprocess.run(
        ["sh", "-c", 'exec aws "$@"', "sh", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _path(*directories: Path) -> dict[str, str]:
    return {"PATH": os.pathsep.join([*map(str, directories), "/usr/bin", "/bin"])}


@pytest.mark.parametrize(
    ("version", "added"),
    [
        *(
            (old, "--endpoint-url|http://127.0.0.1:8590|")
            for old in ("1.28.99", "2.9.19", "2.12.7")
        ),
        *((new, "") for new in ("1.29.0", "1.46.2", "2.13.0", "2.31.1", "3.0.0")),
    ],
)
def test_old_versions_are_given_the_endpoint(
    data_dir: Path, tmp_path: Path, version: str, added: str
) -> None:
    shell = _path(_fake_aws(tmp_path / "old", version))
    variables = shell_environment(data_dir, ACCESS, shell)
    for _ in range(2):
        assert _aws(variables, "ec2", "a b", "$c") == f"{added}ec2|a b|$c|"
    assert (tmp_path / "old" / "asked").read_text() == "asked\n"  # once, then remembered


def test_an_endpoint_of_the_users_own_wins(data_dir: Path, tmp_path: Path) -> None:
    shell = _path(_fake_aws(tmp_path / "old", "2.9.19"))
    variables = shell_environment(data_dir, ACCESS, shell)
    own = ["s3", "--endpoint-url", "http://x"]
    assert _aws(variables, *own) == "s3|--endpoint-url|http://x|"
    assert _aws(variables, "s3", "--endpoint-url=http://x") == "s3|--endpoint-url=http://x|"
    assert _aws(variables, "s3", AWS_ENDPOINT_URL="") == "s3|"
    assert _aws(variables, "s3", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true") == "s3|"


def test_an_upgrade_is_noticed(data_dir: Path, tmp_path: Path) -> None:
    shell = _path(_fake_aws(tmp_path / "cli", "2.9.19"))
    variables = shell_environment(data_dir, ACCESS, shell)
    assert _aws(variables, "s3").startswith("--endpoint-url")
    _fake_aws(tmp_path / "cli", "2.31.100")
    assert _aws(variables, "s3") == "s3|"


def test_two_installations_do_not_call_each_other(data_dir: Path, tmp_path: Path) -> None:
    shell = _path(_fake_aws(tmp_path / "cli", "1.46.0"))
    first = shell_environment(data_dir, ACCESS, shell)
    second = shell_environment(tmp_path / "second", ACCESS, first)
    assert str(data_dir) not in second["PATH"]
    assert _aws(second, "s3") == "s3|"
    both = {**second, "PATH": f"{data_dir}/clients/bin:{second['PATH']}"}
    assert _aws(both, "s3") == "s3|"


def test_a_missing_cli_is_said(data_dir: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname"):
        (tools / name).symlink_to(f"/bin/{name}")
    variables = shell_environment(data_dir, ACCESS, {"PATH": str(tools)})
    done = subprocess.run(
        [str(data_dir / "clients/bin/aws"), "s3"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 127
    assert "no AWS CLI on the PATH" in done.stderr


def test_a_shell_evaluates_it(data_dir: Path) -> None:
    shell = {**_path(), "AWS_PROFILE": "work", "AWS_ENDPOINT_URL_S3": "http://elsewhere"}
    script = shell_script(shell_environment(data_dir, ACCESS, shell), unset_variables(shell))
    show = (
        script + 'echo "$AWS_SECRET_ACCESS_KEY,$AWS_PROFILE,$AWS_ENDPOINT_URL_S3,$HANSA_DATA_DIR"'
    )
    done = subprocess.run(
        ["sh", "-euc", f"set +u; {show}"], env=shell, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"it's/a $acred,,,{data_dir}\n"


def test_the_values(data_dir: Path) -> None:
    shell = {"PATH": "/usr/bin", "AWS_DATA_PATH": "/my/models"}
    variables = shell_environment(data_dir, ACCESS, shell)
    assert variables == {
        "HANSA_DATA_DIR": str(data_dir),
        "AWS_ENDPOINT_URL": ACCESS.url,
        "AWS_ACCESS_KEY_ID": "AKIAHANSA",
        "AWS_SECRET_ACCESS_KEY": ACCESS.secret_access_key,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": f"{data_dir}/clients/config",
        "AWS_DATA_PATH": f"{data_dir}/clients/models:/my/models",
        "PATH": f"{data_dir}/clients/bin:/usr/bin",
    }
    again = shell_environment(data_dir, ACCESS, variables)
    assert again == variables


def test_the_files_hold_no_secret_and_are_closed(data_dir: Path) -> None:
    shell_environment(data_dir, ACCESS, _path())
    for path in data_dir.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
        if path.is_file():
            assert b"$acred" not in path.read_bytes(), path


def test_what_the_user_configured_in_such_a_shell_stays(data_dir: Path) -> None:
    shell_environment(data_dir, ACCESS, _path())
    config = data_dir / "clients" / "config"
    config.write_text(config.read_text() + "output = table\n")
    moved = Access("http://127.0.0.1:9000", "eu-west-1", "AKIAHANSA", "s")
    shell_environment(data_dir, moved, _path())
    assert "output = table" in config.read_text()
    assert "endpoint_url = http://127.0.0.1:9000" in config.read_text()
    assert "region = eu-west-1" in config.read_text()


def test_a_proxy_is_passed_by(data_dir: Path) -> None:
    shell = {**_path(), "http_proxy": "http://proxy:3128", "no_proxy": "example.org"}
    variables = shell_environment(data_dir, ACCESS, shell)
    assert variables["NO_PROXY"] == variables["no_proxy"] == "example.org,127.0.0.1"
    again = shell_environment(data_dir, ACCESS, {**shell, **variables})
    assert again["NO_PROXY"] == "example.org,127.0.0.1"
