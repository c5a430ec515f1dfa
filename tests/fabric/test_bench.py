"""``python -m bench`` on a small scale: it measures, writes a file, and leaves nothing running."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from bench import contract

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

ROOT = Path(__file__).parents[2]


def test_it_measures_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench", "--rounds", "1", "--calls", "5", "--jobs", "1"),
            *("--transactions", "60", "--load-rounds", "1"),
            *("--deployments", "1", "--languages", "Python"),
            *("--results", str(tmp_path / "results")),
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (file,) = (tmp_path / "results").iterdir()
    results = json.loads(file.read_text())
    assert results["job"][0]["create-network to first commit"] > 0
    measured = {(row["operation"], row["client"]) for row in results["api"]}
    operations = ("ListNetworks", "GetNetwork", "GetMember", "a create")
    assert measured == {(name, by) for name in operations for by in ("boto3", "HTTP")}
    assert all(row["median_ratio"] > 0 for row in results["api"])
    loads = {(row["language"], row["in_flight"]): row for row in results["languages"]}
    languages = ("Go", "Node.js", "Java", "Python")
    assert set(loads) == {(name, count) for name in languages for count in (50, 500)}
    assert [row["errors"] for row in loads.values()] == [0] * 8
    _check_deployments(results["deployments"])
    _check_throughput(results["throughput"])
    assert set(results["usage"]) == {"the service", "an orderer", "a member's CA", "a peer"}
    assert "requests/s" in done.stdout
    assert [path.name for path in scratch.glob("hansa-bench-*")] == []
    lines = [" ".join(process.info["cmdline"] or ()) for process in _processes()]
    assert [line for line in lines if str(scratch) in line] == []


@pytest.mark.parametrize("language", contract.KINDS)
def test_each_deployment_is_of_a_source_of_its_own(language: str) -> None:
    before = contract.sources(language)
    after = contract.changed(before, "7.1")
    (name,) = [name for name, content in after.items() if content != before[name]]
    assert after[name] == before[name].replace(b'"1"', b'"7.1"')


def _check_deployments(rows: list[dict[str, Any]]) -> None:
    (row,) = rows
    assert row["language"] == "Python"
    assert all(len(row[step]["ratios"]) == 1 for step in ("first", "again"))


def _check_throughput(rows: list[dict[str, Any]]) -> None:
    """Every load came to an end on both networks, and a single write waits for a block there."""
    cases = {(row["kind"], row["members"], row["in_flight"]): row for row in rows}
    assert set(cases) == set(itertools.product(("write", "read"), (1, 2), (1, 50, 500)))
    samples = [row[side] for row in rows for side in ("ours", "theirs")]
    assert [(sample["errors"], sample["fault"]) for sample in samples] == [(0, "")] * 24
    assert all(sample["p95_ms"] >= sample["p50_ms"] > 0 for sample in samples)
    for members in (1, 2):
        assert cases["write", members, 1]["theirs"]["p50_ms"] > 2000  # its BatchTimeout


def _processes() -> list[psutil.Process]:
    return list(psutil.process_iter(["cmdline"]))
