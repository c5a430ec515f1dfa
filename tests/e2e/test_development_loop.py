"""From a folder to a deployed contract with `hansa channel` and `hansa chaincode` alone."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from tests.e2e.installation import COMMAND_SECONDS_MAX, HANSA, Installation, told
from tests.e2e.network import Network, create_network

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

ASSET = Path(__file__).parents[2] / "examples" / "asset-contract" / "javascript"


@pytest.fixture(scope="module")
def network(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = create_network(service, tmp_path_factory.mktemp("home"))
    yield made
    made.delete()


@pytest.fixture(scope="module")
def channel(service: Installation, network: Network) -> list[str]:
    """A channel made by the command, as the options that choose it."""
    chosen = ["--network", network.network_id]
    made = service.hansa_json("channel", "create", "loop", *chosen)
    assert (made["Action"], made["Status"]) == ("CreateChannel", "SUCCEEDED")
    return [*chosen, "--channel", "loop"]


def test_a_channel_is_made_listed_and_shown(
    service: Installation, network: Network, channel: list[str]
) -> None:
    chosen = channel[:2]
    (listed,) = service.hansa_json("channel", "list", *chosen)
    assert (listed["Name"], listed["Members"]) == ("loop", [network.member_id])
    assert network.node_id in service.hansa("channel", "show", "loop", *chosen)
    assert service.hansa_json("channel", "join", "loop", *chosen) == []
    (made,) = service.hansa_json("operation", "list", *chosen, "--status", "SUCCEEDED")[:1]
    assert "CreateChannel of loop is SUCCEEDED" in service.hansa("operation", "show", made["Id"])
    again = service.try_hansa("channel", "create", "loop", *chosen)
    assert again.returncode == 1
    assert "ResourceAlreadyExistsException" in again.stderr


def test_a_folder_is_deployed_and_deployed_anew_once_it_changes(
    service: Installation, network: Network, channel: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "asset"
    shutil.copytree(ASSET, folder)
    (folder / "node_modules" / "stale").mkdir(parents=True)
    (folder / "node_modules" / "stale" / "broken.js").write_text("}")
    done = service.try_hansa("chaincode", "deploy", str(folder), *channel)
    assert done.returncode == 0, told(done)
    for told_step in ("Packaged", "Uploaded", f"Install on node {network.node_id}", "in force"):
        assert told_step in done.stderr
    (listed,) = service.hansa_json("chaincode", "list", *channel)
    assert (listed["Definition"]["Name"], listed["Definition"]["Sequence"]) == ("asset-contract", 1)
    assert listed["Approvals"] == {network.member_id: True}
    create = ("asset-contract", "createAsset", "a1", "Ann", "7")
    committed = service.hansa_json("chaincode", "invoke", *create, *channel)
    assert committed["ValidationCode"] == "VALID"
    assert json.loads(committed["ResultText"])["Owner"] == "Ann"
    read = ("asset-contract", "readAsset")
    found = service.hansa("chaincode", "query", *read, "a1", *channel)
    assert json.loads(found) == json.loads(committed["ResultText"])
    absent = service.try_hansa("chaincode", "query", *read, "nothing", *channel)
    assert absent.returncode == 1
    assert "Asset nothing does not exist" in absent.stderr
    again = service.hansa_json("chaincode", "deploy", str(folder), *channel)
    assert again["Chaincode"]["Definition"]["Sequence"] == 1
    with (folder / "index.js").open("a") as code:
        code.write("console.log('begun anew');\n")
    changed = service.hansa_json("chaincode", "deploy", str(folder), *channel)
    assert changed["Chaincode"]["Definition"]["Sequence"] == 2
    assert service.hansa("chaincode", "query", *read, "a1", *channel) == found
    logs = service.hansa("chaincode", "logs", "asset-contract", *channel)
    build, _, output = logs.partition(f"==> output on {network.node_id} <==")
    assert "building node chaincode asset-contract" in build
    assert "begun anew" in output
    (counted,) = service.hansa_json("chaincode", "metrics", "asset-contract", *channel)
    assert (counted["NodeId"], counted["FailedCalls"]) == (network.node_id, 1)
    # One transaction, three queries; this package was started once, and read what the last asked.
    assert (counted["Calls"], counted["Starts"]) == (4, 1)
    assert counted["StateRequests"] >= 1
    assert counted["CallSeconds"] > 0
    assert counted["Transactions"] == {"VALID": 1}
    shown = service.hansa("chaincode", "metrics", "asset-contract", *channel)
    assert "1 VALID" in shown


def test_a_package_is_made_for_others_and_deployed(
    service: Installation, network: Network, channel: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "asset.tar.gz"
    packed = ("chaincode", "package", str(ASSET), "--name", "packed", "-o", str(file))
    made = service.hansa_json(*packed)
    deployed = service.hansa_json("chaincode", "deploy", str(file), *channel)
    assert deployed["Chaincode"]["Definition"]["Name"] == "packed"
    installed = network.tool("peer", "lifecycle", "chaincode", "queryinstalled")
    assert made["PackageId"] in installed


def test_what_the_compiler_says_is_told(
    service: Installation, channel: list[str], tmp_path: Path
) -> None:
    (tmp_path / "go.mod").write_text("module example.org/broken\n\ngo 1.20\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() { x }\n")
    done = service.try_hansa("chaincode", "deploy", str(tmp_path), *channel)
    assert done.returncode == 1
    assert "main.go:3" in done.stderr
    assert "✗ Install on node" in done.stderr
    (build,) = service.hansa_json("chaincode", "logs", "broken", *channel, "--only", "build")
    assert any("main.go:3" in line for line in build["Lines"])


class Loop:
    """`hansa chaincode dev`, which runs; what it tells is read as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: list[str] = []
        self._read = 0
        self._ended = False
        self._told = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._told:
                self._lines.append(line)
                self._told.notify_all()
        with self._told:
            self._ended = True
            self._told.notify_all()

    def await_line(self, text: str) -> str:
        """The next line with ``text`` after the one that was awaited last."""

        def find() -> int | None:
            rest = enumerate(self._lines[self._read :], self._read)
            return next((number for number, line in rest if text in line), None)

        with self._told:
            self._told.wait_for(lambda: self._ended or find() is not None, COMMAND_SECONDS_MAX)
            number = find()
            assert number is not None, f"no {text!r} in:\n{''.join(self._lines)}"
            self._read = number + 1
            return self._lines[number]


