"""The messages between chaincode and peer, and what carries a transaction's questions.

Fabric's ``peer/chaincode_shim.proto`` has the numbers and the messages.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol


class MessageType(IntEnum):
    """``ChaincodeMessage.Type``."""

    REGISTER = 1
    REGISTERED = 2
    INIT = 3
    READY = 4
    TRANSACTION = 5
    COMPLETED = 6
    ERROR = 7
    GET_STATE = 8
    PUT_STATE = 9
    DEL_STATE = 10
    INVOKE_CHAINCODE = 11
    RESPONSE = 13
    GET_STATE_BY_RANGE = 14
    GET_QUERY_RESULT = 15
    QUERY_STATE_NEXT = 16
    QUERY_STATE_CLOSE = 17
    KEEPALIVE = 18
    GET_HISTORY_FOR_KEY = 19
    GET_STATE_METADATA = 20
    PUT_STATE_METADATA = 21
    GET_PRIVATE_DATA_HASH = 22
    PURGE_PRIVATE_DATA = 23
    WRITE_BATCH_STATE = 24
    GET_STATE_MULTIPLE = 25


class Link(Protocol):
    """Carries one transaction's requests to a peer, or to what stands in for one."""

    @property
    def keys_per_request(self) -> int:
        """How many keys one ``GET_STATE_MULTIPLE`` may ask for; 0 where the peer knows none."""

    async def request(self, kind: MessageType, payload: bytes) -> bytes:
        """The payload of the answer. Raises :class:`~hansa_contract.errors.PeerError`.

        ``payload`` is the message that belongs to ``kind``, as bytes. Requests of one transaction
        go one after the other, as Fabric wants it.
        """
