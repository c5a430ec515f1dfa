"""Chaincode called through the API alone, and the ledger read: two members of one network."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.e2e.installation import Installation, until
from tests.e2e.network import Pair, create_network, join_network, refused
from tests.e2e.test_chaincode_api import archive

from hansa.fabric.rpc.connections import Connections
from hansa.fabric.rpc.identity import read_msp
from hansa.fabric.rpc.orderer import OrdererClient
from hansa.fabric.rpc.peer import PeerClient
from hansa.fabric.rpc.proposals import Call
from hansa.fabric.rpc.proposals import transaction as in_one_transaction
from hansa.fabric.rpc.signing import Signing

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

ASSET = Path(__file__).parents[2] / "examples" / "asset-contract" / "javascript"
CHANNEL = "ledger"
CONTRACT = """
const { Contract } = require('fabric-contract-api');

class Notes extends Contract {
    async put(ctx, key, text) {
        await ctx.stub.putState(key, Buffer.from(text));
        ctx.stub.setEvent('put', Buffer.from(key));
        return text;
    }
    async clock(ctx, key) {
        return this.put(ctx, key, JSON.stringify({ at: `${process.hrtime.bigint()}`, by: 'me' }));
    }
    async fail(ctx, word) {
        console.log(`about to fail: ${word}`);
        throw new Error('it cannot be');
    }
    async leave(ctx) {
        console.log('about to leave');
        process.exit(3);
    }
    async read(ctx, key) {
        const text = await ctx.stub.getState(key);
        if (text.length === 0) throw new Error(`There is no ${key}`);
        return text.toString();
    }
    async add(ctx, key) {
        const count = Number(await ctx.stub.getState(key)) + 1;
        return this.put(ctx, key, `${count}`);
    }
    async addNumbered(ctx, key) {
        let count = 0;
        for await (const _ of ctx.stub.getStateByRange('n-', 'n.')) count += 1;
        return this.put(ctx, key, `${count}`);
    }
}
module.exports.contracts = [Notes];
"""


@pytest.fixture(scope="module")
def pair(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two members in a channel with the contract, which both have to endorse."""
    first = create_network(service, tmp_path_factory.mktemp("first"))
    second = join_network(first, "org2", tmp_path_factory.mktemp("second"))
    made = Pair(first, second, service.client("hansafabric"))
    keys, fabric = first.member_keys, made.fabric
    made.await_done(fabric.create_channel(**keys, Name=CHANNEL, Members=[second.member_id]))
    code = archive(ASSET, {"index.js": CONTRACT})
    package_id = fabric.package_chaincode(Code=code, Language="node", Label="notes_1")
    made.await_done(
        fabric.deploy_chaincode(
            **keys,
            ChannelName=CHANNEL,
            Definition={
                "Name": "notes",
                "EndorsementPolicy": f"AND('{first.member_id}.peer', '{second.member_id}.peer')",
            },
            PackageId=package_id["PackageId"],
        )
    )
    yield made
    first.api.delete_member(**second.member_keys)
    first.delete()


def call(pair: Pair, function: str, *arguments: str, **changed: Any) -> dict[str, Any]:
    """The parameters of a call."""
    return {
        **pair.first.member_keys,
        "ChannelName": CHANNEL,
        "ChaincodeName": "notes",
        "Function": function,
        "Arguments": [*arguments],
    } | changed


def test_a_call_is_endorsed_by_those_that_the_policy_asks_for(pair: Pair) -> None:
    done = pair.fabric.invoke_chaincode(**call(pair, "put", "a1", "Ann"))
    assert (done["ValidationCode"], len(done["TransactionId"])) == ("VALID", 64)
    assert (done["Result"], done["ResultText"]) == (b"Ann", "Ann")
    second = {"MemberId": pair.second.member_id}
    found = pair.fabric.query_chaincode(**call(pair, "read", "a1", **second))
    assert found["ResultText"] == "Ann"


def test_with_a_token_a_transaction_counts_once(pair: Pair) -> None:
    request = call(pair, "add", "once", ClientRequestToken="once")
    pair.fabric.invoke_chaincode(**call(pair, "put", "once", "0"))
    # Both are sent with one id, and what is asked for later is looked up.
    with ThreadPoolExecutor(2) as pool:
        answers = [*pool.map(lambda _: pair.fabric.invoke_chaincode(**request), range(2))]
    answers.append(pair.fabric.invoke_chaincode(**request))
    assert len({answer["TransactionId"] for answer in answers}) == 1
    assert {(answer["ValidationCode"], answer["ResultText"]) for answer in answers} == {
        ("VALID", "1")
    }
    assert pair.fabric.query_chaincode(**call(pair, "read", "once"))["ResultText"] == "1"
    other = call(pair, "add", "else", ClientRequestToken="once")
    assert "another InvokeChaincode request" in refused(
        pair.fabric.invoke_chaincode, "InvalidRequestException", **other
    )


