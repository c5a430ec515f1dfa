"""One transaction on one peer: what it reads, and what it wants to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hansa_contract.errors import PeerError
from hansa_contract.testing.collections import Collection, implicit
from hansa_contract.testing.state import Item, Place, State, Version


@dataclass(frozen=True)
class RangeRead:
    """A range that was read, to its end or to the end of its page, and the versions found."""

    start: Place
    end: str
    found: tuple[tuple[str, Version], ...]


@dataclass
class ReadWriteSet:
    """What endorsers must agree on. A value ``b""`` deletes."""

    reads: dict[Place, Version | None] = field(default_factory=dict)
    ranges: list[RangeRead] = field(default_factory=list)
    writes: dict[Place, bytes] = field(default_factory=dict)
    policies: dict[Place, bytes] = field(default_factory=dict)

    @property
    def changed(self) -> list[Place]:
        """All keys that are written, or whose policy is."""
        return list(dict.fromkeys([*self.writes, *self.policies]))


class Simulation:
    """Reads what is committed, never its own writes. Raises :class:`PeerError` as a peer would."""

    def __init__(
        self,
        state: State,
        collections: Mapping[str, Mapping[str, Collection]],
        member: str,
        creator: str,
        tx_id: str,
    ) -> None:
        self._state, self._collections = state, collections
        self._member, self._creator, self._tx_id = member, creator, tx_id
        self._wrote = self._queried_private = self._paged = False
        self.result = ReadWriteSet()

    def get(self, place: Place) -> bytes:
        """A key's value. ``b""`` where there is none."""
        if place.collection:
            return self._get_private(place)
        item = self._read(place)
        return item.value if item else b""

    def get_hash(self, place: Place) -> bytes:
        self._collection(place)
        item = self._read(place)
        return item.value if item else b""

    def get_policy(self, place: Place) -> bytes:
        if place.collection:
            self._may_read(place)
        item = self._read(place)
        return item.policy if item else b""

    def scan(self, start: Place, end: str) -> list[tuple[str, bytes]]:
        """A whole range. Phantoms are looked for at commit, but not in private data."""
        if start.collection:
            self._may_read(start)
            if self._wrote:
                raise self._unsupported("Queries on pvt data is supported only in a read-only")
            self._queried_private = True
            held = self._state.scan(start, end, self._member)
            return [(key, item.value) for key, item in held]
        return self._scan(start, end, None)

    def page(self, start: Place, end: str, size: int | None) -> list[tuple[str, bytes]]:
        if self._wrote:
            raise self._unsupported("Paginated queries are supported only in a read-only")
        self._paged = True
        return self._scan(start, end, size)

    def put(self, place: Place, value: bytes) -> None:
        """An empty value deletes, as in Fabric."""
        self._may_write(place)
        self.result.writes[place] = value

    def set_policy(self, place: Place, policy: bytes) -> None:
        self._may_write(place)
        self.result.policies[place] = policy

    def _scan(self, start: Place, end: str, size: int | None) -> list[tuple[str, bytes]]:
        found = self._state.scan(start, end)[:size]
        read_to = found[-1][0] + "\x00" if size and len(found) == size else end
        versions = tuple((key, item.version) for key, item in found)
        self.result.ranges.append(RangeRead(start, read_to, versions))
        return [(key, item.value) for key, item in found]

    def _read(self, place: Place) -> Item | None:
        item = self._state.item(place)
        self.result.reads[place] = item.version if item else None
        return item

    def _get_private(self, place: Place) -> bytes:
        self._may_read(place)
        public, held = self._state.item(place), self._state.private(self._member, place)
        if (public and public.version) != (held and held.version):
            raise PeerError(
                "private data matching public hash version is not available. "
                f"Public hash version = {public and public.version}, "
                f"Private data version = {held and held.version}"
            )
        self._read(place)
        return held.value if held else b""

    def _collection(self, place: Place) -> Collection:
        known = self._collections.get(place.namespace, {}).get(place.collection)
        found = known or implicit(place.collection)
        if found is None:
            raise PeerError(
                f"collection {place.namespace}/{place.collection} could not be found: "
                "give it to the mock channel, as the chaincode's definition would"
            )
        return found

    def _may_read(self, place: Place) -> None:
        collection = self._collection(place)
        if collection.member_only_read and self._creator not in collection.members:
            raise self._no_access("read", place)

    def _may_write(self, place: Place) -> None:
        if place.collection:
            collection = self._collection(place)
            if collection.member_only_write and self._creator not in collection.members:
                raise self._no_access("write", place)
        if self._queried_private:
            raise self._unsupported("Writes are not allowed after a query on pvt data; a read-only")
        if self._paged:
            raise self._unsupported("Writes are not allowed after a paginated query; a read-only")
        self._wrote = True

    def _no_access(self, kind: str, place: Place) -> PeerError:
        return PeerError(
            f"tx creator does not have {kind} access permission on privatedata in "
            f"chaincodeName:{place.namespace} collectionName: {place.collection}"
        )

    def _unsupported(self, rule: str) -> PeerError:
        return PeerError(f"txid [{self._tx_id}]: unsupported transaction. {rule} transaction")
