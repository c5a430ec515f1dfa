"""What a transaction function is given: its context."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from hansa_contract.base import TransactionStub
from hansa_contract.blocking import ChaincodeStub
from hansa_contract.identity import ClientIdentity
from hansa_contract.stub import AsyncChaincodeStub

S = TypeVar("S", bound=TransactionStub)
C = TypeVar("C", bound="BaseContext[Any]")


class BaseContext(Generic[S]):
    """One per transaction, for all of its functions. A subclass may add what a contract shares.

    A subclass's constructor takes no arguments; ``stub`` and the rest are there once it has run.
    """

    _async_stub: AsyncChaincodeStub
    _blocking_stub: ChaincodeStub
    _asynchronous = False
    _contract = ""

    @property
    def stub(self) -> S:
        """The ledger: :class:`ChaincodeStub` in a ``def``, else :class:`AsyncChaincodeStub`."""
        return cast("S", self._async_stub if self._asynchronous else self._blocking_stub)

    @property
    def async_stub(self) -> AsyncChaincodeStub:
        """For ``async def`` in contracts that have both kinds of functions."""
        return self._async_stub

    @cached_property
    def client_identity(self) -> ClientIdentity:
        """Who submits. Raises :class:`ChaincodeError` where the creator is no identity."""
        return ClientIdentity(self._async_stub.get_creator())

    @property
    def timestamp(self) -> datetime:
        """The transaction's time, in UTC, as its client has set it: the same on every peer.

        Use it instead of the clock. A client can set it wrong, so no right should hang on it alone.
        """
        return self._async_stub.get_tx_timestamp()

    @property
    def tx_id(self) -> str:
        return self._async_stub.get_tx_id()

    @property
    def logger(self) -> logging.Logger:
        """For the contract's own messages; the shim adds channel and transaction to each.

        Nothing of arguments, state or results is logged unless the contract does it.
        """
        return logging.getLogger(f"hansa_contract.contract.{self._contract}")

    # Other contract APIs spell them so.

    def get_stub(self) -> S:
        return self.stub

    def get_client_identity(self) -> ClientIdentity:
        return self.client_identity


class Context(BaseContext[ChaincodeStub]):
    """The context of plain functions."""


class AsyncContext(BaseContext[AsyncChaincodeStub]):
    """The context of ``async def``. It is the same object; the type says which stub is meant."""


def enter(context: C, stub: AsyncChaincodeStub, contract: str) -> C:
    """Give a new context its transaction."""
    context._async_stub = stub  # noqa: SLF001  what the contract must not set is not public
    context._blocking_stub = ChaincodeStub(stub)  # noqa: SLF001
    context._contract = contract  # noqa: SLF001
    return context


def turn(context: BaseContext[Any], *, asynchronous: bool) -> None:
    """Which stub ``context.stub`` is for the function that runs next."""
    context._asynchronous = asynchronous  # noqa: SLF001
