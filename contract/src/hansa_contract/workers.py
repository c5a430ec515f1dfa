"""Threads in which plain contract functions run, while one event loop talks to the peer."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any, TypeVar

from hansa_contract.errors import DisconnectedError

T = TypeVar("T")


class ThreadRunner:
    """As many functions at once as there are threads; the others wait for their turn.

    Threads come as they are needed, and go on to the next function.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, threads: int, name: str) -> None:
        self._loop = loop
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, function: Callable[[], T]) -> T:
        context = contextvars.copy_context()
        return await self._loop.run_in_executor(self._pool, context.run, _contained, function)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Raises :class:`DisconnectedError` where the loop has ended in the meantime."""
        try:
            waiting = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError as fault:
            work.close()
            raise DisconnectedError("the chaincode is ending") from fault
        try:
            return waiting.result()
        except CancelledError as fault:
            raise DisconnectedError("the stream to the peer has ended") from fault

    def close(self) -> None:
        """Begin nothing any more. A function that runs is left to itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _contained(function: Callable[[], T]) -> T:
    """A future cannot hold StopIteration: its waiter would wait for ever."""
    try:
        return function()
    except StopIteration as fault:
        raise RuntimeError("the function let a StopIteration escape") from fault
