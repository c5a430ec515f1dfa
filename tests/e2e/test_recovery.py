"""kill -9 of every part, with transactions going on: everything comes back by itself."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import psutil
import pytest
import yaml
from tests.e2e.installation import Installation, until
from tests.e2e.load import AMOUNT, CHAINCODE, CHANNEL, Load
from tests.e2e.network import ADMIN, PASSWORD, Network, create_network

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "chaincode_example02"
IMPORT_PATH = "github.com/chaincode_example02"
ALL = 1_000_000


@pytest.fixture(scope="module")
def network(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = create_network(service, tmp_path_factory.mktemp("member"))
    # Where the tools look for Go packages: the GOPATH of the user's home directory.
    shutil.copytree(EXAMPLE, service.home / "go" / "src" / IMPORT_PATH, dirs_exist_ok=True)
    made.create_channel(CHANNEL, HERE / "guide" / "configtx.yaml")
    named = ("-n", CHAINCODE, "-v", "v0")
    made.tool("peer", "chaincode", "install", *named, "-p", f"{IMPORT_PATH}/go")
    init = f'{{"Args":["init","a","{ALL}","b","0"]}}'
    instantiate = ("peer", "chaincode", "instantiate", "-C", CHANNEL, *named, "-c", init)
    made.tool(*instantiate, *made.orderer)
    until(lambda: made.query(CHANNEL, CHAINCODE, "query", "a"), "the chaincode answers")
    yield made
    made.delete()


@pytest.fixture
def load(network: Network) -> Iterator[Load]:
    with Load(network) as running:
        running.commits_more()
        yield running
    network.service.up()  # where the test failed before it did


def _kill(*pids: int | None) -> None:
    for pid in pids:
        assert pid is not None
        os.kill(pid, signal.SIGKILL)


def _pids(network: Network) -> dict[str, int | None]:
    """Pids of the network's own workloads; None where one does not run."""
    found = network.service.processes()
    return {name: found[name] for name in network.names}


def _height(network: Network, name: str) -> int:
    """The channel's height as the workload's metrics tell it."""
    config = network.service.data_dir / "workloads" / name / "config"
    (file,) = [*config.rglob("core.yaml"), *config.rglob("orderer.yaml")]
    content = {key.lower(): value for key, value in yaml.safe_load(file.read_text()).items()}
    address = next(
        value for key, value in content["operations"].items() if key.lower() == "listenaddress"
    )
    metrics = httpx2.get(f"http://{address}/metrics", timeout=5, trust_env=False).text
    found = re.search(
        rf'^ledger_blockchain_height{{channel="{CHANNEL}"}} (\S+)$', metrics, re.MULTILINE
    )
    assert found, f"no height in the metrics of {name}"
    return int(float(found[1]))


def _assert_whole(network: Network, load: Load) -> None:
    """Commits go on; then, at rest, all agree and nothing is lost."""
    load.commits_more()
    load.stop()
    orderer, _, peer = network.names

    def equal() -> bool:
        heights = _height(network, orderer), _height(network, peer)
        assert heights[0] == heights[1], f"heights of orderer and peer: {heights}"
        return True

    until(equal, "orderer and peer have the same height")
    a, b = (int(network.query(CHANNEL, CHAINCODE, "query", key)) for key in "ab")
    assert a + b == ALL
    assert b >= load.committed * AMOUNT, "a committed transaction is lost"
    keys = {**network.member_keys, "NodeId": network.node_id}
    network.api.get_waiter("node_available").wait(**keys)
    url = f"https://{ADMIN}:{PASSWORD}@{network.environment['CA']}"
    network.tool("fabric-ca-client", "enroll", "-u", url, "-M", str(network.home / "again"))


def _all_run_again(network: Network, killed: dict[str, int | None]) -> None:
    """Return once what was killed runs with other pids, and the rest with its own."""

    def back() -> bool:
        now = _pids(network)
        assert all(now.values()), str(now)
        assert all(now[name] != pid for name, pid in killed.items()), str(now)
        return True

    until(back, f"{', '.join(killed)} run again")


@pytest.mark.parametrize("part", [0, 1, 2], ids=["orderer", "ca", "peer"])
def test_a_killed_process_comes_back(network: Network, load: Load, part: int) -> None:
    before = _pids(network)
    name = network.names[part]

    _kill(before[name])

    _all_run_again(network, {name: before[name]})
    others = {other: pid for other, pid in before.items() if other != name}
    now = _pids(network)
    assert {other: now[other] for other in others} == others
    _assert_whole(network, load)


def test_orderer_ca_and_peer_killed_at_once(network: Network, load: Load) -> None:
    before = _pids(network)
    _kill(*before.values())
    _all_run_again(network, before)
    _assert_whole(network, load)


def test_killed_service_leaves_the_network_at_work_and_finds_it_again(
    service: Installation, network: Network, load: Load
) -> None:
    before = _pids(network)

    _kill(service.pid())
    service.hansa("status", code=3)
    load.commits_more()
    started = service.up()

    assert not started["already_running"]
    assert _pids(network) == before
    _assert_whole(network, load)


def test_everything_killed_comes_back_with_the_service(
    service: Installation, network: Network, load: Load
) -> None:
    before = _pids(network)
    _kill(service.pid(), *before.values())
    service.up()
    _all_run_again(network, before)
    _assert_whole(network, load)


def test_what_dies_while_no_service_runs_is_started_with_it(
    service: Installation, network: Network, load: Load
) -> None:
    before = _pids(network)
    orderer, ca, peer = network.names
    _kill(service.pid(), before[peer])
    service.up()
    _all_run_again(network, {peer: before[peer]})
    now = _pids(network)
    assert (now[orderer], now[ca]) == (before[orderer], before[ca])
    _assert_whole(network, load)


def test_a_killed_chaincode_is_started_by_the_next_call(network: Network, load: Load) -> None:
    (chaincode,) = psutil.Process(_pids(network)[network.names[2]]).children(recursive=False)
    for process in (*chaincode.children(recursive=True), chaincode):
        with suppress(psutil.NoSuchProcess):  # a sandbox ends with what runs in it
            process.kill()
    _assert_whole(network, load)


def test_down_and_up_lose_nothing(service: Installation, network: Network, load: Load) -> None:
    stopped = service.hansa_json("down")["stopped"]
    assert set(network.names) <= set(stopped)
    assert service.leftovers(service.installation_id) == []
    service.up()
    _assert_whole(network, load)
