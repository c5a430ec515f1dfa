"""The results: a file for programs, tables for people."""

from __future__ import annotations

import json
import os
import platform
import statistics
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from hansa import __version__

RESULTS = Path(__file__).parent / "results"


def circumstances(began: datetime) -> dict[str, Any]:
    """What has to be equal for two files to be comparable; the load tells how quiet it was."""
    return {
        "began": began.isoformat(timespec="seconds"),
        "hansa": __version__,
        "moto": version("moto"),
        "boto3": version("boto3"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "load_average": round(os.getloadavg()[0], 2),
    }


def write(results: dict[str, Any], began: datetime, directory: Path) -> Path:
    """Keep ``results`` in a file of their own, named by their time."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / f"{began.strftime('%Y-%m-%dT%H%M%S')}.json"
    file.write_text(json.dumps(results, indent=2) + "\n")
    return file


def show(results: dict[str, Any], console: Console) -> None:
    """The tables of ``results``, as :mod:`bench.__main__` puts them together."""
    console.print(_job_table(results["job"]))
    console.print(_api_table(results["api"]))
    console.print(_usage_table(results["usage"]))
    for name, table in (
        ("deployments", _deployment_table),
        ("throughput", _throughput_table),
        ("languages", _language_table),
    ):
        if results[name]:
            console.print(table(results[name]))
    for note in results["notes"]:
        console.print(f"- {note}", style="dim")


def _job_table(runs: list[dict[str, float]]) -> Table:
    table = Table(title="The main job, in seconds", title_justify="left")
    table.add_column("step")
    for number in range(1, len(runs) + 1):
        table.add_column(f"run {number}", justify="right")
    for step in runs[0]:
        table.add_row(step, *(f"{run[step]:.2f}" for run in runs))
    return table


def _api_table(comparisons: list[dict[str, Any]]) -> Table:
    table = Table(
        title="The API, one request after the other: hansa | moto_server", title_justify="left"
    )
    for head in ("operation", "client", "p50 ms", "p99 ms", "requests/s", "ratio", "of rounds"):
        table.add_column(head, justify="left" if head in ("operation", "client") else "right")
    for row in comparisons:
        ours, theirs = row["ours"], row["theirs"]
        table.add_row(
            row["operation"],
            row["client"],
            *(
                f"{ours[name]:.{digits}f} | {theirs[name]:.{digits}f}"
                for name, digits in (("p50_ms", 2), ("p99_ms", 1), ("requests_per_second", 0))
            ),
            *_ratios(row["ratios"]),
        )
    return table


def _usage_table(usage: dict[str, dict[str, float]]) -> Table:
    table = Table(title="Memory and disk", title_justify="left")
    for head in ("of", "processes", "memory MiB", "disk MiB"):
        table.add_column(head, justify="left" if head == "of" else "right")
    for name, row in usage.items():
        table.add_row(
            name, f"{row['count']:.0f}", f"{row['memory_mib']:.0f}", f"{row['disk_mib']:.1f}"
        )
    return table


def _deployment_table(rows: list[dict[str, Any]]) -> Table:
    table = Table(
        title="From a package to an answer, in seconds: DeployChaincode | peer by hand",
        title_justify="left",
    )
    heads = ("language", "first", "ratio", "of rounds", "changed source", "ratio", "of rounds")
    for head in heads:
        table.add_column(head, justify="left" if head == "language" else "right")
    for row in rows:
        cells = []
        for step in (row["first"], row["again"]):
            cells += [f"{step['ours']:.1f} | {step['theirs']:.1f}", *_ratios(step["ratios"])]
        table.add_row(row["language"], *cells)
    return table


def _throughput_table(rows: list[dict[str, Any]]) -> Table:
    table = Table(
        title="Transactions through one peer's Gateway: hansa | test-network's settings",
        title_justify="left",
    )
    heads = ("of", "members", "in flight", "a second", "ratio", "of rounds", "p50 ms", "p95 ms")
    for head in (*heads, "errors"):
        table.add_column(head, justify="left" if head == "of" else "right")
    for row in rows:
        ours, theirs = row["ours"], row["theirs"]
        per_second, p50, p95, errors = (
            f"{_short(ours[name])} | {_short(theirs[name])}"
            for name in ("per_second", "p50_ms", "p95_ms", "errors")
        )
        counted = (str(row["members"]), str(row["in_flight"]))
        table.add_row(row["kind"], *counted, per_second, *_ratios(row["ratios"]), p50, p95, errors)
    return table


def _short(number: float) -> str:
    return f"{number:.1f}" if 0 < number < 100 else f"{number:.0f}"


def _ratios(ratios: list[float]) -> tuple[str, str]:
    """The median, and the least and the greatest."""
    return f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f}-{max(ratios):.2f}"


def _language_table(loads: list[dict[str, Any]]) -> Table:
    table = Table(title="The same contract by language, committed", title_justify="left")
    for head in ("in flight", "language", "transactions/s", "of Node.js", "p95 ms", "errors"):
        table.add_column(head, justify="left" if head == "language" else "right")
    base = {row["in_flight"]: row["per_second"] for row in loads if row["language"] == "Node.js"}
    for row in loads:
        table.add_row(
            str(row["in_flight"]),
            row["language"],
            f"{row['per_second']:.0f}",
            f"{row['per_second'] / base[row['in_flight']]:.2f}",
            f"{row['p95_ms']:.0f}",
            str(row["errors"]),
        )
    return table
