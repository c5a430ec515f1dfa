from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from hansa.fabric.announcer import Announcer
from hansa.fabric.base import FabricError
from hansa.fabric.metrics import Metrics
from hansa.fabric.tools import FabricTools

CHANNELS = ("first", "second")


class MetricsHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        lines = [f'ledger_blockchain_height{{channel="{name}"}} 1\n' for name in CHANNELS]
        self.send_response(200)
        self.end_headers()
        self.wfile.write("".join(lines).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def metrics_url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), MetricsHandler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/metrics"
    server.shutdown()
    thread.join()
    server.server_close()


class Ledger(FabricTools):
    """Channels without an anchor peer, behind orderers of which some are down."""

    def __init__(self, down: set[str]) -> None:
        self.down = down
        self.acts: list[tuple[str, str, str]] = []

    def run(
        self,
        program: str,
        arguments: Any,
        source: bytes = b"",
        environment: Any = None,
        seconds_max: float = 0,
    ) -> Any:
        words = list(arguments)
        orderer, channel = words[words.index("-o") + 1], words[words.index("-c") + 1]
        if orderer in self.down:
            raise FabricError(f"{orderer} is down")
        self.acts.append((words[1], channel, orderer))
        if words[1] == "fetch":
            Path(words[3]).write_bytes(b"block")
        return b""

    def decode(self, message: str, encoded: bytes) -> dict[str, Any]:
        organization = {"groups": {}, "policies": {}, "values": {}, "version": "0"}
        organization |= {"mod_policy": "Admins"}
        application = {"groups": {"m-1": organization}, "version": "0"}
        group = {"groups": {"Application": application}, "version": "0"}
        payload = {"payload": {"data": {"config": {"channel_group": group}}}}
        return {"data": {"data": [payload]}}

    def encode(self, message: str, value: Any) -> bytes:
        return b"envelope"


def announce(announcer: Announcer, metrics_url: str, tmp_path: Path) -> bool:
    return announcer.announce(
        member_id="m-1",
        metrics_url=metrics_url,
        endpoint="peer.example:30003",
        orderers=("one:1", "two:2"),
        service_msp=tmp_path,
        tls_chain=tmp_path / "chain.pem",
    )


def test_every_channel_is_announced_once(metrics_url: str, tmp_path: Path) -> None:
    ledger = Ledger(down=set())
    announcer = Announcer(ledger, Metrics())
    assert announce(announcer, metrics_url, tmp_path) is True
    assert announce(announcer, metrics_url, tmp_path) is False
    assert ledger.acts == [
        ("fetch", "first", "one:1"),
        ("update", "first", "one:1"),
        ("fetch", "second", "one:1"),
        ("update", "second", "one:1"),
    ]


def test_the_next_orderer_serves_where_one_is_down(metrics_url: str, tmp_path: Path) -> None:
    ledger = Ledger(down={"one:1"})
    assert announce(Announcer(ledger, Metrics()), metrics_url, tmp_path) is True
    assert {orderer for _, _, orderer in ledger.acts} == {"two:2"}


def test_where_all_are_down_it_is_tried_again_later(metrics_url: str, tmp_path: Path) -> None:
    ledger = Ledger(down={"one:1", "two:2"})
    announcer = Announcer(ledger, Metrics())
    with pytest.raises(FabricError, match="in channel first: two:2 is down"):
        announce(announcer, metrics_url, tmp_path)
    ledger.down.clear()
    assert announce(announcer, metrics_url, tmp_path) is True
