"""A marketplace: members sell assets to each other, at prices that nobody else sees.

What everybody may know of an asset is in the channel's state. Its details, what its owner asks and
what a buyer bids are private data, each in the collection that every member has for itself; the
others know hashes only. Asking price and bid are the same text with the same salt, which the two
agree on outside the ledger, so that equal hashes prove an equal price.

An asset's key has an endorsement policy of its own: its owner must endorse each change. A transfer
writes into the buyer's collection as well, so it needs the endorsement of both.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

from hansa_contract import (
    ChaincodeError,
    Context,
    Contract,
    KeyEndorsementPolicy,
    Rule,
    evaluate,
    from_json,
    info,
    submit,
    to_json,
)

T = TypeVar("T")
AssetId = Annotated[str, Rule(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Salted = Annotated[str, Rule(min_length=16)]
"""At least 16 characters that nobody can guess: without them, a hash could be tried out."""

DETAILS, ASK, BID = "details", "ask", "bid"


@dataclass(frozen=True)
class Asset:
    """What everybody may know; ``owner`` is the MSP ID of a member."""

    id: str
    description: str
    owner: str
    for_sale: bool = False


@dataclass(frozen=True)
class Details:
    """What only the owner knows."""

    text: str
    salt: Salted


@dataclass(frozen=True)
class Price:
    """What is asked or bid, in the currency's smallest unit."""

    asset: str
    amount: Annotated[int, Rule(above=0)]
    salt: Salted


@dataclass(frozen=True)
class Change:
    """One entry of an asset's history; ``asset`` is None where it was deleted."""

    tx_id: str
    asset: Asset | None


