"""Many transactions at a time, through the Gateway of a peer."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import grpc.aio

from bench.gateway import NotCommittedError

Call = Callable[[str], Awaitable[bytes]]
"""Does one transaction on a key that no other has."""


@dataclass
class Rounds:
    """What one load came to, a round after the other; ``ms`` are of every call in all rounds."""

    per_second: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    errors: int = 0
    fault: str = ""

    def values(self) -> dict[str, float | str]:
        """Medians over the rounds, and latencies over all calls."""
        found = sorted(self.ms)
        return {
            "per_second": round(statistics.median(self.per_second), 1),
            "p50_ms": round(found[len(found) // 2], 2),
            "p95_ms": round(found[int(len(found) * 0.95)], 2),
            "errors": self.errors,
            "fault": self.fault,
        }


async def run(call: Call, in_flight: int, count: int, prefix: str, into: Rounds) -> None:
    """Keep ``in_flight`` calls going until ``count`` of them are done.

    What is still in flight then is waited for and not counted: a last block that is not full waits
    for its timeout, which says nothing of the throughput.
    """
    numbers, stop = itertools.count(), asyncio.Event()
    seconds: list[float] = []
    began = time.monotonic()

    async def work() -> None:
        while not stop.is_set():
            start = time.monotonic()
            try:
                await call(f"{prefix}-{next(numbers)}")
            except (grpc.aio.AioRpcError, NotCommittedError) as fault:
                into.errors += 1
                into.fault = into.fault or _text(fault)
                if into.errors >= count:
                    stop.set()
                continue
            if not stop.is_set():
                seconds.append(time.monotonic() - start)
                if len(seconds) >= count:
                    into.per_second.append(count / (time.monotonic() - began))
                    stop.set()

    await asyncio.gather(*(work() for _ in range(min(in_flight, count))))
    if len(seconds) < count:
        into.per_second.append(0.0)
    into.ms.extend(second * 1000 for second in seconds or [time.monotonic() - began])


def _text(fault: grpc.aio.AioRpcError | NotCommittedError) -> str:
    if isinstance(fault, grpc.aio.AioRpcError):
        return f"{fault.code().name}: {fault.details()}"
    return str(fault)
