"""Every method of both stubs, as messages that a peer understands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fabric_protos.common import policies_pb2
from tests.unit.contract.fake_peer import Session
from tests.unit.contract.rig import blocking, connected, run

from hansa_contract.blocking import ChaincodeStub
from hansa_contract.endorsement import KeyEndorsementPolicy, Role
from hansa_contract.errors import ChaincodeError, KeyFormError, PeerError
from hansa_contract.keys import create_composite_key, split_composite_key
from hansa_contract.protocol import MessageType
from hansa_contract.response import Response, success
from hansa_contract.stub import AsyncChaincodeStub


def on_peer(
    function: Callable[[ChaincodeStub], Any],
    before: Callable[[Session], None] = lambda _: None,
    transient: dict[str, bytes] | None = None,
    **options: Any,
) -> Session:
    """Run the function as a transaction; what it asserts, it asserts in its worker thread."""
    sessions = []

    def transaction(stub: ChaincodeStub) -> Response:
        function(stub)
        return success(b"done")

    async def scenario() -> None:
        async with connected(blocking(transaction), **options) as (session, _, _):
            before(session)
            answer = await session.invoke("f", "ä", "", transient=transient)
            assert answer.response.payload == b"done", answer.response.message
            session.events = answer.event
            sessions.append(session)

    run(scenario)
    return sessions[0]


def test_what_the_transaction_says_of_itself() -> None:
    def function(stub: ChaincodeStub) -> None:
        assert (stub.get_tx_id(), stub.get_txid(), stub.tx_id) == ("t1", "t1", "t1")
        assert (stub.get_channel_id(), stub.channel_id) == ("ch", "ch")
        assert stub.get_args() == [b"f", "ä".encode(), b""]
        assert stub.get_string_args() == ["f", "ä", ""]
        assert stub.get_function_and_parameters() == ("f", ["ä", ""])
        assert stub.get_args_slice() == "fä".encode()
        assert stub.get_transient() == {"secret": b"\x00"}
        expected = datetime.fromtimestamp(1_790_000_000, UTC).replace(microsecond=123_456)
        assert stub.get_tx_timestamp() == expected
        creator = stub.get_creator()
        assert (creator.mspid, creator.id_bytes) == ("m-1", b"PEM")
        assert (creator["mspid"], creator["idBytes"]) == ("m-1", b"PEM")
        raw = stub.transaction.proposal.raw_creator
        assert stub.get_binding() == hashlib.sha256(b"nonce" + raw + bytes(8)).digest()
        assert stub.get_signed_proposal().endswith(b"\x12\x01s")
        assert stub.get_decorations() == {}

    on_peer(function, transient={"secret": b"\x00"})


def test_state_is_written_read_and_deleted() -> None:
    def function(stub: ChaincodeStub) -> None:
        stub.put_state("a", "text")
        stub.put_state("b", bytearray(b"\x00\xff"))
        assert stub.get_state("a") == b"text"
        assert stub.get_multiple_states(["b", "absent", "a"]) == [b"\x00\xff", b"", b"text"]
        stub.delete_state("a")
        assert stub.get_state("a") == b""

    session = on_peer(function)
    assert session.state == {("", "b"): b"\x00\xff"}


def test_many_keys_go_in_few_requests_where_the_peer_can() -> None:
    keys = [f"k{n}" for n in range(5)]

    def function(stub: ChaincodeStub) -> None:
        assert stub.get_multiple_states(keys) == [key.encode() for key in keys]
        assert stub.get_multiple_private_data("own", keys) == [b"", b"", b"", b"", b"private"]

    def before(session: Session) -> None:
        session.state.update({("", key): key.encode() for key in keys})
        session.state["own", "k4"] = b"private"

    session = on_peer(function, before, multiple=2)
    kinds = [message.type for message in session.seen]
    assert kinds.count(MessageType.GET_STATE_MULTIPLE) == 6
    assert MessageType.GET_STATE not in kinds


def test_private_data_is_apart_from_state() -> None:
    def function(stub: ChaincodeStub) -> None:
        stub.put_private_data("own", "a", "1")
        stub.put_private_data("own", "b", "2")
        stub.put_private_data("own", stub.create_composite_key("car", ["x"]), "3")
        assert stub.get_private_data("own", "a") == b"1"
        assert stub.get_private_data("other", "a") == b""
        assert stub.get_state("a") == b""
        assert stub.get_private_data_hash("own", "a") == b"hash of 1"
        found = stub.get_private_data_by_range("own", "", "")
        assert [(item.key, item.value) for item in found] == [("a", b"1"), ("b", b"2")]
        parts = stub.get_private_data_by_partial_composite_key("own", "car", [])
        assert [item.value for item in parts] == [b"3"]
        stub.delete_private_data("own", "a")
        stub.purge_private_data("own", "b")
        with pytest.raises(PeerError):
            stub.purge_private_data("own", "b")
        with pytest.raises(PeerError, match="rich queries in own"):
            stub.get_private_data_query_result("own", "{}")

    session = on_peer(function)
    assert list(session.state.values()) == [b"3"]


def test_key_level_endorsement() -> None:
    def function(stub: ChaincodeStub) -> None:
        assert stub.get_state_validation_parameter("a") is None
        policy = KeyEndorsementPolicy(["m-2", "m-1"], Role.PEER)
        stub.set_state_validation_parameter("a", policy.to_bytes())
        stub.set_private_data_validation_parameter("own", "a", b"other")
        content = stub.get_state_validation_parameter("a")
        again = KeyEndorsementPolicy.from_bytes(content)
        assert again.members == ["m-1", "m-2"]
        assert again.to_bytes() == content
        again.remove(["m-1", "unknown"])
        again.add(["m-3"])
        assert again.members == ["m-2", "m-3"]
        assert stub.get_private_data_validation_parameter("own", "a") == b"other"

    session = on_peer(function)
    envelope = policies_pb2.SignaturePolicyEnvelope.FromString(session.policies["", "a"])
    assert envelope.rule.n_out_of.n == 2
    assert [rule.signed_by for rule in envelope.rule.n_out_of.rules] == [0, 1]
    with pytest.raises(ChaincodeError, match="no endorsement policy"):
        KeyEndorsementPolicy.from_bytes(b"\xff")


@pytest.mark.parametrize("chunk", [1, 2, 7, 100])
def test_a_range_comes_in_chunks(chunk: int) -> None:
    keys = [f"k{n}" for n in range(7)]

    def function(stub: ChaincodeStub) -> None:
        assert [item.key for item in stub.get_state_by_range("", "")] == keys
        assert [item.key for item in stub.get_state_by_range("k2", "k5")] == ["k2", "k3", "k4"]
        assert list(stub.get_state_by_range("x", "")) == []

    session = on_peer(
        function, lambda s: s.state.update({("", key): b"v" for key in keys}), chunk=chunk
    )
    assert session.open_queries == {}


def test_a_range_that_is_left_is_closed() -> None:
    def function(stub: ChaincodeStub) -> None:
        with stub.get_state_by_range("", "") as found:
            assert next(found).key == "k0"
        assert list(found) == []
        found.close()

    session = on_peer(function, lambda s: s.state.update({("", f"k{n}"): b"v" for n in range(7)}))
    assert session.open_queries == {}
    kinds = [message.type for message in session.seen]
    assert kinds.count(MessageType.QUERY_STATE_CLOSE) == 1


def test_pages_have_a_bookmark() -> None:
    def function(stub: ChaincodeStub) -> None:
        first = stub.get_state_by_range_with_pagination("", "", 3)
        assert first.metadata is not None
        assert (first.metadata.fetched_records_count, first.metadata.bookmark) == (3, "3")
        assert [item.key for item in first] == ["k0", "k1", "k2"]
        second = stub.get_state_by_range_with_pagination("", "", 3, first.metadata.bookmark)
        assert second.metadata is not None
        assert [item.key for item in second] == ["k3"]
        assert second.metadata.bookmark == ""
        assert stub.get_state_by_range("", "").metadata is None

    on_peer(function, lambda s: s.state.update({("", f"k{n}"): b"v" for n in range(4)}))


def test_composite_keys_are_found_by_their_first_parts() -> None:
    def function(stub: ChaincodeStub) -> None:
        for parts in (["red", "vw"], ["red", "bmw"], ["blue", "vw"]):
            stub.put_state(stub.create_composite_key("car", parts), "x")
        stub.put_state("plain", "x")
        found = stub.get_state_by_partial_composite_key("car", ["red"])
        assert [stub.split_composite_key(item.key) for item in found] == [
            ("car", ["red", "bmw"]),
            ("car", ["red", "vw"]),
        ]
        page = stub.get_state_by_partial_composite_key_with_pagination("car", [], 2)
        assert len(list(page)) == 2
        assert [item.key for item in stub.get_state_by_range("", "")] == ["plain"]

    on_peer(function)


def test_history_tells_every_write() -> None:
    def function(stub: ChaincodeStub) -> None:
        changes = list(stub.get_history_for_key("a"))
        assert [change.tx_id for change in changes] == ["t0", "t1", "t2"]
        assert [change.value for change in changes] == [b"", b"a", b"aa"]
        assert [change.is_delete for change in changes] == [True, False, False]
        assert changes[0].timestamp == datetime.fromtimestamp(1_700_000_000, UTC)

    on_peer(function)


def test_the_last_event_counts() -> None:
    def function(stub: ChaincodeStub) -> None:
        with pytest.raises(KeyFormError, match="event"):
            stub.set_event("", b"")
        stub.set_event("first", b"1")
        stub.set_event("second", "2")

    session = on_peer(function)
    assert (session.events.event_name, session.events.payload) == ("second", b"2")


def test_other_chaincode_is_called_by_name_and_channel() -> None:
    def function(stub: ChaincodeStub) -> None:
        assert stub.invoke_chaincode("cc", ["f", b"\x00"]).payload == b"cc|f|\x00"
        answer = stub.invoke_chaincode("cc", [], "other")
        assert (answer.ok, answer.payload) == (True, b"cc/other")
        refused = stub.invoke_chaincode("absent", [])
        assert (refused.ok, refused.message) == (False, "no 'absent'")

    on_peer(function)


def test_names_that_fabric_does_not_take_are_refused_here() -> None:
    def function(stub: ChaincodeStub) -> None:
        for call in (
            lambda: stub.put_state("", "x"),
            lambda: stub.get_state(""),
            lambda: stub.get_multiple_states(["a", ""]),
            lambda: stub.put_private_data("", "a", "x"),
            lambda: stub.put_private_data("own", "", "x"),
            lambda: stub.get_private_data_by_range("", "a", "b"),
            lambda: stub.get_state_by_range("\x00a", ""),
            lambda: stub.get_state_by_range("a", "\x00"),
            lambda: stub.create_composite_key("a\x00b", []),
            lambda: stub.create_composite_key("a", ["\U0010ffff"]),
            lambda: stub.create_composite_key("a", ["\ud800"]),
            lambda: stub.create_composite_key("a", [1]),  # type: ignore[list-item]
            lambda: stub.split_composite_key("plain"),
        ):
            with pytest.raises(KeyFormError):
                call()
        with pytest.raises(ChaincodeError, match="not int"):
            stub.put_state("a", 1)  # type: ignore[arg-type]

    session = on_peer(function)
    assert [m.type for m in session.seen] == [MessageType.COMPLETED]


def test_composite_keys_come_apart_as_they_were_put_together() -> None:
    for parts in ([], [""], ["a"], ["a", "", "ß", "\x01"]):
        assert split_composite_key(create_composite_key("t", parts)) == ("t", parts)


def test_the_awaited_stub_iterates_too() -> None:
    async def function(stub: AsyncChaincodeStub) -> Response:
        for n in range(5):
            await stub.put_state(f"k{n}", b"v")
        keys = [item.key async for item in stub.get_state_by_range("", "")]
        page = await stub.get_state_by_range_with_pagination("", "", 2)
        assert page.metadata is not None
        assert page.metadata.bookmark == "2"
        async with stub.get_state_by_range("", "") as left:
            await anext(left)
        assert [item async for item in left] == []
        return success(",".join(keys))

    async def scenario() -> None:
        async with connected(function) as (session, _, _):
            assert (await session.invoke("f")).response.payload == b"k0,k1,k2,k3,k4"
            assert list(session.open_queries.values()) == []

    run(scenario)
