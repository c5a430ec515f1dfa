"""Transactions that a client may ask for again, and that count once all the same.

A transaction's id is made of its creator and a random nonce, and a ledger takes an id once
(``DUPLICATE_TXID``). So the nonce is recorded with the client's token before anything is sent, and
whoever asks again gets the outcome of that transaction, or has it sent again under its id.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from hansa.awsapi import hansafabric as api
from hansa.domain.errors import IllegalActionError
from hansa.fabric.base import FabricError
from hansa.fabric.rpc.proposals import NONCE_BYTES
from hansa.fabric.transactions import Outcome, Transactions
from hansa.operations.context import OperationContext
from hansa.operations.failed_calls import Asked
from hansa.operations.tokens import answer_once

LOCKS = 64
"""Calls whose ids fall to the same lock wait for each other."""

_HEXADECIMALS = "0123456789abcdef"


class Submissions:
    """Submits calls, each at most once for a ClientRequestToken."""

    def __init__(self, context: OperationContext, transactions: Transactions) -> None:
        self._context = context
        self._transactions = transactions
        self._locks = [threading.Lock() for _ in range(LOCKS)]

    def submit(self, asked: Asked, request: api.InvokeChaincodeInput) -> Outcome:
        """Raises :class:`FabricError`, and InvalidRequestError for a token of another request."""
        if "ClientRequestToken" not in request:
            return self._transactions.submit(asked.node, asked.call, asked.endorsers)
        nonce, transaction_id, is_new = self._intend(asked, request)
        # A peer runs a call of one id once at a time, and refuses a second meanwhile.
        with self._locks[hash(transaction_id) % len(self._locks)]:
            if not is_new:
                known = self._in_the_ledger(asked, transaction_id)
                if known is not None:
                    return known
                _check_same(self._transactions.transaction_id(asked.node, nonce), transaction_id)
            return self._send(asked, nonce, transaction_id)

    def _send(self, asked: Asked, nonce: bytes, transaction_id: str) -> Outcome:
        try:
            return self._transactions.submit(asked.node, asked.call, asked.endorsers, nonce)
        except FabricError:
            # It may have been sent before, and come into the ledger since.
            with suppress(FabricError):
                known = self._in_the_ledger(asked, transaction_id)
                if known is not None:
                    return known
            raise

    def _intend(self, asked: Asked, request: api.InvokeChaincodeInput) -> tuple[bytes, str, bool]:
        """The nonce and the id of the token's transaction, recorded now or before."""
        made: list[str] = []

        def make() -> dict[str, str]:
            made.extend(self._context.choice(_HEXADECIMALS) for _ in range(2 * NONCE_BYTES))
            nonce = "".join(made)
            transaction_id = self._transactions.transaction_id(asked.node, bytes.fromhex(nonce))
            return {"Nonce": nonce, "TransactionId": transaction_id}

        # What is private leaves no trace, not even in a digest that could be guessed at.
        told = {**request, "Transient": sorted(request.get("Transient") or ())}
        with self._context.store.write() as session:
            now = self._context.now()
            kept = answer_once(session, asked.caller, "InvokeChaincode", told, now, make)
        return bytes.fromhex(kept["Nonce"]), kept["TransactionId"], bool(made)

    def _in_the_ledger(self, asked: Asked, transaction_id: str) -> Outcome | None:
        block = self._transactions.block_with(asked.node, asked.call.channel, transaction_id)
        for transaction in block.transactions if block else ():
            # Of several with the id, the first is the one that counts, or could have.
            if transaction.transaction_id == transaction_id:
                result = transaction.action.payload if transaction.action else b""
                number = transaction.version.block
                return Outcome(transaction_id, result, number, transaction.code)
        return None


def _check_same(now: str, recorded: str) -> None:
    """Another id would be another transaction, which could count beside the first."""
    if now != recorded:
        raise IllegalActionError(
            f"Transaction {recorded} was recorded for this token and is not in the ledger; it "
            "cannot be sent again, because the member's certificate has been renewed since. See "
            "with GetTransaction that it does not come, and send a new token"
        )
