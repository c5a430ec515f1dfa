"""Plain contract functions on the event loop itself: one runs until it asks the peer for something.

Each function has a fiber (a greenlet) of its own. While one waits for the peer's answer, others
run. No thread is woken for a request and its answer, which would cost more than all the rest that
is done for it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from hansa_contract.errors import ChaincodeError
from hansa_contract.links import TransactionLink
from hansa_contract.protocol import Link, MessageType
from hansa_contract.workers import contained

T = TypeVar("T")


class FiberRunner:
    """Any number of functions; what one does without a request, all others wait for."""

    async def run(self, function: Callable[[], T]) -> T:
        result: list[T] = []
        fiber = greenlet(lambda: result.append(contained(function)))
        fiber.gr_context = copy_context()
        request: Coroutine[Any, Any, bytes] | None = fiber.switch()
        while request is not None:
            try:
                answer = await request
            except BaseException as fault:  # noqa: BLE001 - it is the function's to handle
                request = fiber.throw(fault)
            else:
                request = fiber.switch(answer)
        return result[0]

    def blocking(self, link: Link) -> Link:
        return FiberLink(link) if isinstance(link, TransactionLink) else link


class FiberLink:
    """A transaction's requests from its fiber: :meth:`request` returns with the answer."""

    def __init__(self, link: TransactionLink) -> None:
        self._link = link
        self.keys_per_request = link.keys_per_request

    async def request(self, kind: MessageType, payload: bytes) -> bytes:
        """Raises what :meth:`TransactionLink.request` raises.

        Raises :class:`ChaincodeError`, too, from a thread that the function has started.
        """
        runner = getcurrent().parent
        if runner is None:
            raise ChaincodeError("a thread of a contract's own cannot use its stub")
        answer: bytes = runner.switch(self._link.request(kind, payload))
        return answer
