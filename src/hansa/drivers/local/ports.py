"""Whether a port can be listened on, and who holds it if not."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Holder:
    """A process that holds a port; ``pid`` is None where the kernel does not tell this user."""

    pid: int | None
    description: str


def is_free(host: str, port: int) -> bool:
    """Whether a server could bind ``port`` on ``host`` now. Tried, as servers do it."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, port))
        except OSError:
            return False
    return True


def find_holder(port: int) -> Holder:
    """The process that has ``port`` as its own end of a connection or listens on it."""
    pids = [
        connection.pid
        for connection in psutil.net_connections(kind="tcp")
        if connection.laddr and connection.laddr.port == port
    ]
    pid = next((pid for pid in pids if pid), None)
    if pid is None:
        return Holder(None, "a process of another user, or one that is just ending")
    try:
        return Holder(pid, f"process {pid} ({psutil.Process(pid).name()})")
    except psutil.Error:
        return Holder(pid, f"process {pid}")
