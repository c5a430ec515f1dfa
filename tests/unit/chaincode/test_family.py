"""Processes are counted while they come and go."""

from __future__ import annotations

import subprocess

from hansa.chaincode.family import Family, descendants, resident_bytes, threads
from hansa.chaincode.processor import Throttle, Watch

SHORT_LIVED = "for n in $(seq 1500); do /bin/true & done; wait"


def test_processes_that_end_meanwhile_are_no_error() -> None:
    family, throttle, watch = Family(), Throttle(1e6), Watch(1e6)
    seen = 0
    with subprocess.Popen(["sh", "-c", SHORT_LIVED]) as shell:
        while shell.poll() is None:
            pids = family.members()
            seen = max(seen, len(pids))
            throttle.look(pids)
            watch.look(pids, 0, stopped=False)
            resident_bytes(pids)
            descendants(shell.pid)
    family.close()
    assert seen > 1
    assert threads(shell.pid) == []
