"""From a package to an answer: DeployChaincode beside the same steps by Fabric's ``peer``.

By API on the network that Hansa sets, by hand on the one with test-network's settings, in turns. A
first deployment is of a chaincode that the channel has not; the second is of changed source with
the same dependencies. Dependencies were fetched before, and each build is of a source that was
never built. It ends when a query is answered by the new source. Packing is not in the time.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc.aio

from bench import contract
from bench.gateway import Gateway
from bench.sites import CHANNELS, HANSA, TEST_NETWORK, Site

STEPS = ("first", "again")
_CHANNEL = CHANNELS[1]
_SECONDS_MAX = 120


@dataclass
class Times:
    """Seconds of one language's deployments, by step and site, a round after the other."""

    language: str
    seconds: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        return {"language": self.language} | {step: self._step(step) for step in STEPS}

    def _step(self, step: str) -> dict[str, Any]:
        ours, theirs = self.seconds[step, HANSA], self.seconds[step, TEST_NETWORK]
        return {
            "ours": round(statistics.median(ours), 2),
            "theirs": round(statistics.median(theirs), 2),
            "ratios": [round(b / a, 3) for a, b in zip(ours, theirs, strict=True)],
        }


async def measure_deployments(
    sites: Mapping[str, Site],
    languages: Sequence[str],
    rounds: int,
    tell: Callable[[str], None],
) -> list[dict[str, Any]]:
    """Raises ``ClientError`` and ``RuntimeError`` where a deployment fails."""
    gateways = {name: site.gateway() for name, site in sites.items()}
    found = []
    try:
        for language in languages:
            _fetch(sites[HANSA], language)
            times = Times(language)
            for number in range(1, rounds + 1):
                tell(f"deployments in {language}, round {number}")
                for name in list(sites)[:: -1 if number % 2 else 1]:
                    await _deploy(sites[name], gateways[name], times, number)
            found.append(times.values())
    finally:
        for gateway in gateways.values():
            await gateway.channel.close(grace=None)
    return found


def _fetch(site: Site, language: str) -> None:
    """Build it once, unmeasured, so that neither side is the one that fetches dependencies."""
    site.install(contract.package(language, "0"))


async def _deploy(site: Site, gateway: Gateway, times: Times, number: int) -> None:
    name = contract.chaincode(times.language, number)
    for sequence, step in enumerate(STEPS, 1):
        version = contract.version(number, sequence)
        package = contract.package(times.language, version)
        began = time.monotonic()
        if site.name == HANSA:
            await asyncio.to_thread(site.deploy, 1, name, package)
        else:
            await asyncio.to_thread(deploy_by_hand, site, name, sequence, package)
        await _await_version(gateway, name, version)
        times.seconds.setdefault((step, site.name), []).append(time.monotonic() - began)


def deploy_by_hand(site: Site, name: str, sequence: int, package: bytes) -> None:
    """What the documentation of Fabric's lifecycle says to type, for one member."""
    cli = site.cli
    file = cli.directory / f"{name}_{sequence}.tar.gz"
    file.write_bytes(package)
    lifecycle = ("peer", "lifecycle", "chaincode")
    definition = (
        *("-C", _CHANNEL, "--name", name, "--version", str(sequence)),
        *("--sequence", str(sequence), "-o", cli.member.orderer),
        *("--tls", "--cafile", str(cli.chain)),
    )
    package_id = cli.run(*lifecycle, "calculatepackageid", str(file)).strip()
    cli.run(*lifecycle, "install", str(file))
    cli.run(*lifecycle, "approveformyorg", "--package-id", package_id, *definition)
    cli.run(*lifecycle, "commit", *definition)


async def _await_version(gateway: Gateway, name: str, version: str) -> None:
    """Ask until the new source answers: a peer may not have its definition yet."""
    deadline = time.monotonic() + _SECONDS_MAX
    answer = ""
    while answer != version:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{name} does not answer as {version}: {answer}")
        try:
            answer = (await gateway.evaluate(_CHANNEL, name, "Version")).decode()
        except grpc.aio.AioRpcError as fault:
            answer = str(fault.details())
        if answer != version:
            await asyncio.sleep(0.02)
