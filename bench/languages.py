"""The same contract in Go, Node.js and Python, side by side under load, on one peer.

Each transaction reads a key and writes it; a client submits through the peer's Gateway and waits
for the commit. The languages take turns, so that what else the machine does hits all of them.
"""

from __future__ import annotations

import asyncio
import io
import json
import statistics
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc.aio

from bench.gateway import Gateway, Identity, NotCommittedError
from bench.job import enrolled
from hansa.client.api import Choice, find_member
from hansa.client.installation import Installation
from hansa.client.peer_cli import Chaincode, PeerCli
from hansa.engine import Engine
from hansa.engine.sources import engine_sources

CHANNEL = "languages"
IN_FLIGHT = (50, 500)
SOURCES = Path(__file__).parent / "contracts"
KINDS = {"Go": "golang", "Node.js": "node", "Python": "python"}
GO_MODULE = "contractapi2"
_CONFIGTX = """\
Organizations:
  - &Member
    Name: {member_id}
    ID: {member_id}
    MSPDir: {msp}
Profiles:
  OneMember:
    Consortium: AWSSystemConsortium
    Application:
      Capabilities: {{V2_0: true}}
      Organizations:
        - *Member
"""


@dataclass
class Load:
    """What one language did at one number of transactions in flight, a round after the other."""

    language: str
    in_flight: int
    per_second: list[float] = field(default_factory=list)
    p95_ms: list[float] = field(default_factory=list)
    errors: int = 0

    def values(self) -> dict[str, Any]:
        return {
            "language": self.language,
            "in_flight": self.in_flight,
            "per_second": round(statistics.median(self.per_second), 1),
            "p95_ms": round(statistics.median(self.p95_ms), 1),
            "errors": self.errors,
        }


def measure_languages(
    installation: Installation,
    engine: Engine,
    api: Any,
    rounds: int,
    transactions: int,
    tell: Callable[[str], None],
) -> list[dict[str, Any]]:
    """Deploy the contracts on the first network that there is, and submit to each of them."""
    network_id = api.list_networks()["Networks"][0]["Id"]
    cli = enrolled(installation, engine, find_member(api, Choice(network_id)))
    text = _CONFIGTX.format(
        member_id=cli.member.member_id, msp=json.dumps(cli.environment["MSP_PATH"])
    )
    cli.create_channel(CHANNEL, text, "OneMember")
    for language in KINDS:
        tell(f"the contract in {language}")
        _deploy(cli, language)
    loads = asyncio.run(_run(cli, rounds, transactions, tell))
    return [load.values() for load in loads]


def _deploy(cli: PeerCli, language: str) -> None:
    name = _name(language)
    package = cli.directory / f"{name}.tar.gz"
    package.write_bytes(_pack(language))
    lifecycle = ("peer", "lifecycle", "chaincode")
    package_id = cli.run(*lifecycle, "calculatepackageid", str(package)).strip()
    cli.run(*lifecycle, "install", str(package))
    cli.commit(CHANNEL, Chaincode(name, "1", "", KINDS[language]), package_id)


def _name(language: str) -> str:
    return language.lower().replace(".", "")


def _pack(language: str) -> bytes:
    """A package of the new lifecycle; Fabric's own command packs no Python."""
    folder = SOURCES / {"Go": "go", "Node.js": "node", "Python": "python"}[language]
    files = {f"src/{file.name}": file.read_bytes() for file in folder.iterdir() if file.is_file()}
    path = ""
    if language == "Go":
        module = engine_sources() / "chaincode-go" / GO_MODULE
        files |= {f"src/{name}": (module / name).read_bytes() for name in ("go.mod", "go.sum")}
        path = (module / "go.mod").read_text().splitlines()[0].removeprefix("module ").strip()
    metadata = {"type": KINDS[language], "label": _name(language), "path": path}
    return _archive(
        {"metadata.json": json.dumps(metadata).encode(), "code.tar.gz": _archive(files)}
    )


def _archive(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return content.getvalue()


async def _run(
    cli: PeerCli, rounds: int, transactions: int, tell: Callable[[str], None]
) -> list[Load]:
    identity = Identity.read(cli.member.member_id, Path(cli.environment["MSP_PATH"]))
    gateway = Gateway(cli.environment["CORE_PEER_ADDRESS"], cli.chain.read_bytes(), identity)
    loads = [Load(language, in_flight) for in_flight in IN_FLIGHT for language in KINDS]
    try:
        for language in KINDS:
            await _submit(gateway, Load(language, 0), f"warm-{language}", 20)
        for round_ in range(rounds):
            for load in loads:
                tell(f"{load.language}, {load.in_flight} in flight, round {round_ + 1}")
                await _submit(gateway, load, f"{load.in_flight}-{round_}", transactions)
    finally:
        await gateway.channel.close(grace=None)
    return loads


async def _submit(gateway: Gateway, load: Load, prefix: str, transactions: int) -> None:
    """Keys differ, so that no transaction spoils another's read."""
    turns = asyncio.Semaphore(load.in_flight or transactions)
    seconds: list[float] = []

    async def submit(key: str) -> None:
        async with turns:
            began = time.monotonic()
            try:
                await gateway.submit(CHANNEL, _name(load.language), "Exchange", key, "v" * 100)
            except (grpc.aio.AioRpcError, NotCommittedError):
                load.errors += 1
            seconds.append(time.monotonic() - began)

    began = time.monotonic()
    await asyncio.gather(*(submit(f"{prefix}-{number}") for number in range(transactions)))
    load.per_second.append(transactions / (time.monotonic() - began))
    load.p95_ms.append(sorted(seconds)[int(len(seconds) * 0.95)] * 1000)
