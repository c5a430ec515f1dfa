"""Results of ranges, queries and history: fetched in chunks while they are read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Self, TypeVar

from fabric_protos.ledger.queryresult import kv_query_result_pb2
from fabric_protos.peer import chaincode_shim_pb2

from hansa_contract.errors import ChaincodeError
from hansa_contract.proposal import to_datetime
from hansa_contract.protocol import Link, MessageType

T = TypeVar("T")


@dataclass(frozen=True)
class KV:
    """A key of a range or a query; ``namespace`` is the chaincode's."""

    namespace: str
    key: str
    value: bytes


@dataclass(frozen=True)
class KeyModification:
    """One committed write of a key; ``timestamp`` is its transaction's, in UTC."""

    tx_id: str
    value: bytes
    timestamp: datetime
    is_delete: bool


@dataclass(frozen=True)
class QueryMetadata:
    """Of a page; ``bookmark`` asks for the next one and is empty after the last."""

    fetched_records_count: int
    bookmark: str


def read_kv(content: bytes) -> KV:
    kv = kv_query_result_pb2.KV.FromString(content)
    return KV(kv.namespace, kv.key, kv.value)


def read_modification(content: bytes) -> KeyModification:
    found = kv_query_result_pb2.KeyModification.FromString(content)
    timestamp = to_datetime(found.timestamp.seconds, found.timestamp.nanos)
    return KeyModification(found.tx_id, found.value, timestamp, found.is_delete)


class AsyncResults(Generic[T]):
    """``async for item in results``; ``await results`` fetches the first chunk and returns itself.

    The peer forgets the query when the last item was read, or with the transaction; ``aclose``
    lets go of it before. ``metadata`` is there for pages, once the first chunk is.
    """

    def __init__(
        self, link: Link, kind: MessageType, payload: bytes, read: Callable[[bytes], T]
    ) -> None:
        self._link, self._kind, self._payload, self._read = link, kind, payload, read
        self._items: list[bytes] = []
        self._place = 0
        self._query = ""
        self._more = False
        self._open = False
        self.metadata: QueryMetadata | None = None

    def __await__(self) -> Generator[Any, None, Self]:
        return self.fetch().__await__()

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if not self._open:
            await self.fetch()
        while (item := self.take()) is None:
            if not await self.refill():
                raise StopAsyncIteration
        return item

    async def fetch(self) -> Self:
        """Ask for the first chunk, where that was not done."""
        if not self._open:
            self._open = True
            await self._fetch(self._kind, self._payload)
        return self

    def take(self) -> T | None:
        """The next item of the chunk that is here; None after its last."""
        if self._place == len(self._items):
            return None
        self._place += 1
        return self._read(self._items[self._place - 1])

    async def refill(self) -> bool:
        """Ask for the next chunk; False where there is none."""
        if not self._more:
            return False
        following = chaincode_shim_pb2.QueryStateNext(id=self._query).SerializeToString()
        await self._fetch(MessageType.QUERY_STATE_NEXT, following)
        return True

    async def aclose(self) -> None:
        """Let the peer forget the rest; may be called at any time, and twice."""
        self._open, self._items, self._place = True, [], 0
        if self._more:
            self._more = False
            closing = chaincode_shim_pb2.QueryStateClose(id=self._query).SerializeToString()
            await self._link.request(MessageType.QUERY_STATE_CLOSE, closing)

    async def __aenter__(self) -> Self:
        return await self.fetch()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _fetch(self, kind: MessageType, payload: bytes) -> None:
        answer = await self._link.request(kind, payload)
        try:
            response = chaincode_shim_pb2.QueryResponse.FromString(answer)
            if response.metadata:
                told = chaincode_shim_pb2.QueryResponseMetadata.FromString(response.metadata)
                self.metadata = QueryMetadata(told.fetched_records_count, told.bookmark)
        except Exception as fault:
            raise ChaincodeError(f"the peer's answer to a query cannot be read: {fault}") from fault
        self._items = [result.resultBytes for result in response.results]
        self._place, self._query, self._more = 0, response.id, response.has_more
