"""A network of real processes: what the workloads of :class:`LocalFabric` become when they run."""

from __future__ import annotations

import base64
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from tests.fabric.rig import (
    ADMIN,
    MEMBER,
    NETWORK,
    NODE,
    PASSWORD,
    Rig,
    User,
    answers,
    member_facts,
    network_facts,
    node_facts,
    now,
    until,
)
from tests.ports import free_ports

from hansa.domain.workload import Workload
from hansa.engine import locate_engine
from hansa.fabric.base import FabricError
from hansa.fabric.ca_client import CaClient, CaError, Registrar, Registration
from hansa.fabric.genesis import CONSORTIUM, ORDERER_MSP_ID, SYSTEM_CHANNEL
from hansa.fabric.local import LocalFabric, ca_workload, orderer_workload, peer_workload
from hansa.fabric.registrar import open_registrar

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

CHANNEL = "ourchannel"


@dataclass(frozen=True)
class Running:
    """A network with a member, a peer and a channel, and the member's enrolled administrator."""

    rig: Rig
    user: User
    ca: Workload
    peer: Workload

    @property
    def fabric(self) -> LocalFabric:
        return self.rig.fabric


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    rig = Rig(tmp_path_factory.mktemp("installation"), locate_engine(os.environ))
    ports = free_ports(7)
    network = network_facts(ports[:2])
    member = member_facts(network, ports[2:4], PASSWORD)
    node = node_facts(network, ports[4:])
    home = tmp_path_factory.mktemp("user")
    try:
        (peer,) = rig.fabric.node_workloads(node)
        (ca,) = rig.fabric.member_workloads(member)
        rig.run(*rig.fabric.network_workloads(network), ca, peer)
        completed = rig.fabric.complete_member(member)
        rig.write(completed)
        user = User(rig, home, network, replace(member, admin_password=""), node)
        user.enroll()
        user.create_channel(CHANNEL)
        user.join(CHANNEL)
        yield Running(rig, user, completed, peer)
    finally:
        rig.close()


@pytest.fixture
def registrar(running: Running) -> Iterator[tuple[Registrar, CaClient]]:
    member = running.user.member
    with CaClient(f"https://127.0.0.1:{member.ca_port}", running.fabric.tls_chain()) as client:
        file = running.rig.settings.data_dir / "members" / MEMBER / "registrar.pem"
        yield open_registrar(client, file, member.registrar_secret, now()), client


def test_a_second_administrator_serves_at_once(running: Running) -> None:
    """The guide's way to an administrator of the member, by its affiliation."""
    register = ("register", "--id.name", "second", "--id.secret", "second-secret")
    running.user.ca(*register, "--id.type", "admin", "--id.affiliation", MEMBER)
    running.user.enroll("second", "second-secret", home="second")
    assert CHANNEL in running.user.peer("channel", "list", home="second")


def test_an_administrator_by_attribute(running: Running) -> None:
    """``hf.Admin`` makes an administrator of a user, where the CA server knows the attribute."""
    if running.rig.tools.kind == "official":
        pytest.skip("fabric-ca as published does not know hf.Admin")
    register = ("register", "--id.name", "third", "--id.secret", "third-secret")
    attributes = "hf.Registrar.Roles=client,hf.Admin=true"
    running.user.ca(
        *register,
        *("--id.type", "user", "--id.affiliation", MEMBER, "--id.attrs", attributes),
    )
    running.user.enroll("third", "third-secret", home="third")
    certificate = running.user.home / "third" / "msp" / "signcerts" / "cert.pem"
    subject = x509.load_pem_x509_certificate(certificate.read_bytes()).subject
    units = {
        part.value for part in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    }
    assert "admin" in units
    assert CHANNEL in running.user.peer("channel", "list", home="third")


def test_announcing_sets_the_anchor_peer_once(running: Running) -> None:
    node, group = running.user.node, running.user.channel_group
    # Another instance remembers nothing of what this one has found settled.
    again = Rig(running.rig.directory, running.rig.tools).fabric

    assert running.fabric.announce_node(node) is True
    anchors = _organization(group(CHANNEL))["values"]["AnchorPeers"]
    assert anchors["value"] == {"anchor_peers": [{"host": "localhost", "port": node.peer_port}]}
    assert running.fabric.announce_node(node) is False
    assert again.announce_node(node) is False
    assert _organization(group(CHANNEL))["values"]["AnchorPeers"] == anchors


def test_announcing_says_when_the_peer_is_silent(running: Running) -> None:
    (port,) = free_ports(1)
    with pytest.raises(FabricError, match="metrics at .* are silent"):
        running.fabric.announce_node(replace(running.user.node, operations_port=port))


