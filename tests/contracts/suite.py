"""What is expected of the conformance contract, on a real peer and on the channel in memory.

Each check may run on a ledger that others have used: it has its own keys.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parent / "conformance"
"""The package to deploy."""


class RefusedError(Exception):
    """The peer, or the channel, has refused a transaction; the text has the contract's message."""


class Peer(Protocol):
    """How a check calls the contract. Both raise :class:`RefusedError`."""

    chaincode: str
    mspid: str
    channel: str

    def submit(
        self, function: str, *args: str, transient: Mapping[str, bytes] | None = None
    ) -> bytes:
        """Returns when the transaction is committed."""

    def evaluate(self, function: str, *args: str) -> bytes: ...


@contextmanager
def refused(message: str) -> Iterator[None]:
    with pytest.raises(RefusedError) as refusal:
        yield
    assert message in str(refusal.value)


def _json(data: bytes) -> Any:
    return json.loads(data)


def check_reads_do_not_see_own_writes(peer: Peer) -> None:
    assert peer.submit("put", "own", "1") == b""
    assert peer.submit("put", "own", "2") == b"1"
    assert peer.evaluate("get", "own") == b"2"
    assert peer.evaluate("Ledger:get", "own-missing") == b""


def check_many_values_at_once(peer: Peer) -> None:
    peer.submit("put_all", '{"many1":"a","many2":"b"}')
    found = _json(peer.evaluate("get_all", '["many2","many1","many3"]'))
    assert [base64.b64decode(value) for value in found] == [b"b", b"a", b""]


def check_ranges_are_sorted_by_bytes(peer: Peer) -> None:
    keys = [
        "rangeB",
        "range",
        "rangea",
        "rangeé",
        "range\U0001d518",
        "range10",
        "range9",
        "range\ufb00",
    ]
    peer.submit("put_all", json.dumps(dict.fromkeys(keys, "x")))
    expected = sorted(keys, key=str.encode)
    assert _json(peer.evaluate("keys", "range", "rangf")) == expected
    assert _json(peer.evaluate("keys", "range9", "rangea")) == ["range9", "rangeB"]


def check_long_ranges_come_whole(peer: Peer) -> None:
    values = {f"long{number:03}": "x" for number in range(250)}
    peer.submit("put_all", json.dumps(values))
    assert peer.evaluate("count", "long", "long~") == b"250"


def check_pages(peer: Peer) -> None:
    peer.submit("put_all", json.dumps({f"page{number}": "x" for number in range(5)}))
    pages = _json(peer.evaluate("pages", "page", "page~", "2"))
    assert [page for page in pages if page] == [["page0", "page1"], ["page2", "page3"], ["page4"]]


def check_no_write_after_a_page(peer: Peer) -> None:
    with refused("Writes are not allowed"):
        peer.submit("page_and_write")


def check_composite_keys_are_apart_from_plain_ones(peer: Peer) -> None:
    for parts in (["blue", "1"], ["blue", "2"], ["bluest", "3"], ["red", "4"]):
        peer.submit("put_composite", "colour~id", json.dumps(parts), "x")
    assert _json(peer.evaluate("composites", "colour~id", '["blue"]')) == [
        ["blue", "1"],
        ["blue", "2"],
    ]
    assert len(_json(peer.evaluate("composites", "colour~id", "[]"))) == 4
    assert not [key for key in _json(peer.evaluate("keys", "", "")) if "colour~id" in key]


def check_wrong_keys(peer: Peer) -> None:
    with refused("empty"):
        peer.submit("put", "", "x")
    with refused("U+0000"):
        peer.submit("put_composite", "kind", json.dumps(["a\x00b"]), "x")


def check_history_has_the_newest_first(peer: Peer) -> None:
    peer.submit("put", "past", "1")
    peer.submit("put", "past", "2")
    peer.submit("delete", "past")
    assert peer.evaluate("get", "past") == b""
    assert _json(peer.evaluate("history", "past")) == [
        {"value": "", "deleted": True},
        {"value": "2", "deleted": False},
        {"value": "1", "deleted": False},
    ]


def check_policies_of_keys(peer: Peer) -> None:
    peer.submit("put", "guarded", "1")
    assert _json(peer.evaluate("guards", "guarded")) == []
    peer.submit("guard", "guarded")
    assert _json(peer.evaluate("guards", "guarded")) == [peer.mspid]
    peer.submit("put", "guarded", "2")
    assert _json(peer.evaluate("guards", "guarded")) == [peer.mspid]
    peer.submit("guard", "guarded-missing")
    assert _json(peer.evaluate("guards", "guarded-missing")) == []


