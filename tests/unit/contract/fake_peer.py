"""A peer's side of the chaincode protocol over a real gRPC stream, with a ledger in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc.aio
from fabric_protos.common import common_pb2
from fabric_protos.ledger.queryresult import kv_query_result_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import (
    chaincode_pb2,
    chaincode_shim_pb2,
    chaincode_shim_pb2_grpc,
    proposal_pb2,
    proposal_response_pb2,
)

from hansa_contract.protocol import MessageType

Message = Any
LIMIT = 100 * 1024 * 1024
OPTIONS = [("grpc.max_receive_message_length", LIMIT), ("grpc.max_send_message_length", LIMIT)]


def signed_proposal(transient: dict[str, bytes], epoch: int = 0) -> Message:
    header = common_pb2.ChannelHeader(type=common_pb2.ENDORSER_TRANSACTION, epoch=epoch)
    header.timestamp.seconds, header.timestamp.nanos = 1_790_000_000, 123_456_789
    creator = identities_pb2.SerializedIdentity(mspid="m-1", id_bytes=b"PEM").SerializeToString()
    signature = common_pb2.SignatureHeader(creator=creator, nonce=b"nonce")
    payload = proposal_pb2.ChaincodeProposalPayload(TransientMap=transient)
    proposal = proposal_pb2.Proposal(
        header=common_pb2.Header(
            channel_header=header.SerializeToString(),
            signature_header=signature.SerializeToString(),
        ).SerializeToString(),
        payload=payload.SerializeToString(),
    )
    return proposal_pb2.SignedProposal(proposal_bytes=proposal.SerializeToString(), signature=b"s")


@dataclass
class Answer:
    """What a transaction came to: the response of a COMPLETED, or the text of an ERROR."""

    kind: int
    response: Message
    error: str
    event: Message


@dataclass
class Session:
    """One connected chaincode. ``before`` sees each request before it is answered.

    ``chunk`` is how many results of a query go into one message.
    """

    read: Callable[[], Any]
    write: Callable[[Message], Any]
    chunk: int = 2
    before: Callable[[Message], Awaitable[None]] | None = None
    multiple: int = 0
    state: dict[tuple[str, str], bytes] = field(default_factory=dict)
    policies: dict[tuple[str, str], bytes] = field(default_factory=dict)
    seen: list[Message] = field(default_factory=list)
    open_queries: dict[str, list[bytes]] = field(default_factory=dict)
    registered: str = ""
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    most: int = 0
    events: Any = None
    _waiting: dict[tuple[str, str], asyncio.Future[Message]] = field(default_factory=dict)
    _busy: set[tuple[str, str]] = field(default_factory=set)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def serve(self, refuse: str = "") -> None:
        first = await self.read()
        assert first.type == MessageType.REGISTER
        self.registered = chaincode_pb2.ChaincodeID.FromString(first.payload).name
        if refuse:
            await self.send(MessageType.ERROR, refuse.encode())
        else:
            await self.send(MessageType.REGISTERED)
            told = chaincode_pb2.ChaincodeAdditionalParams(
                use_get_multiple_keys=bool(self.multiple), max_size_get_multiple_keys=self.multiple
            )
            await self.send(MessageType.READY, told.SerializeToString())
            self.ready.set()
        tasks = set()
        while message := await self.read():
            self.seen.append(message)
            place = (message.channel_id, message.txid)
            if message.type in (MessageType.COMPLETED, MessageType.ERROR):
                if place in self._waiting:
                    self._waiting.pop(place).set_result(message)
                continue
            if message.type == MessageType.KEEPALIVE:
                continue
            assert place not in self._busy, "a second request of a transaction"
            self._busy.add(place)
            self.most = max(self.most, len(self._busy))
            tasks.add(asyncio.create_task(self._answer(message)))
        self.closed.set()

    async def _answer(self, message: Message) -> None:
        if self.before is not None:
            await self.before(message)
        await asyncio.sleep(0)
        reply = self.answer(message)
        self._busy.discard((message.channel_id, message.txid))
        async with self._lock:
            await self.write(reply)

    async def send(self, kind: int, payload: bytes = b"", **more: Any) -> None:
        message = chaincode_shim_pb2.ChaincodeMessage(type=int(kind), payload=payload, **more)
        async with self._lock:
            await self.write(message)

    async def invoke(
        self,
        *args: str,
        tx_id: str = "t1",
        channel: str = "ch",
        kind: int = MessageType.TRANSACTION,
        transient: dict[str, bytes] | None = None,
    ) -> Answer:
        done = await self.begin(*args, tx_id=tx_id, channel=channel, kind=kind, transient=transient)
        message = await done
        if message.type == MessageType.ERROR:
            return Answer(message.type, None, message.payload.decode(), message.chaincode_event)
        response = proposal_response_pb2.Response.FromString(message.payload)
        return Answer(message.type, response, "", message.chaincode_event)

    async def begin(
        self,
        *args: str,
        tx_id: str,
        channel: str = "ch",
        kind: int = MessageType.TRANSACTION,
        transient: dict[str, bytes] | None = None,
    ) -> asyncio.Future[Message]:
        given = chaincode_pb2.ChaincodeInput(args=[a.encode() for a in args])
        done: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[channel, tx_id] = done
        await self.send(
            kind,
            given.SerializeToString(),
            txid=tx_id,
            channel_id=channel,
            proposal=signed_proposal(transient or {}),
        )
        return done

    def answer(self, message: Message) -> Message:
        kind, payload = MessageType(message.type), message.payload
        try:
            content = getattr(self, f"on_{kind.name.lower()}")(payload)
        except KeyError as fault:
            return self.reply(message, MessageType.ERROR, f"no {fault}".encode())
        return self.reply(message, MessageType.RESPONSE, content or b"")

    def reply(self, message: Message, kind: int, payload: bytes) -> Message:
        return chaincode_shim_pb2.ChaincodeMessage(
            type=int(kind), payload=payload, txid=message.txid, channel_id=message.channel_id
        )

    def on_get_state(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetState.FromString(payload)
        return self.state.get((asked.collection, asked.key), b"")

    def on_get_state_multiple(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetStateMultiple.FromString(payload)
        assert len(asked.keys) <= self.multiple
        values = [self.state.get((asked.collection, key), b"") for key in asked.keys]
        return chaincode_shim_pb2.GetStateMultipleResult(values=values).SerializeToString()

    def on_get_private_data_hash(self, payload: bytes) -> bytes:
        return b"hash of " + self.on_get_state(payload)

    def on_put_state(self, payload: bytes) -> None:
        put = chaincode_shim_pb2.PutState.FromString(payload)
        self.state[put.collection, put.key] = put.value

    def on_del_state(self, payload: bytes) -> None:
        gone = chaincode_shim_pb2.DelState.FromString(payload)
        self.state.pop((gone.collection, gone.key), None)

    def on_purge_private_data(self, payload: bytes) -> None:
        gone = chaincode_shim_pb2.PurgePrivateState.FromString(payload)
        del self.state[gone.collection, gone.key]

    def on_put_state_metadata(self, payload: bytes) -> None:
        put = chaincode_shim_pb2.PutStateMetadata.FromString(payload)
        assert put.metadata.metakey == "VALIDATION_PARAMETER"
        self.policies[put.collection, put.key] = put.metadata.value

    def on_get_state_metadata(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetStateMetadata.FromString(payload)
        result = chaincode_shim_pb2.StateMetadataResult()
        if (asked.collection, asked.key) in self.policies:
            value = self.policies[asked.collection, asked.key]
            result.entries.add(metakey="other", value=b"x")
            result.entries.add(metakey="VALIDATION_PARAMETER", value=value)
        return result.SerializeToString()

    def on_get_state_by_range(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetStateByRange.FromString(payload)
        found = [
            kv_query_result_pb2.KV(namespace="cc", key=key, value=value).SerializeToString()
            for (collection, key), value in sorted(self.state.items())
            if collection == asked.collection
            and key >= asked.startKey
            and (not asked.endKey or key < asked.endKey)
        ]
        if not asked.metadata:
            return self.chunked(found)
        page = chaincode_shim_pb2.QueryMetadata.FromString(asked.metadata)
        start = int(page.bookmark or 0)
        told = chaincode_shim_pb2.QueryResponseMetadata(
            fetched_records_count=len(found[start : start + page.pageSize]),
            bookmark=str(start + page.pageSize) if start + page.pageSize < len(found) else "",
        )
        return self.chunked(found[start : start + page.pageSize], told.SerializeToString())

    def on_get_query_result(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetQueryResult.FromString(payload)
        raise KeyError(f"rich queries in {asked.collection or 'state'}: {asked.query}")

    def on_get_history_for_key(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetHistoryForKey.FromString(payload)
        found = [
            kv_query_result_pb2.KeyModification(
                tx_id=f"t{n}", value=asked.key.encode() * n, is_delete=n == 0
            )
            for n in range(3)
        ]
        for modification in found:
            modification.timestamp.seconds = 1_700_000_000
        return self.chunked([modification.SerializeToString() for modification in found])

    def chunked(self, found: list[bytes], metadata: bytes = b"") -> bytes:
        name = f"q{len(self.open_queries)}"
        self.open_queries[name] = found
        return self._chunk(name, metadata)

    def on_query_state_next(self, payload: bytes) -> bytes:
        return self._chunk(chaincode_shim_pb2.QueryStateNext.FromString(payload).id)

    def on_query_state_close(self, payload: bytes) -> bytes:
        name = chaincode_shim_pb2.QueryStateClose.FromString(payload).id
        del self.open_queries[name]
        return chaincode_shim_pb2.QueryResponse(id=name).SerializeToString()

    def _chunk(self, name: str, metadata: bytes = b"") -> bytes:
        left = self.open_queries[name]
        now, self.open_queries[name] = left[: self.chunk], left[self.chunk :]
        more = bool(self.open_queries[name])
        if not more:
            del self.open_queries[name]
        results = [chaincode_shim_pb2.QueryResultBytes(resultBytes=item) for item in now]
        return chaincode_shim_pb2.QueryResponse(
            results=results, has_more=more, id=name, metadata=metadata
        ).SerializeToString()

    def on_invoke_chaincode(self, payload: bytes) -> bytes:
        spec = chaincode_pb2.ChaincodeSpec.FromString(payload)
        if spec.chaincode_id.name == "absent":
            raise KeyError("absent")
        told = b"|".join([spec.chaincode_id.name.encode(), *spec.input.args])
        response = proposal_response_pb2.Response(status=200, payload=told)
        return chaincode_shim_pb2.ChaincodeMessage(
            type=int(MessageType.COMPLETED), payload=response.SerializeToString()
        ).SerializeToString()


@dataclass
class FakePeer:
    """Listens as a peer does for the chaincode that it has started."""

    address: str
    sessions: asyncio.Queue[Session]
    options: dict[str, Any]

    async def session(self) -> Session:
        session = await self.sessions.get()
        await session.ready.wait()
        return session


@asynccontextmanager
async def fake_peer(refuse: str = "", **options: Any) -> AsyncIterator[FakePeer]:
    sessions: asyncio.Queue[Session] = asyncio.Queue()

    class Service:
        async def Register(self, _: object, context: Any) -> None:  # noqa: N802
            async def read() -> Message | None:
                return await context.read() or None

            session = Session(read, context.write, **options)
            sessions.put_nowait(session)
            await session.serve(refuse)

    server = grpc.aio.server(options=OPTIONS)
    chaincode_shim_pb2_grpc.add_ChaincodeSupportServicer_to_server(Service(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield FakePeer(f"127.0.0.1:{port}", sessions, options)
    finally:
        await server.stop(grace=None)