def test_announcing_says_when_no_orderer_answers(running: Running) -> None:
    ports = free_ports(2)
    forgetful = Rig(running.rig.directory, running.rig.tools).fabric
    lost = replace(running.user.node, orderer_ports=((ports[0], ports[1]),))
    with pytest.raises(FabricError, match=f"cannot announce the peer in channel {CHANNEL}"):
        forgetful.announce_node(lost)


def test_the_service_alone_maintains_a_members_msp(running: Running) -> None:
    user = running.user
    keys = running.rig.settings.data_dir / "networks" / NETWORK / "keys"

    def revoke(group: dict[str, Any]) -> None:
        msp = _organization(group)["values"]["MSP"]["value"]["config"]
        msp["revocation_list"] = [base64.b64encode(revocations).decode()]

    with CaClient(f"https://127.0.0.1:{user.member.ca_port}", running.fabric.tls_chain()) as client:
        file = running.rig.settings.data_dir / "members" / MEMBER / "registrar.pem"
        revocations = open_registrar(client, file, "", now()).revocation_list()
    update = ("channel", "update", "-c", CHANNEL, "-f", user.config_update(CHANNEL, revoke))
    with pytest.raises(AssertionError, match="policy for .*MSP not satisfied"):
        user.peer(*update, *user.orderer())
    user.peer_as(ORDERER_MSP_ID, keys / "admin-msp", *update, *user.orderer())
    msp = _organization(user.channel_group(CHANNEL))["values"]["MSP"]["value"]["config"]
    assert msp["revocation_list"] == [base64.b64encode(revocations).decode()]


def test_a_member_removes_its_own_anchor_peer(running: Running) -> None:
    """What the service has announced is the member's to change, and stays changed."""
    user = running.user
    running.fabric.announce_node(user.node)

    def remove(group: dict[str, Any]) -> None:
        _organization(group)["values"]["AnchorPeers"]["value"] = {}

    file = user.config_update(CHANNEL, remove)
    user.peer("channel", "update", "-c", CHANNEL, "-f", file, *user.orderer())
    assert running.fabric.announce_node(user.node) is False


def test_the_ca_keeps_no_password(running: Running) -> None:
    place = running.rig.place(ca_workload(MEMBER))
    database = Path(place.data_directory) / "fabric-ca-server.db"
    secrets = [PASSWORD.encode(), running.user.member.registrar_secret.encode()]
    files = [path for path in Path(place.config_directory).parent.rglob("*") if path.is_file()]
    assert database in files
    for file in files:
        content = file.read_bytes()
        assert not any(secret in content for secret in secrets), file
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT id, token FROM users WHERE id = ?", (ADMIN,)).fetchall()
    connection.close()
    assert [name for name, _ in rows] == [ADMIN]


def test_the_ca_serves_on_without_the_password_in_its_configuration(running: Running) -> None:
    running.rig.kill(running.ca.name)
    assert running.fabric.member_workloads(running.user.member) == [running.ca]
    running.rig.run(running.ca)
    running.user.enroll(home="after-restart")


def test_completing_a_member_again_changes_nothing(running: Running) -> None:
    assert running.fabric.complete_member(running.user.member) == running.ca


def test_the_registrar_enrolls_anew_where_its_certificate_is_gone(running: Running) -> None:
    file = running.rig.settings.data_dir / "members" / MEMBER / "registrar.pem"
    file.unlink()
    assert running.fabric.complete_member(running.user.member) == running.ca
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_registrar_registers_and_revokes(
    registrar: tuple[Registrar, CaClient],
) -> None:
    service, client = registrar
    secret = service.register(
        Registration(
            name="application",
            affiliation=MEMBER,
            attributes={"role": "auditor"},
            enrolled=frozenset({"role"}),
        )
    )
    credential = client.enroll("application", secret)
    certificate = x509.load_pem_x509_certificate(credential.certificate)
    assert credential.key.startswith(b"-----BEGIN PRIVATE KEY-----")

    (listed,) = [identity for identity in service.identities() if identity.name == "application"]
    assert (listed.type, listed.affiliation) == ("client", MEMBER)
    assert listed.attributes["role"] == "auditor"

    service.revoke("application", "keycompromise")
    revoked = x509.load_pem_x509_crl(service.revocation_list())
    assert revoked.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
    with pytest.raises(CaError) as refusal:
        client.enroll("application", secret)
    assert refusal.value.status == httpx2.codes.UNAUTHORIZED


