"""The threads that work: several workers and one sweep, woken by events."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from hansa.reconcile.sweep import Sweep
from hansa.reconcile.worker import Worker

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
IDLE_SECONDS_MAX = 30.0


class Reconciler:
    """Runs ``workers`` and ``sweep`` until :meth:`stop`; :meth:`wake` tells that work came in."""

    def __init__(self, workers: list[Worker], sweep: Sweep, now: Callable[[], datetime]) -> None:
        self._workers = workers
        self._sweep = sweep
        self._now = now
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._wakes = 0
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Look at everything once, then work in threads."""
        self._workers[0].begin()
        self._sweep.begin()
        targets = [(f"worker-{i}", self._work, w) for i, w in enumerate(self._workers)]
        for name, target, worker in targets:
            self._threads.append(
                threading.Thread(target=target, args=(worker,), name=name, daemon=True)
            )
        self._threads.append(threading.Thread(target=self._sweep_on, name="sweep", daemon=True))
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        with self._changed:
            self._wakes += 1
            self._changed.notify_all()

    def stop(self, timeout_seconds: float = 15) -> None:
        """Finish the steps under way and end the threads."""
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout_seconds)

    def _work(self, worker: Worker) -> None:
        while not self._stopping.is_set():
            before = self._wakes
            try:
                if worker.run_once():
                    # One step may have made others due: let the other workers look, too.
                    self.wake()
                    continue
                due = worker.next_due()
            except Exception:
                # The store may be out of disk: work stays where it is, and is tried again.
                log.exception("reconcile.round_failed")
                self._stopping.wait(1)
                continue
            self._rest(before, due)

    def _rest(self, before: int, due: datetime | None) -> None:
        seconds = IDLE_SECONDS_MAX
        if due is not None:
            seconds = min(seconds, max(0.0, (due - self._now()).total_seconds()))
        with self._changed:
            if self._wakes == before and not self._stopping.is_set():
                self._changed.wait(seconds)

    def _sweep_on(self) -> None:
        while not self._stopping.wait(SWEEP_SECONDS):
            try:
                if self._sweep.run_once():
                    self.wake()
            except Exception:
                log.exception("sweep.round_failed")
