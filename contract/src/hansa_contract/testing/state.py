"""What is committed: the world state, its history, and what each member holds of private data."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from hansa_contract.results import KeyModification
from hansa_contract.testing.collections import Collection


class Version(NamedTuple):
    """Block, and place in it, of the transaction that has written a key."""

    block: int
    transaction: int


class Place(NamedTuple):
    """A key; the channel's own state has no collection."""

    namespace: str
    collection: str
    key: str


@dataclass(frozen=True)
class Item:
    """``value`` is a hash for private data. ``policy`` is the key's own, or empty."""

    value: bytes
    version: Version
    policy: bytes = b""


class State:
    """Of all peers of a channel. Only private data differs between them."""

    def __init__(self) -> None:
        self._items: dict[Place, Item] = {}
        self._private: dict[str, dict[Place, Item]] = defaultdict(dict)
        self._history: dict[Place, list[KeyModification]] = defaultdict(list)

    def item(self, place: Place) -> Item | None:
        """What every peer knows of a key: of private data, the hash."""
        return self._items.get(place)

    def private(self, member: str, place: Place) -> Item | None:
        return self._private[member].get(place)

    def scan(self, start: Place, end: str, member: str = "") -> list[tuple[str, Item]]:
        """Keys from ``start`` to before ``end`` (empty: to the last), in the order of their bytes.

        With a member, the private data that it holds.
        """
        items = self._private[member] if member else self._items
        low, high = start.key.encode(), end.encode()
        found = [
            (place.key, item)
            for place, item in items.items()
            if place[:2] == start[:2]
            and low <= place.key.encode()
            and (not high or place.key.encode() < high)
        ]
        return sorted(found, key=lambda pair: pair[0].encode())

    def history(self, place: Place) -> list[KeyModification]:
        """The newest first."""
        return self._history[place][::-1]

    def values(self, namespace: str, collection: str = "", member: str = "") -> dict[str, bytes]:
        """All keys and values, composite keys too."""
        start = Place(namespace, collection, "")
        return {key: item.value for key, item in self.scan(start, "", member)}

    def write(
        self, place: Place, value: bytes, version: Version, tx_id: str, timestamp: datetime
    ) -> None:
        """An empty value deletes. The key's policy stays."""
        if not place.collection:
            self._history[place].append(KeyModification(tx_id, value, timestamp, not value))
        known = self._items.get(place)
        if not value:
            self._items.pop(place, None)
            return
        written = hashlib.sha256(value).digest() if place.collection else value
        self._items[place] = Item(written, version, known.policy if known else b"")

    def hold(self, members: Iterable[str], place: Place, value: bytes, version: Version) -> None:
        """Private data for those who may have it; an empty value deletes."""
        for member in members:
            if value:
                self._private[member][place] = Item(value, version)
            else:
                self._private[member].pop(place, None)

    def set_policy(self, place: Place, policy: bytes, version: Version) -> None:
        """A key that is not there keeps none."""
        if known := self._items.get(place):
            self._items[place] = replace(known, policy=policy, version=version)
            for held in self._private.values():
                if place in held:
                    held[place] = replace(held[place], version=version)

    def expire(self, collections: Mapping[str, Collection], block: int) -> None:
        """Forget private data whose time is over before ``block``."""
        for place, item in list(self._items.items()):
            collection = collections.get(place.collection)
            if collection and 0 < collection.block_to_live < block - item.version.block:
                del self._items[place]
                for held in self._private.values():
                    held.pop(place, None)
