"""What a peer has counted of a chaincode, from its metrics.

Source: Fabric's metrics reference (``endorser_proposal_duration``, ``chaincode_…``,
``ledger_transaction_count``). Calls are counted by a chaincode's name; what is about its process,
by its package; committed transactions, by name and version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


@dataclass(frozen=True)
class ChaincodeMetrics:
    """Since the peer's start. ``transactions`` counts those in blocks by validation code."""

    calls: int = 0
    failed_calls: int = 0
    call_seconds: float = 0.0
    state_requests: int = 0
    starts: int = 0
    failed_starts: int = 0
    timeouts: int = 0
    transactions: Mapping[str, int] = field(default_factory=dict)


def read_chaincode_metrics(
    text: str, channel: str, name: str, chaincode_id: str
) -> ChaincodeMetrics:
    """What metrics in Prometheus's format say of chaincode ``name`` in ``channel``.

    ``chaincode_id`` is the id of its package, or ``NAME:VERSION`` of the legacy lifecycle.
    """
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    called = {"channel": channel, "chaincode": name}
    running = {"chaincode": chaincode_id}
    duration = "endorser_proposal_duration"
    failed = {**called, "success": "false"}
    return ChaincodeMetrics(
        calls=int(_sum(samples, f"{duration}_count", called)),
        failed_calls=int(_sum(samples, f"{duration}_count", failed)),
        call_seconds=_sum(samples, f"{duration}_sum", called),
        state_requests=int(
            _sum(samples, "chaincode_shim_requests_received", {**running, "channel": channel})
        ),
        starts=int(_sum(samples, "chaincode_launch_duration_count", running)),
        failed_starts=int(_sum(samples, "chaincode_launch_failures", running)),
        timeouts=int(_sum(samples, "chaincode_execute_timeouts", running)),
        transactions=_transactions(samples, channel, name),
    )


def _sum(samples: Iterable[Sample], name: str, labels: Mapping[str, str]) -> float:
    return sum(
        sample.value
        for sample in samples
        if sample.name in (name, f"{name}_total") and labels.items() <= sample.labels.items()
    )


def _transactions(samples: Iterable[Sample], channel: str, name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for sample in samples:
        labels = sample.labels
        if (
            sample.name.startswith("ledger_transaction_count")
            and labels["channel"] == channel
            and labels["chaincode"].partition(":")[0] == name
        ):
            code = labels["validation_code"]
            counts[code] = counts.get(code, 0) + int(sample.value)
    return counts
