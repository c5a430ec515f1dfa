"""``python -m bench``: measure, write a file, show tables."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import report, servers, usage
from bench.comparison import compare
from bench.contract import KINDS
from bench.deployments import measure_deployments
from bench.fixtures import client, hansa_calls, moto_calls
from bench.job import run_job
from bench.languages import measure_languages
from bench.sites import HANSA, TEST_NETWORK, site
from bench.throughput import measure_throughput
from hansa.client.installation import ClientError
from hansa.engine import Engine, EngineError, locate_engine

NOTES = (
    "API ratio: requests/s of hansa to those of moto_server, median of the rounds; above 1: faster",
    "hansa verifies every signature, and a write is on disk before it answers; moto does neither",
    "a create: CreateAccessor of hansa, CreateProposal of moto_server, which has no accessors",
    "boto3: its own work is in the time. HTTP: signed beforehand, connections kept if they can be",
    "test-network: the same binaries, settings of fabric-samples, and chaincode without a sandbox",
    "deployments: until the new source answers; by hand: peer lifecycle chaincode on test-network",
    "peers, orderers, chaincode and the client share the machine",
)


def main() -> int:
    """0; 1 with a text where something cannot be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the comparison")
    parser.add_argument("--calls", type=int, default=60, help="requests of each kind in a round")
    parser.add_argument("--jobs", type=int, default=3, help="runs of the main job, 1 to 5")
    parser.add_argument("--load-rounds", type=int, default=3, help="rounds of transactions")
    parser.add_argument(
        "--transactions", type=int, default=1000, help="of each load in a round; 0: no loads"
    )
    parser.add_argument(
        "--deployments", type=int, default=2, help="first and second ones of each language; 0: none"
    )
    parser.add_argument(
        "--languages", nargs="+", choices=list(KINDS), default=list(KINDS), help="of deployments"
    )
    parser.add_argument("--results", type=Path, default=report.RESULTS, help="where files go")
    options = parser.parse_args()
    console = Console(width=max(Console().width, 110))
    began = datetime.now(UTC)
    try:
        results = measure(options, began)
    except (ClientError, EngineError, RuntimeError) as fault:
        sys.stderr.write(f"bench: {fault}\n")
        return 1
    file = report.write(results, began, options.results)
    report.show(results, console)
    console.print(f"Written to {file}")
    return 0


def measure(options: argparse.Namespace, began: datetime) -> dict[str, Any]:
    """Everything, on servers that run for it alone."""
    engine = locate_engine(os.environ)
    return {
        **report.circumstances(began),
        **_measure_jobs(options, engine),
        **_measure_api(options),
        **asyncio.run(_measure_networks(options, engine)),
        "notes": list(NOTES),
    }


def _measure_jobs(options: argparse.Namespace, engine: Engine) -> dict[str, Any]:
    with servers.hansa() as (ours, installation):
        api = client(ours)
        runs = []
        for number in range(1, min(max(options.jobs, 1), 5) + 1):
            _tell(f"main job, run {number}")
            runs.append(run_job(installation, engine, api, f"job{number}"))
        return {"job": runs, "usage": usage.measure(installation, ours.pid)}


def _measure_api(options: argparse.Namespace) -> dict[str, Any]:
    with servers.hansa() as (ours, _installation), servers.moto() as theirs:
        _tell("networks for the comparison")
        calls_of = (ours, hansa_calls(client(ours))), (theirs, moto_calls(client(theirs)))
        comparisons = compare(*calls_of, options.rounds, options.calls, _tell)
        return {"api": [comparison.values() for comparison in comparisons]}


async def _measure_networks(options: argparse.Namespace, engine: Engine) -> dict[str, Any]:
    loads = options.load_rounds, options.transactions
    found: dict[str, Any] = {"deployments": [], "throughput": [], "languages": []}
    if not (options.transactions or options.deployments):
        return found
    _tell("networks for deployments and transactions")
    with site(HANSA, engine) as ours, site(TEST_NETWORK, engine) as theirs:
        sites = {HANSA: ours, TEST_NETWORK: theirs}
        if options.transactions:
            found["throughput"] = await measure_throughput(sites, *loads, _tell)
        if options.deployments:
            languages = options.languages, options.deployments
            found["deployments"] = await measure_deployments(sites, *languages, _tell)
        if options.transactions:
            found["languages"] = await measure_languages(ours, *loads, _tell)
    return found


def _tell(text: str) -> None:
    sys.stderr.write(f"  {text} ...\n")


if __name__ == "__main__":
    sys.exit(main())
