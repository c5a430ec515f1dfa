"""Webhooks, to a real receiver on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from hansa.delivery.base import Attempt, DeliveryError
from hansa.delivery.signature import new_secret, signed_headers
from hansa.delivery.webhooks import Webhooks
from hansa.domain.events import TargetKind

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SECRET = new_secret(bytes)
BODY = '{"detail":{"networkName":"Käse"}}'.encode()


@dataclass
class Receiver:
    """Answers ``status``; keeps what it got."""

    status: int = 204
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        server_version: ClassVar[str] = "test"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.got.append((self.path, headers, body))
            self.send_response(made.status)
            self.send_header("Location", made.url)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/hook?x=1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def webhooks() -> Webhooks:
    return Webhooks(lambda: AT)


def attempt(url: str, timeout_seconds: float = 5) -> Attempt:
    return Attempt(
        target_id="et-A",
        event_number=1,
        event_id="abcd",
        subject="i-A",
        number=1,
        kind=TargetKind.WEBHOOK,
        url=url,
        secret=SECRET,
        command=(),
        timeout_seconds=timeout_seconds,
        body=BODY,
    )


def test_the_event_is_posted_and_signed(webhooks: Webhooks, receiver: Receiver) -> None:
    webhooks.send(attempt(receiver.url))
    ((path, headers, body),) = receiver.got
    assert (path, body) == ("/hook?x=1", BODY)
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("Hansa/")
    signed = signed_headers(SECRET, "abcd", AT, BODY)
    assert {name: headers[name] for name in signed} == signed


@pytest.mark.parametrize("status", [301, 307, 308])
def test_redirects_are_not_followed(webhooks: Webhooks, receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(DeliveryError, match=f"answered {status}, and redirects are not followed"):
        webhooks.send(attempt(receiver.url))
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_any_other_answer_is_a_failure(webhooks: Webhooks, receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(DeliveryError, match=f"it answered {status}"):
        webhooks.send(attempt(receiver.url))


def test_nobody_there(webhooks: Webhooks) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(DeliveryError, match="the request failed: .+"):
        webhooks.send(attempt(f"http://127.0.0.1:{port}"))


def test_plain_http_where_tls_is_expected(webhooks: Webhooks, receiver: Receiver) -> None:
    with pytest.raises(DeliveryError, match="the request failed: .+"):
        webhooks.send(attempt(receiver.url.replace("http://", "https://")))


@pytest.fixture
def dawdler() -> Iterator[tuple[str, threading.Event]]:
    """A receiver whose headers never end, a byte at a time: its URL, and when it has begun."""
    began, over = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                began.set()
                while not over.wait(0.02):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", began
        over.set()
        thread.join()


def test_the_timeout_is_for_all_of_it(
    webhooks: Webhooks, dawdler: tuple[str, threading.Event]
) -> None:
    with pytest.raises(DeliveryError, match=r"no answer came within 0\.3 s"):
        webhooks.send(attempt(dawdler[0], timeout_seconds=0.3))


def test_the_end_of_the_service_breaks_it_off(
    webhooks: Webhooks, dawdler: tuple[str, threading.Event]
) -> None:
    url, began = dawdler
    faults: list[str] = []

    def send() -> None:
        try:
            webhooks.send(attempt(url, timeout_seconds=300))
        except DeliveryError as fault:
            faults.append(str(fault))

    thread = threading.Thread(target=send)
    thread.start()
    assert began.wait(10)
    webhooks.close()
    thread.join(10)
    assert not thread.is_alive()
    send()  # and nothing is begun any more
    assert faults == ["the service stopped meanwhile"] * 2
