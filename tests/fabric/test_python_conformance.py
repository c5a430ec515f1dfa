"""A real peer does what the channel in memory does, by the same suite."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import grpc
import jsonschema
import pytest
from bench.gateway import Gateway, Identity
from tests.contracts.suite import CHECKS, SOURCE, RefusedError
from tests.fabric.developer import developing
from tests.fabric.rig import MEMBER
from tests.fabric.test_python import CHANNEL, define, pack

from hansa.engine import locate_engine

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

NAME = "conformance"
DETAILS = "grpc-status-details-bin"


class Real:
    """A :class:`tests.contracts.suite.Peer`: each call through the peer's Gateway service."""

    chaincode, mspid, channel = NAME, MEMBER, CHANNEL

    def __init__(self, runner: asyncio.Runner, gateway: Gateway) -> None:
        self._runner, self._gateway = runner, gateway

    def submit(
        self, function: str, *args: str, transient: Mapping[str, bytes] | None = None
    ) -> bytes:
        return self._run(function, args, dict(transient or {}), commit=True)

    def evaluate(self, function: str, *args: str) -> bytes:
        return self._run(function, args, {}, commit=False)

    def _run(
        self, function: str, args: tuple[str, ...], transient: dict[str, bytes], *, commit: bool
    ) -> bytes:
        act = self._gateway.submit if commit else self._gateway.evaluate
        try:
            return self._runner.run(act(CHANNEL, NAME, function, *args, transient=transient))
        except grpc.aio.AioRpcError as fault:
            details = dict(fault.trailing_metadata() or ()).get(DETAILS, b"")
            text = details.decode(errors="replace") if isinstance(details, bytes) else ""
            raise RefusedError(f"{fault.details()} {text}") from fault


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    with developing(tmp_path_factory.mktemp("conformance")) as developer:
        user = developer.user
        user.create_channel(CHANNEL, "V2_5")
        user.join(CHANNEL)
        files = {
            f"src/{file.name}": file.read_text() for file in SOURCE.iterdir() if file.is_file()
        }
        package = pack(user.home / "conformance.tgz", "conformance_1", "python", files)
        define(developer, NAME, developer.install(package))
        identity = Identity.read(MEMBER, user.home / "admin" / "msp")
        with asyncio.Runner() as runner:
            gateway = runner.run(
                _open(f"localhost:{user.node.peer_port}", user.rig.fabric.tls_chain(), identity)
            )
            yield Real(runner, gateway)
            runner.run(gateway.channel.close(grace=None))


async def _open(address: str, root: bytes, identity: Identity) -> Gateway:
    return Gateway(address, root, identity)


@pytest.mark.parametrize("check", CHECKS)
def test_a_real_peer(check: str, peer: Real) -> None:
    CHECKS[check](peer)


def test_the_metadata_fits_the_published_schema(peer: Real) -> None:
    """The schema is that of the contract API for Node.js, which the engine has."""
    engine = locate_engine(os.environ)
    config = json.loads((engine.root / "builders" / "config.json").read_text())
    api = Path(config["node"]["modules"]) / "fabric-contract-api"
    schema = json.loads((api / "schema" / "contract-schema.json").read_text())
    told = json.loads(peer.evaluate("org.hyperledger.fabric:GetMetadata"))
    jsonschema.Draft4Validator(schema).validate(told)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(schema).validate({"contracts": told["contracts"]})
