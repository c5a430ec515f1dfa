"""The channel in memory does what a real peer does, by the same suite."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.contracts.conformance.conformance_contract import Ledger, Secrets, Values
from tests.contracts.suite import CHECKS, RefusedError

from hansa_contract.testing import MockChannel, TransactionError


class InMemory:
    """A :class:`tests.contracts.suite.Peer`."""

    chaincode = "conformance"
    mspid = "Org1MSP"
    channel = "mychannel"

    def __init__(self) -> None:
        self._channel = MockChannel({self.chaincode: [Ledger, Values, Secrets]})

    def submit(
        self, function: str, *args: str, transient: Mapping[str, bytes] | None = None
    ) -> bytes:
        try:
            return self._channel.submit(function, *args, transient=transient).payload
        except TransactionError as fault:
            raise RefusedError(str(fault)) from fault

    def evaluate(self, function: str, *args: str) -> bytes:
        try:
            return self._channel.evaluate(function, *args).payload
        except TransactionError as fault:
            raise RefusedError(str(fault)) from fault


@pytest.mark.parametrize("check", CHECKS)
def test_the_channel_in_memory(check: str) -> None:
    CHECKS[check](InMemory())


def test_all_checks_on_one_ledger() -> None:
    peer = InMemory()
    for check in CHECKS.values():
        check(peer)
