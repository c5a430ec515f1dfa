"""The service as a process of its own, which a test may kill, freeze, starve and start again."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psutil
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from tests.ports import setting, share
from tests.requests import member_configuration, starter_network

from hansa.drivers.local.scan import MARKER

PASSWORD = "Secret-Passw0rd-of-a-test"
WAIT_SECONDS_MAX = 90
_SETTINGS = {
    "names": "localhost",
    "listen": "127.0.0.1:0",
    "surroundings": "false",
    "ports": setting(share(30201, 30999)),
    "internal_ports": setting(share(24201, 24999)),
}


def until(look: Callable[[], Any], what: str, seconds_max: float = WAIT_SECONDS_MAX) -> Any:
    """What ``look`` returns, once that is true; it is asked again and again until a deadline."""
    deadline, pause = time.monotonic() + seconds_max, threading.Event()
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds_max} s"
        pause.wait(0.02)
    return found


def network_request(name: str = "net") -> dict[str, Any]:
    member = member_configuration("org1", password=PASSWORD)
    return starter_network(name, MemberConfiguration=member)


@dataclass
class RunningService:
    """A service on ``data_dir``; ``settings`` are handed to it as ``HANSA_…`` variables."""

    data_dir: Path
    settings: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    installation_id: str = ""

    @property
    def log(self) -> Path:
        return self.data_dir.with_name(self.data_dir.name + ".log")

    def variables(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HANSA_", "AWS_"))}
        for name in ("HANSA_ENGINE", "HANSA_CACHE_DIR"):
            if name in os.environ:
                kept[name] = os.environ[name]
        given = {f"HANSA_{k.upper()}": v for k, v in {**_SETTINGS, **self.settings}.items()}
        return {**kept, **given, **self.environment}

    def command(self) -> list[str]:
        return [sys.executable, "-m", "hansa.main", "serve", "--data-dir", str(self.data_dir)]

    def begin(self) -> subprocess.Popen[bytes]:
        """Start the process, without waiting for anything."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command(),
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return self.process

    def start(self) -> RunningService:
        """Start it, and return once it listens."""
        (self.data_dir / "service.json").unlink(missing_ok=True)
        process = self.begin()
        file = self.data_dir / "service.json"
        until(lambda: file.exists() or process.poll() is not None, "the service listens")
        assert process.poll() is None, self.log.read_text()[-4000:]
        with contextlib.closing(sqlite3.connect(self.data_dir / "hansa.db")) as store:
            self.installation_id = store.execute("SELECT id FROM installation").fetchone()[0]
        return self

    def refused(self) -> tuple[int, str]:
        """The exit code and the output of a service that does not start."""
        done = subprocess.run(
            self.command(),
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS_MAX,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def url(self) -> str:
        return str(json.loads((self.data_dir / "service.json").read_text())["url"])

    @property
    def administrator(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.data_dir / "administrator.json").read_text())
        return found

    @property
    def api(self) -> Any:
        key = self.administrator
        return boto3.client(
            "managedblockchain",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30, proxies={}),
        )

    def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
        """A signed request without an SDK, whose model lacks StatusReason: status and document."""
        key = self.administrator
        headers = {"Content-Type": "application/json"}
        request = AWSRequest(method, self.url + path, data=body, headers=headers)
        credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
        SigV4Auth(credentials, "managedblockchain", "us-east-1").add_auth(request)
        with contextlib.closing(
            http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        ) as connection:
            connection.request(method, path, body, dict(request.headers.items()))
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def end(self, number: signal.Signals) -> float:
        """Send a signal to the service and wait for its end; the seconds that took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=60)
        return time.monotonic() - began

    def restart(self) -> RunningService:
        self.end(signal.SIGKILL)
        return self.start()

    # What it runs

    def workloads(self) -> dict[str, list[int]]:
        """The pids of every process that carries this installation's marker, by workload."""
        found: dict[str, list[int]] = {}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                owner, _, name = process.environ().get(MARKER, "").partition("/")
                if owner == self.installation_id and process.status() != psutil.STATUS_ZOMBIE:
                    found.setdefault(name, []).append(process.pid)
        return found

    def pid(self, workload: str) -> int:
        """The main process of a workload."""
        file = self.data_dir / "workloads" / workload / "process.json"
        return int(json.loads(file.read_text())["pid"])

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of the store, read beside the service."""
        with contextlib.closing(sqlite3.connect(self.data_dir / "hansa.db", timeout=30)) as store:
            return store.execute(statement).fetchall()

    def port(self, resource_id: str, purpose: str) -> int:
        rows = self.query(
            f"SELECT number FROM ports WHERE resource_id = '{resource_id}' "
            f"AND purpose = '{purpose}' AND ordinal = 0"
        )
        return int(rows[0][0])

    def close(self) -> None:
        """End the service and all that it has started."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.end(signal.SIGKILL)
        for _ in range(3):
            for pids in self.workloads().values() if self.installation_id else ():
                for pid in pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
        if self.installation_id:
            until(lambda: not self.workloads(), "its processes end")

    # What users do

    def network(self, name: str = "net") -> tuple[str, str]:
        """The ids of a network that is AVAILABLE, and of its member."""
        answer = self.api.create_network(**network_request(name))
        self.await_network(answer["NetworkId"], answer["MemberId"])
        return answer["NetworkId"], answer["MemberId"]

    def await_network(self, network_id: str, member_id: str, status: str = "AVAILABLE") -> None:
        keys = {"NetworkId": network_id, "MemberId": member_id}
        await_status(lambda: self.api.get_network(NetworkId=network_id)["Network"], status)
        await_status(lambda: self.api.get_member(**keys)["Member"], status)

    def create_node(self, network_id: str, member_id: str) -> str:
        answer = self.api.create_node(
            NetworkId=network_id,
            MemberId=member_id,
            NodeConfiguration={"InstanceType": "bc.t3.small", "AvailabilityZone": "us-east-1a"},
        )
        return str(answer["NodeId"])

    def node(self, network_id: str, member_id: str) -> str:
        """The id of a node that is AVAILABLE."""
        node_id = self.create_node(network_id, member_id)
        self.await_node(network_id, member_id, node_id, "AVAILABLE")
        return node_id

    def await_node(
        self, network_id: str, member_id: str, node_id: str, status: str
    ) -> Mapping[str, Any]:
        keys = {"NetworkId": network_id, "MemberId": member_id, "NodeId": node_id}
        return await_status(lambda: self.api.get_node(**keys)["Node"], status)

    def await_gone(self, network_id: str) -> None:
        """Return once the network is in no list and none of its processes runs."""
        until(lambda: not self.network_ids() & {network_id}, "the network leaves the list")

    def network_ids(self) -> set[str]:
        return {item["Id"] for item in self.api.list_networks()["Networks"]}

    def leftovers(self) -> list[str]:
        """What an installation without networks still has, and should not."""
        left = [f"process {name}" for name in self.workloads()]
        left += [f"port {row[0]}" for row in self.query("SELECT number FROM ports")]
        left += [f"work {row[0]}" for row in self.query("SELECT resource_id FROM work")]
        for folder in ("networks", "members", "nodes", "workloads"):
            left += [f"{folder}/{item.name}" for item in (self.data_dir / folder).iterdir()]
        hosts = self.settings.get("hosts_file")
        if hosts and self.installation_id in Path(hosts).read_text():
            left.append("a block in the hosts file")
        return left


def await_status(get: Callable[[], Mapping[str, Any]], status: str) -> Mapping[str, Any]:
    """The resource once it has ``status``; fails at once where it has failed for good."""
    final = {"CREATE_FAILED", "FAILED"} - {status}

    def look() -> Mapping[str, Any] | None:
        resource = get()
        assert resource["Status"] not in final, resource
        return resource if resource["Status"] == status else None

    found: Mapping[str, Any] = until(look, f"it is {status}")
    return found