@contextmanager
def developing(service: Installation, *arguments: str) -> Iterator[Loop]:
    """The loop, ended by Ctrl-C; then none of its processes may be left."""
    process = subprocess.Popen(
        [str(HANSA), "chaincode", "dev", *arguments],
        env=service.environment,
        cwd=service.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield Loop(process)
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGINT)
            assert process.wait(COMMAND_SECONDS_MAX) == 0
            assert [child for child in children if child.is_running()] == []
        finally:
            process.kill()


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_change_is_deployed_and_a_mistake_is_told(
    service: Installation, channel: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "shelf"
    service.hansa("chaincode", "new", "node", "shelf", str(folder))
    main, items = folder / "index.js", folder / "lib" / "items.js"
    read = ("chaincode", "query", "shelf", "read", "i1", *channel)
    with developing(service, str(folder), *channel) as loop:
        loop.await_line("✓ Put sequence 1 in force")
        change(items, "there is no item", "we never had an item")
        loop.await_line("✓ Put sequence 2 in force")
        assert "we never had an item i1" in service.try_hansa(*read).stderr
        change(main, "const { Items }", "console.log('has begun');\nconst { Items }")
        loop.await_line("✓ Put sequence 3 in force")
        loop.await_line("has begun")
        change(main, "[Items];", "[Items;")
        loop.await_line("✗ Install on node")
        loop.await_line("index.js:")
        change(main, "[Items;", "[Items ];")
        loop.await_line("✓ Put sequence 4 in force")


def test_a_service_that_runs_here_changes_without_a_deployment(
    service: Installation, network: Network, tmp_path: Path
) -> None:
    folder = tmp_path / "shelf"
    service.hansa("chaincode", "new", "python", "served", str(folder))
    chosen = ["--network", network.network_id, "--channel", "live"]
    read = ("chaincode", "query", "served", "read", "i1", *chosen)
    with developing(service, str(folder), *chosen, "--as-service") as loop:
        loop.await_line("Channel live was not there, and is made")
        loop.await_line("✓ Started")
        loop.await_line("✓ Put sequence 1 in force")
        assert "there is no item i1" in service.try_hansa(*read).stderr
        change(folder / "items.py", "there is no item", "we never had an item")
        loop.await_line("✓ Started")
        assert "we never had an item i1" in service.try_hansa(*read).stderr
        change(folder / "items.py", "found = ", "found == ((")
        loop.await_line("items.py:")
        loop.await_line("cannot be loaded")
        assert "we never had an item i1" in service.try_hansa(*read).stderr
        change(folder / "items.py", "found == ((", "found = ")
        loop.await_line("✓ Started")
    (listed,) = service.hansa_json("chaincode", "list", *chosen)
    assert listed["Definition"]["Sequence"] == 1
