"""Programs, and the service itself, killed with -9 while networks come and go."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from tests.fabric.running import RunningService, network_request, until
from tests.ports import free_ports, setting

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

MakeService = Callable[..., RunningService]
ROUNDS = 10


@pytest.mark.parametrize("program", ["orderer0", "ca"])
def test_a_program_killed_while_its_network_is_created(
    service: RunningService, program: str
) -> None:
    answer = service.api.create_network(**network_request())
    network_id, member_id = answer["NetworkId"], answer["MemberId"]
    owner = network_id if program == "orderer0" else member_id
    workload = f"{owner}-{program}"
    (first,) = until(lambda: service.workloads().get(workload), f"{workload} runs")
    os.kill(first, signal.SIGKILL)
    service.await_network(network_id, member_id)
    assert service.pid(workload) != first


def test_a_peer_killed_while_its_node_is_created(service: RunningService) -> None:
    network_id, member_id = service.network()
    node_id = service.create_node(network_id, member_id)
    workload = f"{node_id}-peer"
    (first,) = until(lambda: service.workloads().get(workload), f"{workload} runs")
    os.kill(first, signal.SIGKILL)
    service.await_node(network_id, member_id, node_id, "AVAILABLE")
    assert service.pid(workload) != first


def test_the_service_killed_at_random_moments(make_service: MakeService, tmp_path: Path) -> None:
    """Ten times: whatever was asked for before comes true after the restart, and nothing else."""
    hosts = tmp_path / "hosts"
    before = "127.0.0.1 localhost\n"
    hosts.write_text(before)
    ports, internal = free_ports(60), free_ports(60)
    service = make_service(
        names="hosts",
        hosts_file=str(hosts),
        ports=setting(ports),
        internal_ports=setting(internal),
    ).start()
    chance = random.Random(20190401)
    for number in range(ROUNDS):
        moment = chance.uniform(0, 1.2)
        with _killed_after(service, moment):
            _create_and_delete(service, number)
        service.start()
        _check_one_process_each(service)
    _settle(service)
    assert service.leftovers() == []
    assert hosts.read_text().strip() == before.strip()


@contextlib.contextmanager
def _killed_after(service: RunningService, seconds: float) -> object:
    """Kill the service ``seconds`` from now; what then fails for want of it is expected."""
    assert service.process is not None
    timer = threading.Timer(seconds, service.process.kill)
    timer.start()
    # KeyError: of an answer that was cut off, boto3 makes an empty one.
    with contextlib.suppress(ClientError, BotoCoreError, KeyError):
        yield
    timer.join()
    service.process.wait()


def _create_and_delete(service: RunningService, number: int) -> None:
    """Keeps the service at work until it is killed."""
    api = service.api
    while True:
        answer = api.create_network(**network_request(f"net{number}"))
        network_id, member_id = answer["NetworkId"], answer["MemberId"]
        service.await_network(network_id, member_id)
        service.node(network_id, member_id)
        _delete(service, network_id)
        service.await_gone(network_id)


def _delete(service: RunningService, network_id: str) -> None:
    api = service.api
    for member in api.list_members(NetworkId=network_id)["Members"]:
        if member["Status"] in ("AVAILABLE", "CREATE_FAILED"):
            api.delete_member(NetworkId=network_id, MemberId=member["Id"])


def _check_one_process_each(service: RunningService) -> None:
    """No workload runs twice, and none that nobody asked for."""
    known = {path.name for path in (service.data_dir / "workloads").iterdir()}
    mains = {
        name: [pid for pid in pids if os.getsid(pid) == pid]
        for name, pids in service.workloads().items()
    }
    assert all(len(pids) <= 1 for pids in mains.values()), mains
    assert set(mains) <= known


def _settle(service: RunningService) -> None:
    """Every network becomes AVAILABLE, and is deleted."""
    for network_id in service.network_ids():
        network = service.api.get_network(NetworkId=network_id)["Network"]
        if network["Status"] != "DELETING":
            (member,) = service.api.list_members(NetworkId=network_id)["Members"]
            service.await_network(network_id, member["Id"])
            until(lambda n=network_id: _nodes_are_ready(service, n), "its nodes are AVAILABLE")
            _delete(service, network_id)
        service.await_gone(network_id)
    until(lambda: not service.leftovers(), f"nothing is left: {service.leftovers()}")


def _nodes_are_ready(service: RunningService, network_id: str) -> bool:
    nodes = service.api.list_nodes(NetworkId=network_id)["Nodes"]
    return all(node["Status"] == "AVAILABLE" for node in nodes)
