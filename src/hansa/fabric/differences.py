"""In what the results of several peers for one call differ, in plain words. Pure.

Nothing of what was written is told but its size and a hash, and of private data no key either: the
text goes to whoever called, and into the record of calls.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hansa.fabric.blocks import Action, CollectionHashes, Namespace, Version
from hansa.fabric.explanations import Place

TOLD_MAX = 5
_DIGITS = 12
_READ, _WRITTEN, _SET = "read", "written", "set"
_NOTHING = {_READ: "did not read it", _WRITTEN: "did not write it", _SET: "set none"}


@dataclass(frozen=True)
class Result:
    """What the peer ``who`` came to."""

    who: str
    action: Action


@dataclass(frozen=True)
class Difference:
    """``found`` is what each peer did with ``what``, by peer; ``hint`` says how values differ."""

    what: str
    found: tuple[tuple[str, str], ...]
    is_read: bool
    hint: str = ""


def find_differences(results: Sequence[Result]) -> list[Difference]:
    """What was read comes first: where that differs, the rest follows from it."""
    seen = [(result, dict(_facts(result.action))) for result in results]
    found = []
    for what in sorted({what for _, facts in seen for what in facts}, key=_order):
        kind, place = what
        words = tuple((result.who, facts.get(what, _NOTHING[kind])) for result, facts in seen)
        if len({word for _, word in words}) > 1:
            hint = _hint([_value(result.action, place) for result in results])
            found.append(Difference(_named(place), words, kind == _READ, hint))
    return found


def tell_differences(differences: Sequence[Difference], peers: Sequence[str]) -> str:
    """Sentences: where ``peers`` differ, what it usually comes from, and what to do."""
    if not differences:
        return (
            f"Asked once more, {_listed(peers)} agree in all keys, in the answer and in the event. "
            "So the contract is not deterministic now and then (time, randomness, the order of a "
            f"map), or a peer was behind. {_AGAIN}"
        )
    told = "; ".join(_told(each) for each in differences[:TOLD_MAX])
    more = len(differences) - TOLD_MAX
    rest = f"; and {more} more" if more > 0 else ""
    reason = _BEHIND if any(each.is_read for each in differences) else _NOT_DETERMINISTIC
    return f"Asked once more, they differ in {told}{rest}. {reason}"


_AGAIN = "Submit it again; if it fails so again, look at the contract"
_BEHIND = (
    "They read from different states, so a peer is behind the others, or the contract chooses what "
    "it reads by time, randomness or the order of a map. Submit it again in a moment; GetChannel "
    "tells how many blocks each of your nodes has"
)
_NOT_DETERMINISTIC = (
    "They read the same, so the contract is not deterministic: it takes time, randomness, the "
    "order of a map or something from outside into its result; or the members run different code. "
    "Take the time from the transaction (GetTxTimestamp), sort before you write, and compare the "
    "members' packages"
)


def _facts(action: Action) -> Iterator[tuple[tuple[str, Place | str], str]]:
    """What a result says, word by word: each with its kind and its place."""
    for namespace in action.namespaces:
        yield from _public(namespace)
        for collection in namespace.collections:
            yield from _private(namespace.name, collection)
    yield (_SET, "the answer"), f"answered {action.status}, {_weighed(action.payload)}"
    if action.event is not None:
        event = f"{action.event.name}, {_weighed(action.event.payload)}"
        yield (_SET, "the event"), f"set {event}"
    yield (_READ, "the version of the chaincode"), f"ran {action.chaincode_version}"


def _public(namespace: Namespace) -> Iterator[tuple[tuple[str, Place | str], str]]:
    name = namespace.name
    ranged = [read for each in namespace.ranges for read in each.found or ()]
    for read in (*namespace.reads, *ranged):
        yield (_READ, Place(name, "", read.key)), _version(read.version)
    for write in namespace.writes:
        word = "deleted it" if write.is_delete else f"wrote {_weighed(write.value)}"
        yield (_WRITTEN, Place(name, "", write.key)), word
    for key in namespace.guarded:
        yield (_WRITTEN, f"the policy of {_named(Place(name, '', key))}"), "set it"


def _private(
    name: str, collection: CollectionHashes
) -> Iterator[tuple[tuple[str, Place | str], str]]:
    for read in collection.reads:
        yield (_READ, Place(name, collection.name, _short(read.key_hash))), _version(read.version)
    for write in collection.writes:
        word = f"wrote what has the SHA-256 {_short(write.value_hash)}"
        if write.is_delete or write.is_purge:
            word = "purged it" if write.is_purge else "deleted it"
        yield (_WRITTEN, Place(name, collection.name, _short(write.key_hash))), word
    for digest in collection.guarded:
        place = _named(Place(name, collection.name, _short(digest)))
        yield (_WRITTEN, f"the policy of {place}"), "set it"


def _version(version: Version | None) -> str:
    if version is None:
        return "found nothing"
    return f"read what transaction {version.transaction} of block {version.block} wrote"


def _weighed(content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return f"{len(content)} bytes with the SHA-256 {_short(digest)}"


def _short(digest: bytes) -> str:
    return f"{digest.hex()[:_DIGITS]}…"


def _named(place: Place | str) -> str:
    return place if isinstance(place, str) else f"{place} of chaincode {place.namespace}"


def _order(what: tuple[str, Place | str]) -> tuple[bool, bool, str]:
    kind, place = what
    return kind != _READ, isinstance(place, str), _named(place)


def _value(action: Action, place: Place | str) -> bytes | None:
    """What was written to the public key ``place``."""
    for namespace in action.namespaces:
        for write in namespace.writes:
            if Place(namespace.name, "", write.key) == place and not write.is_delete:
                return write.value
    return None


def _hint(values: Sequence[bytes | None]) -> str:
    """How values differ that are JSON, without telling them."""
    try:
        read = [json.loads(value) for value in values if value is not None]
    except (ValueError, RecursionError):
        return ""
    if len(read) < 2:
        return ""
    if all(each == read[0] for each in read):
        return "the same JSON, written in another order"
    objects: list[Mapping[str, object]] = [each for each in read if isinstance(each, dict)]
    if len(objects) < len(read):
        return ""
    names = sorted({name for each in objects for name in each})
    other = [
        name for name in names if any(_of(each, name) != _of(objects[0], name) for each in objects)
    ]
    return f"JSON that differs in {', '.join(other[:TOLD_MAX])}"


def _of(found: Mapping[str, object], name: str) -> tuple[bool, object]:
    return name in found, found.get(name)


def _told(difference: Difference) -> str:
    by_word: dict[str, list[str]] = {}
    for who, word in difference.found:
        by_word.setdefault(word, []).append(who)
    who = ", ".join(f"{_listed(peers)} {word}" for word, peers in by_word.items())
    return f"{difference.what}: {who}" + (f" ({difference.hint})" if difference.hint else "")


def _listed(peers: Sequence[str]) -> str:
    *rest, last = peers
    return f"{', '.join(rest)} and {last}" if rest else last
