"""One stream between a chaincode and a peer, and the transactions that run over it.

The chaincode registers; the peer says it is registered, then ready, and sends transactions. Each
runs as a task of its own. Its requests and their answers are matched by channel and transaction
id, and go one after the other: a peer drops a second request of a transaction. What is to be
written waits in a queue; since every transaction waits for its answer, it has at most one message
of each.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from typing import Protocol

from fabric_protos.peer import (
    chaincode_event_pb2,
    chaincode_pb2,
    chaincode_shim_pb2,
    proposal_response_pb2,
)

from hansa_contract.chaincode import Chaincode
from hansa_contract.errors import ChaincodeError, DisconnectedError
from hansa_contract.links import MESSAGE_BYTES_MAX, Message, TransactionLink
from hansa_contract.logs import current_transaction
from hansa_contract.proposal import Proposal, Transaction, read_proposal
from hansa_contract.protocol import MessageType
from hansa_contract.response import ERROR_THRESHOLD, Response, error
from hansa_contract.runner import Runner
from hansa_contract.stub import AsyncChaincodeStub

logger = logging.getLogger("hansa_contract")

CANCEL_SECONDS = 2
"""How long a transaction may take to see that it was cancelled."""


class Stream(Protocol):
    """Either end of a gRPC stream."""

    async def read(self) -> Message | None:
        """None at the end of the stream."""

    async def write(self, message: Message) -> None:
        """Returns when the transport has taken the message."""


class Connection:
    """Runs a chaincode over a stream. ``nested`` runs what one transaction calls in another."""

    def __init__(
        self,
        chaincode_id: str,
        chaincode: Chaincode,
        stream: Stream,
        runner: Runner,
        nested: Runner,
    ) -> None:
        self._chaincode_id, self._chaincode, self._stream = chaincode_id, chaincode, stream
        self._runner, self._nested = runner, nested
        self._expected = [MessageType.REGISTERED, MessageType.READY]
        self._links: dict[tuple[str, str], TransactionLink] = {}
        self._running: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._outgoing: asyncio.Queue[Message | None] = asyncio.Queue()
        self._stopping = False
        self._ended = False
        self.ready = asyncio.Event()
        self.keys_per_request = 0

    async def run(self) -> None:
        """Until the stream ends; what then runs is cancelled, and its requests fail.

        Raises :class:`ChaincodeError` where the peer refuses the chaincode, and what the stream
        raises where it breaks.
        """
        identity = chaincode_pb2.ChaincodeID(name=self._chaincode_id)
        self.send(
            chaincode_shim_pb2.ChaincodeMessage(
                type=int(MessageType.REGISTER), payload=identity.SerializeToString()
            )
        )
        writer = asyncio.create_task(self._write())
        try:
            while (message := await self._stream.read()) is not None:
                self._handle(message)
        finally:
            self._end()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=CANCEL_SECONDS)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def send(self, message: Message) -> None:
        """Queue a message. Raises :class:`DisconnectedError` after the stream's end."""
        if self._ended:
            raise DisconnectedError("the stream to the peer has ended")
        self._outgoing.put_nowait(message)

    async def drain(self, seconds: float) -> None:
        """Begin no more transactions, let the running ones end, and write what is queued."""
        self._stopping = True
        try:
            async with asyncio.timeout(seconds):
                if self._tasks:
                    await asyncio.wait(self._tasks)
                await self._outgoing.join()
        except TimeoutError:
            logger.warning("transactions did not end in time", extra=_facts(left=len(self._tasks)))

    def _end(self) -> None:
        self._ended = True
        fault = DisconnectedError("the stream to the peer has ended")
        for link in self._links.values():
            link.fail(fault)
        for task in self._tasks:
            task.cancel()

    async def _write(self) -> None:
        """The only one to write: gRPC takes one message at a time, and no cancelling."""
        while True:
            message = await self._outgoing.get()
            try:
                await self._stream.write(message)
            except Exception as fault:  # noqa: BLE001 - reading tells how the stream ended
                logger.debug("a message could not be written: %s", fault)
            finally:
                self._outgoing.task_done()

    def _handle(self, message: Message) -> None:
        kind = message.type
        if kind in (MessageType.RESPONSE, MessageType.ERROR) and not self._expected:
            link = self._links.get((message.channel_id, message.txid))
            if link is not None:
                link.take(message)
        elif kind in (MessageType.TRANSACTION, MessageType.INIT) and not self._expected:
            self._begin(message)
        elif kind == MessageType.KEEPALIVE:
            self.send(message)
        elif self._expected and kind == self._expected[0]:
            self._greet(message)
        elif self._expected:
            raise ChaincodeError(
                f"the peer did not take the chaincode {self._chaincode_id}: "
                f"{message.payload.decode(errors='replace') or f'a message of type {kind}'}"
            )
        else:
            text = f"chaincode cannot handle a message of type {kind}"
            logger.warning(text)
            self.send(_reply(message, MessageType.ERROR, text.encode()))

    def _greet(self, message: Message) -> None:
        del self._expected[0]
        if self._expected:
            return
        told = chaincode_pb2.ChaincodeAdditionalParams.FromString(message.payload)
        if told.use_get_multiple_keys:
            self.keys_per_request = told.max_size_get_multiple_keys
        logger.info("ready for transactions", extra=_facts(chaincode=self._chaincode_id))
        self.ready.set()

    def _begin(self, message: Message) -> None:
        if self._stopping:
            text = "the chaincode is stopping; try again"
            self.send(_reply(message, MessageType.ERROR, text.encode()))
            return
        task = asyncio.get_running_loop().create_task(self._transact(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _transact(self, message: Message) -> None:
        place = (message.channel_id, message.txid)
        # A transaction of this id waits for this one on another channel, in a thread of the runner.
        runner = self._nested if self._running[message.txid] else self._runner
        self._links[place] = link = TransactionLink(self.send, self.keys_per_request, *place)
        self._running[message.txid] += 1
        begun = time.monotonic()
        try:
            answer = await self._execute(message, link, runner)
        finally:
            self._links.pop(place, None)
            self._forget(message.txid)
        if self._ended:
            return
        self.send(answer)
        seconds = time.monotonic() - begun
        logger.debug(
            "transaction done", extra=_facts(type=message.type, milliseconds=round(seconds * 1000))
        )

    def _forget(self, tx_id: str) -> None:
        self._running[tx_id] -= 1
        if not self._running[tx_id]:
            del self._running[tx_id]

    async def _execute(self, message: Message, link: TransactionLink, runner: Runner) -> Message:
        """Whatever the chaincode does, there is an answer; only the end of the stream cancels."""
        stub: AsyncChaincodeStub | None = None
        try:
            stub = AsyncChaincodeStub(_read_transaction(message), link, runner)
            current_transaction.set(stub.transaction)
            if message.type == MessageType.INIT:
                return _completed(message, await self._chaincode.init(stub), stub)
            return _completed(message, await self._chaincode.invoke(stub), stub)
        except ChaincodeError as fault:
            return _completed(message, error(str(fault)), None)
        except BaseException as fault:
            if self._ended:
                raise
            logger.exception("the chaincode failed")
            return _completed(message, error(f"{type(fault).__name__}: {fault}"), None)


def _read_transaction(message: Message) -> Transaction:
    given = chaincode_pb2.ChaincodeInput.FromString(message.payload)
    return Transaction(
        channel_id=message.channel_id,
        tx_id=message.txid,
        args=tuple(given.args),
        decorations=dict(given.decorations),
        proposal=read_proposal(message.proposal) if message.HasField("proposal") else Proposal(),
    )


def _completed(message: Message, response: Response, stub: AsyncChaincodeStub | None) -> Message:
    """The answer to a transaction. A failed init is an error of the message itself."""
    if message.type == MessageType.INIT and response.status >= ERROR_THRESHOLD:
        return _reply(message, MessageType.ERROR, response.message.encode())
    content = proposal_response_pb2.Response(
        status=response.status, message=response.message, payload=response.payload
    )
    answer = _reply(message, MessageType.COMPLETED, content.SerializeToString())
    if stub is not None and stub.event is not None:
        name, payload = stub.event
        answer.chaincode_event.CopyFrom(
            chaincode_event_pb2.ChaincodeEvent(event_name=name, payload=payload)
        )
    size = answer.ByteSize()
    if size > MESSAGE_BYTES_MAX:
        told = f"the result has {size} bytes, and a message may have {MESSAGE_BYTES_MAX}"
        return _completed(message, error(told), None)
    return answer


def _reply(message: Message, kind: MessageType, payload: bytes) -> Message:
    return chaincode_shim_pb2.ChaincodeMessage(
        type=int(kind), payload=payload, txid=message.txid, channel_id=message.channel_id
    )


def _facts(**facts: object) -> dict[str, object]:
    return {"facts": facts}
