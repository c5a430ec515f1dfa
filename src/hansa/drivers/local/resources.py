"""What a workload uses of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from hansa.drivers.local.identity import Identity

_BLOCK_BYTES = 512  # the unit of st_blocks, stat(2)


@dataclass(frozen=True)
class Usage:
    """Of all processes of a workload together, chaincode included.

    ``cpu_seconds`` counts those that run now; ``disk_bytes`` is what its directory occupies.
    """

    rss_bytes: int
    cpu_seconds: float
    disk_bytes: int
    processes: int


def measure(processes: Iterable[Identity], directory: Path) -> Usage:
    """What ``processes`` and ``directory`` use now."""
    rss, cpu, count = 0, 0.0, 0
    for item in processes:
        try:
            process = psutil.Process(item.pid)
            with process.oneshot():
                times = process.cpu_times()
                rss += process.memory_info().rss
                cpu += times.user + times.system
            count += 1
        except psutil.Error:  # it ended meanwhile
            continue
    return Usage(rss, cpu, disk_bytes(directory), count)


def disk_bytes(directory: Path) -> int:
    """The space that the files below ``directory`` occupy on the disk."""
    total = 0
    for folder, _, files in os.walk(directory):
        for file in files:
            try:
                total += Path(folder, file).lstat().st_blocks * _BLOCK_BYTES
            except FileNotFoundError:  # a ledger deletes files as it compacts
                continue
    return total
