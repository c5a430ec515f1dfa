"""Where plain functions run, by the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from hansa_contract.fibers import FiberRunner
from hansa_contract.liveness import Liveness
from hansa_contract.runner import Runner
from hansa_contract.workers import ThreadRunner


@contextmanager
def function_runners(
    loop: asyncio.AbstractEventLoop, threads: int
) -> Iterator[tuple[Runner, Runner]]:
    """One for what the peer calls, and one for what that calls in turn.

    With no ``threads`` that is the same. A thread waits for what its function calls, so that has
    threads of its own; all end where this is left. A standstill of the loop ends the process.
    """
    with ExitStack() as stack:
        stack.enter_context(Liveness(loop))
        if not threads:
            runner = FiberRunner()
            yield runner, runner
            return
        outer = ThreadRunner(loop, threads, "contract")
        stack.callback(outer.close)
        nested = ThreadRunner(loop, threads, "nested-contract")
        stack.callback(nested.close)
        yield outer, nested