def check_values_are_converted(peer: Peer) -> None:
    assert peer.evaluate("Values:add", "2", "40") == b"42"
    assert peer.evaluate("Values:add", "2") == b"3"
    assert peer.evaluate("Values:half", "1") == b"0.5"
    assert peer.evaluate("Values:negate", "true") == b"false"
    machine = {
        "id": "m",
        "colour": "blue",
        "parts": [{"name": "p", "weight": 1}],
        "built": "2026-07-31T12:00:00+02:00",
    }
    assert _json(peer.evaluate("Values:same", json.dumps(machine))) == {
        **machine,
        "parts": [{"name": "p", "weight": 1.0}],
        "built": "2026-07-31T10:00:00Z",
        "price": None,
    }


def check_wrong_values_are_refused_by_name(peer: Peer) -> None:
    with refused('add: parameter b must be an integer, not "x"'):
        peer.evaluate("Values:add", "1", "x")
    with refused("add takes 1 to 2 arguments (a, b), not 0"):
        peer.evaluate("Values:add")
    part = {"name": "p", "weight": 0}
    machine = {"id": "m", "colour": "red", "parts": [part], "built": "2026-07-31T12:00:00Z"}
    with refused("same: parameter machine.parts[0].weight must be above 0"):
        peer.evaluate("Values:same", json.dumps(machine))


def check_errors_reach_the_client(peer: Peer) -> None:
    with refused("just because"):
        peer.evaluate("Values:fail", "just because")
    with refused("an error of Python"):
        peer.evaluate("Values:stumble")
    with refused("has no function 'Values:nothing'"):
        peer.evaluate("Values:nothing")
    with refused("there is no contract 'Nobody'"):
        peer.evaluate("Nobody:nothing")


def check_who_and_when(peer: Peer) -> None:
    who = _json(peer.evaluate("Values:who"))
    assert who["mspid"] == peer.mspid
    assert base64.b64decode(who["id"]).startswith(f"x509::{who['subject']}::".encode())
    time = datetime.fromisoformat(peer.evaluate("Values:when").decode())
    assert time.utcoffset() is not None
    channel, tx_id = _json(peer.evaluate("Values:where"))
    assert channel == peer.channel
    assert len(tx_id) == 64


def check_events_are_accepted(peer: Peer) -> None:
    assert peer.submit("Values:announce", "sold", "payload") == b""
    with refused("event"):
        peer.submit("Values:announce", "", "payload")


def check_chaincode_cannot_call_itself(peer: Peer) -> None:
    with refused("exists"):
        peer.evaluate("Values:call", peer.chaincode, '["Values:add","1"]')
    with refused("no-such-chaincode said:"):
        peer.evaluate("Values:call", "no-such-chaincode", '["add","1"]')


def check_private_data(peer: Peer) -> None:
    peer.submit("Secrets:put", "secret1", transient={"value": b"tell nobody"})
    peer.submit("Secrets:put", "secret2", transient={"value": b"nor this"})
    assert peer.evaluate("Secrets:get", "secret1") == b"tell nobody"
    digest = hashlib.sha256(b"tell nobody").hexdigest()
    assert peer.evaluate("Secrets:digest", "secret1") == digest.encode()
    assert _json(peer.evaluate("Secrets:keys")) == ["secret1", "secret2"]
    assert peer.evaluate("get", "secret1") == b""
    peer.submit("Secrets:delete", "secret1")
    assert peer.evaluate("Secrets:get", "secret1") == b""
    assert peer.evaluate("Secrets:digest", "secret1") == b""
    assert _json(peer.evaluate("Secrets:keys")) == ["secret2"]


def check_purged_private_data(peer: Peer) -> None:
    """The channel needs the capability V2_5."""
    peer.submit("Secrets:put", "purged", transient={"value": b"gone"})
    peer.submit("Secrets:purge", "purged")
    assert peer.evaluate("Secrets:get", "purged") == b""
    assert peer.evaluate("Secrets:digest", "purged") == b""


def check_private_data_has_its_limits(peer: Peer) -> None:
    with refused("Writes are not allowed"):
        peer.submit("Secrets:query_and_write")
    with refused("no-such-collection"):
        peer.evaluate("Secrets:elsewhere")


def check_metadata(peer: Peer) -> None:
    told = _json(peer.evaluate("org.hyperledger.fabric:GetMetadata"))
    assert set(told["contracts"]) == {"Ledger", "Values", "Secrets", "org.hyperledger.fabric"}
    assert told["info"]["title"] == "Conformance"
    assert set(told["components"]["schemas"]) == {"Machine", "Part"}


CHECKS: dict[str, Callable[[Peer], None]] = {
    name.removeprefix("check_"): check
    for name, check in list(globals().items())
    if name.startswith("check_")
}
