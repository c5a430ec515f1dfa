"""Why a transaction is valid or not, in plain words. Pure.

Source: "Read-Write set semantics" in Fabric's documentation: a transaction whose reads are not of
the versions that hold when its turn comes is not valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hansa.fabric.blocks import Block, Namespace, RangeRead, Transaction, Version
from hansa.fabric.endorsement import in_words, missing
from hansa.fabric.transactions import VALID
from hansa.fabric.validation import meaning, remedy

READ_CONFLICT, PHANTOM, POLICY = (
    "MVCC_READ_CONFLICT",
    "PHANTOM_READ_CONFLICT",
    "ENDORSEMENT_POLICY_FAILURE",
)
_SEPARATORS = str.maketrans({"\0": "|", "\U0010ffff": ""})


@dataclass(frozen=True)
class Place:
    """Where a value is. ``key`` is, in a ``collection``, the hash of the key in hexadecimals."""

    namespace: str
    collection: str
    key: str

    def __str__(self) -> str:
        if self.collection:
            return f"the key with hash {self.key} of collection {self.collection}"
        return f"key '{self.key.translate(_SEPARATORS).strip('|')}'"


@dataclass(frozen=True)
class Conflict:
    """What a transaction had read in version ``read``, and ``writer`` has written since.

    ``within`` is the range in which it had looked, if it did not read the key itself.
    """

    place: Place
    read: Version | None
    writer: Transaction
    within: RangeRead | None = None


@dataclass(frozen=True)
class Rule:
    """An endorsement policy that holds for what a transaction did; ``of`` says whose it is."""

    of: str
    policy: str


def find_conflict(transaction: Transaction, blocks: Iterable[Block]) -> Conflict | None:
    """The write that made a transaction's reads out of date.

    ``blocks`` are asked for one after the other, from the transaction's own downwards, and no
    further than is needed. None where they do not have it.
    """
    if transaction.action is None:
        return None
    search = _Search(transaction, transaction.action.namespaces)
    for block in blocks:
        for writer in reversed(block.transactions):
            if writer.code != VALID or writer.version >= transaction.version:
                continue
            conflict = search.conflict_with(writer)
            if conflict is not None:
                return conflict
        if search.is_over_at(block.number):
            break
    return None


class _Search:
    """What a transaction had read, compared with one earlier writer after the other."""

    def __init__(self, transaction: Transaction, namespaces: Sequence[Namespace]) -> None:
        self._reads = dict(_reads(namespaces)) if transaction.code == READ_CONFLICT else {}
        self._ranges = [
            (namespace.name, each)
            for namespace in namespaces
            for each in namespace.ranges
            if transaction.code == PHANTOM
        ]
        self._settled: set[Place] = set()

    def conflict_with(self, writer: Transaction) -> Conflict | None:
        """Whoever wrote a place last decides of it, so earlier writes are not looked at."""
        for place, holds in _writes(writer):
            if place in self._settled:
                continue
            self._settled.add(place)
            if place in self._reads:
                read = self._reads.pop(place)
                if read != holds:
                    return Conflict(place, read, writer)
            within = _phantom(place, holds, self._ranges)
            if within is not None:
                return Conflict(place, _found(within, place.key), writer, within)
        return None

    def is_over_at(self, number: int) -> bool:
        """Whether no block below this one can have the conflict."""
        return not self._ranges and all(
            read is not None and read.block >= number for read in self._reads.values()
        )


def explain(
    transaction: Transaction,
    conflict: Conflict | None = None,
    rules: Sequence[Rule] = (),
    members: Sequence[str] = (),
) -> str:
    """Why the transaction is valid or not, and what to do.

    ``rules`` are the policies for what it did, and ``members`` those of the channel.
    """
    where = f"transaction {transaction.version.transaction} of block {transaction.version.block}"
    if transaction.code == VALID:
        effect = "is in force" if transaction.action is None else "what it wrote is in the ledger"
        return f"It is valid, as {where}: {effect}."
    reason = f"It does not count, though it is {where}"
    if conflict is not None:
        reason = f"{reason}: {_told(conflict)}"
    elif transaction.code == POLICY and transaction.action is not None and rules:
        reason = f"{reason}: {_lacking(transaction, rules, members)}"
    else:
        reason = f"{reason}, because {meaning(transaction.code)}"
    return f"{reason} ({transaction.code}). {remedy(transaction.code)}."


def _told(conflict: Conflict) -> str:
    writer, place = conflict.writer, conflict.place
    chaincode = f"{place} of chaincode {place.namespace}"
    known = (
        "which was not there then"
        if conflict.read is None
        else f"as transaction {conflict.read.transaction} of block {conflict.read.block} wrote it"
    )
    if conflict.within is None:
        had = f"it had read {chaincode}, {known}"
    else:
        start, end = (
            str(Place(place.namespace, "", edge)).removeprefix("key ")
            for edge in (conflict.within.start, conflict.within.end)
        )
        had = f"it had read all keys from {start} to {end}, among them {chaincode}, {known}"
    member = f" of {writer.creator.member_id}" if writer.creator else ""
    called = f" ({writer.function})" if writer.function else ""
    return (
        f"{had}. Before its turn came, transaction {writer.transaction_id}{member}{called}, "
        f"transaction {writer.version.transaction} of block {writer.version.block}, changed it"
    )


def _lacking(transaction: Transaction, rules: Sequence[Rule], members: Sequence[str]) -> str:
    action = transaction.action
    unfit = {each.member_id for each in action.unfit} if action else set()
    endorsers = sorted({each.member_id for each in action.endorsers} - unfit) if action else []
    who = f"endorsed by {', '.join(endorsers) or 'nobody'}"
    told = [_differing(sorted(unfit))] if unfit else []
    told += [
        f"{rule.of} asks for endorsement by {in_words(rule.policy, members)}, and it was {who}; "
        f"{lacking} was missing"
        for rule in rules
        if (lacking := missing(rule.policy, endorsers, members))
    ]
    if told:
        return ". ".join(told)
    of = ", ".join(f"{rule.of} ({rule.policy})" for rule in rules)
    return (
        f"it was {who}, which satisfies what holds now for {of}; so what was not satisfied is the "
        "policy of a single key, or one that has changed since, or a certificate was not valid"
    )


def _differing(members: Sequence[str]) -> str:
    return (
        f"the signature of {' and of '.join(members)} is not one of the result that is in the "
        "block, so peers came to different results (the contract is not deterministic, or a peer "
        "was behind) and were put together all the same, or the result was changed afterwards; "
        "InvokeChaincode compares the peers' results and names the keys"
    )


def _reads(namespaces: Sequence[Namespace]) -> Iterator[tuple[Place, Version | None]]:
    for namespace in namespaces:
        for read in namespace.reads:
            yield Place(namespace.name, "", read.key), read.version
        for collection in namespace.collections:
            for hashed in collection.reads:
                key = hashed.key_hash.hex()
                yield Place(namespace.name, collection.name, key), hashed.version


def _writes(writer: Transaction) -> Iterator[tuple[Place, Version | None]]:
    """What the transaction changed, each with the version that holds after it."""
    for namespace in writer.action.namespaces if writer.action else ():
        name = namespace.name
        for write in namespace.writes:
            yield Place(name, "", write.key), None if write.is_delete else writer.version
        for key in namespace.guarded:
            yield Place(name, "", key), writer.version
        for collection in namespace.collections:
            for hashed in collection.writes:
                place = Place(name, collection.name, hashed.key_hash.hex())
                yield place, None if hashed.is_delete or hashed.is_purge else writer.version
            for digest in collection.guarded:
                yield Place(name, collection.name, digest.hex()), writer.version


def _phantom(
    place: Place, holds: Version | None, ranges: Sequence[tuple[str, RangeRead]]
) -> RangeRead | None:
    """The range that had found something else at ``place``, or may have."""
    for namespace, each in ranges:
        if place.collection or place.namespace != namespace or not each.covers(place.key):
            continue
        if each.found is None or _found(each, place.key) != holds:
            return each
    return None


def _found(within: RangeRead, key: str) -> Version | None:
    return next((read.version for read in within.found or () if read.key == key), None)
