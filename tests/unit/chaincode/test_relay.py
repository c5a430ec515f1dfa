"""The relay between two sockets of this machine; the sandbox's network is tested with Fabric."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from selectors import DefaultSelector

import pytest

from hansa.chaincode import relay
from hansa.chaincode.relay import Relay, parse_address

Connect = Callable[[], socket.socket]


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        yield listener


@pytest.fixture
def connect(peer: socket.socket) -> Iterator[Connect]:
    """Connects through a relay, which a thread serves."""
    selector, ended = DefaultSelector(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        served = Relay(selector, listener, peer.getsockname())

        def serve() -> None:
            while not ended.is_set():
                for key, events in selector.select(0.02):
                    key.data(events)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield lambda: socket.create_connection(listener.getsockname(), timeout=20)
        finally:
            ended.set()
            thread.join()
            for carriage in list(served._open):  # also those that the selector no longer knows
                carriage._close()
            selector.close()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:7052", ("127.0.0.1", 7052)),
        ("localhost:7052", ("127.0.0.1", 7052)),
        ("10.0.0.1:7052", None),
        ("127.0.0.1:", None),
        ("", None),
    ],
)
def test_a_peer_of_this_machine_has_a_relay(text: str, address: tuple[str, int] | None) -> None:
    assert parse_address(text) == address


def receive(connection: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size and (part := connection.recv(65536)):
        got += part
    return got


def test_much_is_carried_both_ways_though_nobody_reads_at_once(
    peer: socket.socket, connect: Connect
) -> None:
    there, back = b"a" * 8_000_000, b"b" * 8_000_000
    with connect() as inner:
        outer, _ = peer.accept()
        with outer:
            outer.settimeout(20)
            senders = [
                threading.Thread(target=inner.sendall, args=(there,)),
                threading.Thread(target=outer.sendall, args=(back,)),
            ]
            for sender in senders:
                sender.start()
            assert receive(outer, len(there)) == there
            assert receive(inner, len(back)) == back
            for sender in senders:
                sender.join()


def test_an_end_is_carried_and_answers_still_come(peer: socket.socket, connect: Connect) -> None:
    with connect() as inner:
        inner.sendall(b"question")
        inner.shutdown(socket.SHUT_WR)
        outer, _ = peer.accept()
        with outer:
            assert receive(outer, 100) == b"question"
            outer.sendall(b"answer")
        assert receive(inner, 100) == b"answer"


def test_last_words_are_passed_on(peer: socket.socket) -> None:
    """Nobody serves the relay any more, and the chaincode has ended."""
    with DefaultSelector() as selector, socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        relay_ = Relay(selector, listener, peer.getsockname())
        with socket.create_connection(listener.getsockname()) as inner:
            (accepted,) = (key for key, _ in selector.select(20))
            accepted.data(accepted.events)
            inner.sendall(b"last words")
        outer, _ = peer.accept()
        with outer:
            relay_.finish()
            assert receive(outer, 100) == b"last words"
        selector.unregister(listener)


def test_a_peer_that_is_gone_ends_the_connection(peer: socket.socket, connect: Connect) -> None:
    peer.close()
    with connect() as inner:
        assert inner.recv(1) == b""


def test_connections_without_end_are_not_served(
    peer: socket.socket, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "CONNECTIONS_MAX", 1)
    with connect() as first:
        outer, _ = peer.accept()
        with connect() as second:
            assert second.recv(1) == b""
        first.close()
        with outer:
            assert outer.recv(1) == b""
        # Its place is free again.
    with connect() as third:
        third.sendall(b"x")
        another, _ = peer.accept()
        with another:
            assert another.recv(1) == b"x"