def test_what_the_contract_refuses_is_told_in_its_words(pair: Pair) -> None:
    for operation in (pair.fabric.query_chaincode, pair.fabric.invoke_chaincode):
        text = refused(operation, "IllegalActionException", **call(pair, "read", "absent"))
        assert "absent" in text
        assert pair.first.member_id in text
    text = refused(
        pair.fabric.invoke_chaincode, "IllegalActionException",
        **call(pair, "read", ChaincodeName="nowhere"),
    )  # fmt: skip
    assert "nowhere" in text


def test_what_the_contract_wrote_before_it_failed_is_told_and_recorded_without_secrets(
    pair: Pair, service: Installation
) -> None:
    invoke, query = pair.fabric.invoke_chaincode, pair.fabric.query_chaincode
    secret = "word-not-told"
    for operation in (invoke, query):
        text = refused(operation, "IllegalActionException", **call(pair, "fail", secret))
        assert "it cannot be" in text
        told = text.partition("Meanwhile notes wrote on node ")[2]
        assert pair.first.node_id in told or pair.second.node_id in told
        assert f"about to fail: {secret}" in told
    (last, *_) = service.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "InvokeChaincode"}]
    )["Events"]
    assert "about to fail" in last["CloudTrailEvent"]
    assert secret not in last["CloudTrailEvent"]
    text = refused(query, "IllegalActionException", **call(pair, "leave"))
    assert "about to leave" in text
    assert "ended with exit code 3" in text


def test_peers_that_differ_are_compared_key_by_key(pair: Pair) -> None:
    text = refused(
        pair.fabric.invoke_chaincode, "IllegalActionException", **call(pair, "clock", "c1")
    )
    assert "they differ in key 'c1' of chaincode notes: m-" in text
    assert all(f"{member.member_id} wrote" in text for member in (pair.first, pair.second))
    assert "(JSON that differs in at)" in text
    assert "the contract is not deterministic" in text
    refused(pair.fabric.query_chaincode, "IllegalActionException", **call(pair, "read", "c1"))


def test_results_that_differ_and_were_put_together_by_hand_are_explained(pair: Pair) -> None:
    transaction_id = submit_by_hand(pair, Call(CHANNEL, "notes", (b"clock", b"c2")))
    found = transaction(pair, transaction_id)
    assert found["ValidationCode"] == "ENDORSEMENT_POLICY_FAILURE"
    second = pair.second.member_id
    assert f"the signature of {second} is not one of the result" in found["Explanation"]
    assert f"endorsed by {pair.first.member_id}; {second} was missing" in found["Explanation"]


def submit_by_hand(pair: Pair, call: Call) -> str:
    """Have both members' peers endorse, and put the second's signature to the first's result."""
    first, second = pair.first, pair.second
    connections = Connections(Path(first.environment["TLS_CHAIN"]).read_bytes())
    identity = read_msp(first.member_id, Path(first.environment["CORE_PEER_MSPCONFIGPATH"]))
    signing = Signing(identity, secrets.token_bytes, lambda: datetime.now(UTC))
    signed = signing.call(call)
    one, other = [
        PeerClient(connections, network.environment["CORE_PEER_ADDRESS"], signing).endorse(signed)
        for network in (first, second)
    ]
    assert one.payload != other.payload
    other.payload = one.payload
    envelope = in_one_transaction(signed, [one, other], identity)
    OrdererClient(connections, first.environment["ORDERER"], signing).broadcast(envelope)
    connections.close()
    until(lambda: is_in_the_ledger(pair, signed.transaction_id), "it is in a block")
    return signed.transaction_id


def is_in_the_ledger(pair: Pair, transaction_id: str) -> bool:
    with contextlib.suppress(pair.fabric.exceptions.ResourceNotFoundException):
        return bool(transaction(pair, transaction_id))
    return False


def test_bad_calls_are_refused(pair: Pair) -> None:
    query, stranger = pair.fabric.query_chaincode, "m-" + "Z" * 26
    assert stranger in refused(
        query, "InvalidRequestException", **call(pair, "f", EndorsingMembers=[stranger])
    )
    refused(query, "ResourceNotFoundException", **call(pair, "f", MemberId=stranger))
    refused(query, "ResourceNotFoundException", **call(pair, "f", ChannelName="absent"))
    refused(query, "InvalidRequestException", **call(pair, "f", ChaincodeName="a b"))


def test_nothing_of_a_call_is_recorded(pair: Pair, service: Installation) -> None:
    secret = {"price": b"secret-in-transient"}
    pair.fabric.invoke_chaincode(**call(pair, "put", "a2", "argument-not-told", Transient=secret))
    recorded = service.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "InvokeChaincode"}]
    )["Events"]
    told = " ".join(event["CloudTrailEvent"] for event in recorded)
    assert pair.first.member_id in told
    for hidden in ("secret-in-transient", "c2VjcmV0LWlu", "argument-not-told"):
        assert hidden not in told


def transaction(pair: Pair, transaction_id: str) -> dict[str, Any]:
    found = pair.fabric.get_transaction(
        NetworkId=pair.first.network_id, ChannelName=CHANNEL, TransactionId=transaction_id
    )
    return dict(found["Transaction"])


