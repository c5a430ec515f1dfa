"""Recording calls as they are answered: one thread writes, many calls to one flush of the disk.

A call that has to be durable before it is answered waits for its batch; others are written with it,
or :data:`DELAY_SECONDS` later. So a crash loses what was only read in that time, and nothing else.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from hansa.domain.audit import Call
from hansa.domain.errors import InternalServiceError

DELAY_SECONDS = 0.1
BATCH_MAX = 500
WAITING_MAX = 10_000
"""Calls in memory at most. Beyond it every call waits until it is written."""

RETRY_SECONDS = 1.0


class NotRecordedError(InternalServiceError):
    """The record of calls cannot be written, and nothing changes without it."""


class AuditWriter:
    """Takes calls from any thread; ``append`` makes a batch of them durable, or raises.

    Calls that could not be written are kept and tried again every second. Call :meth:`close` at
    the end.
    """

    def __init__(self, append: Callable[[Sequence[Call]], None]) -> None:
        self._append = append
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Call, Future[None] | None]] = deque()
        self._urgent = 0
        self._asked: list[Future[None]] = []
        self._fault: Exception | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
        self._thread.start()

    def ready(self) -> Future[None] | None:
        """``None`` where calls can be recorded, as far as is known; else what to wait for.

        That is another attempt, made at once; the future raises :class:`NotRecordedError` where it
        fails as well.
        """
        with self._changed:
            if self._fault is None:
                return None
            asked: Future[None] = Future()
            self._asked.append(asked)
            self._changed.notify()
        return asked

    def add(self, call: Call, *, urgent: bool) -> Future[None] | None:
        """Have ``call`` written; what to wait for, if the call is not to be answered before.

        The future raises what the writing raised, once; the call is kept all the same.
        """
        with self._changed:
            full = len(self._waiting) >= WAITING_MAX
            if full and self._fault is not None:
                refused: Future[None] = Future()
                refused.set_exception(self._fault)
                return refused
            future: Future[None] | None = Future() if urgent or full else None
            self._waiting.append((call, future))
            self._urgent += future is not None
            if future is not None or len(self._waiting) == 1:
                self._changed.notify()
        return future

    def close(self) -> None:
        """Write what waits, as far as the machine lets it, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while self._await_work():
            with self._changed:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH_MAX))]
                self._urgent -= sum(future is not None for _, future in batch)
                asked, self._asked = self._asked, []
            fault = self._write(batch)
            with self._changed:
                self._fault = fault
                if fault is not None:
                    # Whoever waits for them has been told; they are still to be written.
                    self._waiting.extendleft((call, None) for call, _ in reversed(batch))
            _tell(asked, None if fault is None else _not_recorded(fault))
            if fault is not None and self._closing:
                _tell(self._asked, _not_recorded(fault))
                return

    def _await_work(self) -> bool:
        """Wait until a batch is due; whether there will be any more."""
        with self._changed:
            if self._fault is not None:
                self._changed.wait_for(lambda: self._closing or self._asked, RETRY_SECONDS)
            self._changed.wait_for(lambda: bool(self._waiting) or self._closing)
            self._changed.wait_for(self._is_due, DELAY_SECONDS)
            return bool(self._waiting)

    def _is_due(self) -> bool:
        someone = self._urgent > 0 or self._asked or self._closing
        return bool(someone) or len(self._waiting) >= BATCH_MAX

    def _write(self, batch: Sequence[tuple[Call, Future[None] | None]]) -> Exception | None:
        fault: Exception | None = None
        try:
            self._append([call for call, _ in batch])
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            fault = error
        _tell([future for _, future in batch if future is not None], fault)
        return fault


def _tell(futures: Sequence[Future[None]], fault: Exception | None) -> None:
    for future in futures:
        if not future.set_running_or_notify_cancel():
            continue
        if fault is None:
            future.set_result(None)
        else:
            future.set_exception(fault)


def _not_recorded(fault: Exception) -> NotRecordedError:
    return NotRecordedError(
        "Nothing is changed while the record of calls cannot be written, and this was not done. "
        f"{fault}"
    )
