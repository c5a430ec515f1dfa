"""One thread that notices the end of processes at once, and does what is due."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable

import structlog

from hansa.drivers.local.identity import Identity, open_pidfd

_log = structlog.get_logger("hansa.drivers.local")
_RETRY_SECONDS = 0.02
_WAIT_MAX_SECONDS = 60.0

Ended = tuple[str, Identity]


class Supervisor:
    """Calls ``on_end(name, identity)`` when a watched process ends, in its own thread.

    ``on_end`` answers False where it cannot be handled yet (the workload is being worked on); it is
    called again soon. ``on_tick`` does what is due and answers in how many seconds it wants to be
    called again. Neither may wait long.
    """

    def __init__(
        self, on_end: Callable[[str, Identity], bool], on_tick: Callable[[], float]
    ) -> None:
        self._on_end = on_end
        self._on_tick = on_tick
        self._watched: dict[int, Ended] = {}
        self._pending: set[Ended] = set()
        self._lock = threading.Lock()
        self._epoll = select.epoll()
        self._alarm = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._epoll.register(self._alarm, select.EPOLLIN)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="hansa-supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop watching. The processes go on."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            os.eventfd_write(self._alarm, 1)
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            self._epoll.close()
            os.close(self._alarm)
            for descriptor in self._watched:
                os.close(descriptor)
            self._watched.clear()

    def watch(self, name: str, identity: Identity) -> None:
        """From now on notice the end of this process."""
        descriptor = open_pidfd(identity)
        with self._lock:
            if self._closing:
                if descriptor is not None:
                    os.close(descriptor)
                return
            if descriptor is None:
                self._pending.add((name, identity))
            else:
                self._watched[descriptor] = (name, identity)
                self._epoll.register(descriptor, select.EPOLLIN)
        self.wake()

    def wake(self) -> None:
        """Have ``on_tick`` called now."""
        with self._lock:
            if not self._closing:
                os.eventfd_write(self._alarm, 1)

    def _run(self) -> None:
        while not self._closing:
            wait = _RETRY_SECONDS
            try:
                self._handle_pending()
                wait = min(self._on_tick(), _WAIT_MAX_SECONDS)
            except Exception:  # noqa: BLE001 - the other processes have to be watched still
                _log.exception("supervision failed")
                wait = 1.0
            if self._pending:
                wait = min(wait, _RETRY_SECONDS)
            for descriptor, _ in self._epoll.poll(max(0.0, wait)):
                self._collect(descriptor)

    def _collect(self, descriptor: int) -> None:
        if descriptor == self._alarm:
            os.eventfd_read(descriptor)
            return
        with self._lock:
            ended = self._watched.pop(descriptor)
            self._epoll.unregister(descriptor)
            os.close(descriptor)
            self._pending.add(ended)

    def _handle_pending(self) -> None:
        with self._lock:
            pending = list(self._pending)
        for ended in pending:
            if self._on_end(*ended):
                with self._lock:
                    self._pending.discard(ended)