@info(title="Marketplace", version="1.0.0", license={"name": "Apache-2.0"})
class Marketplace(Contract):
    """Functions have the names that they have in the other languages."""

    @submit(name="createAsset")
    def create_asset(self, ctx: Context, asset_id: AssetId, description: str) -> Asset:
        """A new asset of the caller's member; its details come in the transient map."""
        if ctx.stub.get_state(asset_id):
            raise ChaincodeError(f"the asset {asset_id} exists already")
        details = self._transient(ctx, DETAILS, Details)
        owner = ctx.client_identity.mspid
        self._put_private(ctx, owner, DETAILS, asset_id, details)
        return self._put(ctx, Asset(asset_id, description, owner), "AssetCreated")

    @submit(name="changeDescription")
    def change_description(self, ctx: Context, asset_id: AssetId, description: str) -> Asset:
        asset = self._own(ctx, asset_id)
        return self._put(ctx, replace(asset, description=description), "AssetChanged")

    @submit
    def offer(self, ctx: Context, asset_id: AssetId) -> Asset:
        """The owner sells for the price in the transient map."""
        asset = self._own(ctx, asset_id)
        self._put_private(ctx, asset.owner, ASK, asset_id, self._price(ctx, asset_id))
        return self._put(ctx, replace(asset, for_sale=True), "AssetOffered")

    @submit
    def bid(self, ctx: Context, asset_id: AssetId) -> None:
        """Another member would buy for the price in the transient map."""
        asset = self._get(ctx, asset_id)
        buyer = ctx.client_identity.mspid
        if buyer == asset.owner:
            raise ChaincodeError(f"{buyer} owns the asset {asset_id}, and cannot bid for it")
        if not asset.for_sale:
            raise ChaincodeError(f"the asset {asset_id} is not for sale")
        self._put_private(ctx, buyer, BID, asset_id, self._price(ctx, asset_id))
        ctx.stub.set_event("AssetBid", to_json({"asset": asset_id, "buyer": buyer}))

    @submit(name="withdrawBid")
    def withdraw_bid(self, ctx: Context, asset_id: AssetId) -> None:
        """The bid is purged: nobody can read it any more, in old blocks neither."""
        buyer = ctx.client_identity.mspid
        key = self._key(ctx, BID, asset_id)
        if not ctx.stub.get_private_data_hash(_collection(buyer), key):
            raise ChaincodeError(f"{buyer} has no bid for the asset {asset_id}")
        ctx.stub.purge_private_data(_collection(buyer), key)

    @submit
    def transfer(self, ctx: Context, asset_id: AssetId, buyer: str) -> Asset:
        """The owner sells to a member whose bid is what is asked; the details go along.

        The transient map has the details. Peers of both members must endorse.
        """
        asset = self._own(ctx, asset_id)
        asked = self._hash(ctx, asset.owner, ASK, asset_id)
        if not asset.for_sale or not asked:
            raise ChaincodeError(f"the asset {asset_id} is not for sale")
        if self._hash(ctx, buyer, BID, asset_id) != asked:
            raise ChaincodeError(f"{buyer} has not bid what is asked for the asset {asset_id}")
        details = self._transient(ctx, DETAILS, Details)
        if not self._is_true(ctx, asset, details):
            raise ChaincodeError(f"these are not the details of the asset {asset_id}")
        self._put_private(ctx, buyer, DETAILS, asset_id, details)
        for member, kind in ((asset.owner, DETAILS), (asset.owner, ASK), (buyer, BID)):
            ctx.stub.delete_private_data(_collection(member), self._key(ctx, kind, asset_id))
        return self._put(ctx, replace(asset, owner=buyer, for_sale=False), "AssetSold")

    @evaluate(name="readAsset")
    def read_asset(self, ctx: Context, asset_id: AssetId) -> Asset:
        return self._get(ctx, asset_id)

    @evaluate(name="getAllAssets")
    def get_all_assets(self, ctx: Context) -> list[Asset]:
        return [from_json(found.value, Asset) for found in ctx.stub.get_state_by_range("", "")]

    @evaluate
    def history(self, ctx: Context, asset_id: AssetId) -> list[Change]:
        """The newest first."""
        return [
            Change(found.tx_id, None if found.is_delete else from_json(found.value, Asset))
            for found in ctx.stub.get_history_for_key(asset_id)
        ]

    @evaluate(name="readDetails")
    def read_details(self, ctx: Context, asset_id: AssetId) -> Details:
        """For the owner, on a peer of its own."""
        asset = self._own(ctx, asset_id)
        key = self._key(ctx, DETAILS, asset_id)
        return from_json(ctx.stub.get_private_data(_collection(asset.owner), key), Details)

    @evaluate(name="readBid")
    def read_bid(self, ctx: Context, asset_id: AssetId) -> Price | None:
        """The caller's own."""
        collection = _collection(ctx.client_identity.mspid)
        found = ctx.stub.get_private_data(collection, self._key(ctx, BID, asset_id))
        return from_json(found, Price) if found else None

    @evaluate(name="detailsHash")
    def details_hash(self, ctx: Context, asset_id: AssetId) -> str:
        """SHA-256 of the details, in hexadecimal, for everybody."""
        return self._hash(ctx, self._get(ctx, asset_id).owner, DETAILS, asset_id).hex()

    @evaluate(name="verifyDetails")
    def verify_details(self, ctx: Context, asset_id: AssetId) -> bool:
        """Whether the details in the transient map are the asset's: for buyers, before a bid."""
        details = self._transient(ctx, DETAILS, Details)
        return self._is_true(ctx, self._get(ctx, asset_id), details)

    def _get(self, ctx: Context, asset_id: str) -> Asset:
        found = ctx.stub.get_state(asset_id)
        if not found:
            raise ChaincodeError(f"the asset {asset_id} does not exist")
        return from_json(found, Asset)

    def _own(self, ctx: Context, asset_id: str) -> Asset:
        asset = self._get(ctx, asset_id)
        if asset.owner != ctx.client_identity.mspid:
            raise ChaincodeError(f"the asset {asset_id} belongs to {asset.owner}")
        return asset

    def _put(self, ctx: Context, asset: Asset, event: str) -> Asset:
        """Write it, with its owner as the endorser of what comes next, and tell of it."""
        ctx.stub.put_state(asset.id, to_json(asset))
        policy = KeyEndorsementPolicy([asset.owner])
        ctx.stub.set_state_validation_parameter(asset.id, policy.to_bytes())
        ctx.stub.set_event(event, to_json(asset))
        return asset

    def _price(self, ctx: Context, asset_id: str) -> Price:
        price = self._transient(ctx, "price", Price)
        if price.asset != asset_id:
            raise ChaincodeError(f"the price is for the asset {price.asset}, not {asset_id}")
        return price

    def _transient(self, ctx: Context, name: str, kind: type[T]) -> T:
        sent = ctx.stub.get_transient().get(name)
        if sent is None:
            raise ChaincodeError(f"the transient map must have {name!r}, so that it stays private")
        return from_json(sent, kind)

    def _put_private(
        self, ctx: Context, member: str, kind: str, asset_id: str, value: Details | Price
    ) -> None:
        ctx.stub.put_private_data(
            _collection(member), self._key(ctx, kind, asset_id), to_json(value)
        )

    def _hash(self, ctx: Context, member: str, kind: str, asset_id: str) -> bytes:
        key = self._key(ctx, kind, asset_id)
        return ctx.stub.get_private_data_hash(_collection(member), key)

    def _is_true(self, ctx: Context, asset: Asset, details: Details) -> bool:
        known = self._hash(ctx, asset.owner, DETAILS, asset.id)
        return known == hashlib.sha256(to_json(details)).digest()

    def _key(self, ctx: Context, kind: str, asset_id: str) -> str:
        return ctx.stub.create_composite_key(kind, [asset_id])


def _collection(member: str) -> str:
    """Every member has it, without a definition: only its peers hold the data."""
    return f"_implicit_org_{member}"
