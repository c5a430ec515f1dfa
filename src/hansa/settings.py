"""Every setting of an installation: default, unit and reason, in one place.

A value comes from the command line, else from the environment (``HANSA_`` and the name in upper
case, so ``HANSA_REGION``), else from ``settings.json`` in the data directory, else the default.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

DEFAULT_LISTEN = "127.0.0.1:8590"


def default_data_directory() -> Path:
    """``$HANSA_DATA_DIR``, else the user's data directory (XDG)."""
    return Path(os.environ.get("HANSA_DATA_DIR") or user_data_path("hansa"))


@dataclass(frozen=True)
class Settings:
    """What an installation is set to. Times are in seconds unless the name says otherwise."""

    data_dir: Path
    """Everything the installation keeps: store, keys, ledgers, logs. Mode 0700."""

    listen: str = DEFAULT_LISTEN
    """HOST:PORT of the API. Loopback by default; give another host to serve other machines."""

    region: str = "us-east-1"
    """The AWS region that the API, the ARNs and the endpoint names speak of."""

    domain: str = "localhost"
    """The end of every endpoint name, ``….managedblockchain.REGION.DOMAIN``."""

    names: str = "auto"
    """How endpoint names resolve: ``resolver`` (they do already), ``hosts`` (a marked block in the
    hosts file), ``localhost`` (endpoints are ``localhost:PORT``); ``auto`` takes the first that
    works."""

    hosts_file: Path = Path("/etc/hosts")
    """The file that ``names=hosts`` writes its block to."""

    ports: str = "30001-34000"
    """The range of the public ports. AMB's guide: between 30000 and 34000."""

    internal_ports: str = "24001-28000"
    """The range of the ports that only the installation itself uses (operations, chaincode)."""

    batch_timeout: str = "10ms"
    """How long an orderer waits to fill a block. Short is soon for one caller; more suits a WAN."""

    batch_messages_max: int = 500
    """Transactions in a block at most."""

    raft_tick: str = "50ms"
    """The tick of the ordering service's raft; a leader is elected within 10 to 20 ticks."""

    gateway_concurrency: int = 20000
    """Calls in flight that a peer's Gateway service takes before it refuses."""

    starter_orderers: int = 1
    standard_orderers: int = 3
    """Size of the ordering service of a new network, by edition: 1, 3 or 5."""

    starter_members_max: int = 5
    standard_members_max: int = 14
    starter_nodes_per_member_max: int = 2
    standard_nodes_per_member_max: int = 3
    networks_per_account_max: int = 6
    """Limits of AMB's editions; ``networks_per_account_max`` counts each edition by itself."""

    deleted_seconds: float = 0
    """How long a deleted resource still answers as DELETED before it leaves lists and gets."""

    create_seconds_max: float = 300
    """How long a resource may stay CREATING, with failures, before it becomes CREATE_FAILED."""

    operation_seconds_max: float = 120
    """How long a step of an operation may fail for a reason that may pass, before it is FAILED."""

    unhealthy_seconds: float = 5
    """How long a node's process may be down before the node is UNHEALTHY."""

    clock_skew_seconds: float = 300
    """How far a request's X-Amz-Date may be from this clock. AWS allows five minutes."""

    trusted_proxies: str = ""
    """Addresses and blocks, with commas between, of proxies in front of the API. Of these alone,
    X-Forwarded-For and X-Forwarded-Proto are believed, which policies compare as ``aws:SourceIp``
    and ``aws:SecureTransport``."""

    request_bytes_max: int = 1_048_576
    """A larger request body of the managedblockchain API is refused before it is read."""

    event_attempts_max: int = 185
    event_retry_seconds_max: float = 86_400
    """How often, and for how long, an event is tried to be delivered before it is DEAD. Those are
    EventBridge's own limits."""

    event_days: int = 30
    """How long events are kept; 0 keeps them for ever. One whose delivery is still being tried is
    kept until that ends."""

    log_bytes_max: int = 10_485_760
    log_files_max: int = 3
    """A process's log is rotated at this size, and this many old ones are kept."""

    chaincode_sandbox: str = "auto"
    """``bubblewrap`` (required), ``none``, or ``auto``: bubblewrap where it works."""

    chaincode_network: str = "peer"
    """What chaincode may reach: its ``peer`` alone, or ``shared``: what this machine can."""

    chaincode_memory_mib: int = 1024
    """Of one chaincode with all that it starts; it is ended beyond."""

    chaincode_processes: int = 256
    """Of one chaincode; it is ended beyond."""

    chaincode_cpus: float = 1.5
    """Processors for one chaincode with all that it starts, on average; it is slowed down beyond.
    A node has two or more, of which the peer needs some."""

    chaincode_spin_seconds: int = 60
    """Chaincode that runs for so long without a word to its peer hangs, and is ended. A peer gives
    a call up after 30 s."""

    chaincode_build_network: str = "shared"
    """``none``: builds fetch nothing, and need their dependencies in the package."""

    chaincode_build_seconds: int = 280
    """A build is ended after this time; a peer waits 300 s for it."""

    chaincode_build_memory_mib: int = 4096
    """Of one build with all that it starts; it is ended beyond."""

    chaincode_build_processes: int = 512
    """Of one build; it is ended beyond."""

    audit_days: int = 90
    """How long the record of calls is kept; 0 keeps it for ever."""

    surroundings: bool = True
    """Answer the other AWS services that recipes call (STS, EC2, S3, SSM, Secrets Manager)."""

    def chaincode_environment(self) -> dict[str, str]:
        """The settings on chaincode as variables, by which peers hand them to the builders."""
        return {
            f"HANSA_{name.upper()}": str(value)
            for name, value in vars(self).items()
            if name.startswith("chaincode_")
        }


def _convert(kind: Any, value: str) -> Any:
    if kind in ("bool", bool):
        if value.lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise ValueError(f"{value!r} is neither true nor false")
        return value.lower() in ("true", "1", "yes")
    return {"int": int, "float": float, "Path": Path, "str": str}[str(kind)](value)


def load_settings(
    data_dir: Path,
    environment: Mapping[str, str],
    overrides: Mapping[str, str | None] = {},
) -> Settings:
    """The settings of the installation in ``data_dir``.

    Raises ``ValueError`` naming the setting and where it was read.
    """
    file = data_dir / "settings.json"
    stored: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    known = {field.name: field.type for field in fields(Settings) if field.name != "data_dir"}
    unknown = sorted(set(stored) - set(known))
    if unknown:
        raise ValueError(f"{file}: unknown setting {', '.join(unknown)}")
    chosen: dict[str, Any] = {}
    for name, kind in known.items():
        for source, raw in (
            ("the command line", overrides.get(name)),
            (f"HANSA_{name.upper()}", environment.get(f"HANSA_{name.upper()}")),
            (str(file), stored.get(name)),
        ):
            if raw is None or raw == "":
                continue
            try:
                chosen[name] = _convert(kind, str(raw))
            except ValueError as fault:
                raise ValueError(f"{name} from {source}: {fault}") from fault
            break
    return replace(Settings(data_dir=data_dir.absolute()), **chosen)
