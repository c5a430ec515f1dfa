"""Ports for tests: those that run at the same time never take the same.

All are below those that Linux gives to clients, which could otherwise hold one that a test is about
to use: ``net.ipv4.ip_local_port_range`` begins with 32768.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
from collections.abc import Iterator

_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS


def share(first: int, last: int) -> range:
    """Of the ports ``first`` to ``last`` those that only this worker of pytest takes."""
    count = (last - first + 1) // _WORKERS
    return range(first + _WORKER * count, first + (_WORKER + 1) * count)


def setting(ports: range) -> str:
    """``ports`` as the settings ``ports`` and ``internal_ports`` want them."""
    return f"{ports[0]}-{ports[-1]}"


class _Ports:
    """Hands out one after the other, so that none is handed out twice before all were.

    It begins anywhere: others may test on this machine, too.
    """

    def __init__(self, ports: range) -> None:
        self._ports = ports
        self._next = random.SystemRandom().choice(ports)

    def take(self, count: int) -> range:
        if self._next + count > self._ports.stop:
            self._next = self._ports.start
        first = self._next
        self._next += count
        return range(first, first + count)


_OWN = _Ports(share(10000, 23999))


def free_ports(count: int) -> range:
    """Ports that lie side by side, are free now, and were not handed out before."""
    for _ in range(1000):
        ports = _OWN.take(count)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in ports:
                stack.enter_context(listening(port))
            return ports
    raise AssertionError(f"no {count} free ports side by side")


def free_port() -> int:
    return free_ports(1)[0]


@contextlib.contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """A stranger's server on a port: this process."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        yield server
