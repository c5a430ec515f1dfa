"""The one way out of a chaincode's network: to its peer.

The sandbox has a network of its own with nothing in it but a listening socket at the peer's
address. That socket is made from outside, in the sandbox's network, and served from outside:
chaincode connects as it always does, and each connection is carried on to the peer.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector

from hansa.chaincode.config import BuildError

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
NS_GET_USERNS = 0xB701  # ioctl_ns(2)
IP_FREEBIND = 15  # ip(7): the address may come later, as the loopback interface does

CHUNK_BYTES = 256 * 1024
CONNECTIONS_MAX = 32
"""A shim has one; a chaincode that opens more and more gets no more."""

LAST_WORDS_SECONDS = 1.0

LOOPBACK = ("127.0.0.1", "localhost")

Address = tuple[str, int]


def parse_address(text: str) -> Address | None:
    """``HOST:PORT`` on this machine; None for another, which no relay can stand in for."""
    host, _, port = text.rpartition(":")
    return ("127.0.0.1", int(port)) if host in LOOPBACK and port.isdigit() else None


def listen_inside(pid: int, address: Address) -> socket.socket:
    """A socket that listens at ``address`` in the network of the process ``pid``.

    A child goes there for it, since there is no way back. Raises :class:`BuildError`.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = os.fork()
        if child == 0:
            os._exit(_send_listener(theirs, pid, address))
        theirs.close()
        told, descriptors, _, _ = socket.recv_fds(ours, 1024, 1)
        os.waitpid(child, 0)
    if not descriptors:
        raise BuildError(f"chaincode's network cannot be entered: {told.decode(errors='replace')}")
    listener = socket.socket(fileno=descriptors[0])
    listener.setblocking(False)
    return listener


def _send_listener(channel: socket.socket, pid: int, address: Address) -> int:
    try:
        _enter_network(pid)
        listener = socket.socket()
        listener.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
        listener.bind(address)
        listener.listen()
        socket.send_fds(channel, [b"made"], [listener.fileno()])
    except OSError as fault:
        channel.send(str(fault).encode())
        return 1
    return 0


def _enter_network(pid: int) -> None:
    """Its owner has all rights there, but only from the user namespace that it belongs to."""
    network = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _set_namespace(network, CLONE_NEWNET)
    except PermissionError:
        _set_namespace(fcntl.ioctl(network, NS_GET_USERNS), CLONE_NEWUSER)
        _set_namespace(network, CLONE_NEWNET)


def _set_namespace(descriptor: int, kind: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, kind) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Relay:
    """Carries every connection at ``listener`` on to ``peer``, as ``selector`` says when.

    ``said`` grows with everything that comes from inside.
    """

    def __init__(self, selector: BaseSelector, listener: socket.socket, peer: Address) -> None:
        self._selector, self._listener, self._peer = selector, listener, peer
        self._open: set[_Carriage] = set()
        self.said = 0
        selector.register(listener, EVENT_READ, self._accept)

    def _accept(self, _events: int) -> None:
        inner, _ = self._listener.accept()
        if len(self._open) >= CONNECTIONS_MAX:
            inner.close()
            return
        try:
            outer = socket.create_connection(self._peer, timeout=5)
        except OSError:  # the peer is going down; chaincode is told by the end of its connection
            inner.close()
            return
        self._open.add(_Carriage(self._selector, inner, outer, self._open.discard, self._note))

    def _note(self, count: int) -> None:
        self.said += count

    def finish(self) -> None:
        """The chaincode has ended: pass on its last words, and have the peer know at once."""
        for carriage in list(self._open):
            carriage.finish()


class _Carriage:
    """Two connected sockets: what comes from the one goes to the other, both ways."""

    def __init__(
        self,
        selector: BaseSelector,
        inner: socket.socket,
        outer: socket.socket,
        closed: Callable[[_Carriage], None],
        said: Callable[[int], None],
    ) -> None:
        self._selector, self._closed, self._said = selector, closed, said
        self._inner, self._outer = inner, outer
        self._other = {inner: outer, outer: inner}
        self._held = {inner: b"", outer: b""}
        self._ended: set[socket.socket] = set()
        self._done = False
        for one in self._other:
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(one, EVENT_READ, self._reaction(one))

    def finish(self) -> None:
        with suppress(OSError):
            self._outer.settimeout(LAST_WORDS_SECONDS)
            self._outer.sendall(self._held[self._outer])
            while data := self._inner.recv(CHUNK_BYTES):
                self._outer.sendall(data)
        self._close()

    def _reaction(self, one: socket.socket) -> Callable[[int], None]:
        def react(events: int) -> None:
            if self._done:  # by what happened in the same moment
                return
            try:
                if events & EVENT_WRITE:
                    self._write(one)
                if events & EVENT_READ and not self._done:
                    self._read(one)
            except BlockingIOError:
                return
            except OSError:
                self._close()

        return react

    def _read(self, one: socket.socket) -> None:
        data, other = one.recv(CHUNK_BYTES), self._other[one]
        if one is self._inner:
            self._said(len(data))
        if not data:
            self._ended.add(one)
            self._watch(one)
            with suppress(OSError):
                other.shutdown(socket.SHUT_WR)
            if len(self._ended) == len(self._other):
                self._close()
            return
        try:
            sent = other.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            # No more is read here before the other side has taken this.
            self._held[other] = data[sent:]
            self._watch(one)
            self._watch(other)

    def _write(self, one: socket.socket) -> None:
        held = self._held[one]
        self._held[one] = held[one.send(held) :]
        if not self._held[one]:
            self._watch(one)
            self._watch(self._other[one])

    def _watch(self, one: socket.socket) -> None:
        """Ask for what is of use now: readable if what it says can be passed on, and writable."""
        reads = one not in self._ended and not self._held[self._other[one]]
        events = (EVENT_READ if reads else 0) | (EVENT_WRITE if self._held[one] else 0)
        known = one in self._selector.get_map()
        if events and known:
            self._selector.modify(one, events, self._reaction(one))
        elif events:
            self._selector.register(one, events, self._reaction(one))
        elif known:
            self._selector.unregister(one)

    def _close(self) -> None:
        self._done = True
        for one in self._other:
            if one in self._selector.get_map():
                self._selector.unregister(one)
            one.close()
        self._closed(self)
