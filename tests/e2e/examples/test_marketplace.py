"""The marketplace in every language: what is private stays so, and owners endorse."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from bench.gateway import Gateway, Identity
from botocore.exceptions import ClientError
from tests.e2e.examples.deploying import CHANNEL, EXAMPLES, by_boto3
from tests.e2e.installation import until
from tests.e2e.network import Network, Pair, refused

from hansa_contract import to_json

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

T = TypeVar("T")
DETAILS = to_json({"text": "number 4711, <one> scratch & ü", "salt": "0123456789abcdef"})
PRICE = to_json({"asset": "a1", "amount": 90_000, "salt": "fedcba9876543210"})
REFUSED = "IllegalActionException"


@dataclass(frozen=True)
class Trader:
    """A member, which calls by API through its own node."""

    api: Any
    network: Network
    chaincode: str

    @property
    def id(self) -> str:
        return self.network.member_id

    def submit(self, function: str, *args: str, by: list[str], **transient: bytes) -> Any:
        """Endorsed by the peers of the members ``by``."""
        call = self._call(function, args, transient)
        done = self.api.invoke_chaincode(**call, EndorsingMembers=by)
        return json.loads(done["Result"] or b"null")

    def evaluate(self, function: str, *args: str, **transient: bytes) -> bytes:
        call = self._call(function, args, transient)
        return bytes(self.api.query_chaincode(**call)["Result"])

    def refusal(self, function: str, *args: str, **transient: bytes) -> str:
        return refused(self.api.query_chaincode, REFUSED, **self._call(function, args, transient))

    def not_committed(self, function: str, *args: str, by: list[str], **transient: bytes) -> str:
        call = self._call(function, args, transient)
        return refused(self.api.invoke_chaincode, REFUSED, **call, EndorsingMembers=by)

    def events(self, last: str) -> list[str]:
        """The names of all events up to the one named ``last``, as an application is told."""
        environment = self.network.environment
        identity = Identity.read(self.id, Path(environment["CORE_PEER_MSPCONFIGPATH"]))
        chain = Path(environment["TLS_CHAIN"]).read_bytes()
        return asyncio.run(self._events(last, chain, identity))

    async def _events(self, last: str, chain: bytes, identity: Identity) -> list[str]:
        gateway = Gateway(self.network.environment["PEER"], chain, identity)
        names: list[str] = []
        try:
            async for event in gateway.events(CHANNEL, self.chaincode, 0):
                names.append(event.event_name)
                if event.event_name == last:
                    break
        finally:
            await gateway.channel.close(grace=None)
        return names

    def _call(
        self, function: str, args: tuple[str, ...], transient: dict[str, bytes]
    ) -> dict[str, Any]:
        return {
            **self.network.member_keys,
            "ChannelName": CHANNEL,
            "ChaincodeName": self.chaincode,
            "Function": function,
            "Arguments": [*args],
            "Transient": transient,
        }


def soon(attempt: Callable[[], T]) -> T:
    """What one node has committed, the other has a little later."""
    found: list[T] = []

    def tried() -> bool:
        try:
            found.append(attempt())
        except ClientError:
            return False
        return True

    until(tried, "the other node has it")
    return found[0]


@pytest.fixture(params=["go", "javascript", "java", "python"])
def traders(request: pytest.FixtureRequest, pair: Pair) -> tuple[Trader, Trader]:
    """The seller, whose asset is there, and the buyer."""
    folder = request.param
    language = {"go": "golang", "javascript": "node"}.get(folder, folder)
    name = f"market-{folder}"
    # One endorser suffices for what has no policy of its own: details must not go to others.
    policy = f"OR('{pair.first.member_id}.member','{pair.second.member_id}.member')"
    source = EXAMPLES / "marketplace" / folder
    by_boto3(pair, name, language, source, EndorsementPolicy=policy)
    seller, buyer = (Trader(pair.fabric, one, name) for one in (pair.first, pair.second))
    seller.submit("createAsset", "a1", "a car", by=[seller.id], details=DETAILS)
    return seller, buyer


def test_the_way_of_an_asset(traders: tuple[Trader, Trader]) -> None:
    seller, buyer = traders
    soon(lambda: buyer.evaluate("readAsset", "a1"))
    private_data_is_its_owners(seller, buyer)
    what_is_wrong_is_refused(seller)

    # The asset's key has its owner as endorser.
    change = ("changeDescription", "a1", "a red car")
    assert "ENDORSEMENT_POLICY_FAILURE" in seller.not_committed(*change, by=[buyer.id])
    seller.submit(*change, by=[seller.id])

    # A bid, purged; then one that is taken.
    seller.submit("offer", "a1", by=[seller.id], price=PRICE)
    soon(lambda: buyer.submit("bid", "a1", by=[buyer.id], price=PRICE))
    assert json.loads(buyer.evaluate("readBid", "a1")) == json.loads(PRICE)
    buyer.submit("withdrawBid", "a1", by=[buyer.id])
    assert buyer.evaluate("readBid", "a1") == b""
    assert "has no bid" in buyer.refusal("withdrawBid", "a1")
    buyer.submit("bid", "a1", by=[buyer.id], price=PRICE)

    # The sale needs both; afterwards all is the buyer's.
    sale = ("transfer", "a1", buyer.id)
    soon(lambda: seller.evaluate(*sale, details=DETAILS))
    failed = seller.not_committed(*sale, by=[seller.id], details=DETAILS)
    assert "ENDORSEMENT_POLICY_FAILURE" in failed
    sold = seller.submit(*sale, by=[seller.id, buyer.id], details=DETAILS)
    assert sold == {"id": "a1", "description": "a red car", "owner": buyer.id, "for_sale": False}
    until(lambda: json.loads(buyer.evaluate("readAsset", "a1")) == sold, "the buyer's node has it")
    assert json.loads(buyer.evaluate("readDetails", "a1")) == json.loads(DETAILS)
    assert f"belongs to {buyer.id}" in seller.refusal("readDetails", "a1")
    assert json.loads(buyer.evaluate("getAllAssets")) == [sold]
    owners = [change["asset"]["owner"] for change in json.loads(buyer.evaluate("history", "a1"))]
    assert owners == [buyer.id, *[seller.id] * 3]

    names = buyer.events("AssetSold")
    assert [names[0], names[-1]] == ["AssetCreated", "AssetSold"]
    assert {"AssetChanged", "AssetOffered", "AssetBid"} <= set(names)


def private_data_is_its_owners(seller: Trader, buyer: Trader) -> None:
    """The owner reads it, the other its hash only."""
    assert json.loads(seller.evaluate("readDetails", "a1")) == json.loads(DETAILS)
    assert f"belongs to {seller.id}" in buyer.refusal("readDetails", "a1")
    digest = hashlib.sha256(DETAILS).hexdigest().encode()
    assert buyer.evaluate("detailsHash", "a1") == digest
    assert buyer.evaluate("verifyDetails", "a1", details=DETAILS) == b"true"
    others = DETAILS.replace(b"scratch", b"hole")
    assert buyer.evaluate("verifyDetails", "a1", details=others) == b"false"


def what_is_wrong_is_refused(seller: Trader) -> None:
    assert "exists already" in seller.refusal("createAsset", "a1", "x", details=DETAILS)
    assert "asset" in seller.refusal("createAsset", "a 2", "x", details=DETAILS)
    assert "the transient map must have 'details'" in seller.refusal("createAsset", "a2", "x")
    short = to_json({"text": "x", "salt": "1"})
    assert "salt must" in seller.refusal("createAsset", "a2", "x", details=short)
    assert "does not exist" in seller.refusal("readAsset", "a9")
    nothing, other = (PRICE.replace(b"90000", b"0"), PRICE.replace(b"a1", b"b1"))
    assert "amount must be" in seller.refusal("offer", "a1", price=nothing)
    assert "is for the asset b1, not a1" in seller.refusal("offer", "a1", price=other)
    assert "owns the asset" in seller.refusal("bid", "a1", price=PRICE)
    assert "is not for sale" in seller.refusal("transfer", "a1", seller.id, details=DETAILS)
