"""The same contract in every language, side by side under load, on one peer of Hansa's.

Each transaction reads a key and writes it; a client submits through the peer's Gateway and waits
for the commit. The languages take turns, so that what else the machine does hits all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench import contract
from bench.deployments import STEPS
from bench.gateway import Gateway
from bench.load import Call, Rounds, run
from bench.sites import CHANNELS, Site

IN_FLIGHT = (50, 500)
VALUE = "v" * 100
_CHANNEL = CHANNELS[1]


async def measure_languages(
    site: Site, rounds: int, transactions: int, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Deploy the contracts, unless their deployment was measured, and submit to each of them."""
    for language in contract.KINDS:
        package = contract.package(language, contract.version(1, len(STEPS)))
        site.deploy(1, contract.chaincode(language, 1), package)
    gateway = site.gateway()
    cases = [(language, in_flight) for in_flight in IN_FLIGHT for language in contract.KINDS]
    found = {case: Rounds() for case in cases}
    try:
        for language in contract.KINDS:
            await run(_exchange(gateway, language), 20, 200, "warm", Rounds())
        for number in range(rounds):
            tell(f"transactions in every language, round {number + 1}")
            for language, in_flight in cases[:: -1 if number % 2 else 1]:
                call, prefix = _exchange(gateway, language), f"{in_flight}-{number}"
                await run(call, in_flight, transactions, prefix, found[language, in_flight])
    finally:
        await gateway.channel.close(grace=None)
    return [
        {"language": language, "in_flight": in_flight, **found[language, in_flight].values()}
        for language, in_flight in cases
    ]


def _exchange(gateway: Gateway, language: str) -> Call:
    name = contract.chaincode(language, 1)
    return lambda key: gateway.submit(_CHANNEL, name, "Exchange", key, VALUE)
