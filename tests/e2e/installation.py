"""A real installation, used from outside: through the ``hansa`` command, shells and clients."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psutil

from hansa.drivers.local.scan import MARKER

HANSA = Path(sys.executable).with_name("hansa")
COMMAND_SECONDS_MAX = 300
WAIT_SECONDS_MAX = 60
LOG_BYTES_SHOWN = 4000

_KEPT = ("LANG", "TMPDIR", "HANSA_ENGINE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def system_path() -> str:
    """A PATH with what the system has; Node.js is often installed elsewhere."""
    node = shutil.which("node")
    folders = ["/usr/bin", "/bin", *([str(Path(node).parent)] if node else [])]
    return os.pathsep.join(dict.fromkeys(folders))


def clean_environment(home: Path) -> dict[str, str]:
    """What somebody has in a new shell: no AWS, no Hansa, a home directory that is empty.

    What this machine needs for package registries is handed on, and where the engine is.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hansa"
    npmrc = Path.home() / ".npmrc"
    own = {name: os.environ[name] for name in _KEPT if name in os.environ}
    registries = {
        name: value
        for name, value in os.environ.items()
        if name.upper().startswith(("NPM_CONFIG_", "GOPROXY", "GOSUMDB", "NODE_EXTRA_CA"))
        or name.upper().endswith("_PROXY")
    }
    if npmrc.exists():
        registries.setdefault("NPM_CONFIG_USERCONFIG", str(npmrc))
    return {
        "HANSA_CACHE_DIR": os.environ.get("HANSA_CACHE_DIR") or str(cache),
        **own,
        **registries,
        "PATH": system_path(),
        "HOME": str(home),
    }


def until(
    look: Callable[[], Any], what: str, seconds_max: float = WAIT_SECONDS_MAX, pause: float = 0.05
) -> Any:
    """What ``look`` returns, once that is true; it is asked again and again until a deadline.

    An ``AssertionError`` or ``OSError`` of ``look`` means "not yet", and is told at the deadline.
    """
    deadline, idle, last = time.monotonic() + seconds_max, threading.Event(), ""
    while time.monotonic() < deadline:
        try:
            found = look()
        except (AssertionError, OSError, subprocess.TimeoutExpired) as fault:
            found, last = None, str(fault)
        if found:
            return found
        idle.wait(pause)
    raise AssertionError(f"{what}: not within {seconds_max} s. {last}")


@dataclass
class Installation:
    """An installation in ``data_dir``; ``settings`` are given as ``HANSA_…`` variables."""

    data_dir: Path
    home: Path
    settings: Mapping[str, str]
    _administrator: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """A clean shell of this installation's user."""
        given = {f"HANSA_{name.upper()}": value for name, value in self.settings.items()}
        return {
            **clean_environment(self.home),
            **given,
            "HANSA_DATA_DIR": str(self.data_dir),
            "PATH": f"{HANSA.parent}:{system_path()}",
        }

    def try_hansa(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run([str(HANSA), *arguments])

    def hansa(self, *arguments: str, code: int = 0, **variables: str) -> str:
        """The standard output of a ``hansa`` command, which has to end with ``code``."""
        done = self.run([str(HANSA), *arguments], variables)
        assert done.returncode == code, told(done)
        return done.stdout

    def hansa_json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.hansa("--json", *arguments, code=code))

    def run(
        self, command: Sequence[str], variables: Mapping[str, str] = {}, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env={**self.environment, **variables},
            cwd=cwd or self.home,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )

    def shell(self, script: str) -> str:
        """The standard output of a bash script in the home directory; every command must do."""
        setup = f'set -eo pipefail\neval "$({HANSA} env)"\n'
        done = self.run(["bash", "-c", setup + script])
        assert done.returncode == 0, told(done)
        return done.stdout

    def up(self) -> dict[str, Any]:
        found: dict[str, Any] = self.hansa_json("up", "--listen", self.settings["listen"])
        return found

    def pid(self) -> int:
        return int(json.loads((self.data_dir / "service.json").read_text())["pid"])

    def processes(self) -> dict[str, int | None]:
        """The pid of every workload of Fabric by its name."""
        done = self.try_hansa("--json", "status")
        return {item["name"]: item["pid"] for item in json.loads(done.stdout)["processes"]}

    @property
    def url(self) -> str:
        return f"http://{self.settings['listen']}"

    @property
    def installation_id(self) -> str:
        """What the machine's traces of the installation are marked with; empty before a start."""
        file = self.data_dir / "hansa.db"
        if not file.exists():
            return ""
        with contextlib.closing(sqlite3.connect(file)) as store:
            row = store.execute("SELECT id FROM installation").fetchone()
        return str(row[0]) if row else ""

    def exported(self, *command: str) -> dict[str, str]:
        """The environment of a shell after ``eval "$(hansa COMMAND)"``."""
        script = f'eval "$({HANSA} {" ".join(command or ("env",))})" && env -0'
        done = self.run(["bash", "-c", script], self.exported() if command else {})
        assert done.returncode == 0, told(done)
        return dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry)

    def client(self, service: str = "managedblockchain", account: str = "default") -> Any:
        """A boto3 client, as in a shell of this installation for ``account``."""
        variables = self.exported("env", "--account", account)
        names = ("AWS_DATA_PATH", "AWS_CONFIG_FILE", "AWS_ENDPOINT_URL")
        former = {name: os.environ.get(name) for name in names}
        os.environ.update({name: variables[name] for name in names})
        try:
            return boto3.session.Session(
                aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
                region_name=variables["AWS_REGION"],
            ).client(service)
        finally:
            for name, value in former.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value

    def logs(self) -> str:
        """The ends of the service's log and of every workload's."""
        files = [self.data_dir / "logs" / "service.log"]
        files += sorted((self.data_dir / "workloads").glob("*/log"))
        files += sorted((self.data_dir / "workloads").glob("*/log/*"))
        texts = [(file.relative_to(self.data_dir), _end_of(file)) for file in files]
        return "\n".join(f"=== {name}\n{text}" for name, text in texts if text)

    def leftovers(self, installation_id: str) -> list[str]:
        """What of the installation is still on the machine, besides its data directory."""
        left = [f"process {found}" for found in self._alive(installation_id)]
        hosts = Path(self.settings.get("hosts_file", "/etc/hosts")).read_text()
        if installation_id and f"# hansa {installation_id} " in hosts:
            left.append(f"a block in the hosts file:\n{hosts}")
        for root, folders, _ in os.walk("/sys/fs/cgroup"):
            left += [f"{root}/{name}" for name in folders if name == f"hansa-{installation_id}"]
        return left

    def _alive(self, installation_id: str) -> Iterator[str]:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                line = " ".join(process.cmdline())
                marker = process.environ().get(MARKER, "")
                ours = marker.startswith(f"{installation_id}/") if installation_id else False
                if (ours or str(self.data_dir) in line) and process.status() != "zombie":
                    yield f"{process.pid} {line}"


def told(done: subprocess.CompletedProcess[str]) -> str:
    """A finished command, for a failure's message."""
    line = " ".join(str(part) for part in done.args)
    return f"{line}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}"


def _end_of(file: Path) -> str:
    if not file.is_file():
        return ""
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - LOG_BYTES_SHOWN))
        return stream.read().decode(errors="replace")
