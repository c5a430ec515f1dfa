"""``python -m bench``: measure, write a file, show tables."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import report, servers, usage
from bench.comparison import compare
from bench.fixtures import client, hansa_calls, moto_calls
from bench.job import run_job
from bench.languages import measure_languages
from hansa.client.installation import ClientError
from hansa.engine import EngineError, locate_engine

NOTES = (
    "ratio: requests/s of hansa to those of moto_server, median of the rounds; above 1: faster",
    "hansa verifies every signature, and a write is on disk before it answers; moto does neither",
    "a create: CreateAccessor of hansa, CreateProposal of moto_server, which has no accessors",
    "languages: one peer, one orderer and the client share the machine; a read and a write each",
    "boto3: its own work is in the time. HTTP: signed beforehand, connections kept if they can be",
)


def main() -> int:
    """0; 1 with a text where something cannot be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the comparison")
    parser.add_argument("--calls", type=int, default=60, help="requests of each kind in a round")
    parser.add_argument("--jobs", type=int, default=3, help="runs of the main job, 1 to 5")
    parser.add_argument(
        "--transactions", type=int, default=1000, help="of each language in a round; 0: none"
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
    rounds, jobs = options.rounds, min(max(options.jobs, 1), 5)
    engine = locate_engine(os.environ)
    with servers.hansa() as (ours, installation):
        api = client(ours)
        runs = []
        for number in range(1, jobs + 1):
            _tell(f"main job, run {number}")
            runs.append(run_job(installation, engine, api, f"job{number}"))
        used = usage.measure(installation, ours.pid)
        loads = []
        if options.transactions > 0:
            loads = measure_languages(
                installation, engine, api, rounds, options.transactions, _tell
            )
    with servers.hansa() as (ours, _installation), servers.moto() as theirs:
        _tell("networks for the comparison")
        calls_of = (ours, hansa_calls(client(ours))), (theirs, moto_calls(client(theirs)))
        comparisons = compare(*calls_of, rounds, options.calls, _tell)
    return {
        **report.circumstances(began),
        "job": runs,
        "api": [comparison.values() for comparison in comparisons],
        "usage": used,
        "languages": loads,
        "notes": list(NOTES),
    }


def _tell(text: str) -> None:
    sys.stderr.write(f"  {text} ...\n")


if __name__ == "__main__":
    sys.exit(main())
