"""Python contracts on a real peer: everything that the stub can do, and many at once."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import grpc.aio
import pytest
from bench.gateway import Gateway, Identity
from tests.fabric.developer import Developer, developing
from tests.fabric.packages import pack, running_below
from tests.fabric.rig import MEMBER, until
from tests.ports import free_ports

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
CHANNEL = "pythonchannel"

LEDGER_PY = Path(__file__).with_name("ledger_contract.py").read_text()

COLLECTIONS = [
    {
        "name": "own",
        "policy": f"OR('{MEMBER}.member')",
        "requiredPeerCount": 0,
        "maxPeerCount": 0,
        "blockToLive": 0,
    }
]


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    with developing(tmp_path_factory.mktemp("python")) as found:
        found.user.create_channel(CHANNEL, "V2_5")
        found.user.join(CHANNEL)
        yield found


def define(developer: Developer, name: str, package_id: str, *options: str) -> None:
    """Approve and commit version 1 of a chaincode."""
    definition = ("-C", CHANNEL, "-n", name, "-v", "1", "--sequence", "1", *options)
    orderer = developer.user.orderer()
    approval = (*definition, "--package-id", package_id, *orderer)
    developer.command("lifecycle", "chaincode", "approveformyorg", *approval)
    developer.command("lifecycle", "chaincode", "commit", *definition, *orderer)


@pytest.fixture(scope="module")
def ledger(developer: Developer) -> str:
    home = developer.user.home
    (home / "collections.json").write_text(json.dumps(COLLECTIONS))
    package = pack(home / "ledger.tgz", "ledger_1", "python", {"src/ledger.py": LEDGER_PY})
    package_id = developer.install(package)
    define(developer, "ledger", package_id, "--collections-config", str(home / "collections.json"))
    return "ledger"


def transact(developer: Developer, scenario: Callable[[Gateway], Awaitable[None]]) -> None:
    async def run() -> None:
        user = developer.user
        identity = Identity.read(MEMBER, user.home / "admin" / "msp")
        address = f"localhost:{user.node.peer_port}"
        gateway = Gateway(address, user.rig.fabric.tls_chain(), identity)
        try:
            await scenario(gateway)
        finally:
            await gateway.channel.close(grace=None)

    asyncio.run(run())


def test_state_history_ranges_and_pages(developer: Developer, ledger: str) -> None:
    async def scenario(gateway: Gateway) -> None:
        for value in ("1", "2"):
            await gateway.submit(CHANNEL, ledger, "put", "h", value)
        await gateway.submit(CHANNEL, ledger, "delete", "h")
        history = json.loads(await gateway.evaluate(CHANNEL, ledger, "history", "h"))
        assert [value for value, _ in history] == ["deleted", "2", "1"]
        keys = [f"r{n:04}" for n in range(250)]
        await asyncio.gather(*(gateway.submit(CHANNEL, ledger, "put_later", k, k) for k in keys))
        assert await gateway.evaluate(CHANNEL, ledger, "count", "r", "s") == b"250"
        pages = json.loads(await gateway.evaluate(CHANNEL, ledger, "pages", "r", "s", "120"))
        assert [size for size in pages if size] == [120, 120, 10]
        asked = json.dumps(["r0001", "absent", "r0002"])
        several = json.loads(await gateway.evaluate(CHANNEL, ledger, "several", asked))
        assert several == ["r0001", "", "r0002"]
        await gateway.submit(CHANNEL, ledger, "put_composite", "car", '["red", "vw"]')
        await gateway.submit(CHANNEL, ledger, "put_composite", "car", '["red", "bmw"]')
        found = json.loads(
            await gateway.evaluate(CHANNEL, ledger, "find_composite", "car", '["red"]')
        )
        assert found == [["red", "bmw"], ["red", "vw"]]

    transact(developer, scenario)


def test_private_data_and_key_level_endorsement(developer: Developer, ledger: str) -> None:
    async def scenario(gateway: Gateway) -> None:
        for key in ("p1", "p2"):
            await gateway.submit(
                CHANNEL, ledger, "put_private", key, transient={"value": b"secret"}
            )
        assert await gateway.evaluate(CHANNEL, ledger, "get_private", "p1") == b"secret"
        told = await gateway.evaluate(CHANNEL, ledger, "private_hash", "p1")
        assert told.decode() == hashlib.sha256(b"secret").hexdigest()
        assert json.loads(await gateway.evaluate(CHANNEL, ledger, "private_range")) == ["p1", "p2"]
        members = json.dumps([MEMBER])
        await gateway.submit(CHANNEL, ledger, "restrict_private", "p1", members)
        answer = await gateway.evaluate(CHANNEL, ledger, "restricted", "p1", "true")
        assert json.loads(answer) == [MEMBER]
        await gateway.submit(CHANNEL, ledger, "delete_private", "p2")
        assert json.loads(await gateway.evaluate(CHANNEL, ledger, "private_range")) == ["p1"]
        await gateway.submit(CHANNEL, ledger, "put_private", "p3", transient={"value": b"x"})
        await gateway.submit(CHANNEL, ledger, "purge_private", "p3")
        assert await gateway.evaluate(CHANNEL, ledger, "private_hash", "p3") == b""

        await gateway.submit(CHANNEL, ledger, "put", "guarded", "1")
        assert (
            json.loads(await gateway.evaluate(CHANNEL, ledger, "restricted", "guarded", "false"))
            == []
        )
        await gateway.submit(
            CHANNEL, ledger, "restrict", "guarded", json.dumps([MEMBER, "stranger"])
        )
        answer = await gateway.evaluate(CHANNEL, ledger, "restricted", "guarded", "false")
        assert json.loads(answer) == [MEMBER, "stranger"]

    transact(developer, scenario)


def test_events_identity_and_other_chaincode(developer: Developer, ledger: str) -> None:
    async def scenario(gateway: Gateway) -> None:
        await gateway.submit(CHANNEL, ledger, "put", "seen", "1")
        async for event in gateway.events(CHANNEL, ledger, 0):
            if event.payload == b"seen":
                assert event.event_name == "put"
                break
        msp_id, channel, _ = json.loads(await gateway.evaluate(CHANNEL, ledger, "who"))
        assert (msp_id, channel) == (MEMBER, CHANNEL)
        answer = await gateway.evaluate(CHANNEL, ledger, "call", "absent", '["f"]')
        assert answer.startswith(b"500 ")

    transact(developer, scenario)


def test_what_fails_is_told_to_the_client(developer: Developer, ledger: str) -> None:
    async def scenario(gateway: Gateway) -> None:
        for call, text in (
            (("fail", "value"), "it went wrong"),
            (("fail", "exit"), "it went wrong"),
            (("rich",), "ExecuteQuery not supported for leveldb"),
            (("put", "k"), "put takes 2 arguments"),
        ):
            with pytest.raises(grpc.aio.AioRpcError, match=text):
                await gateway.evaluate(CHANNEL, ledger, *call)
        size = 20 * 1024 * 1024
        assert len(await gateway.evaluate(CHANNEL, ledger, "large", str(size))) == size

    transact(developer, scenario)


def test_five_hundred_transactions_at_once(developer: Developer, ledger: str) -> None:
    async def scenario(gateway: Gateway) -> None:
        for function in ("put", "put_later"):
            keys = [f"{function}{n:04}" for n in range(500)]
            await asyncio.gather(*(gateway.submit(CHANNEL, ledger, function, k, k) for k in keys))
            first, last = f"{function}0", f"{function}1"
            assert await gateway.evaluate(CHANNEL, ledger, "count", first, last) == b"500"

    transact(developer, scenario)


def test_killed_chaincode_is_started_anew(developer: Developer, ledger: str) -> None:
    def processes() -> list[int]:
        return [
            int(file.parent.name)
            for file in Path("/proc").glob("[0-9]*/cmdline")
            if b"hansa_contract\0start" in _read(file) and b"ledger_1" in _read(file)
        ]

    async def put(gateway: Gateway, value: str) -> None:
        await gateway.submit(CHANNEL, ledger, "put", "again", value)

    transact(developer, lambda gateway: put(gateway, "1"))
    killed = processes()
    assert killed
    for pid in killed:
        with suppress(ProcessLookupError):  # it may have ended with one that is killed already
            os.kill(pid, signal.SIGKILL)
    until(lambda: not set(killed) & set(processes()))
    transact(developer, lambda gateway: put(gateway, "2"))
    assert developer.query(CHANNEL, ledger, "get", "again") == "2"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def test_a_python_contract_as_a_service(developer: Developer, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    connection = json.dumps({"address": address, "dial_timeout": "10s", "tls_required": False})
    package = pack(tmp_path / "s.tgz", "service_1", "ccaas", {"connection.json": connection})
    package_id = developer.install(package)
    (tmp_path / "ledger.py").write_text(LEDGER_PY)
    log = tmp_path / "log"
    with log.open("wb") as output:
        service = subprocess.Popen(
            [sys.executable, "-m", "hansa_contract", "serve", "--directory", str(tmp_path)],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "contract" / "src"),
                "CHAINCODE_SERVER_ADDRESS": address,
                "CHAINCODE_ID": package_id,
            },
            stdout=output,
            stderr=output,
        )
    try:
        until(lambda: "listening on" in log.read_text())
        define(developer, "service", package_id)

        async def scenario(gateway: Gateway) -> None:
            keys = [f"k{n:03}" for n in range(100)]
            await asyncio.gather(*(gateway.submit(CHANNEL, "service", "put", k, k) for k in keys))
            assert await gateway.evaluate(CHANNEL, "service", "count", "", "") == b"100"

        transact(developer, scenario)
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=20) == 0
    finally:
        service.kill()
        service.wait()


def test_a_package_that_cannot_be_imported_says_where(developer: Developer) -> None:
    broken = "from hansa_contract import Contract\n\nundefined_thing()\n"
    package = pack(developer.user.home / "b.tgz", "broken_1", "python", {"src/main.py": broken})
    with pytest.raises(AssertionError, match="could not build chaincode"):
        developer.command("lifecycle", "chaincode", "install", package)
    message = "main.py:3: NameError: name 'undefined_thing' is not defined"
    assert message in developer.build_log("broken_1")
    until(lambda: message in developer.peer_log)


def test_chaincode_ends_with_its_peer(developer: Developer, ledger: str) -> None:
    rig, name = developer.user.rig, developer.peer.name
    data = rig.place(name).data_directory
    assert developer.query(CHANNEL, ledger, "get", "again")
    rig.kill(name)
    until(lambda: not running_below(data))
    rig.run(developer.peer)
