"""What chaincode and builds may take of the machine: settings that a peer hands on."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hansa.chaincode.config import BuildError

MIB = 1024**2

DATA_SLACK_MIB = 512
"""Runtimes reserve more than they use, and what they use is counted otherwise."""

NICE = 5
OUT_OF_MEMORY_FIRST = "1000"
"""Of all processes of the machine, or of the peer's control group, the kernel takes these first."""

PR_SET_PDEATHSIG = 1

PREFIX = "HANSA_CHAINCODE_"


@dataclass(frozen=True)
class Rules:
    """``network`` is ``peer`` (nothing else) or ``shared``, ``build_network`` that or ``none``.

    ``processes`` and ``memory_mib`` count everything that one chaincode, or build, has started.
    So do ``cpus``, in processors of the machine. ``spin_seconds`` is more than the time after which
    a peer gives a call up, and ``build_seconds`` less than that after which it gives a build up.
    """

    memory_mib: int = 1024
    processes: int = 256
    cpus: float = 1.5
    spin_seconds: int = 60
    network: str = "peer"
    build_memory_mib: int = 4096
    build_processes: int = 512
    build_seconds: int = 280
    build_network: str = "shared"

    @property
    def offline(self) -> bool:
        """Whether a build is to do without a network, so that its client says what is missing."""
        return self.build_network == "none"


_NUMBER_MAX = 10**9
_NETWORKS = {"network": ("peer", "shared"), "build_network": ("shared", "none")}


def read_rules(environment: Mapping[str, str]) -> Rules:
    """Raises :class:`BuildError` for a value that is none."""
    values: dict[str, float | str] = {}
    for name, default in vars(Rules()).items():
        text = environment.get(f"{PREFIX}{name.upper()}", "")
        if not text:
            continue
        if name in _NETWORKS and text not in _NETWORKS[name]:
            raise BuildError(f"chaincode_{name} is {text!r}; it may be {_NETWORKS[name]}")
        values[name] = text if isinstance(default, str) else _number(name, text, type(default))
    return Rules(**values)  # type: ignore[arg-type]  # each by its default's type


def _number(name: str, text: str, kind: type[float]) -> float:
    try:
        value = kind(text)
    except ValueError:
        value = 0
    if not 0 < value < _NUMBER_MAX:
        raise BuildError(f"chaincode_{name} is {text!r}; it must be a number above 0")
    return value


def limit_process(memory_mib: int, file_mib: int) -> Callable[[], None]:
    """For the child before it runs its program: what the kernel holds each process to.

    And the kernel ends it with its parent.
    """
    data, files = (memory_mib + DATA_SLACK_MIB) * MIB, file_mib * MIB
    control = ctypes.CDLL(None).prctl

    def limit() -> None:
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_DATA, data)
        _lower(resource.RLIMIT_FSIZE, files)
        control(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.nice(NICE)
        Path("/proc/self/oom_score_adj").write_text(OUT_OF_MEMORY_FIRST)

    return limit


def _lower(kind: int, wanted: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))
