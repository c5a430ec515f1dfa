"""Chaincode called through the API alone, and the ledger read: two members of one network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.installation import Installation
from tests.e2e.network import Pair, create_network, join_network, refused
from tests.e2e.test_chaincode_api import archive

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
