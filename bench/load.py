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

SECONDS_MAX = 8.0
"""A load that takes longer is measured by what it has done by then, at least one of each worker."""

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
        found = sorted(self.ms) or [0.0]
        return {
            "per_second": round(statistics.median(self.per_second), 1),
            "p50_ms": round(found[len(found) // 2], 2),
            "p95_ms": round(found[int(len(found) * 0.95)], 2),
            "errors": self.errors,
            "fault": self.fault,
        }


async def run(call: Call, in_flight: int, count: int, prefix: str, into: Rounds) -> None:
    """Keep ``in_flight`` calls going until ``count`` of them are done, or the time is up.

    What is still in flight then is waited for and not counted: a last block that is not full waits
    for its timeout, which says nothing of the throughput.
    """
    numbers, stop = itertools.count(), asyncio.Event()
    seconds: list[float] = []
    began, errors_max = time.monotonic(), into.errors + count
    workers = min(in_flight, count)

    def enough() -> bool:
        late = time.monotonic() - began > SECONDS_MAX
        return len(seconds) >= (workers if late else count) or into.errors >= errors_max

    async def work() -> None:
        while not stop.is_set():
            start = time.monotonic()
            try:
                await call(f"{prefix}-{next(numbers)}")
                ended = time.monotonic()
            except (grpc.aio.AioRpcError, NotCommittedError) as fault:
                into.errors += 1
                into.fault = into.fault or _text(fault)
                ended = None
            if stop.is_set():
                return
            if ended is not None:
                seconds.append(ended - start)
            if enough():
                into.per_second.append(len(seconds) / (time.monotonic() - began))
                stop.set()

    await asyncio.gather(*(work() for _ in range(workers)))
    into.ms.extend(second * 1000 for second in seconds)


def _text(fault: grpc.aio.AioRpcError | NotCommittedError) -> str:
    if isinstance(fault, grpc.aio.AioRpcError):
        return f"{fault.code().name}: {fault.details()}"
    return str(fault)
