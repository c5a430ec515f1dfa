"""Ports that a stranger holds: before, during and after the creation of what wants them."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.fabric.running import (
    PASSWORD,
    RunningService,
    await_status,
    network_request,
    until,
)
from tests.ports import free_ports, listening, setting

from hansa.assembly import Parts, assemble
from hansa.domain.caller import Caller
from hansa.settings import Settings

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

MakeService = Callable[..., RunningService]
ALICE = Caller("111111111111", "arn:aws:iam::111111111111:user/alice", "AKIDALICE", "us-east-1")


def test_a_taken_port_is_not_reserved(make_service: MakeService) -> None:
    ports = free_ports(20)
    service = make_service(ports=setting(ports)).start()
    with listening(ports[0]):
        network_id, member_id = service.network()
        assert service.port(network_id, "orderer") == ports[1]
        assert service.port(member_id, "ca") == ports[2]


def test_a_range_without_a_free_port_refuses_and_keeps_nothing(make_service: MakeService) -> None:
    ports = free_ports(2)
    service = make_service(ports=setting(ports)).start()
    with listening(ports[0]):
        with pytest.raises(service.api.exceptions.ResourceLimitExceededException) as fault:
            service.network()
        assert f"no port is left between {ports[0]} and {ports[-1]}" in str(fault.value)
        assert "setting ports" in str(fault.value)
        assert service.network_ids() == set()
        assert service.leftovers() == []
    service.network()


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A whole installation in this process, whose reconciler does not work yet."""
    ports, internal = free_ports(20), free_ports(20)
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    for name in ("networks", "members", "nodes", "secrets", "tls", "workloads", "logs"):
        (data_dir / name).mkdir()
    settings = Settings(
        data_dir=data_dir,
        names="localhost",
        ports=setting(ports),
        internal_ports=setting(internal),
    )
    made = assemble(settings, os.environ)
    made.driver.start()
    yield made
    made.reconciler.stop()
    made.driver.stop_all()
    made.driver.close()
    made.store.close()


def test_a_port_taken_between_reservation_and_start_is_changed(parts: Parts) -> None:
    first = int(parts.settings.ports.partition("-")[0])
    request = {**network_request(), "ClientRequestToken": "token"}
    answer = parts.operations.create_network(ALICE, request)  # type: ignore[arg-type]
    network_id = answer["NetworkId"]
    with listening(first), listening(first + 1):
        parts.reconciler.start()
        network = await_status(
            lambda: parts.operations.get_network(ALICE, {"NetworkId": network_id})["Network"],
            "AVAILABLE",
        )
        endpoint = network["FrameworkAttributes"]["Fabric"]["OrderingServiceEndpoint"]
        assert int(endpoint.rpartition(":")[2]) > first + 1


def test_a_port_taken_from_a_running_node_is_told_and_got_back(make_service: MakeService) -> None:
    service = make_service(unhealthy_seconds="0.5").start()
    assert service.process is not None
    network_id, member_id = service.network()
    node_id = service.node(network_id, member_id)
    before = service.api.get_node(NetworkId=network_id, MemberId=member_id, NodeId=node_id)
    port = service.port(node_id, "peer")

    service.process.send_signal(signal.SIGSTOP)  # so that the stranger is there before the restart
    workload = f"{node_id}-peer"
    os.kill(service.pid(workload), signal.SIGKILL)
    with contextlib.ExitStack() as stranger:
        # A process that ends is gone from most of /proc before its sockets are closed.
        until(lambda: _took(stranger, port), "the port is free")
        service.process.send_signal(signal.SIGCONT)
        service.await_node(network_id, member_id, node_id, "UNHEALTHY")
        reason = until(lambda: _reason(service, network_id, node_id), "a reason")
        assert f"cannot listen on port {port}" in reason
        assert f"process {os.getpid()} " in reason
        assert "stop that process" in reason

    service.await_node(network_id, member_id, node_id, "AVAILABLE")
    after = service.api.get_node(NetworkId=network_id, MemberId=member_id, NodeId=node_id)
    assert after["Node"]["FrameworkAttributes"] == before["Node"]["FrameworkAttributes"]
    assert PASSWORD not in service.log.read_text()


def _took(stack: contextlib.ExitStack, port: int) -> bool:
    with contextlib.suppress(OSError):
        stack.enter_context(listening(port))
        return True
    return False


def _reason(service: RunningService, network_id: str, node_id: str) -> str:
    """Why the node is down, once it is this process."""
    _, answer = service.request("GET", f"/networks/{network_id}/nodes/{node_id}")
    reason = str(answer["Node"].get("StatusReason"))
    return reason if str(os.getpid()) in reason else ""
