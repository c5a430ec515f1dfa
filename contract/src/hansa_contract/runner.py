"""How plain functions run beside the event loop."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Runner(Protocol):
    """Runs functions that may block, and lets them wait for what the loop does."""

    async def run(self, function: Callable[[], T]) -> T:
        """The function's result; it runs where blocking harms nobody."""

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """From inside such a function: the result of ``work``."""


class InlineRunner:
    """Runs everything at once and in place, for links that never make anyone wait."""

    async def run(self, function: Callable[[], T]) -> T:
        return function()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            work.send(None)
        except StopIteration as done:
            result: T = done.value
            return result
        work.close()
        raise RuntimeError("this link makes its caller wait, so it needs a runner with threads")
