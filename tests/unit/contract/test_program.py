"""The process that a peer starts."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from tests.unit.contract.fake_peer import FakePeer, fake_peer
from tests.unit.contract.rig import run

ROOT = Path(__file__).parents[3]

CONTRACT = """
import logging, time

from hansa_contract import AsyncContext, Context, Contract, submit


class Assets(Contract):
    @submit
    def put(self, ctx: Context, key: str, value: str) -> str:
        logging.getLogger("author").info("putting")
        ctx.stub.put_state(key, value)
        return "SECRET-RESULT"

    @submit
    async def fail(self, ctx: AsyncContext, value: str) -> None:
        raise ValueError(value)

    @submit
    def stuck(self, ctx: Context) -> None:
        ctx.stub.put_state("stuck", "1")
        while True:
            time.sleep(1)
"""

SCRIPT = CONTRACT + "\n\nfrom hansa_contract import start\n\nstart(Assets)\n"


async def launch(peer: FakePeer, directory: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=directory,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "contract" / "src"),
            "CORE_CHAINCODE_ID_NAME": "asset_1:abc",
            "CORE_PEER_ADDRESS": peer.address,
            "CHAINCODE_LOG_LEVEL": "DEBUG",
            "http_proxy": "http://127.0.0.1:1",
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def end(process: asyncio.subprocess.Process) -> list[dict[str, object]]:
    _, told = await process.communicate()
    return [json.loads(line) for line in told.splitlines()]


def test_it_serves_and_ends_when_told_and_logs_no_payload(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(CONTRACT)

    async def scenario() -> None:
        async with fake_peer() as peer:
            process = await launch(peer, tmp_path, "-m", "hansa_contract", "start")
            session = await peer.session()
            answer = await session.invoke("put", "a", "SECRET-VALUE", tx_id="tx9")
            assert answer.response.payload == b"SECRET-RESULT"
            assert session.state == {("", "a"): b"SECRET-VALUE"}
            failed = await session.invoke("fail", "SECRET-FAULT")
            assert "SECRET-FAULT" in failed.response.message
            process.send_signal(signal.SIGTERM)
            lines = await end(process)
            assert process.returncode == 0
            assert "SECRET" not in json.dumps(lines)
            (author,) = [line for line in lines if line["logger"] == "author"]
            assert (author["message"], author["tx_id"]) == ("putting", "tx9")
            assert author["channel"] == "ch"
            assert any("ValueError" in str(line["message"]) for line in lines)

    run(scenario)


def test_a_function_that_never_returns_does_not_keep_the_process(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(CONTRACT)

    async def scenario() -> None:
        async with fake_peer() as peer:
            process = await launch(peer, tmp_path, "-m", "hansa_contract", "start")
            session = await peer.session()
            reached = asyncio.Event()

            async def seen(_: object) -> None:
                reached.set()

            session.before = seen
            await session.begin("stuck", tx_id="t1")
            await reached.wait()
            process.send_signal(signal.SIGTERM)
            lines = await end(process)
            assert process.returncode == 0
            assert any("did not end in time" in str(line["message"]) for line in lines)

    run(scenario)


def test_it_ends_with_the_stream_so_that_the_peer_starts_it_anew(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)

    async def scenario() -> None:
        async with fake_peer() as peer:
            arguments = ("script.py", "-peer.address=" + peer.address)
            process = await launch(peer, tmp_path, *arguments)
            await peer.session()
        lines = await end(process)
        assert process.returncode == 1
        assert lines

    run(scenario)


def test_a_peer_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(CONTRACT)

    async def scenario() -> None:
        async with fake_peer() as peer:
            arguments = ("-m", "hansa_contract", "start", "--peer.address", "127.0.0.1:1")
            process = await launch(peer, tmp_path, *arguments)
            lines = await end(process)
            assert process.returncode == 1
            assert "the stream to the peer broke: UNAVAILABLE" in str(lines[-1]["message"])

    run(scenario)