def test_a_wrong_secret_is_refused(registrar: tuple[Registrar, CaClient]) -> None:
    _, client = registrar
    with pytest.raises(CaError, match="refused") as refusal:
        client.enroll(ADMIN, "not-the-password")
    assert refusal.value.status == httpx2.codes.UNAUTHORIZED


def test_an_affiliation_may_be_added_twice(registrar: tuple[Registrar, CaClient]) -> None:
    service, _ = registrar
    service.add_affiliation("Sales")
    service.add_affiliation("Sales")
    with pytest.raises(CaError):
        service.register(Registration(name="stranger", affiliation="sales"))


def test_a_silent_ca_is_a_fabric_error(running: Running) -> None:
    (port,) = free_ports(1)
    lost = replace(running.user.member, ca_port=port)
    with (
        CaClient(f"https://127.0.0.1:{lost.ca_port}", running.fabric.tls_chain()) as client,
        pytest.raises(FabricError, match="does not answer"),
    ):
        client.enroll(ADMIN, PASSWORD)


def test_operations_listen_on_loopback_and_logs_stay_quiet(running: Running) -> None:
    metrics = httpx2.get(
        f"http://127.0.0.1:{running.user.node.operations_port}/metrics", trust_env=False
    )
    assert f'ledger_blockchain_height{{channel="{CHANNEL}"}}' in metrics.text
    assert " DEBU " not in running.rig.log(peer_workload(NODE))


def test_the_consortium_is_the_one_of_amb(running: Running) -> None:
    (orderer,) = running.fabric.network_workloads(running.user.network)
    block = running.rig.decode("common.Block", orderer.files["genesis.block"])
    header = block["data"]["data"][0]["payload"]["header"]["channel_header"]
    assert header["channel_id"] == SYSTEM_CHANNEL
    groups = block["data"]["data"][0]["payload"]["data"]["config"]["channel_group"]["groups"]
    assert list(groups["Consortiums"]["groups"]) == [CONSORTIUM]
    assert list(groups["Consortiums"]["groups"][CONSORTIUM]["groups"]) == [MEMBER]


def test_a_killed_peer_and_orderer_come_back_with_equal_heights(running: Running) -> None:
    network, rig = running.user.network, running.rig
    (orderer,) = running.fabric.network_workloads(network)
    rig.kill(orderer.name)
    rig.kill(running.peer.name)
    rig.run(orderer, running.peer)
    heights = {
        _height(network.orderer_ports[0][1]),
        _height(running.user.node.operations_port),
    }
    assert len(heights) == 1


def test_three_orderers_elect_a_leader_and_survive_one(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "installation", locate_engine(os.environ))
    ports = free_ports(11)
    network = network_facts(ports[:6])
    member = member_facts(network, ports[6:8], PASSWORD)
    node = node_facts(network, ports[8:])
    home = tmp_path / "user"
    home.mkdir()
    user = User(rig, home, network, member, node)
    try:
        orderers = rig.fabric.network_workloads(network)
        rig.run(*orderers, *rig.fabric.member_workloads(member), *rig.fabric.node_workloads(node))
        user.enroll()
        user.create_channel(CHANNEL)
        user.join(CHANNEL)
        rig.kill(_leader(network.orderer_ports))
        # Sent to each in turn, by itself: the first may be the one that is gone.
        until(lambda: _announced(rig.fabric, user))
        assert all(answers(orderer.probe) for orderer in orderers if orderer.name in rig.processes)
    finally:
        rig.close()


def _announced(fabric: LocalFabric, user: User) -> bool:
    try:
        return fabric.announce_node(user.node)
    except FabricError:  # the two that are left have no leader yet
        return False


def _leader(ports: tuple[tuple[int, int], ...]) -> str:
    line = f'consensus_etcdraft_is_leader{{channel="{SYSTEM_CHANNEL}"}} 1'
    for ordinal, (_, operations) in enumerate(ports):
        metrics = httpx2.get(f"http://127.0.0.1:{operations}/metrics", trust_env=False).text
        if line in metrics:
            return orderer_workload(NETWORK, ordinal)
    raise AssertionError("no orderer leads the system channel")


def _height(operations_port: int) -> str:
    metrics = httpx2.get(f"http://127.0.0.1:{operations_port}/metrics", trust_env=False).text
    start = f'ledger_blockchain_height{{channel="{CHANNEL}"}} '
    (height,) = [
        line.removeprefix(start) for line in metrics.splitlines() if line.startswith(start)
    ]
    return height


def _organization(group: dict[str, Any]) -> dict[str, Any]:
    organization: dict[str, Any] = group["groups"]["Application"]["groups"][MEMBER]
    return organization
