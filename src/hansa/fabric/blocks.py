"""Blocks and transactions, as ledgers have kept them. Pure.

Field by field what Fabric's ``common.proto``, ``transaction.proto`` and ``kv_rwset.proto`` say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, order=True)
class Version:
    """Which transaction wrote a value: the number of its block, and its own in the block."""

    block: int
    transaction: int


@dataclass(frozen=True)
class Read:
    """``version`` is None for a key that was not there."""

    key: str
    version: Version | None


@dataclass(frozen=True)
class RangeRead:
    """All keys from ``start`` up to ``end``, which is not among them; empty has no end.

    ``found`` is None where only a digest of what was found is kept.
    """

    start: str
    end: str
    found: tuple[Read, ...] | None

    def covers(self, key: str) -> bool:
        return self.start <= key and (not self.end or key < self.end)


@dataclass(frozen=True)
class Write:
    key: str
    value: bytes
    is_delete: bool


@dataclass(frozen=True)
class HashedRead:
    """A private key is kept as its hash."""

    key_hash: bytes
    version: Version | None


@dataclass(frozen=True)
class HashedWrite:
    key_hash: bytes
    value_hash: bytes
    is_delete: bool
    is_purge: bool


@dataclass(frozen=True)
class CollectionHashes:
    """What was done in a private data collection; ``guarded`` had their own policies changed.

    ``digest`` is that of the private read and write set.
    """

    name: str
    digest: bytes
    reads: tuple[HashedRead, ...]
    writes: tuple[HashedWrite, ...]
    guarded: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Namespace:
    """What was done in the state of one chaincode; keys ``guarded`` had their policies changed."""

    name: str
    reads: tuple[Read, ...] = ()
    ranges: tuple[RangeRead, ...] = ()
    writes: tuple[Write, ...] = ()
    guarded: tuple[str, ...] = ()
    collections: tuple[CollectionHashes, ...] = ()

    @property
    def changes(self) -> bool:
        written = any(each.writes or each.guarded for each in self.collections)
        return bool(self.writes or self.guarded or written)


@dataclass(frozen=True)
class Party:
    """Who signed: a member, and the subject of the certificate."""

    member_id: str
    subject: str


@dataclass(frozen=True)
class Event:
    name: str
    payload: bytes


@dataclass(frozen=True)
class Action:
    """A call of chaincode: what was asked, answered, read, written, and by whom endorsed.

    ``arguments`` begin with the function's name. ``unfit`` are endorsers whose signatures are not
    of this result; it is looked at only where the endorsement policy was not satisfied.
    """

    chaincode: str
    chaincode_version: str
    arguments: tuple[bytes, ...]
    status: int
    message: str
    payload: bytes
    endorsers: tuple[Party, ...]
    namespaces: tuple[Namespace, ...]
    event: Event | None
    unfit: tuple[Party, ...] = ()


@dataclass(frozen=True)
class Transaction:
    """``version`` says where it is; ``kind`` and ``code`` are Fabric's.

    ``action`` is None for what calls no chaincode, such as a configuration. ``time`` is the
    creator's clock.
    """

    transaction_id: str
    version: Version
    kind: str
    code: str
    time: datetime | None
    creator: Party | None
    action: Action | None

    @property
    def function(self) -> str:
        if self.action is None or not self.action.arguments:
            return ""
        return self.action.arguments[0].decode(errors="replace")


@dataclass(frozen=True)
class Block:
    """``digest`` is the hash of its header, which the next block holds as ``previous``."""

    number: int
    digest: bytes
    previous: bytes
    data_digest: bytes
    transactions: tuple[Transaction, ...]

    @property
    def time(self) -> datetime | None:
        """The latest clock of its transactions' creators: blocks have no time of their own."""
        return max((each.time for each in self.transactions if each.time), default=None)
