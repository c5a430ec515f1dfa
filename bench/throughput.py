"""Committed transactions on a network as Hansa sets it, beside test-network's settings.

Blind writes of 100 bytes and reads of such a key, by Go chaincode, through the Gateway of one peer;
channels of one member and of two. The two networks take turns, and their order changes with the
round: what disturbs the machine then disturbs both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench import contract
from bench.gateway import Gateway
from bench.load import Call, Rounds, run
from bench.sites import CHANNELS, HANSA, TEST_NETWORK, Site

CHAINCODE = "blind"
VALUE = "v" * 100
IN_FLIGHT = (1, 50, 500)
SINGLES = {"write": 3, "read": 100}
"""Calls of a round that come alone: those of test-network take its two seconds each."""


@dataclass(frozen=True)
class Case:
    """A load: what is called, on a channel of how many members, how many at a time."""

    kind: str
    members: int
    in_flight: int

    def count(self, transactions: int) -> int:
        return SINGLES[self.kind] if self.in_flight == 1 else transactions

    def call(self, gateway: Gateway) -> Call:
        channel = CHANNELS[self.members]
        if self.kind == "read":
            return lambda _: gateway.evaluate(channel, CHAINCODE, "Get", "warm-0")
        return lambda key: gateway.submit(channel, CHAINCODE, "Put", key, VALUE)


CASES = [
    Case(kind, members, in_flight)
    for kind in ("write", "read")
    for members in CHANNELS
    for in_flight in IN_FLIGHT
]


async def measure_throughput(
    sites: Mapping[str, Site], rounds: int, transactions: int, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Deploy the contract on both, and measure every case on both, round by round."""
    for site in sites.values():
        for members in CHANNELS:
            site.deploy(members, CHAINCODE, contract.package("Go"))
    gateways = {name: site.gateway() for name, site in sites.items()}
    found = {(case, name): Rounds() for case in CASES for name in sites}
    try:
        for gateway in gateways.values():
            for members in CHANNELS:
                await run(Case("write", members, 20).call(gateway), 20, 60, "warm", Rounds())
        for number in range(rounds):
            tell(f"transactions on both networks, round {number + 1}")
            for case in CASES:
                for name in list(sites)[:: -1 if number % 2 else 1]:
                    measured = partial(run, case.call(gateways[name]), case.in_flight)
                    prefix = f"{case.in_flight}-{number}"
                    await measured(case.count(transactions), prefix, found[case, name])
    finally:
        for gateway in gateways.values():
            await gateway.channel.close(grace=None)
    return [_row(case, found[case, HANSA], found[case, TEST_NETWORK]) for case in CASES]


def _row(case: Case, ours: Rounds, theirs: Rounds) -> dict[str, Any]:
    ratios = [
        round(a / b, 3) if b else 0.0
        for a, b in zip(ours.per_second, theirs.per_second, strict=True)
    ]
    return {**vars(case), "ours": ours.values(), "theirs": theirs.values(), "ratios": ratios}
