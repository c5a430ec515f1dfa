"""A process that has to run, and what is seen of it: the words between Fabric and the drivers.

``fabric`` says *what* (these values), a driver says *where* (a local process, a pod). Neither knows
the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Program(StrEnum):
    """A program of the engine, by the name of its binary."""

    PEER = "peer"
    ORDERER = "orderer"
    FABRIC_CA_SERVER = "fabric-ca-server"


@dataclass(frozen=True)
class Place:
    """Where a driver will put a workload, known before it runs: what its configuration refers to.

    ``config_directory`` and ``data_directory`` are absolute paths as the process sees them;
    ``listen_host`` is the address to bind; ``internal_host`` is how the installation's other
    workloads reach it. ``engine_directory`` is the engine's root as the process sees it.
    """

    config_directory: str
    data_directory: str
    listen_host: str
    internal_host: str
    engine_directory: str


@dataclass(frozen=True)
class Probe:
    """When a workload counts as ready: an HTTP GET of ``url`` answers 200 and holds ``contains``.

    ``ca_pem`` verifies the server where ``url`` is https.
    """

    url: str
    contains: str = ""
    ca_pem: bytes = b""


@dataclass(frozen=True)
class Limits:
    """Upper limits of the process: ``cpus`` in cores, ``memory_mib`` in MiB; 0 is no limit."""

    cpus: float = 0
    memory_mib: int = 0


@dataclass(frozen=True)
class Workload:
    """One process: everything a driver has to know to run it, and to run it again.

    ``name`` is unique in the installation (``m-ABC…-ca``); ``files`` are the configuration by path
    relative to ``Place.config_directory``, all of them secret (mode 0600); ``environment`` adds to
    a minimal one; ``ports`` must be free on the listening host before the start. ``resource_id`` is
    the network, member or node it belongs to. Equal values mean that nothing has to change.
    """

    name: str
    resource_id: str
    program: Program
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    files: Mapping[str, bytes] = field(repr=False)
    ports: tuple[int, ...]
    hostnames: tuple[str, ...]
    probe: Probe
    limits: Limits = Limits()
    stop_seconds: float = 10


class Phase(StrEnum):
    """What a driver sees of a workload."""

    ABSENT = "ABSENT"  # not asked for, or removed: no process and no data
    STARTING = "STARTING"  # asked for, not yet ready
    READY = "READY"  # runs, and its probe succeeds
    DOWN = "DOWN"  # asked for, but it ended; the driver starts it again after a while
    STOPPED = "STOPPED"  # asked to stop, and stopped; its data is kept


@dataclass(frozen=True)
class Observation:
    """``reason`` says why it is not ready, in words for a person; ``restarts`` counts them."""

    name: str
    phase: Phase
    pid: int | None = None
    restarts: int = 0
    reason: str = ""
