"""Chaincode as a service: it runs elsewhere, and the peer connects to it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from hansa.chaincode.config import BuildError, BuildersConfig
from hansa.chaincode.package import Package, copy_metadata
from hansa.chaincode.process import BuildLog

CONNECTION = "connection.json"


def build(
    _config: BuildersConfig,
    package: Package,
    output: Path,
    _environment: Mapping[str, str],
    _log: BuildLog,
) -> None:
    """Keep the address of the service; the peer reads it from the release directory."""
    file = package.source / CONNECTION
    try:
        connection = json.loads(file.read_text())
    except (OSError, ValueError) as fault:
        raise BuildError(f"the package needs a {CONNECTION} in JSON at its top: {fault}") from fault
    if not isinstance(connection, dict) or not connection.get("address"):
        raise BuildError(f'{CONNECTION} has no "address" (HOST:PORT of the chaincode)')
    shutil.copy(file, output / CONNECTION)
    copy_metadata(package.source, output)


def release(built: Path, target: Path) -> None:
    server = target / "chaincode" / "server"
    server.mkdir(parents=True, exist_ok=True)
    shutil.copy(built / CONNECTION, server / CONNECTION)
