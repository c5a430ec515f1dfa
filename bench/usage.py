"""What the service and its Fabric processes use of the machine. Sizes are in MiB."""

from __future__ import annotations

import statistics
from collections import defaultdict

import psutil

from hansa.cli import processes
from hansa.client.installation import Installation
from hansa.drivers.local.resources import disk_bytes

MIB = 1 << 20
_TITLES = {"orderer": "an orderer", "fabric-ca-server": "a member's CA", "peer": "a peer"}


def measure(installation: Installation, pid: int) -> dict[str, dict[str, float]]:
    """Memory and disk of the service (``pid``), and the median of each kind of process.

    A peer's memory counts the chaincode that it runs.
    """
    own = disk_bytes(installation.data_dir) - disk_bytes(processes.workloads(installation))
    found = {"the service": _row(psutil.Process(pid).memory_info().rss, own, 1)}
    kinds: dict[str, list[processes.FabricProcess]] = defaultdict(list)
    for process in processes.look(installation):
        kinds[process.program].append(process)
    for program, members in kinds.items():
        memory = statistics.median(item.rss_bytes for item in members)
        disk = statistics.median(item.disk_bytes for item in members)
        found[_TITLES.get(program, program)] = _row(memory, disk, len(members))
    return found


def _row(memory: float, disk: float, count: int) -> dict[str, float]:
    return {
        "memory_mib": round(memory / MIB, 1),
        "disk_mib": round(disk / MIB, 1),
        "count": count,
    }
