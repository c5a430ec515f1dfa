"""The two servers that are compared, each started for the measurement and ended after it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hansa.cli import processes, service
from hansa.client.installation import Installation, open_installation

SETTINGS = {"names": "localhost"}
"""Endpoints without names: the machine's hosts file stays as it is."""

_SECONDS_MAX = 60


@dataclass(frozen=True)
class Server:
    """A server of the API: where it is, and a key to sign with."""

    name: str
    url: str
    pid: int
    access_key_id: str
    secret_access_key: str


@contextmanager
def hansa(settings: Mapping[str, Any] = {}) -> Iterator[tuple[Server, Installation]]:
    """A service in a new data directory; its Fabric processes end with it."""
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="hansa-bench-"))
        data_dir = Path(directory) / "data"
        data_dir.mkdir(mode=0o700)
        (data_dir / "settings.json").write_text(json.dumps({**SETTINGS, **settings}))
        environment = {k: v for k, v in os.environ.items() if not _is_setting(k)}
        installation = open_installation(data_dir, environment)
        stack.callback(end, installation)
        started = service.start(installation, "127.0.0.1:0")
        key = installation.administrator()
        server = Server("hansa", started.url, started.pid, key.access_key_id, key.secret_access_key)
        yield server, installation


def _is_setting(variable: str) -> bool:
    return variable.startswith("HANSA_") and variable not in ("HANSA_ENGINE", "HANSA_CACHE_DIR")


def end(installation: Installation) -> None:
    """Stop the service and every Fabric process of the installation."""
    service.stop(installation, lambda _: None)
    processes.stop_all(installation, lambda _name, _share: None)


@contextmanager
def moto() -> Iterator[Server]:
    """``moto_server`` as it comes; it takes any key, and keeps nothing."""
    port = _free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_answer(process, port)
        yield Server("moto_server", f"http://127.0.0.1:{port}", process.pid, "any", "any")
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_answer(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _SECONDS_MAX
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/moto-api/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError(f"moto_server does not answer (exit code {process.poll()})")
