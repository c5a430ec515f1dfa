"""The marketplace on a network of two members: what is private stays so, and owners endorse."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pytest
from bench.gateway import Gateway, Identity, NotCommittedError
from tests.fabric.rig import (
    MEMBER,
    PASSWORD,
    READY_SECONDS_MAX,
    Rig,
    User,
    free_ports,
    member_facts,
    network_facts,
    node_facts,
    until,
)
from tests.fabric.test_membership import JOINT, SECOND, SECOND_NODE, known_peers, start_member
from tests.fabric.test_python import pack

from hansa.engine import locate_engine
from hansa_contract import to_json

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

T = TypeVar("T")
NAME = "market"
SOURCE = Path(__file__).parents[2] / "examples" / "marketplace" / "python" / "marketplace.py"
DETAILS = to_json({"text": "number 4711, one scratch", "salt": "0123456789abcdef"})
PRICE = to_json({"asset": "a1", "amount": 90_000, "salt": "fedcba9876543210"})
SELLER, BUYER = MEMBER, SECOND


class Trader:
    """A member's client, at its own peer's Gateway service."""

    def __init__(self, runner: asyncio.Runner, user: User) -> None:
        self._runner = runner
        self._gateway = runner.run(self._open(user))

    async def _open(self, user: User) -> Gateway:
        identity = Identity.read(user.member.member_id, user.home / "admin" / "msp")
        address = f"localhost:{user.node.peer_port}"
        return Gateway(address, user.rig.fabric.tls_chain(), identity)

    def submit(self, function: str, *args: str, by: tuple[str, ...], **transient: bytes) -> Any:
        """Endorsed by the peers of the members ``by``."""
        work = self._gateway.submit(JOINT, NAME, function, *args, transient=transient, endorsers=by)
        return json.loads(self._runner.run(work) or b"null")

    def evaluate(self, function: str, *args: str, **transient: bytes) -> Any:
        work = self._gateway.evaluate(JOINT, NAME, function, *args, transient=transient)
        return self._runner.run(work)

    def events(self, last: str) -> list[str]:
        """The names of all events up to the one named ``last``."""

        async def collect() -> list[str]:
            names: list[str] = []
            async for event in self._gateway.events(JOINT, NAME, 0):
                names.append(event.event_name)
                if event.event_name == last:
                    break
            return names

        return self._runner.run(collect())

    def close(self) -> None:
        self._runner.run(self._gateway.channel.close(grace=None))


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[User]]:
    directory = tmp_path_factory.mktemp("market")
    rig = Rig(directory / "installation", locate_engine(os.environ))
    ports = free_ports(12)
    network = network_facts(ports[:2])
    members = (
        (member_facts(network, ports[2:4], PASSWORD), node_facts(network, ports[4:])),
        (
            member_facts(network, ports[7:9], PASSWORD, SECOND),
            node_facts(network, ports[9:], SECOND_NODE, SECOND),
        ),
    )
    found = [User(rig, directory / m.member_id, network, m, node) for m, node in members]
    try:
        rig.run(*rig.fabric.network_workloads(network))
        for user in found:
            start_member(rig, user)
        rig.fabric.admit_member(network, SECOND)
        found[0].create_channel(JOINT, "V2_5", [found[1]])
        found[1].fetch_first_block(JOINT)
        for user in found:
            user.join(JOINT)
            rig.fabric.announce_node(user.node)
        until(lambda: [known_peers(user) for user in found] == ["1", "1"])
        deploy(found)
        yield found
    finally:
        rig.close()


def deploy(users: list[User]) -> None:
    """One endorser suffices for what has no policy of its own: details must not go to others."""
    policy = f"OR('{SELLER}.member','{BUYER}.member')"
    definition = (
        *("-C", JOINT, "-n", NAME, "-v", "1", "--sequence", "1"),
        *("--signature-policy", policy),
    )
    files = {"src/marketplace.py": SOURCE.read_text()}
    for user in users:
        package = pack(user.home / "market.tgz", "market_1", "python", files)
        told = user.peer("lifecycle", "chaincode", "install", package)
        found = re.search(r"identifier: (\S+:[0-9a-f]{64})", told)
        assert found, told
        approval = (*definition, "--package-id", found[1], *user.orderer())
        user.peer("lifecycle", "chaincode", "approveformyorg", *approval)
    endorsers = [
        word
        for user in users
        for word in (
            *("--peerAddresses", f"localhost:{user.node.peer_port}"),
            *("--tlsRootCertFiles", user.chain()),
        )
    ]
    users[0].peer("lifecycle", "chaincode", "commit", *definition, *users[0].orderer(), *endorsers)


def soon(attempt: Callable[[], T]) -> T:
    """Peers learn from each other what they have; until then a Gateway finds no endorsers."""
    found: list[T] = []

    def tried() -> bool:
        try:
            found.append(attempt())
        except grpc.aio.AioRpcError:
            return False
        return True

    until(tried, READY_SECONDS_MAX)
    return found[0]


@pytest.fixture(scope="module")
def traders(users: list[User]) -> Iterator[tuple[Trader, Trader]]:
    with asyncio.Runner() as runner:
        seller, buyer = (Trader(runner, user) for user in users)
        soon(lambda: seller.submit("createAsset", "a1", "a car", by=(SELLER,), details=DETAILS))
        yield seller, buyer
        for trader in (seller, buyer):
            trader.close()


def refuses(call: Callable[[], object], text: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        call()
    details = dict(refusal.value.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    assert text in f"{refusal.value.details()} {details!r}"


def test_the_way_of_an_asset(traders: tuple[Trader, Trader]) -> None:
    seller, buyer = traders

    # Private data: the owner reads it, the other its hash only.
    assert json.loads(seller.evaluate("readDetails", "a1")) == json.loads(DETAILS)
    refuses(lambda: buyer.evaluate("readDetails", "a1"), f"belongs to {SELLER}")
    digest = hashlib.sha256(DETAILS).hexdigest().encode()
    assert soon(lambda: buyer.evaluate("detailsHash", "a1")) == digest
    assert buyer.evaluate("verifyDetails", "a1", details=DETAILS) == b"true"

    # The asset's key has its owner as endorser.
    with pytest.raises(NotCommittedError, match="ENDORSEMENT_POLICY_FAILURE"):
        soon(lambda: seller.submit("changeDescription", "a1", "a blue car", by=(BUYER,)))
    seller.submit("changeDescription", "a1", "a red car", by=(SELLER,))

    # A bid, purged; then one that is taken.
    seller.submit("offer", "a1", by=(SELLER,), price=PRICE)
    soon(lambda: buyer.submit("bid", "a1", by=(BUYER,), price=PRICE))
    assert json.loads(buyer.evaluate("readBid", "a1")) == json.loads(PRICE)
    buyer.submit("withdrawBid", "a1", by=(BUYER,))
    assert buyer.evaluate("readBid", "a1") == b""
    refuses(lambda: buyer.submit("withdrawBid", "a1", by=(BUYER,)), "has no bid")
    buyer.submit("bid", "a1", by=(BUYER,), price=PRICE)

    # The sale needs both; afterwards all is the buyer's.
    with pytest.raises(NotCommittedError, match="ENDORSEMENT_POLICY_FAILURE"):
        soon(lambda: seller.submit("transfer", "a1", BUYER, by=(SELLER,), details=DETAILS))
    sold = seller.submit("transfer", "a1", BUYER, by=(SELLER, BUYER), details=DETAILS)
    assert sold == {"id": "a1", "description": "a red car", "owner": BUYER, "for_sale": False}
    until(lambda: json.loads(buyer.evaluate("readAsset", "a1")) == sold)
    assert json.loads(buyer.evaluate("readDetails", "a1")) == json.loads(DETAILS)
    refuses(lambda: seller.evaluate("readDetails", "a1"), f"belongs to {BUYER}")

    names = buyer.events("AssetSold")
    assert [names[0], names[-1]] == ["AssetCreated", "AssetSold"]
    assert {"AssetChanged", "AssetOffered", "AssetBid"} <= set(names)
