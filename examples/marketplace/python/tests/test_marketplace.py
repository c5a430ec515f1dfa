"""The marketplace on a channel in memory: a seller, a buyer, and a stranger."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from marketplace import Marketplace

from hansa_contract import to_json
from hansa_contract.testing import Identity, MockChannel, TransactionError

SELLER, BUYER, STRANGER = "SellerMSP", "BuyerMSP", "StrangerMSP"
DETAILS = {"text": "number 4711, one scratch", "salt": "0123456789abcdef"}
PRICE = {"asset": "a1", "amount": 90_000, "salt": "fedcba9876543210"}


@pytest.fixture
def channel() -> MockChannel:
    found = MockChannel({"market": [Marketplace]}, members=[SELLER, BUYER, STRANGER])
    found.submit("createAsset", "a1", "a car", transient={"details": to_json(DETAILS)})
    return found


def sent(**values: Any) -> dict[str, bytes]:
    return {name: to_json(value) for name, value in values.items()}


@pytest.fixture
def buyer(channel: MockChannel) -> Identity:
    return channel.identity(BUYER)


def sell(channel: MockChannel, buyer: Identity, bid: dict[str, Any] = PRICE) -> None:
    channel.submit("offer", "a1", transient=sent(price=PRICE))
    channel.submit("bid", "a1", identity=buyer, transient=sent(price=bid))
    channel.submit(
        "transfer", "a1", BUYER, transient=sent(details=DETAILS), endorsers=[SELLER, BUYER]
    )


def test_an_asset_is_sold_with_its_details(channel: MockChannel, buyer: Identity) -> None:
    sell(channel, buyer)
    expected = {"id": "a1", "description": "a car", "owner": BUYER, "for_sale": False}
    assert channel.evaluate("readAsset", "a1", identity=buyer).json() == expected
    assert channel.evaluate("readDetails", "a1", identity=buyer).json() == DETAILS
    names = [event.name for event in channel.events]
    assert names == ["AssetCreated", "AssetOffered", "AssetBid", "AssetSold"]
    with pytest.raises(TransactionError, match=f"belongs to {BUYER}"):
        channel.evaluate("readDetails", "a1")
    owners = [change["asset"]["owner"] for change in channel.evaluate("history", "a1").json()]
    assert owners == [BUYER, SELLER, SELLER]


def test_nothing_private_is_in_the_state_of_others(channel: MockChannel, buyer: Identity) -> None:
    channel.submit("offer", "a1", transient=sent(price=PRICE))
    for member in (BUYER, STRANGER):
        assert channel.state.values("market", f"_implicit_org_{SELLER}", member) == {}
    everything = str(channel.state.values("market")) + str(channel.events)
    assert "90000" not in everything
    assert "4711" not in everything
    digest = hashlib.sha256(to_json(DETAILS)).hexdigest()
    assert channel.evaluate("detailsHash", "a1", identity=buyer).text == digest
    verify = channel.evaluate(
        "verifyDetails", "a1", identity=buyer, transient=sent(details=DETAILS)
    )
    assert verify.text == "true"
    other = {**DETAILS, "text": "no scratch"}
    verify = channel.evaluate("verifyDetails", "a1", identity=buyer, transient=sent(details=other))
    assert verify.text == "false"


def test_a_bid_that_is_not_what_is_asked(channel: MockChannel, buyer: Identity) -> None:
    with pytest.raises(TransactionError, match="has not bid what is asked"):
        sell(channel, buyer, {**PRICE, "amount": 1})


def test_a_transfer_needs_the_owner_and_the_buyer(channel: MockChannel, buyer: Identity) -> None:
    channel.submit("offer", "a1", transient=sent(price=PRICE))
    channel.submit("bid", "a1", identity=buyer, transient=sent(price=PRICE))
    for endorsers in ([SELLER], [BUYER]):
        with pytest.raises(TransactionError, match="ENDORSEMENT_POLICY_FAILURE"):
            channel.submit(
                "transfer", "a1", BUYER, transient=sent(details=DETAILS), endorsers=endorsers
            )


def test_only_the_owners_peer_endorses_a_change(channel: MockChannel) -> None:
    channel.submit("changeDescription", "a1", "a red car")
    with pytest.raises(TransactionError, match="ENDORSEMENT_POLICY_FAILURE"):
        channel.submit("changeDescription", "a1", "a blue car", endorsers=[STRANGER])
    with pytest.raises(TransactionError, match=f"belongs to {SELLER}"):
        channel.submit("changeDescription", "a1", "mine", identity=channel.identity(STRANGER))
    (asset,) = channel.evaluate("getAllAssets").json()
    assert asset["description"] == "a red car"


def test_a_withdrawn_bid_is_gone(channel: MockChannel, buyer: Identity) -> None:
    channel.submit("offer", "a1", transient=sent(price=PRICE))
    channel.submit("bid", "a1", identity=buyer, transient=sent(price=PRICE))
    assert channel.evaluate("readBid", "a1", identity=buyer).json() == PRICE
    channel.submit("withdrawBid", "a1", identity=buyer)
    assert channel.evaluate("readBid", "a1", identity=buyer).payload == b""
    with pytest.raises(TransactionError, match="has no bid"):
        channel.submit("withdrawBid", "a1", identity=buyer)


@pytest.mark.parametrize(
    ("call", "transient", "message"),
    [
        (("createAsset", "a1", "x"), sent(details=DETAILS), "exists already"),
        (
            ("createAsset", "a 2", "x"),
            sent(details=DETAILS),
            "createAsset: parameter asset_id must",
        ),
        (("createAsset", "a2\n", "x"), sent(details=DETAILS), "parameter asset_id must be text"),
        (("createAsset", "a2", "x"), {}, "the transient map must have 'details'"),
        (("createAsset", "a2", "x"), sent(details={"text": "x", "salt": "1"}), "value.salt must"),
        (("offer", "a9"), sent(price=PRICE), "does not exist"),
        (("offer", "a1"), sent(price={**PRICE, "amount": 0}), "value.amount must be above 0"),
        (("offer", "a1"), sent(price={**PRICE, "asset": "b"}), "is for the asset b, not a1"),
        (("bid", "a1"), sent(price=PRICE), "owns the asset"),
        (("transfer", "a1", BUYER), sent(details=DETAILS), "is not for sale"),
    ],
)
def test_what_is_refused(
    channel: MockChannel, call: tuple[str, ...], transient: dict[str, bytes], message: str
) -> None:
    with pytest.raises(TransactionError) as refusal:
        channel.submit(*call, transient=transient)
    assert message in str(refusal.value)


def test_a_bid_needs_an_offer(channel: MockChannel, buyer: Identity) -> None:
    with pytest.raises(TransactionError, match="is not for sale"):
        channel.submit("bid", "a1", identity=buyer, transient=sent(price=PRICE))
