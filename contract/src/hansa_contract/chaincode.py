"""What the shim calls: a chaincode."""

from __future__ import annotations

from typing import Protocol

from hansa_contract.response import Response
from hansa_contract.stub import AsyncChaincodeStub


class Chaincode(Protocol):
    """``init`` and ``invoke`` of a chaincode; an exception is answered as an error.

    What may block belongs into ``await stub.runner.run(function)``, where
    ``ChaincodeStub(stub)`` is the stub of plain functions.
    """

    async def init(self, stub: AsyncChaincodeStub) -> Response:
        """The chaincode is instantiated or upgraded (legacy lifecycle), or wants its init."""

    async def invoke(self, stub: AsyncChaincodeStub) -> Response:
        """A transaction or a query."""
