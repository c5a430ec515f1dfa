"""How plain functions run beside the event loop."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from hansa_contract.protocol import Link

T = TypeVar("T")


class Runner(Protocol):
    """Runs functions that wait for the peer in place, and gives them links that do."""

    async def run(self, function: Callable[[], T]) -> T:
        """The function's result; while it waits for the peer, others run."""

    def blocking(self, link: Link) -> Link:
        """The link for such a function: its requests return with the answer."""


class InlineRunner:
    """Runs everything at once and in place, for links that never suspend anyone."""

    async def run(self, function: Callable[[], T]) -> T:
        return function()

    def blocking(self, link: Link) -> Link:
        return link


def drive(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine whose requests go over a link that never suspends."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("this link suspends its caller: use the awaited stub")
