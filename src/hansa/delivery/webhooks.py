"""Webhooks: an event is POSTed, signed; any answer of 200 to 299 takes it."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from datetime import datetime

import httpx2

from hansa import __version__
from hansa.delivery.base import Attempt, DeliveryError, StoppedError
from hansa.delivery.signature import signed_headers


class Webhooks:
    """Sends over HTTP or HTTPS; the proxy and the certificates are those of the environment.

    The timeout is for all of it, so that a receiver that dawdles holds nothing up; redirects are
    not followed, and the answer's body is not read.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._tls = ssl.create_default_context()
        self._lock = threading.Lock()
        self._closed = False
        self._running: dict[asyncio.Task[int], asyncio.AbstractEventLoop] = {}

    def send(self, attempt: Attempt) -> None:
        """Raises :class:`DeliveryError` where it is not taken."""
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                status = runner.run(self._post_in_time(attempt))
        except TimeoutError:
            raise DeliveryError(f"no answer came within {attempt.timeout_seconds:g} s") from None
        except (httpx2.HTTPError, OSError) as fault:
            raise DeliveryError(f"the request failed: {fault or type(fault).__name__}") from fault
        except asyncio.CancelledError:
            raise StoppedError from None
        if 300 <= status < 400:
            raise DeliveryError(f"it answered {status}, and redirects are not followed")
        if not 200 <= status < 300:
            raise DeliveryError(f"it answered {status}")

    def close(self) -> None:
        """Break off what is under way, and send nothing any more."""
        with self._lock:
            self._closed = True
            for task, loop in self._running.items():
                loop.call_soon_threadsafe(task.cancel)

    async def _post_in_time(self, attempt: Attempt) -> int:
        task: asyncio.Task[int] = asyncio.ensure_future(self._post(attempt))
        with self._lock:
            if self._closed:
                task.cancel()
            self._running[task] = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(task, attempt.timeout_seconds)
        finally:
            with self._lock:
                del self._running[task]

    async def _post(self, attempt: Attempt) -> int:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Hansa/{__version__}",
            **signed_headers(attempt.secret, attempt.event_id, self._now(), attempt.body),
        }
        # The timeout is that of the whole, in _post_in_time.
        async with (
            httpx2.AsyncClient(verify=self._tls, timeout=None, follow_redirects=False) as http,
            http.stream("POST", attempt.url, content=attempt.body, headers=headers) as answer,
        ):
            return answer.status_code
