"""The stub for ``async def``: each request to the peer is awaited.

:class:`~hansa_contract.blocking.ChaincodeStub` has the same methods for plain functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from fabric_protos.peer import chaincode_pb2, chaincode_shim_pb2, proposal_response_pb2

from hansa_contract.base import TransactionStub, to_bytes
from hansa_contract.errors import PeerError
from hansa_contract.keys import composite_range, plain_range, require_collection, require_key
from hansa_contract.proposal import Transaction
from hansa_contract.protocol import Link, MessageType
from hansa_contract.response import ERROR, Response
from hansa_contract.results import KV, AsyncResults, KeyModification, read_kv, read_modification
from hansa_contract.runner import Runner

VALIDATION_PARAMETER = "VALIDATION_PARAMETER"
PUBLIC = ""
"""In Fabric's messages, no collection means the channel's own state."""


class AsyncChaincodeStub(TransactionStub):
    """Reads and writes of one transaction.

    Reads see what is committed, and never the transaction's own writes. Every method that asks the
    peer raises :class:`~hansa_contract.errors.PeerError` where it refuses, and
    :class:`~hansa_contract.errors.KeyFormError` for names that Fabric does not take. A key that is
    not there reads as ``b""``.
    """

    def __init__(self, transaction: Transaction, link: Link, runner: Runner) -> None:
        super().__init__(transaction)
        self.link = link
        self.runner = runner

    # The channel's state

    async def get_state(self, key: str) -> bytes:
        return await self._get(PUBLIC, key)

    async def get_multiple_states(self, keys: Sequence[str]) -> list[bytes]:
        """In the order of ``keys``; one request where the peer can, else one for each."""
        return await self._get_multiple(PUBLIC, keys)

    async def put_state(self, key: str, value: bytes | str) -> None:
        await self._put(PUBLIC, key, value)

    async def delete_state(self, key: str) -> None:
        await self._delete(MessageType.DEL_STATE, PUBLIC, key)

    def get_state_by_range(self, start_key: str, end_key: str) -> AsyncResults[KV]:
        """Keys from ``start_key`` up to, not with, ``end_key``; empty means unbounded."""
        return self._range(PUBLIC, *plain_range(start_key, end_key))

    def get_state_by_range_with_pagination(
        self, start_key: str, end_key: str, page_size: int, bookmark: str = ""
    ) -> AsyncResults[KV]:
        """One page; the bookmark of the next is in ``metadata``. For read-only transactions."""
        start, end = plain_range(start_key, end_key)
        return self._range(PUBLIC, start, end, _page(page_size, bookmark))

    def get_state_by_partial_composite_key(
        self, object_type: str, attributes: Sequence[str]
    ) -> AsyncResults[KV]:
        """All composite keys that begin with these parts."""
        return self._range(PUBLIC, *composite_range(object_type, attributes))

    def get_state_by_partial_composite_key_with_pagination(
        self, object_type: str, attributes: Sequence[str], page_size: int, bookmark: str = ""
    ) -> AsyncResults[KV]:
        start, end = composite_range(object_type, attributes)
        return self._range(PUBLIC, start, end, _page(page_size, bookmark))

    def get_query_result(self, query: str) -> AsyncResults[KV]:
        """A rich query in the state database's language; LevelDB has none."""
        return self._query(PUBLIC, query)

    def get_query_result_with_pagination(
        self, query: str, page_size: int, bookmark: str = ""
    ) -> AsyncResults[KV]:
        return self._query(PUBLIC, query, _page(page_size, bookmark))

    def get_history_for_key(self, key: str) -> AsyncResults[KeyModification]:
        """Every committed write of the key, the newest first."""
        payload = chaincode_shim_pb2.GetHistoryForKey(key=key).SerializeToString()
        return AsyncResults(self.link, MessageType.GET_HISTORY_FOR_KEY, payload, read_modification)

    async def set_state_validation_parameter(self, key: str, policy: bytes) -> None:
        """Who must endorse writes of this key from now on; see ``KeyEndorsementPolicy``."""
        await self._set_policy(PUBLIC, key, policy)

    async def get_state_validation_parameter(self, key: str) -> bytes | None:
        """None where the key has no policy of its own."""
        return await self._get_policy(PUBLIC, key)

    # Private data

    async def get_private_data(self, collection: str, key: str) -> bytes:
        require_collection(collection)
        return await self._get(collection, key)

    async def get_multiple_private_data(self, collection: str, keys: Sequence[str]) -> list[bytes]:
        require_collection(collection)
        return await self._get_multiple(collection, keys)

    async def get_private_data_hash(self, collection: str, key: str) -> bytes:
        """SHA-256 of the value; members outside the collection can ask for it too."""
        require_collection(collection)
        payload = chaincode_shim_pb2.GetState(collection=collection, key=key)
        return await self._ask(MessageType.GET_PRIVATE_DATA_HASH, payload)

    async def put_private_data(self, collection: str, key: str, value: bytes | str) -> None:
        require_collection(collection)
        await self._put(collection, key, value)

    async def delete_private_data(self, collection: str, key: str) -> None:
        require_collection(collection)
        await self._delete(MessageType.DEL_STATE, collection, key)

    async def purge_private_data(self, collection: str, key: str) -> None:
        """Delete it and its history; the channel needs the capability V2_5."""
        require_collection(collection)
        await self._delete(MessageType.PURGE_PRIVATE_DATA, collection, key)

    def get_private_data_by_range(
        self, collection: str, start_key: str, end_key: str
    ) -> AsyncResults[KV]:
        require_collection(collection)
        return self._range(collection, *plain_range(start_key, end_key))

    def get_private_data_by_partial_composite_key(
        self, collection: str, object_type: str, attributes: Sequence[str]
    ) -> AsyncResults[KV]:
        require_collection(collection)
        return self._range(collection, *composite_range(object_type, attributes))

    def get_private_data_query_result(self, collection: str, query: str) -> AsyncResults[KV]:
        require_collection(collection)
        return self._query(collection, query)

    async def set_private_data_validation_parameter(
        self, collection: str, key: str, policy: bytes
    ) -> None:
        require_collection(collection)
        await self._set_policy(collection, key, policy)

    async def get_private_data_validation_parameter(
        self, collection: str, key: str
    ) -> bytes | None:
        require_collection(collection)
        return await self._get_policy(collection, key)

    # Other chaincode

    async def invoke_chaincode(
        self, name: str, args: Sequence[bytes | str], channel: str = ""
    ) -> Response:
        """Call another chaincode of this peer; on another channel, its writes do not count.

        Its refusal is an answer too: look at ``ok``.
        """
        spec = chaincode_pb2.ChaincodeSpec(
            chaincode_id=chaincode_pb2.ChaincodeID(name=f"{name}/{channel}" if channel else name),
            input=chaincode_pb2.ChaincodeInput(args=[to_bytes(argument) for argument in args]),
        )
        try:
            answer = await self._ask(MessageType.INVOKE_CHAINCODE, spec)
        except PeerError as fault:
            return Response(ERROR, str(fault))
        message = chaincode_shim_pb2.ChaincodeMessage.FromString(answer)
        if message.type != MessageType.COMPLETED:
            return Response(ERROR, message.payload.decode(errors="replace"))
        response = proposal_response_pb2.Response.FromString(message.payload)
        return Response(response.status, response.message, response.payload)

    # How the messages go

    async def _ask(self, kind: MessageType, message: chaincode_shim_pb2.GetState) -> bytes:
        return await self.link.request(kind, message.SerializeToString())

    async def _get(self, collection: str, key: str) -> bytes:
        require_key(key)
        payload = chaincode_shim_pb2.GetState(collection=collection, key=key)
        return await self._ask(MessageType.GET_STATE, payload)

    async def _get_multiple(self, collection: str, keys: Sequence[str]) -> list[bytes]:
        for key in keys:
            require_key(key)
        size = self.link.keys_per_request
        if not size:
            return [await self._get(collection, key) for key in keys]
        values: list[bytes] = []
        for start in range(0, len(keys), size):
            asked = chaincode_shim_pb2.GetStateMultiple(
                collection=collection, keys=keys[start : start + size]
            )
            answer = await self._ask(MessageType.GET_STATE_MULTIPLE, asked)
            values += chaincode_shim_pb2.GetStateMultipleResult.FromString(answer).values
        return values

    async def _put(self, collection: str, key: str, value: bytes | str) -> None:
        require_key(key)
        payload = chaincode_shim_pb2.PutState(collection=collection, key=key, value=to_bytes(value))
        await self._ask(MessageType.PUT_STATE, payload)

    async def _delete(self, kind: MessageType, collection: str, key: str) -> None:
        require_key(key)
        await self._ask(kind, chaincode_shim_pb2.DelState(collection=collection, key=key))

    def _range(self, collection: str, start: str, end: str, page: bytes = b"") -> AsyncResults[KV]:
        payload = chaincode_shim_pb2.GetStateByRange(
            collection=collection, startKey=start, endKey=end, metadata=page
        ).SerializeToString()
        return AsyncResults(self.link, MessageType.GET_STATE_BY_RANGE, payload, read_kv)

    def _query(self, collection: str, query: str, page: bytes = b"") -> AsyncResults[KV]:
        payload = chaincode_shim_pb2.GetQueryResult(
            collection=collection, query=query, metadata=page
        ).SerializeToString()
        return AsyncResults(self.link, MessageType.GET_QUERY_RESULT, payload, read_kv)

    async def _set_policy(self, collection: str, key: str, policy: bytes) -> None:
        require_key(key)
        entry = chaincode_shim_pb2.StateMetadata(metakey=VALIDATION_PARAMETER, value=policy)
        payload = chaincode_shim_pb2.PutStateMetadata(
            collection=collection, key=key, metadata=entry
        )
        await self._ask(MessageType.PUT_STATE_METADATA, payload)

    async def _get_policy(self, collection: str, key: str) -> bytes | None:
        payload = chaincode_shim_pb2.GetStateMetadata(collection=collection, key=key)
        answer = await self._ask(MessageType.GET_STATE_METADATA, payload)
        entries = chaincode_shim_pb2.StateMetadataResult.FromString(answer).entries
        return next((e.value for e in entries if e.metakey == VALIDATION_PARAMETER), None)


def _page(size: int, bookmark: str) -> bytes:
    page: bytes = chaincode_shim_pb2.QueryMetadata(
        pageSize=size, bookmark=bookmark
    ).SerializeToString()
    return page
