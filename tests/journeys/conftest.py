"""A user's whole way, on a service and Fabric that really run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HANSA = str(Path(sys.executable).with_name("hansa"))
DEBIAN_AWS = Path("/usr/bin/aws")


@dataclass(frozen=True)
class User:
    """Someone with a home directory and an installation of their own."""

    home: Path
    environment: Mapping[str, str]

    def hansa(self, *arguments: str, code: int = 0) -> str:
        """The standard output of a hansa command, which has to end with ``code``."""
        return self._run([HANSA, *arguments], code)

    def hansa_json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.hansa("--json", *arguments, code=code))

    def shell(self, script: str, path_first: str = "") -> str:
        """The standard output of a bash script in the home directory; every command must do."""
        setup = f'set -eo pipefail\neval "$({HANSA} env)"\n'
        if path_first:
            setup += f'PATH="${{PATH%%:*}}:{path_first}:${{PATH#*:}}"\n'
        return self._run(["bash", "-c", setup + script], 0)

    def _run(self, command: list[str], code: int) -> str:
        done = subprocess.run(
            command,
            env=dict(self.environment),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def _clean_environment(home: Path, data_dir: Path) -> dict[str, str]:
    kept = ("PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    cache = os.environ.get("HANSA_CACHE_DIR") or str(_user_cache() / "hansa")
    engine = {name: os.environ[name] for name in ("HANSA_ENGINE",) if name in os.environ}
    registries = {
        name: value
        for name, value in os.environ.items()
        if name.upper().startswith(("NPM_CONFIG_", "GOPROXY", "GOSUMDB", "GOFLAGS"))
    }
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **engine,
        **registries,
        "HOME": str(home),
        "HANSA_CACHE_DIR": cache,
        "HANSA_DATA_DIR": str(data_dir),
        "HANSA_LISTEN": "127.0.0.1:0",
    }


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    """A user of a fresh installation; everything of it ends with the test."""
    home = tmp_path / "home"
    home.mkdir()
    someone = User(home, _clean_environment(home, tmp_path / "data"))
    yield someone
    someone.hansa("down")
    left = [
        item["name"] for item in someone.hansa_json("status", code=3)["processes"] if item["pid"]
    ]
    assert left == []


@pytest.fixture(params=["1", "2"], ids=["cli-v1", "cli-v2"])
def aws_directory(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A directory with nothing but an ``aws`` of that version in it."""
    program = Path(sys.executable).with_name("aws") if request.param == "1" else DEBIAN_AWS
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert (told.stdout + told.stderr).startswith(f"aws-cli/{request.param}.")
    directory = tmp_path / "aws"
    directory.mkdir()
    (directory / "aws").symlink_to(program)
    return str(directory)
