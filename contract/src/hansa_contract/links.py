"""The requests of one transaction over its connection, from the event loop or from a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any

from fabric_protos.peer import chaincode_shim_pb2

from hansa_contract.errors import ChaincodeError, DisconnectedError, PeerError
from hansa_contract.protocol import MessageType

MESSAGE_BYTES_MAX = 100 * 1024 * 1024
"""Fabric's limit for a message, at the peer and here."""

ENVELOPE_BYTES = 4096
"""Kept free beside a payload for the rest of its message."""

Message = Any
"""``chaincode_shim_pb2.ChaincodeMessage``; generated code has no types."""


class TransactionLink:
    """One request at a time; a peer drops a second one. ``send`` queues a message."""

    def __init__(
        self,
        send: Callable[[Message], None],
        keys_per_request: int,
        channel_id: str,
        tx_id: str,
    ) -> None:
        self._send, self.keys_per_request = send, keys_per_request
        self._channel_id, self._tx_id = channel_id, tx_id
        self._turn = asyncio.Lock()
        self._answer: asyncio.Future[Message] | None = None
        self._later: set[asyncio.Task[None]] = set()

    async def request(self, kind: MessageType, payload: bytes) -> bytes:
        """Raises :class:`PeerError`, :class:`DisconnectedError`, or :class:`ChaincodeError`."""
        return _content(kind, await self._exchange(self.message(kind, payload)))

    def message(self, kind: MessageType, payload: bytes) -> Message:
        """Raises :class:`ChaincodeError` where it would be too large for the stream."""
        if len(payload) > MESSAGE_BYTES_MAX - ENVELOPE_BYTES:
            raise ChaincodeError(
                f"{kind.name} of {len(payload)} bytes is more than a message may hold "
                f"({MESSAGE_BYTES_MAX} bytes)"
            )
        return chaincode_shim_pb2.ChaincodeMessage(
            type=int(kind), payload=payload, txid=self._tx_id, channel_id=self._channel_id
        )

    def ask(self, message: Message, tell: Callable[[Message | Exception], None]) -> None:
        """Send, and ``tell`` the answer or what went wrong; for callers that cannot await."""
        if self._turn.locked() or self._answer is not None:
            task = asyncio.get_running_loop().create_task(self._ask_later(message, tell))
            self._later.add(task)
            task.add_done_callback(self._later.discard)
            return
        try:
            waiting = self._begin(message)
        except DisconnectedError as fault:
            tell(fault)
        else:
            waiting.add_done_callback(partial(self._tell, tell))

    def take(self, answer: Message) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def fail(self, fault: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(fault)
            self._answer.exception()  # nobody may be waiting

    def _begin(self, message: Message) -> asyncio.Future[Message]:
        self._send(message)
        self._answer = asyncio.get_running_loop().create_future()
        return self._answer

    async def _exchange(self, message: Message) -> Message:
        async with self._turn:
            if self._answer is not None:  # its asker gave up, or is a thread
                await asyncio.wait([self._answer])
            waiting = self._begin(message)
            try:
                answer = await waiting
            except asyncio.CancelledError:
                self._answer = asyncio.get_running_loop().create_future()
                raise
            self._answer = None
            return answer

    async def _ask_later(
        self, message: Message, tell: Callable[[Message | Exception], None]
    ) -> None:
        try:
            tell(await self._exchange(message))
        except DisconnectedError as fault:
            tell(fault)

    def _tell(
        self, tell: Callable[[Message | Exception], None], answer: asyncio.Future[Message]
    ) -> None:
        self._answer = None
        tell(answer.exception() or answer.result())


class ThreadLink:
    """A transaction's requests from a thread: :meth:`request` blocks, and never suspends."""

    def __init__(self, link: TransactionLink, loop: asyncio.AbstractEventLoop) -> None:
        self._link, self._loop = link, loop
        self.keys_per_request = link.keys_per_request

    async def request(self, kind: MessageType, payload: bytes) -> bytes:
        """Raises what :meth:`TransactionLink.request` raises."""
        message = self._link.message(kind, payload)
        told: SimpleQueue[Message | Exception] = SimpleQueue()
        try:
            self._loop.call_soon_threadsafe(self._link.ask, message, told.put)
        except RuntimeError as fault:
            raise DisconnectedError("the chaincode is ending") from fault
        answer = told.get()
        if isinstance(answer, Exception):
            raise answer
        return _content(kind, answer)


def _content(kind: MessageType, answer: Message) -> bytes:
    if answer.type == MessageType.RESPONSE:
        content: bytes = answer.payload
        return content
    if answer.type == MessageType.ERROR:
        raise PeerError(answer.payload.decode(errors="replace"))
    raise ChaincodeError(f"the peer answered {kind.name} with a message of type {answer.type}")
