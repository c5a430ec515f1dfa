"""Why transactions of made-up blocks do not count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hansa.fabric.blocks import (
    Action,
    Block,
    CollectionHashes,
    HashedRead,
    HashedWrite,
    Namespace,
    Party,
    RangeRead,
    Read,
    Transaction,
    Version,
    Write,
)
from hansa.fabric.endorsement import in_words, missing
from hansa.fabric.explanations import (
    PHANTOM,
    POLICY,
    READ_CONFLICT,
    Place,
    Rule,
    explain,
    find_conflict,
)
from hansa.fabric.validation import meaning

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MEMBERS = ["m-A", "m-B", "m-C"]
BOTH = "AND('m-A.peer', 'm-B.peer')"


def transaction(
    version: tuple[int, int], *namespaces: Namespace, code: str = "VALID", endorsers: str = "A"
) -> Transaction:
    parties = tuple(Party(f"m-{letter}", "CN=peer") for letter in endorsers)
    action = Action("asset", "1", (b"sell",), 200, "", b"", parties, namespaces, None)
    where = Version(*version)
    name = f"tx-{where.block}-{where.transaction}"
    return Transaction(name, where, "ENDORSER_TRANSACTION", code, NOW, Party("m-A", ""), action)


def reading(key: str, version: Version | None) -> Namespace:
    return Namespace("asset", reads=(Read(key, version),))


def writing(*keys: str) -> Namespace:
    return Namespace("asset", writes=tuple(Write(key, b"1", is_delete=False) for key in keys))


def deleting(key: str) -> Namespace:
    return Namespace("asset", writes=(Write(key, b"", is_delete=True),))


def block(number: int, *transactions: Transaction) -> Block:
    return Block(number, b"", b"", b"", transactions)


def test_who_wrote_in_between_is_found_in_the_same_block() -> None:
    winner = transaction((5, 0), writing("a1"))
    loser = transaction((5, 2), reading("a1", Version(3, 1)), code=READ_CONFLICT)
    invalid = transaction((5, 1), writing("a1"), code=POLICY)
    later = transaction((5, 3), writing("a1"))
    found = find_conflict(loser, [block(5, winner, invalid, loser, later)])
    assert found is not None
    assert (found.writer, found.place, found.read) == (
        winner, Place("asset", "", "a1"), Version(3, 1),
    )  # fmt: skip
    told = explain(loser, found)
    assert told.startswith(
        "It does not count, though it is transaction 2 of block 5: it had read key 'a1' of "
        "chaincode asset, as transaction 1 of block 3 wrote it. Before its turn came, transaction "
        "tx-5-0 of m-A (sell), transaction 0 of block 5, changed it (MVCC_READ_CONFLICT). "
    )


def test_no_further_block_is_asked_for_than_is_needed() -> None:
    loser = transaction((9, 0), reading("a1", Version(6, 0)), code=READ_CONFLICT)
    asked: list[int] = []

    def blocks() -> Iterator[Block]:
        for number in range(9, -1, -1):
            asked.append(number)
            yield block(number, loser) if number == 9 else block(number)

    assert find_conflict(loser, blocks()) is None
    assert asked == [9, 8, 7, 6]
    asked.clear()
    winner = transaction((8, 0), deleting("a1"))
    found = find_conflict(loser, (block(8, winner) if b.number == 8 else b for b in blocks()))
    assert found is not None
    assert found.writer == winner
    assert asked == [9, 8]


def test_what_was_read_as_it_is_is_no_conflict() -> None:
    """Of two keys, one was read as it was written last, and the other was deleted before."""
    reads = Namespace("asset", reads=(Read("kept", Version(4, 0)), Read("gone", None)))
    loser = transaction((6, 0), reads, code=READ_CONFLICT)
    blocks = [
        block(6, loser),
        block(5, transaction((5, 0), deleting("gone"))),
        block(4, transaction((4, 0), writing("kept", "gone"))),
        block(3, transaction((3, 0), writing("kept", "gone"))),
    ]
    assert find_conflict(loser, blocks) is None


def test_a_key_that_was_not_there_is_told_as_such() -> None:
    loser = transaction((5, 1), reading("a1", None), code=READ_CONFLICT)
    found = find_conflict(loser, [block(5, transaction((5, 0), writing("a1")), loser)])
    assert "which was not there then" in explain(loser, found)


def test_a_key_whose_policy_was_changed_is_a_conflict() -> None:
    loser = transaction((5, 1), reading("a1", Version(1, 0)), code=READ_CONFLICT)
    guarding = Namespace("asset", guarded=("a1",))
    found = find_conflict(loser, [block(5, transaction((5, 0), guarding), loser)])
    assert found is not None


def test_private_keys_are_told_by_their_hashes() -> None:
    read = CollectionHashes("prices", b"", (HashedRead(b"\xab", Version(1, 0)),), ())
    write = HashedWrite(b"\xab", b"\x01", is_delete=False, is_purge=False)
    loser = transaction((5, 1), Namespace("asset", collections=(read,)), code=READ_CONFLICT)
    written = CollectionHashes("prices", b"", (), (write,))
    winner = transaction((5, 0), Namespace("asset", collections=(written,)))
    told = explain(loser, find_conflict(loser, [block(5, winner, loser)]))
    assert "the key with hash ab of collection prices" in told


@pytest.mark.parametrize(
    ("found", "writer"),
    [
        ((), writing("b2")),
        ((Read("b2", Version(2, 0)),), writing("b2")),
        ((Read("b2", Version(2, 0)),), deleting("b2")),
        (None, writing("b2")),
    ],
)
def test_a_range_that_has_changed_names_the_key(
    found: tuple[Read, ...] | None, writer: Namespace
) -> None:
    ranged = Namespace("asset", ranges=(RangeRead("b", "c", found),))
    loser = transaction((5, 2), ranged, code=PHANTOM)
    outside = transaction((5, 1), writing("c"), Namespace("other", writes=writing("b3").writes))
    winner = transaction((5, 0), writer)
    conflict = find_conflict(loser, [block(5, winner, outside, loser)])
    assert conflict is not None
    assert conflict.writer == winner
    told = explain(loser, conflict)
    assert "it had read all keys from 'b' to 'c', among them key 'b2' of chaincode asset" in told
    assert "tx-5-0" in told


def test_a_composite_key_can_be_read() -> None:
    assert str(Place("asset", "", "\0owner\0Ann\0a1\0")) == "key 'owner|Ann|a1'"


def test_who_was_missing_for_a_policy_is_named() -> None:
    loser = transaction((5, 0), writing("a1"), code=POLICY, endorsers="A")
    told = explain(loser, None, [Rule("chaincode asset", BOTH)], MEMBERS)
    assert (
        f"chaincode asset asks for endorsement by m-A and m-B ({BOTH}), and it was endorsed by "
        "m-A; m-B was missing (ENDORSEMENT_POLICY_FAILURE). "
    ) in told


def test_a_signature_of_another_result_does_not_count() -> None:
    loser = transaction((5, 0), writing("a1"), code=POLICY, endorsers="AB")
    assert loser.action
    unfit = replace(loser.action, unfit=(Party("m-B", ""),))
    told = explain(replace(loser, action=unfit), None, [Rule("chaincode asset", BOTH)], MEMBERS)
    assert "the signature of m-B is not one of the result that is in the block" in told
    assert "endorsed by m-A; m-B was missing" in told


def test_a_policy_that_is_satisfied_is_not_blamed() -> None:
    loser = transaction((5, 0), writing("a1"), code=POLICY, endorsers="AB")
    told = explain(loser, None, [Rule("chaincode asset", BOTH)], MEMBERS)
    assert "missing" not in told
    assert "policy of a single key" in told


@pytest.mark.parametrize(
    ("policy", "endorsers", "lacking"),
    [
        (BOTH, "A", "m-B"),
        (BOTH, "", "m-A, m-B"),
        (BOTH, "AB", ""),
        ("OR('m-A.peer', 'm-B.peer')", "B", ""),
        ("OR('m-A.peer', AND('m-B.peer', 'm-C.peer'))", "C", "m-A"),
        ("OutOf(2, 'm-A.peer', 'm-B.peer', 'm-C.peer')", "C", "m-A"),
        ("MAJORITY Endorsement", "A", "1 of m-B, m-C"),
        ("MAJORITY Endorsement", "AC", ""),
        ("ALL Endorsement", "A", "m-B, m-C"),
        ("ANY Endorsement", "", "1 of m-A, m-B, m-C"),
        ("SIGNATURE", "", ""),
    ],
)
def test_the_fewest_that_are_missing(policy: str, endorsers: str, lacking: str) -> None:
    assert missing(policy, {f"m-{letter}" for letter in endorsers}, MEMBERS) == lacking


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("OR('m-A.peer', AND('m-B.peer', 'm-C.peer'))", "m-A or (m-B and m-C)"),
        ("OutOf(2, 'm-A.peer', 'm-B.peer', 'm-C.peer')", "2 of m-A, m-B, m-C"),
        ("MAJORITY Endorsement", "more than half of the 3 members of the channel"),
        ("ANY Endorsement", "any member of the channel"),
    ],
)
def test_policies_in_words(policy: str, words: str) -> None:
    assert in_words(policy, MEMBERS) == f"{words} ({policy})"


def test_every_other_code_has_its_words() -> None:
    for code in ("DUPLICATE_TXID", "BAD_CREATOR_SIGNATURE", "EXPIRED_CHAINCODE", "BAD_RWSET"):
        told = explain(transaction((5, 0), code=code))
        assert f"because {meaning(code)} ({code})" in told
    assert explain(transaction((5, 0))) == (
        "It is valid, as transaction 0 of block 5: what it wrote is in the ledger."
    )
