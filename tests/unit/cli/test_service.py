"""Starting and stopping a service process, with stand-ins for the service."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hansa.cli import service
from hansa.client.installation import ClientError, Installation, open_installation

# The service outlives the object that started it: that is what it is for.
pytestmark = pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")

STAND_IN = """
import fcntl, http.server, json, os, signal, sys
data = sys.argv[1]
lock = os.open(data + "/service.lock", os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(lock, fcntl.LOCK_EX)
os.write(lock, str(os.getpid()).encode())
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
content = {"url": f"http://127.0.0.1:{server.server_port}", "pid": os.getpid(), "started": "now"}
with open(data + "/service.json", "w") as file:
    json.dump(content, file)
server.serve_forever()
"""


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return open_installation(tmp_path, {})


def _stand_in(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    def command(installation: Installation, _listen: str | None) -> list[str]:
        return [sys.executable, "-c", program, str(installation.data_dir)]

    monkeypatch.setattr(service, "command", command)


def test_it_is_started_found_and_stopped(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stand_in(monkeypatch, STAND_IN)
    started = service.start(installation, None)
    try:
        assert service.answers(started.url)
        assert service.running(installation) == started
        assert installation.lock_holder() == started.pid
    finally:
        assert service.stop(installation, lambda _: None) == started.pid
    assert service.running(installation) is None
    assert service.stop(installation, lambda _: None) is None


def test_one_that_ignores_the_request_is_killed(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    _stand_in(monkeypatch, stubborn + STAND_IN)
    monkeypatch.setattr(service, "STOP_SECONDS_MAX", 0.05)
    service.start(installation, None)
    told: list[str] = []
    service.stop(installation, told.append)
    assert told == ["it did not end within 0.05 s; killing it"]


def test_one_that_ends_is_told_with_the_end_of_its_log(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.service_log.parent.mkdir()
    installation.service_log.write_text("an older start\n")
    _stand_in(monkeypatch, "import sys; print('port 8590 is taken'); sys.exit(9)")
    with pytest.raises(ClientError) as fault:
        service.start(installation, None)
    assert "exit code 9" in str(fault.value)
    assert str(fault.value).endswith("\n  port 8590 is taken")
    assert "an older start" not in str(fault.value)


def test_one_that_never_answers_is_stopped(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stand_in(monkeypatch, "import signal; signal.pause()")
    monkeypatch.setattr(service, "START_SECONDS_MAX", 0.2)
    with pytest.raises(ClientError, match="did not answer within"):
        service.start(installation, None)


def test_the_command_line_holds_no_secret(installation: Installation) -> None:
    data_dir = str(installation.data_dir)
    line = service.command(installation, "127.0.0.1:1")
    assert line[1:] == [
        *("-m", "hansa.main", "serve", "--data-dir", data_dir, "--listen", "127.0.0.1:1")
    ]
    assert "--listen" not in service.command(installation, None)


def test_one_that_another_has_started_is_waited_for(
    tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stand_in(monkeypatch, STAND_IN)
    started = service.start(installation, None)
    try:
        assert service.await_other(installation, started.pid) == started
        announced = tmp_path / "service.json"
        announced.unlink()
        monkeypatch.setattr(service, "START_SECONDS_MAX", 0.05)
        with pytest.raises(ClientError, match=f"process {started.pid} held"):
            service.await_other(installation, started.pid)
    finally:
        service.stop(installation, lambda _: None)
