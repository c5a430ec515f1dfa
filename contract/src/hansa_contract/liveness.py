"""Ends a chaincode that has come to a standstill; its peer starts it anew at the next call."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Self

logger = logging.getLogger("hansa_contract")

STANDSTILL_SECONDS = 60.0
"""Peers give a transaction 30 s by default (``chaincode.executetimeout``)."""

CODE = 70
"""EX_SOFTWARE of sysexits.h."""


class Liveness:
    """Watches, from a thread, whether an event loop goes on: nothing that blocks may stop it.

    A function that does not return, and asks the peer for nothing, holds up all transactions.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        seconds: float = STANDSTILL_SECONDS,
        end: Callable[[int], None] = os._exit,
    ) -> None:
        self._loop, self._seconds, self._end = loop, seconds, end
        self._beat_at = time.monotonic()
        self._closed = threading.Event()
        self._watched = threading.get_ident()
        self._thread = threading.Thread(target=self._watch, name="liveness", daemon=True)

    def __enter__(self) -> Self:
        self._beat()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._timer.cancel()
        self._thread.join()

    def _beat(self) -> None:
        self._beat_at = time.monotonic()
        self._timer = self._loop.call_later(self._seconds / 6, self._beat)

    def _watch(self) -> None:
        while not self._closed.wait(self._seconds / 6):
            if time.monotonic() - self._beat_at >= self._seconds:
                self._tell()
                self._end(CODE)
                return

    def _tell(self) -> None:
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001 - there is no public way
        places = "".join(traceback.format_stack(frame)) if frame else ""
        logger.error(
            "a function has not returned for %.0f s, nor asked the peer for anything, and holds up "
            "all others: ending the chaincode. It is at\n%s",
            self._seconds,
            places,
        )
