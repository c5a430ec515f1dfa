"""Answers a stub's requests as a peer does, from a simulation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Any

from fabric_protos.ledger.queryresult import kv_query_result_pb2
from fabric_protos.peer import chaincode_pb2, chaincode_shim_pb2, proposal_response_pb2

from hansa_contract.errors import PeerError
from hansa_contract.protocol import MessageType
from hansa_contract.response import Response
from hansa_contract.results import KeyModification
from hansa_contract.stub import VALIDATION_PARAMETER
from hansa_contract.testing.simulation import Simulation
from hansa_contract.testing.state import Place, State

CHUNK = 100
"""How many results a peer sends at once."""

Call = Callable[[str, Sequence[bytes]], Awaitable[Response]]


class MockLink:
    """A :class:`~hansa_contract.protocol.Link` to a peer in memory, for one chaincode."""

    keys_per_request = 100

    def __init__(self, namespace: str, simulation: Simulation, state: State, call: Call) -> None:
        self._namespace, self._simulation = namespace, simulation
        self._state, self._call = state, call
        self._queries: dict[str, list[bytes]] = {}
        self._ids = count(1)

    async def request(self, kind: MessageType, payload: bytes) -> bytes:
        """Raises :class:`PeerError` where a peer would refuse."""
        if kind is MessageType.INVOKE_CHAINCODE:
            return await self._invoke_chaincode(payload)
        answer: Callable[[bytes], bytes] = getattr(self, f"_{kind.name.lower()}")
        return answer(payload)

    def _get_state(self, payload: bytes) -> bytes:
        return self._simulation.get(self._place(chaincode_shim_pb2.GetState.FromString(payload)))

    def _get_state_multiple(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetStateMultiple.FromString(payload)
        places = (Place(self._namespace, asked.collection, key) for key in asked.keys)
        values = [self._simulation.get(place) for place in places]
        return _bytes(chaincode_shim_pb2.GetStateMultipleResult(values=values))

    def _put_state(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.PutState.FromString(payload)
        self._simulation.put(self._place(asked), asked.value)
        return b""

    def _del_state(self, payload: bytes) -> bytes:
        self._simulation.put(self._place(chaincode_shim_pb2.DelState.FromString(payload)), b"")
        return b""

    def _purge_private_data(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.PurgePrivateState.FromString(payload)
        self._simulation.put(self._place(asked), b"")
        return b""

    def _get_private_data_hash(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetState.FromString(payload)
        return self._simulation.get_hash(self._place(asked))

    def _get_state_metadata(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetStateMetadata.FromString(payload)
        policy = self._simulation.get_policy(self._place(asked))
        entry = chaincode_shim_pb2.StateMetadata(metakey=VALIDATION_PARAMETER, value=policy)
        entries = [entry] if policy else []
        return _bytes(chaincode_shim_pb2.StateMetadataResult(entries=entries))

    def _put_state_metadata(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.PutStateMetadata.FromString(payload)
        self._simulation.set_policy(self._place(asked), asked.metadata.value)
        return b""

    def _get_state_by_range(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetStateByRange.FromString(payload)
        start = Place(self._namespace, asked.collection, asked.startKey)
        page = chaincode_shim_pb2.QueryMetadata.FromString(asked.metadata)
        if not asked.metadata or asked.collection:
            return self._results(
                [self._kv(pair) for pair in self._simulation.scan(start, asked.endKey)]
            )
        if page.bookmark:
            start = start._replace(key=page.bookmark)
        size = page.pageSize if page.pageSize > 0 else None
        found = self._simulation.page(start, asked.endKey, size)
        rest = self._state.scan(start, asked.endKey)[len(found) :]
        told = chaincode_shim_pb2.QueryResponseMetadata(
            fetched_records_count=len(found), bookmark=rest[0][0] if rest else ""
        )
        return self._results([self._kv(pair) for pair in found], _bytes(told))

    def _get_query_result(self, _payload: bytes) -> bytes:
        raise PeerError("ExecuteQuery not supported for leveldb")

    def _get_history_for_key(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.GetHistoryForKey.FromString(payload)
        known = self._state.history(Place(self._namespace, "", asked.key))
        return self._results([_modification(item) for item in known])

    def _query_state_next(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.QueryStateNext.FromString(payload)
        if asked.id not in self._queries:
            raise PeerError("query iterator not found")
        return self._chunk(asked.id, b"")

    def _query_state_close(self, payload: bytes) -> bytes:
        asked = chaincode_shim_pb2.QueryStateClose.FromString(payload)
        self._queries.pop(asked.id, None)
        return _bytes(chaincode_shim_pb2.QueryResponse(id=asked.id))

    async def _invoke_chaincode(self, payload: bytes) -> bytes:
        spec = chaincode_pb2.ChaincodeSpec.FromString(payload)
        response = await self._call(spec.chaincode_id.name, tuple(spec.input.args))
        content = proposal_response_pb2.Response(
            status=response.status, message=response.message, payload=response.payload
        )
        return _bytes(
            chaincode_shim_pb2.ChaincodeMessage(
                type=int(MessageType.COMPLETED), payload=_bytes(content)
            )
        )

    def _place(self, asked: Any) -> Place:
        return Place(self._namespace, asked.collection, asked.key)

    def _kv(self, pair: tuple[str, bytes]) -> bytes:
        key, value = pair
        return _bytes(kv_query_result_pb2.KV(namespace=self._namespace, key=key, value=value))

    def _results(self, items: list[bytes], metadata: bytes = b"") -> bytes:
        query = f"{next(self._ids)}"
        self._queries[query] = items
        return self._chunk(query, metadata)

    def _chunk(self, query: str, metadata: bytes) -> bytes:
        items = self._queries.pop(query)
        if len(items) > CHUNK:
            self._queries[query] = items[CHUNK:]
        results = [chaincode_shim_pb2.QueryResultBytes(resultBytes=item) for item in items[:CHUNK]]
        return _bytes(
            chaincode_shim_pb2.QueryResponse(
                id=query, results=results, has_more=len(items) > CHUNK, metadata=metadata
            )
        )


def _modification(item: KeyModification) -> bytes:
    told = kv_query_result_pb2.KeyModification(
        tx_id=item.tx_id, value=item.value, is_delete=item.is_delete
    )
    told.timestamp.FromDatetime(item.timestamp)
    return _bytes(told)


def _bytes(message: Any) -> bytes:
    content: bytes = message.SerializeToString()
    return content
