"""Networks, and whole installations, on one machine do not disturb each other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.conftest import installation_in, stop
from tests.e2e.installation import Installation, told
from tests.e2e.network import Network, create_network

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

CONFIGTX = Path(__file__).parent / "configtx.yaml"


@pytest.fixture(scope="module")
def other_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Another installation, with ports from the same ranges, and with no names of its own.

    So it is for a user who may not write the hosts file, where names do not resolve by themselves.
    """
    other = installation_in(tmp_path_factory.mktemp("other"), names="localhost")
    try:
        other.up()
        yield other
    finally:
        stop(other)


def _channels(network: Network) -> str:
    return network.tool("peer", "channel", "list")


def test_two_networks_of_one_installation(service: Installation, tmp_path: Path) -> None:
    one, two = (create_network(service, tmp_path / name) for name in ("one", "two"))
    try:
        one.create_channel("ours", CONFIGTX)
        two.create_channel("ours", CONFIGTX)
        # One's administrator is nobody to the other's peer.
        environment = one.environment | {"CORE_PEER_ADDRESS": two.environment["PEER"]}
        stranger = Network(service, one.api, *_ids(one), one.home, environment)
        refused = stranger.attempt("peer", "channel", "list")
        assert refused.returncode != 0, told(refused)
        one.delete()
        assert "ours" in _channels(two)
        assert set(two.names) <= {name for name, pid in service.processes().items() if pid}
        assert not set(one.names) & set(service.processes())
    finally:
        one.delete()
        two.delete()


def _ids(network: Network) -> tuple[str, str, str]:
    return network.network_id, network.member_id, network.node_id


def test_two_installations(
    service: Installation, other_service: Installation, tmp_path: Path
) -> None:
    ours = create_network(service, tmp_path / "ours")
    try:
        theirs = create_network(other_service, tmp_path / "theirs")
        assert theirs.environment["PEER"].startswith("localhost:")
        ours.create_channel("ours", CONFIGTX)
        theirs.create_channel("theirs", CONFIGTX)
        assert "ours" in _channels(ours)
        assert "theirs" in _channels(theirs)
        seen = [item["Id"] for item in ours.api.list_networks()["Networks"]]
        assert ours.network_id in seen
        assert theirs.network_id not in seen

        assert other_service.leftovers(other_service.installation_id), "what runs is seen"
        stopped = other_service.hansa_json("down")["stopped"]
        assert set(stopped) == set(theirs.names)
        assert other_service.leftovers(other_service.installation_id) == []
        assert "ours" in _channels(ours)

        other_service.up()
        ours.delete()
        assert "theirs" in _channels(theirs)
    finally:
        ours.delete()


def test_a_second_service_on_the_same_data_is_refused(service: Installation) -> None:
    pid = service.pid()
    by_command = service.try_hansa("up", "--foreground")
    assert by_command.returncode != 0, told(by_command)
    assert f"process {pid}" in by_command.stderr
    # Also where nobody looks first: the lock decides.
    line = [sys.executable, "-m", "hansa.main", "serve", "--data-dir", str(service.data_dir)]
    done: subprocess.CompletedProcess[str] = service.run([*line, "--listen", "127.0.0.1:0"])
    assert done.returncode == 1, told(done)
    assert f"pid {pid}" in done.stderr
    assert "Traceback" not in done.stderr
    assert service.pid() == pid
    again = service.hansa_json("up")
    assert (again["already_running"], again["pid"]) == (True, pid)
