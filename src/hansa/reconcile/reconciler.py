"""The threads that work: several workers and one sweep, woken by events."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog

from hansa.reconcile.bell import Bell
from hansa.reconcile.sweep import Sweep
from hansa.store.faults import StoreError

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
IDLE_SECONDS_MAX = 30.0
AGAIN_SECONDS = 1.0  # after a round that failed as a whole


class Rounds(Protocol):
    """Who does what is due, a round at a time."""

    def begin(self) -> None:
        """Called before the first round of anybody."""
        ...

    def run_once(self) -> bool:
        """Do what is longest due; False where nothing is due."""
        ...

    def next_due(self) -> datetime | None:
        """When there will be something to do."""
        ...


class Reconciler:
    """Runs ``workers`` and ``sweep`` until :meth:`stop`; ``bell`` tells that work came in."""

    def __init__(
        self, workers: Sequence[Rounds], sweep: Sweep, bell: Bell, now: Callable[[], datetime]
    ) -> None:
        self._workers = workers
        self._sweep = sweep
        self._bell = bell
        self._now = now
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Look at everything once, then work in threads."""
        for worker in self._workers:
            worker.begin()
        self._sweep.begin()
        for number, worker in enumerate(self._workers):
            self._begin(f"worker-{number}", partial(self._work, worker))
        self._begin("sweep", self._sweep_on)

    def stop(self, timeout_seconds: float = 15) -> None:
        """Finish the steps under way and end the threads."""
        self._stopping.set()
        self._bell.ring()
        for thread in self._threads:
            thread.join(timeout_seconds)

    def _begin(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self, worker: Rounds) -> None:
        while not self._stopping.is_set():
            rings = self._bell.rings()
            try:
                if worker.run_once():
                    # One step may have made others due: let the other workers look, too.
                    self._bell.ring()
                    continue
                seconds = self._seconds_until(worker.next_due())
            except StoreError as fault:  # out of disk, say: work stays, and is tried again
                log.warning("reconcile.round_failed", reason=str(fault))
                seconds = AGAIN_SECONDS
            except Exception:
                log.exception("reconcile.round_failed")
                seconds = AGAIN_SECONDS
            if not self._stopping.is_set():
                self._bell.wait_beyond(rings, seconds)

    def _seconds_until(self, due: datetime | None) -> float:
        if due is None:
            return IDLE_SECONDS_MAX
        return min(IDLE_SECONDS_MAX, max(0.0, (due - self._now()).total_seconds()))

    def _sweep_on(self) -> None:
        while not self._stopping.wait(SWEEP_SECONDS):
            try:
                if self._sweep.run_once():
                    self._bell.ring()
            except StoreError as fault:
                log.warning("sweep.round_failed", reason=str(fault))
            except Exception:
                log.exception("sweep.round_failed")
