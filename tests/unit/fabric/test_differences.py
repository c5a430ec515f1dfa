"""Where made-up results of peers differ, and what is told of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from hansa.fabric.blocks import (
    Action,
    CollectionHashes,
    Event,
    HashedRead,
    HashedWrite,
    Namespace,
    Party,
    RangeRead,
    Read,
    Version,
    Write,
)
from hansa.fabric.differences import Result, find_differences, tell_differences

NOTHING = Action("notes", "1", (), 200, "", b"", (Party("m-A", ""),), (), None)


def action(**parts: Any) -> Action:
    return replace(NOTHING, namespaces=(Namespace("notes", **parts),))


def writing(value: bytes, key: str = "clock") -> Action:
    return action(writes=(Write(key, value, is_delete=False),))


def told(*actions: Action) -> str:
    results = [Result(f"m-{letter}", each) for letter, each in zip("ABC", actions, strict=False)]
    return tell_differences(find_differences(results), [result.who for result in results])


def test_what_is_written_differently_is_named_and_not_told() -> None:
    text = told(writing(b"secret of one"), writing(b"secret of two"))
    assert "they differ in key 'clock' of chaincode notes: m-A wrote 13 bytes" in text
    assert "with the SHA-256" in text
    assert "secret" not in text
    assert "not deterministic" in text
    assert "GetTxTimestamp" in text


def test_peers_that_agree_are_told_together() -> None:
    text = told(writing(b"1"), writing(b"2"), writing(b"1"))
    assert "m-A and m-C wrote 1 bytes" in text
    missing = told(writing(b"1"), NOTHING)
    assert "m-B did not write it" in missing
    gone = action(writes=(Write("clock", b"", is_delete=True),))
    assert "m-B deleted it" in told(writing(b"1"), gone)


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        (({"at": 1, "who": "x"}, {"at": 2, "who": "x"}), "(JSON that differs in at)"),
        (({"a": 1, "b": 2}, {"b": 2, "a": 1}), "(the same JSON, written in another order)"),
        (({"a": 1}, {"a": 1, "b": None}), "(JSON that differs in b)"),
    ],
)
def test_json_is_told_by_its_fields(values: tuple[object, ...], hint: str) -> None:
    assert hint in told(*(writing(json.dumps(each).encode()) for each in values))


@pytest.mark.parametrize("values", [(b"[1", b"[2"), (b"[1]", b"[2]"), (b"1", b"\xff")])
def test_what_is_no_object_has_no_hint(values: tuple[bytes, ...]) -> None:
    assert "JSON" not in told(*map(writing, values))


def test_versions_that_differ_come_first_and_tell_of_a_peer_behind() -> None:
    newer = action(reads=(Read("a1", Version(5, 0)),), writes=(Write("a0", b"6", is_delete=False),))
    older = action(reads=(Read("a1", None),), writes=(Write("a0", b"1", is_delete=False),))
    text = told(newer, older)
    assert (
        "they differ in key 'a1' of chaincode notes: m-A read what transaction 0 of block 5 wrote, "
        "m-B found nothing; key 'a0' of chaincode notes:"
    ) in text
    assert "a peer is behind" in text
    ranged = action(ranges=(RangeRead("a", "b", (Read("a1", Version(5, 0)),)),))
    assert "m-B did not read it" in told(ranged, action(ranges=(RangeRead("a", "b", ()),)))


def private(value: bytes, version: int) -> Action:
    write = HashedWrite(b"\xab" * 32, value * 32, is_delete=False, is_purge=False)
    read = HashedRead(b"\xcd" * 32, Version(version, 0))
    return action(collections=(CollectionHashes("prices", b"", (read,), (write,)),))


def test_of_private_data_only_hashes_are_told() -> None:
    text = told(private(b"\x01", 3), private(b"\x02", 4))
    assert "the key with hash abababababab… of collection prices of chaincode notes" in text
    assert "wrote what has the SHA-256 010101010101…" in text
    assert "the key with hash cdcdcdcdcdcd…" in text


def test_answers_events_and_versions_are_compared() -> None:
    first = replace(NOTHING, payload=b"1", event=Event("put", b"1"))
    second = replace(NOTHING, payload=b"2", chaincode_version="2")
    text = told(first, second)
    assert "the answer: m-A answered 200, 1 bytes" in text
    assert "the event: m-A set put, 1 bytes" in text
    assert "m-B set none" in text
    assert "the version of the chaincode: m-A ran 1, m-B ran 2" in text


def test_no_more_than_a_few_are_told() -> None:
    many = [
        action(writes=tuple(Write(f"k{n}", word, is_delete=False) for n in range(9)))
        for word in (b"1", b"2")
    ]
    assert "; and 4 more. " in told(*many)


def test_peers_that_agree_now_are_told_so() -> None:
    assert "m-A and m-B agree in all keys" in told(writing(b"1"), writing(b"1"))
