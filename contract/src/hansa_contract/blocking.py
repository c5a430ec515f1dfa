"""The stub for plain functions: the same methods, each returning when the peer has answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, Self, TypeVar

from hansa_contract.base import TransactionStub
from hansa_contract.response import Response
from hansa_contract.results import KV, AsyncResults, KeyModification, QueryMetadata
from hansa_contract.runner import drive
from hansa_contract.stub import AsyncChaincodeStub

T = TypeVar("T")


class Results(Generic[T]):
    """``for item in results``: :class:`AsyncResults` for plain functions, its first chunk fetched.

    The peer forgets the query when the last item was read, or with the transaction; ``close``
    lets go of it before, as leaving a ``with`` does. ``metadata`` is there for pages.
    """

    def __init__(self, results: AsyncResults[T]) -> None:
        self._results = drive(results.fetch())

    @property
    def metadata(self) -> QueryMetadata | None:
        return self._results.metadata

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        item = self._results.take()
        while item is None:
            if not drive(self._results.refill()):
                raise StopIteration
            item = self._results.take()
        return item

    def close(self) -> None:
        drive(self._results.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ChaincodeStub(TransactionStub):
    """What ``ctx.stub`` is in a ``def``; :class:`AsyncChaincodeStub` says what each method does."""

    def __init__(self, stub: AsyncChaincodeStub) -> None:
        super().__init__(stub.transaction)
        self._awaited, runner = stub, stub.runner
        self._stub = AsyncChaincodeStub(stub.transaction, runner.blocking(stub.link), runner)

    def set_event(self, name: str, payload: bytes | str = b"") -> None:
        self._awaited.set_event(name, payload)
        self.event = self._awaited.event

    def get_state(self, key: str) -> bytes:
        return drive(self._stub.get_state(key))

    def get_multiple_states(self, keys: Sequence[str]) -> list[bytes]:
        return drive(self._stub.get_multiple_states(keys))

    def put_state(self, key: str, value: bytes | str) -> None:
        drive(self._stub.put_state(key, value))

    def delete_state(self, key: str) -> None:
        drive(self._stub.delete_state(key))

    def get_state_by_range(self, start_key: str, end_key: str) -> Results[KV]:
        return self._results(self._stub.get_state_by_range(start_key, end_key))

    def get_state_by_range_with_pagination(
        self, start_key: str, end_key: str, page_size: int, bookmark: str = ""
    ) -> Results[KV]:
        return self._results(
            self._stub.get_state_by_range_with_pagination(start_key, end_key, page_size, bookmark)
        )

    def get_state_by_partial_composite_key(
        self, object_type: str, attributes: Sequence[str]
    ) -> Results[KV]:
        return self._results(self._stub.get_state_by_partial_composite_key(object_type, attributes))

    def get_state_by_partial_composite_key_with_pagination(
        self, object_type: str, attributes: Sequence[str], page_size: int, bookmark: str = ""
    ) -> Results[KV]:
        return self._results(
            self._stub.get_state_by_partial_composite_key_with_pagination(
                object_type, attributes, page_size, bookmark
            )
        )

    def get_query_result(self, query: str) -> Results[KV]:
        return self._results(self._stub.get_query_result(query))

    def get_query_result_with_pagination(
        self, query: str, page_size: int, bookmark: str = ""
    ) -> Results[KV]:
        return self._results(
            self._stub.get_query_result_with_pagination(query, page_size, bookmark)
        )

    def get_history_for_key(self, key: str) -> Results[KeyModification]:
        return self._results(self._stub.get_history_for_key(key))

    def set_state_validation_parameter(self, key: str, policy: bytes) -> None:
        drive(self._stub.set_state_validation_parameter(key, policy))

    def get_state_validation_parameter(self, key: str) -> bytes | None:
        return drive(self._stub.get_state_validation_parameter(key))

    def get_private_data(self, collection: str, key: str) -> bytes:
        return drive(self._stub.get_private_data(collection, key))

    def get_multiple_private_data(self, collection: str, keys: Sequence[str]) -> list[bytes]:
        return drive(self._stub.get_multiple_private_data(collection, keys))

    def get_private_data_hash(self, collection: str, key: str) -> bytes:
        return drive(self._stub.get_private_data_hash(collection, key))

    def put_private_data(self, collection: str, key: str, value: bytes | str) -> None:
        drive(self._stub.put_private_data(collection, key, value))

    def delete_private_data(self, collection: str, key: str) -> None:
        drive(self._stub.delete_private_data(collection, key))

    def purge_private_data(self, collection: str, key: str) -> None:
        drive(self._stub.purge_private_data(collection, key))

    def get_private_data_by_range(
        self, collection: str, start_key: str, end_key: str
    ) -> Results[KV]:
        return self._results(self._stub.get_private_data_by_range(collection, start_key, end_key))

    def get_private_data_by_partial_composite_key(
        self, collection: str, object_type: str, attributes: Sequence[str]
    ) -> Results[KV]:
        return self._results(
            self._stub.get_private_data_by_partial_composite_key(
                collection, object_type, attributes
            )
        )

    def get_private_data_query_result(self, collection: str, query: str) -> Results[KV]:
        return self._results(self._stub.get_private_data_query_result(collection, query))

    def set_private_data_validation_parameter(
        self, collection: str, key: str, policy: bytes
    ) -> None:
        drive(self._stub.set_private_data_validation_parameter(collection, key, policy))

    def get_private_data_validation_parameter(self, collection: str, key: str) -> bytes | None:
        return drive(self._stub.get_private_data_validation_parameter(collection, key))

    def invoke_chaincode(
        self, name: str, args: Sequence[bytes | str], channel: str = ""
    ) -> Response:
        return drive(self._stub.invoke_chaincode(name, args, channel))

    def _results(self, results: AsyncResults[T]) -> Results[T]:
        return Results(results)
