"""Threads in which plain contract functions run, while one event loop talks to the peer."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from hansa_contract.links import ThreadLink, TransactionLink
from hansa_contract.protocol import Link

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
        return await self._loop.run_in_executor(self._pool, context.run, contained, function)

    def blocking(self, link: Link) -> Link:
        return ThreadLink(link, self._loop) if isinstance(link, TransactionLink) else link

    def close(self) -> None:
        """Begin nothing any more. A function that runs is left to itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def contained(function: Callable[[], T]) -> T:
    """The function's result. A future cannot hold StopIteration: its waiter would wait for ever."""
    try:
        return function()
    except StopIteration as fault:
        raise RuntimeError("the function let a StopIteration escape") from fault