def test_a_transaction_is_read_from_the_ledger(pair: Pair) -> None:
    done = pair.fabric.invoke_chaincode(**call(pair, "put", "t1", "Tim"))
    found = transaction(pair, done["TransactionId"])
    members = {pair.first.member_id, pair.second.member_id}
    assert (found["ValidationCode"], found["BlockNumber"]) == ("VALID", done["BlockNumber"])
    assert (found["Type"], found["ChaincodeName"]) == ("ENDORSER_TRANSACTION", "notes")
    assert found["Creator"]["MemberId"] == pair.first.member_id
    assert {each["MemberId"] for each in found["Endorsers"]} == members
    assert all("CN=" in each["Subject"] for each in found["Endorsers"])
    assert (found["Function"], found["Arguments"]) == ("put", [{"Text": "t1"}, {"Text": "Tim"}])
    (written,) = [each for each in found["ReadWriteSets"] if each["Namespace"] == "notes"]
    assert written["Writes"] == [{"Key": "t1", "IsDelete": False, "Value": {"Text": "Tim"}}]
    assert found["Event"] == {"Name": "put", "Payload": {"Text": "t1"}}
    assert found["Response"]["Payload"] == {"Text": "Tim"}
    assert "It is valid" in found["Explanation"]


def test_blocks_hold_each_others_hashes(pair: Pair) -> None:
    where = {"NetworkId": pair.first.network_id, "ChannelName": CHANNEL}
    pages = pair.fabric.get_paginator("list_blocks").paginate(
        **where, PaginationConfig={"PageSize": 2}
    )
    blocks = [block for page in pages for block in page["Blocks"]]
    numbers = [block["Number"] for block in blocks]
    assert numbers == list(range(len(blocks) - 1, -1, -1))
    hashes = [block["Hash"] for block in blocks]
    assert [block["PreviousHash"] for block in blocks] == [*hashes[1:], ""]
    newest = pair.fabric.get_block(**where)["Block"]
    assert (newest["Hash"], newest["Number"]) == (hashes[0], numbers[0])
    assert len(newest["Transactions"]) == newest["TransactionCount"]
    first = pair.fabric.get_block(**where, BlockNumber=0)["Block"]
    assert [each["Type"] for each in first["Transactions"]] == ["CONFIG"]
    part = pair.fabric.list_blocks(**where, FirstBlock=1, LastBlock=2)["Blocks"]
    assert [block["Number"] for block in part] == [2, 1]
    refused(pair.fabric.get_block, "ResourceNotFoundException", **where, BlockNumber=10**9)
    refused(
        pair.fabric.get_transaction, "ResourceNotFoundException", **where, TransactionId="f" * 64
    )
    refused(pair.fabric.list_blocks, "InvalidRequestException", **where, FirstBlock=2, LastBlock=1)


def test_a_policy_that_is_not_satisfied_is_explained(pair: Pair) -> None:
    first, second = pair.first.member_id, pair.second.member_id
    text = refused(
        pair.fabric.invoke_chaincode, "IllegalActionException",
        **call(pair, "put", "p1", "Pam", EndorsingMembers=[first]),
    )  # fmt: skip
    assert "ENDORSEMENT_POLICY_FAILURE" in text
    explanation = transaction(pair, text.split()[1])["Explanation"]
    assert f"AND('{first}.peer', '{second}.peer')" in explanation
    assert f"endorsed by {first}; {second} was missing" in explanation


def test_what_lost_a_race_is_told_who_won(pair: Pair) -> None:
    keys, fabric = {**pair.first.member_keys, "ChannelName": CHANNEL}, pair.fabric
    # A block waits for a second transaction, so both are endorsed before either is ordered.
    together = {"Timeout": "60s", "MaxMessageCount": 2}
    pair.await_done(fabric.update_channel(**keys, Batches=together))
    for function, one, other, code, said in (
        ("add", "race", "race", "MVCC_READ_CONFLICT", "it had read key 'race'"),
        ("addNumbered", "n-1", "n-2", "PHANTOM_READ_CONFLICT", "all keys from 'n-' to 'n.'"),
    ):
        won, lost = both_at_once(pair, function, one, other)
        assert code in lost
        explanation = transaction(pair, lost.split()[1])["Explanation"]
        assert said in explanation
        assert f"transaction {won} of {pair.first.member_id} ({function})" in explanation


def both_at_once(pair: Pair, function: str, *keys: str) -> tuple[str, str]:
    """The id of the transaction that won, and the refusal of the one that lost."""

    def add(key: str) -> tuple[bool, str]:
        try:
            return True, pair.fabric.invoke_chaincode(**call(pair, function, key))["TransactionId"]
        except ClientError as refusal:
            return False, refusal.response["Error"]["Message"]

    with ThreadPoolExecutor(2) as pool:
        ended = dict(pool.map(add, keys))
    assert set(ended) == {True, False}, ended
    return ended[True], ended[False]
