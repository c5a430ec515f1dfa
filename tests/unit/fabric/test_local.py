"""Workloads as whole values, with an engine whose tools give back what they are given."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from hansa.domain.endpoints import Endpoints
from hansa.domain.workload import Limits, Place, Probe, Program, Workload
from hansa.fabric.base import Fabric, FabricError, MemberFacts, NetworkFacts, NodeFacts
from hansa.fabric.local import LocalFabric
from hansa.settings import Settings

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ENDPOINTS = Endpoints("us-east-1", "example", named=True)
ZONE = "n-1.managedblockchain.us-east-1.example"
NETWORK = NetworkFacts("n-1", "us-east-1", "m-1", ((30001, 24001), (30002, 24002), (30003, 24003)))
MEMBER = MemberFacts(
    member_id="m-1",
    network_id="n-1",
    region="us-east-1",
    ca_port=30004,
    operations_port=24004,
    admin_username="AdminUser",
    admin_password="admin-password",
    registrar_secret="registrar-secret",
    orderer_ports=NETWORK.orderer_ports,
)
NODE = NodeFacts(
    node_id="nd-1",
    member_id="m-1",
    network_id="n-1",
    region="us-east-1",
    peer_port=30005,
    chaincode_port=24005,
    operations_port=24006,
    instance_type="bc.t3.small",
    siblings=(("nd-0", 30009),),
    orderer_ports=NETWORK.orderer_ports,
)
IDENTITY = (
    "msp/cacerts/ca.pem",
    "msp/config.yaml",
    "msp/keystore/key.pem",
    "msp/signcerts/cert.pem",
    "msp/tlscacerts/tls.pem",
    "tls/ca.pem",
    "tls/server.crt",
    "tls/server.key",
)


@dataclass(frozen=True)
class EchoTools:
    """An engine each program of which writes what it reads."""

    root: Path

    def binary(self, name: str) -> Path:
        program = self.root / name
        if not program.exists():
            program.write_text("#!/bin/sh\nexec cat\n")
            program.chmod(0o700)
        return program


def place(name: str) -> Place:
    return Place(f"/run/{name}/config", f"/run/{name}/data", "127.0.0.1", "127.0.0.1", "/engine")


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., LocalFabric]:
    tools = EchoTools(tmp_path)
    tools.binary("configtxlator")

    def fabric(endpoints: Endpoints = ENDPOINTS) -> LocalFabric:
        settings = Settings(data_dir=tmp_path / "data")
        return LocalFabric(settings, endpoints, tools, place, lambda: NOW)

    return fabric


@pytest.fixture
def fabric(make: Callable[..., LocalFabric]) -> LocalFabric:
    return make()


def bare(workload: Workload) -> Workload:
    """Without the contents of its files."""
    return replace(workload, files=dict.fromkeys(workload.files, b""))


def test_it_is_a_fabric(fabric: LocalFabric) -> None:
    protocol: Fabric = fabric
    assert protocol is fabric


def test_the_ordering_service(fabric: LocalFabric) -> None:
    orderers = fabric.network_workloads(NETWORK)
    labels = ["orderer", "orderer1", "orderer2"]
    leader = 'consensus_etcdraft_leader_changes{channel="hansa-system-channel"}'
    assert [bare(orderer) for orderer in orderers] == [
        Workload(
            name=f"n-1-orderer{ordinal}",
            resource_id="n-1",
            program=Program.ORDERER,
            arguments=("start",),
            environment={
                "FABRIC_CFG_PATH": f"/run/n-1-orderer{ordinal}/config",
                "FABRIC_LOGGING_SPEC": "orderer.common.server=info:warning",
                "FABRIC_LOGGING_FORMAT": (
                    "%{time:2006-01-02T15:04:05.000Z07:00} %{level:.4s} [%{module}] %{message}"
                ),
            },
            files=dict.fromkeys((*IDENTITY, "orderer.yaml", "genesis.block"), b""),
            ports=(30001 + ordinal, 24001 + ordinal),
            hostnames=(f"{labels[ordinal]}.{ZONE}",),
            probe=Probe(f"http://127.0.0.1:{24001 + ordinal}/metrics", leader),
        )
        for ordinal in range(3)
    ]
    assert len({orderer.files["genesis.block"] for orderer in orderers}) == 1
    assert len({orderer.files["tls/server.key"] for orderer in orderers}) == 3


def test_the_ca(fabric: LocalFabric) -> None:
    (ca,) = fabric.member_workloads(MEMBER)
    files = ("ca/ca.key", "ca/ca.pem", "fabric-ca-server-config.yaml", *IDENTITY[-3:])
    assert bare(ca) == Workload(
        name="m-1-ca",
        resource_id="m-1",
        program=Program.FABRIC_CA_SERVER,
        arguments=("start",),
        environment={"FABRIC_CA_SERVER_HOME": "/run/m-1-ca/config"},
        files=dict.fromkeys(files, b""),
        ports=(30004, 24004),
        hostnames=(f"ca.m-1.{ZONE}",),
        probe=Probe("https://127.0.0.1:30004/cainfo", ca_pem=fabric.tls_chain()),
    )


def test_a_peer(fabric: LocalFabric) -> None:
    (peer,) = fabric.node_workloads(NODE)
    assert bare(peer) == Workload(
        name="nd-1-peer",
        resource_id="nd-1",
        program=Program.PEER,
        arguments=("node", "start"),
        environment={
            "FABRIC_CFG_PATH": "/run/nd-1-peer/config",
            "FABRIC_LOGGING_SPEC": (
                "chaincode.externalbuilder=info:lscc=info:lifecycle=info:nodeCmd=info:warning"
            ),
            "FABRIC_LOGGING_FORMAT": (
                "%{time:2006-01-02T15:04:05.000Z07:00} %{level:.4s} [%{module}] %{message}"
            ),
            **Settings(Path()).chaincode_environment(),
            "TMPDIR": "/run/nd-1-peer/data",
        },
        files=dict.fromkeys((*IDENTITY, "core.yaml"), b""),
        ports=(30005, 24005, 24006),
        hostnames=(f"nd-1.m-1.{ZONE}",),
        probe=Probe("http://127.0.0.1:24006/healthz", '"OK"'),
        limits=Limits(cpus=2, memory_mib=2048),
    )


def test_a_peer_finds_orderers_and_siblings_without_names(fabric: LocalFabric) -> None:
    (peer,) = fabric.node_workloads(NODE)
    core = yaml.safe_load(peer.files["core.yaml"])["peer"]
    assert core["gossip"]["externalEndpoint"] == f"nd-1.m-1.{ZONE}:30005"
    assert core["gossip"]["bootstrap"] == "127.0.0.1:30009"
    overrides = {item["from"]: item["to"] for item in core["deliveryclient"]["addressOverrides"]}
    assert overrides == {
        f"orderer.{ZONE}:30001": "127.0.0.1:30001",
        f"orderer1.{ZONE}:30002": "127.0.0.1:30002",
        f"orderer2.{ZONE}:30003": "127.0.0.1:30003",
        "localhost:30001": "127.0.0.1:30001",
        "localhost:30002": "127.0.0.1:30002",
        "localhost:30003": "127.0.0.1:30003",
    }


def test_an_unknown_instance_type_sets_no_limits(fabric: LocalFabric) -> None:
    (peer,) = fabric.node_workloads(replace(NODE, instance_type="bc.t9.nano"))
    assert peer.limits == Limits()


def test_a_peer_gets_the_environment_of_its_builders(tmp_path: Path) -> None:
    given = {"GOPROXY": "https://proxy.example", "TMPDIR": "/of/the/shell"}
    settings = Settings(data_dir=tmp_path / "data")
    fabric = LocalFabric(settings, ENDPOINTS, EchoTools(tmp_path), place, lambda: NOW, given)
    (peer,) = fabric.node_workloads(NODE)
    assert peer.environment["GOPROXY"] == "https://proxy.example"
    assert peer.environment["TMPDIR"] == "/run/nd-1-peer/data"


def test_everything_is_the_same_when_asked_again_and_after_a_restart(
    make: Callable[..., LocalFabric],
) -> None:
    def all_of(fabric: LocalFabric) -> list[Workload]:
        return [
            *fabric.node_workloads(NODE),
            *fabric.member_workloads(MEMBER),
            *fabric.network_workloads(NETWORK),
        ]

    fabric = make()
    assert all_of(fabric) == all_of(fabric) == all_of(make())


def test_other_endpoint_names_leave_the_ordering_service_as_it_is(
    make: Callable[..., LocalFabric],
) -> None:
    before = make().network_workloads(NETWORK)
    assert make(replace(ENDPOINTS, named=False)).network_workloads(NETWORK) == before


def test_network_member_and_node_are_prepared_at_once(fabric: LocalFabric) -> None:
    together = threading.Barrier(6)
    made: dict[int, list[Workload]] = {}

    def prepare(number: int, work: Callable[[], list[Workload]]) -> None:
        together.wait()
        made[number] = work()

    works: list[Callable[[], list[Workload]]] = [
        lambda: fabric.network_workloads(NETWORK),
        lambda: fabric.member_workloads(MEMBER),
        lambda: fabric.node_workloads(NODE),
    ] * 2
    threads = [threading.Thread(target=prepare, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (made[0], made[1], made[2]) == (made[3], made[4], made[5])
    (ca,), (peer,), orderers = made[1], made[2], made[0]
    authority = x509.load_pem_x509_certificate(ca.files["ca/ca.pem"])
    node = x509.load_pem_x509_certificate(peer.files["msp/signcerts/cert.pem"])
    node.verify_directly_issued_by(authority)
    root = x509.load_pem_x509_certificate(fabric.tls_chain())
    for workload in (ca, peer, *orderers):
        server = x509.load_pem_x509_certificate(workload.files["tls/server.crt"])
        server.verify_directly_issued_by(root)


def test_server_certificates_carry_every_way_to_reach_them(fabric: LocalFabric) -> None:
    (orderer, *_) = fabric.network_workloads(NETWORK)
    server = x509.load_pem_x509_certificate(orderer.files["tls/server.crt"])
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [f"orderer.{ZONE}", "localhost"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_secrets_are_for_the_owner_alone(fabric: LocalFabric, tmp_path: Path) -> None:
    fabric.network_workloads(NETWORK)
    fabric.node_workloads(NODE)
    for path in (tmp_path / "data").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    assert "password" not in repr(fabric.member_workloads(MEMBER))


def test_the_password_is_in_the_first_configuration_only(fabric: LocalFabric) -> None:
    (first,) = fabric.member_workloads(MEMBER)
    (later,) = fabric.member_workloads(replace(MEMBER, admin_password=""))
    name = "fabric-ca-server-config.yaml"
    assert b"admin-password" in first.files[name]
    assert b"registrar-secret" in first.files[name]
    assert yaml.safe_load(later.files[name])["registry"]["identities"] == []
    assert replace(later, files={**later.files, name: first.files[name]}) == first


def test_what_is_forgotten_is_made_afresh(fabric: LocalFabric, tmp_path: Path) -> None:
    (before,) = fabric.node_workloads(NODE)
    fabric.network_workloads(NETWORK)
    fabric.forget_node("nd-1")
    fabric.forget_member("m-1")
    fabric.forget_network("n-1")
    fabric.forget_network("n-1")
    left = [str(path.relative_to(tmp_path / "data")) for path in (tmp_path / "data").rglob("*")]
    assert sorted(left) == [
        "members",
        "networks",
        "nodes",
        "tls",
        "tls/ca.key",
        "tls/managedblockchain-tls-chain.pem",
    ]
    (after,) = fabric.node_workloads(NODE)
    assert after.files["msp/keystore/key.pem"] != before.files["msp/keystore/key.pem"]


def test_names_of_workloads(fabric: LocalFabric) -> None:
    assert fabric.workload_names("network", "n-1", 3) == [
        "n-1-orderer0",
        "n-1-orderer1",
        "n-1-orderer2",
    ]
    assert fabric.workload_names("network", "n-1") == ["n-1-orderer0"]
    assert fabric.workload_names("member", "m-1") == ["m-1-ca"]
    assert fabric.workload_names("node", "nd-1") == ["nd-1-peer"]


def test_a_missing_engine_is_said_and_mended(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Nothing:
        root: Path = tmp_path / "gone"

        def binary(self, name: str) -> Path:
            return self.root / "bin" / name

    settings = Settings(data_dir=tmp_path / "data")
    broken = LocalFabric(settings, ENDPOINTS, Nothing(), place, lambda: NOW)
    with pytest.raises(FabricError, match="cannot run configtxlator"):
        broken.network_workloads(NETWORK)
    mended = LocalFabric(settings, ENDPOINTS, EchoTools(tmp_path), place, lambda: NOW)
    assert len(mended.network_workloads(NETWORK)) == 3
