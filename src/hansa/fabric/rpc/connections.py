"""Connections to peers and orderers, and their failures in words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from hansa.fabric.base import FabricError

# Fabric's own limit of a message.
_BYTES_MAX = 100 * 1024 * 1024
_OPTIONS = (
    ("grpc.max_receive_message_length", _BYTES_MAX),
    ("grpc.max_send_message_length", _BYTES_MAX),
    # Peers and orderers of this installation are reached directly, whatever proxy is set.
    ("grpc.enable_http_proxy", 0),
    # One that was restarted is found again at once.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)
_UNREACHABLE = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
)


class UnreachableError(FabricError):
    """It did not answer, or had no time; the same may be asked again soon."""


class Connections:
    """One connection to each address (``HOST:PORT``), made when first used. For several threads."""

    def __init__(self, tls_chain: bytes) -> None:
        self._credentials = grpc.ssl_channel_credentials(tls_chain)
        self._lock = threading.Lock()
        self._channels: dict[str, grpc.Channel] = {}

    def to(self, address: str) -> grpc.Channel:
        with self._lock:
            channel = self._channels.get(address)
            if channel is None:
                channel = grpc.secure_channel(address, self._credentials, _OPTIONS)
                self._channels[address] = channel
            return channel

    def close(self) -> None:
        with self._lock:
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()


@contextmanager
def told(who: str) -> Iterator[None]:
    """Raises :class:`FabricError` in place of a gRPC error; ``who`` was asked.

    :class:`UnreachableError` where asking again may help.
    """
    try:
        yield
    except grpc.RpcError as fault:
        code, details = _read(fault)
        if code in _UNREACHABLE:
            raise UnreachableError(f"{who} does not answer: {details or code.name}") from fault
        raise FabricError(f"{who} refused: {details or code.name}") from fault


def _read(fault: Any) -> tuple[grpc.StatusCode, str]:
    return fault.code(), fault.details() or ""
