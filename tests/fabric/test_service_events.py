"""Events of a real service reach real receivers, also when it is killed with -9 meanwhile."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from tests.fabric.running import RunningService, until

from hansa.delivery.signature import signed_headers

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

ROUNDS = 5
INVITATIONS_A_ROUND = 3
FAILURES = 0.35
FAILURES_MAX = 2


@dataclass
class Receiver:
    """Takes events over HTTP. Some it refuses, some it takes without answering, by chance.

    It fails with an event ``FAILURES_MAX`` times at most, so that nobody has to wait for long.
    """

    chance: random.Random = field(default_factory=lambda: random.Random(20190401))
    failures: float = FAILURES
    taken: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    arrived: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, headers: dict[str, str], body: bytes) -> int | None:
        """The status to answer; None: hang up."""
        with self.lock:
            event = json.loads(body)
            drawn = self.chance.random() if self.failed[event["id"]] < FAILURES_MAX else 1
            if drawn < self.failures:
                self.failed[event["id"]] += 1
            if drawn < self.failures / 2:
                return 503
            self.headers.append(headers)
            self.bodies.append(body)
            self.taken.append(event)
            self.arrived.set()
            return None if drawn < self.failures else 200

    def ids(self) -> set[str]:
        with self.lock:
            return {event["id"] for event in self.taken}


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, str]]:
    made = Receiver()
    with _listening(made) as url:
        yield made, url


@contextmanager
def _listening(receiver: Receiver) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take({k.lower(): v for k, v in self.headers.items()}, body)
            if status is not None:
                self.send_response(status)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def hansa(service: RunningService, *arguments: str) -> Any:
    """The result of a ``hansa`` command beside the service."""
    script = "import sys; from hansa.cli.main import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script, "--json", "--data-dir", str(service.data_dir), *arguments],
        env=service.variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def client(service: RunningService, key: dict[str, str]) -> Any:
    return boto3.client(
        "managedblockchain",
        endpoint_url=service.url,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=Config(retries={"total_max_attempts": 1}, read_timeout=30, proxies={}),
    )


@dataclass
class Governed:
    """A network of a service whose proposals invite another account, which says no."""

    service: RunningService
    network_id: str
    member_id: str
    guest: dict[str, str]

    def propose(self) -> None:
        """Approve an invitation of the guest."""
        api, network_id = self.service.api, self.network_id
        actions = {"Invitations": [{"Principal": self.guest["AccountId"]}]}
        proposal_id = api.create_proposal(
            NetworkId=network_id, MemberId=self.member_id, Actions=actions
        )["ProposalId"]
        ids = {"NetworkId": network_id, "ProposalId": proposal_id}
        api.vote_on_proposal(**ids, VoterMemberId=self.member_id, Vote="YES")

    def reject_all(self) -> None:
        api = client(self.service, self.guest)
        for invitation in api.list_invitations()["Invitations"]:
            if invitation["Status"] == "PENDING":
                api.reject_invitation(InvitationId=invitation["InvitationId"])

    def recorded(self) -> dict[str, list[dict[str, Any]]]:
        """The outbox by subject, each in the order of what happened."""
        rows = self.service.query("SELECT subject, content FROM events ORDER BY subject, number")
        return {
            subject: [json.loads(content) for _, content in of_subject]
            for subject, of_subject in groupby(rows, key=lambda row: row[0])
        }


@pytest.fixture
def governed(make_service: Callable[..., RunningService]) -> Governed:
    service = make_service()
    service.environment = {"NO_PROXY": "127.0.0.1"}
    service.start()
    network_id, member_id = service.network()
    made = hansa(service, "account", "create", "guest")
    return Governed(service, network_id, member_id, json.loads(Path(made["KeyFile"]).read_text()))


def _first_arrivals(receiver: Receiver) -> dict[str, list[str]]:
    """The ids by subject, in the order in which each came first."""
    found: dict[str, list[str]] = {}
    for event in receiver.taken:
        detail = event["detail"]
        of_subject = found.setdefault(detail.get("invitationId") or detail["proposalId"], [])
        if event["id"] not in of_subject:
            of_subject.append(event["id"])
    return found


def test_no_event_is_lost_and_none_overtakes_over_kills(
    governed: Governed, receiver: tuple[Receiver, str]
) -> None:
    """The service is killed each time something has just arrived; everything does in the end."""
    taken, url = receiver
    service = governed.service
    for account_id in (governed.guest["AccountId"], service.administrator["AccountId"]):
        hansa(service, "events", "target", "add", "--webhook", url, "--account", account_id)
    waiting = 0
    for _ in range(ROUNDS):
        taken.arrived.clear()
        for _ in range(INVITATIONS_A_ROUND):
            governed.propose()
        governed.reject_all()
        assert taken.arrived.wait(60)
        service.end(signal.SIGKILL)
        waiting += len(service.query("SELECT 1 FROM deliveries WHERE status = 'PENDING'"))
        service.start()
    assert waiting, "nothing was under way when it was killed"
    recorded = governed.recorded()
    expected = {event["id"] for events in recorded.values() for event in events}
    assert len(expected) == ROUNDS * INVITATIONS_A_ROUND * 3  # approved, invited, rejected
    until(lambda: taken.ids() == expected, "every event arrives")
    assert _first_arrivals(taken) == {
        subject: [event["id"] for event in events] for subject, events in recorded.items()
    }
    until(lambda: _statuses(service) == {"DELIVERED"}, "all is known to be delivered")
    assert len(taken.taken) > len(expected), (
        "nothing came twice: the service was not killed in time"
    )


def _statuses(service: RunningService) -> set[str]:
    return {row[0] for row in service.query("SELECT DISTINCT status FROM deliveries")}


def test_requests_are_signed_and_secrets_are_nowhere(
    governed: Governed, receiver: tuple[Receiver, str]
) -> None:
    taken, url = receiver
    taken.failures = 0
    service = governed.service
    secret = hansa(service, "events", "target", "add", "--webhook", url + "T0KEN")["Secret"]
    governed.propose()
    assert taken.arrived.wait(30)
    until(lambda: _statuses(service) == {"DELIVERED"}, "it is known to be delivered")
    (headers,), (body,) = taken.headers, taken.bodies
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signed = signed_headers(secret, json.loads(body)["id"], at, body)
    assert {name: headers[name] for name in signed} == signed
    (recorded,) = [events for key, events in governed.recorded().items() if key.startswith("p-")]
    assert [json.loads(body)] == recorded
    log = service.log.read_text()
    assert "delivery.delivered" in log
    assert secret not in log
    assert "T0KEN" not in log
    kept = [path for path in service.data_dir.glob("*.db*") if secret.encode() in path.read_bytes()]
    assert kept == []


def test_a_command_gets_events_and_ends_with_the_service(
    governed: Governed, tmp_path: Path
) -> None:
    """What it wrote is what happened; one that hangs does not outlive the service."""
    service = governed.service
    file, script = tmp_path / "events.jsonl", tmp_path / "keep.py"
    script.write_text(
        "import os, signal, sys\n"
        "line = sys.stdin.read() + '\\n'\n"
        "open(sys.argv[1], 'a').write(line)\n"
        "if 'Invitation State' in line:\n"
        "    open(sys.argv[2], 'w').write(str(os.getpid()))\n"
        "    signal.pause()\n"
    )
    pid_file = tmp_path / "pid"
    command = [sys.executable, "-I", str(script), str(file), str(pid_file)]
    hansa(service, "events", "target", "add", "--", *command)
    governed.propose()
    until(lambda: _statuses(service) == {"DELIVERED"}, "the command took it")
    (line,) = file.read_text().splitlines()
    assert json.loads(line)["detail"]["status"] == "APPROVED"

    guest = governed.guest["AccountId"]
    timeout = ["--timeout", "300", "--account", guest]
    hansa(service, "events", "target", "add", *timeout, "--", *command)
    governed.reject_all()
    until(pid_file.exists, "the command hangs")
    pid = int(until(pid_file.read_text, "it tells its pid"))
    assert service.end(signal.SIGTERM) < 20
    until(lambda: not _lives(pid), "the command ends with the service")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
