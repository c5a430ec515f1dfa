"""What a stub knows about its transaction without asking the peer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from hansa_contract.errors import ChaincodeError, KeyFormError
from hansa_contract.keys import create_composite_key, split_composite_key
from hansa_contract.proposal import Creator, Transaction


class TransactionStub:
    """The part that the blocking and the asynchronous stub share. Nothing here waits."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.event: tuple[str, bytes] | None = None

    @property
    def tx_id(self) -> str:
        return self.transaction.tx_id

    @property
    def channel_id(self) -> str:
        return self.transaction.channel_id

    def get_tx_id(self) -> str:
        return self.transaction.tx_id

    def get_txid(self) -> str:
        return self.transaction.tx_id

    def get_channel_id(self) -> str:
        return self.transaction.channel_id

    def get_tx_timestamp(self) -> datetime:
        """When the client made the proposal, as it says: UTC, the same on every endorser."""
        return self.transaction.proposal.timestamp

    def get_args(self) -> list[bytes]:
        return list(self.transaction.args)

    def get_string_args(self) -> list[str]:
        """Raises :class:`ChaincodeError` for an argument that is no UTF-8: use ``get_args``."""
        try:
            return [argument.decode() for argument in self.transaction.args]
        except UnicodeDecodeError as fault:
            raise ChaincodeError(f"an argument of the transaction is no UTF-8: {fault}") from fault

    def get_function_and_parameters(self) -> tuple[str, list[str]]:
        """Both empty where the client sent no arguments."""
        function, *parameters = self.get_string_args() or [""]
        return function, parameters

    def get_args_slice(self) -> bytes:
        """All arguments joined."""
        return b"".join(self.transaction.args)

    def get_creator(self) -> Creator:
        """Who signed the proposal. Raises :class:`ChaincodeError` where that is no identity."""
        return self.transaction.proposal.creator

    def get_transient(self) -> Mapping[str, bytes]:
        """What the client sent for the endorsers only; it does not go into the ledger."""
        return self.transaction.proposal.transient

    def get_binding(self) -> bytes:
        """SHA-256 that ties application data to this proposal."""
        return self.transaction.proposal.binding

    def get_signed_proposal(self) -> bytes:
        """Fabric's message ``SignedProposal``, as bytes."""
        return self.transaction.proposal.signed

    def get_decorations(self) -> Mapping[str, bytes]:
        """What the peer's decorators have added to the input."""
        return self.transaction.decorations

    def set_event(self, name: str, payload: bytes | str = b"") -> None:
        """The transaction's event; a second call replaces the first.

        Raises :class:`KeyFormError` for an empty name.
        """
        if not name:
            raise KeyFormError("the name of an event must not be an empty string")
        self.event = (name, to_bytes(payload))

    def create_composite_key(self, object_type: str, attributes: Sequence[str]) -> str:
        """Raises :class:`KeyFormError` where a part holds U+0000 or U+10FFFF."""
        return create_composite_key(object_type, attributes)

    def split_composite_key(self, composite_key: str) -> tuple[str, list[str]]:
        """The object type and the attributes."""
        return split_composite_key(composite_key)


def to_bytes(value: bytes | bytearray | memoryview | str) -> bytes:
    """Text is UTF-8. Raises :class:`ChaincodeError` for what is neither text nor bytes."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise ChaincodeError(f"a value must be bytes or text, not {type(value).__name__}: encode it")
