"""Which of three orderers order a channel, changed while the channel is used."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.fabric.rig import (
    MEMBER,
    NETWORK,
    PASSWORD,
    Rig,
    member_facts,
    network_facts,
    node_facts,
    now,
    until,
)
from tests.ports import free_ports

from hansa.domain.agreement import fewest
from hansa.domain.workload import Workload
from hansa.engine import locate_engine
from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.chaincodes import Definition
from hansa.fabric.ledgers import Channel, ChannelChange, Standing
from hansa.fabric.local import orderer_workload
from hansa.fabric.local_chaincodes import LocalChaincodes
from hansa.fabric.local_ledgers import LocalLedgers
from hansa.fabric.local_revocations import LocalRevocations
from hansa.fabric.local_transactions import LocalTransactions
from hansa.fabric.materials import Materials
from hansa.fabric.reach import Reach
from hansa.fabric.rpc.connections import UnreachableError
from hansa.fabric.rpc.lifecycle import LIFECYCLE, approve_arguments
from hansa.fabric.rpc.proposals import Call
from hansa.fabric.tools import FabricTools

pytestmark = [pytest.mark.fabric]

CHANNEL, YOUNG = "trade", "young"
SECOND = "m-DDDDDDDDDDDDDDDDDDDDDDDDDD"


@dataclass
class Scene:
    """A network of three orderers with a member, its peer, and a channel of them."""

    rig: Rig
    network: NetworkFacts
    node: NodeFacts
    orderers: list[Workload]
    ledgers: LocalLedgers
    chaincodes: LocalChaincodes
    transactions: LocalTransactions
    revocations: LocalRevocations
    commits: list[str] = field(default_factory=list)

    @property
    def ports(self) -> list[int]:
        return [port for port, _ in self.network.orderer_ports]

    @property
    def endpoints(self) -> tuple[str, ...]:
        return tuple(f"localhost:{port}" for port in self.ports)

    def channel(self, name: str = CHANNEL) -> Channel:
        channel = self.ledgers.channel(self.network, name)
        assert channel is not None
        return channel

    def order_by(self, *ordinals: int, name: str = CHANNEL) -> None:
        """Repeated as an operation's step is."""
        change = ChannelChange(consenters=tuple(self.endpoints[each] for each in ordinals))

        def is_made() -> bool:
            with suppress(UnreachableError):
                return not self.ledgers.change_channel(self.network, name, change, [])
            return False

        until(is_made)
        assert {*self.channel(name).consenters} == {*change.consenters}

    def standing(self, ordinal: int, name: str = CHANNEL) -> Standing:
        return self.ledgers.standing(self.network, name, self.ports[ordinal])

    def is_out(self, ordinal: int, name: str) -> bool:
        return self.standing(ordinal, name) is Standing.OUT

    def commit(self) -> None:
        """A transaction, ordered and in the peer's ledger when this returns."""
        name = f"code{len(self.commits)}"
        self.commits.append(name)
        definition = Definition(name, "1", 1)
        before = self.channel().height
        assert self.chaincodes.approve(self.network, self.node, CHANNEL, definition, "")
        assert self.channel().height > before

    def invoke(self) -> None:
        """The same by the peer's Gateway, which chooses an orderer itself."""
        definition = Definition(f"code{len(self.commits)}", "1", 1)
        self.commits.append(definition.name)
        call = Call(CHANNEL, LIFECYCLE, approve_arguments(definition, ""))
        assert self.transactions.submit(self.node, call, [MEMBER]).code == "VALID"

    def kill(self, ordinal: int) -> None:
        self.rig.kill(orderer_workload(NETWORK, ordinal))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    rig = Rig(tmp_path_factory.mktemp("consenters") / "installation", locate_engine(os.environ))
    ports = free_ports(11)
    network = network_facts(ports[:6])
    member = member_facts(network, ports[6:8], PASSWORD)
    node = node_facts(network, ports[8:])
    chain = rig.fabric.tls_chain()
    reach = Reach(Materials(rig.settings.data_dir), rig.place, chain, secrets.token_bytes, now)
    ledgers = LocalLedgers(reach, FabricTools(rig.tools))
    try:
        orderers = rig.fabric.network_workloads(network)
        rig.run(*orderers, *rig.fabric.member_workloads(member), *rig.fabric.node_workloads(node))
        ledgers.create_channel(network, CHANNEL, [MEMBER], "V2_0")
        ledgers.join_channel(network, node, CHANNEL)
        yield Scene(
            rig, network, node, orderers, ledgers, LocalChaincodes(reach),
            LocalTransactions(reach), LocalRevocations(reach),
        )  # fmt: skip
    finally:
        reach.close()
        rig.close()


def test_consenters_go_and_come_back_one_by_one(scene: Scene) -> None:
    network, ledgers = scene.network, scene.ledgers
    assert scene.channel().consenters == scene.endpoints
    assert ledgers.running_orderers(network) == {*scene.ports}
    scene.commit()
    # The one that is asked first, as long as nobody knows better.
    scene.order_by(1, 2)
    scene.commit()
    ledgers.create_channel(network, YOUNG, [MEMBER], "V2_0")
    scene.order_by(1, 2, name=YOUNG)
    for name in (CHANNEL, YOUNG):
        until(partial(scene.is_out, 0, name), seconds_max=60)
    use_without_the_first(scene)
    scene.order_by(0, 1, 2)
    until(lambda: scene.standing(0) is Standing.ORDERS, seconds_max=60)
    # Of two, both have to order: the one that came back does.
    scene.order_by(0, 2)
    scene.kill(1)
    assert ledgers.running_orderers(network) == {scene.ports[0], scene.ports[2]}
    scene.commit()
    scene.rig.run(scene.orderers[1])
    assert scene.standing(1) is Standing.OUT
    scene.commit()


def use_without_the_first(scene: Scene) -> None:
    """All that the service does in a channel whose orderers the network's first is not among."""
    network, ledgers, fabric = scene.network, scene.ledgers, scene.rig.fabric
    assert scene.channel().consenters == scene.endpoints[1:]
    # Restarted, it knows of the channel what it had.
    scene.kill(0)
    scene.rig.run(scene.orderers[0])
    assert ledgers.channel_names(network) == [CHANNEL, YOUNG]
    scene.invoke()
    # Who joins begins with the first block, which has the first orderer among the others.
    assert ledgers.join_channel(network, scene.node, YOUNG)
    until(lambda: ledgers.joined_channels(scene.node)[YOUNG] == scene.channel(YOUNG).height)
    assert fabric.announce_node(scene.node)
    announced = {MEMBER: (f"localhost:{scene.node.peer_port}",)}
    until(lambda: scene.channel().anchor_peers == announced)
    fabric.admit_member(network, SECOND)
    ledgers.change_channel(network, CHANNEL, ChannelChange(added_member=SECOND), [MEMBER])
    assert scene.channel().members == [MEMBER, SECOND]
    revoked = revocation_list(scene.rig.settings.data_dir / "members" / SECOND / "keys" / "ca")
    assert scene.revocations.publish(network, CHANNEL, SECOND, revoked)
    assert not scene.revocations.publish(network, CHANNEL, SECOND, revoked)
    fabric.expel_member(network, SECOND, (MEMBER,))
    until(lambda: scene.channel().members == [MEMBER])


def revocation_list(authority: Path) -> bytes:
    """One that the authority with its files in this directory has made, as PEM."""
    certificate = x509.load_pem_x509_certificate((authority / "ca.pem").read_bytes())
    key = serialization.load_pem_private_key((authority / "ca.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    revoked = x509.RevokedCertificateBuilder().serial_number(7).revocation_date(now()).build()
    made = x509.CertificateRevocationListBuilder().issuer_name(certificate.subject)
    made = made.add_revoked_certificate(revoked).last_update(now()).next_update(now())
    # Fabric takes nobody's certificate where a list does not say whose it is.
    named = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    whose = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(named)
    made = made.add_extension(whose, critical=False)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_a_preview_shows_consenters_and_what_clients_are_told(scene: Scene) -> None:
    scene.order_by(0, 2)
    change = ChannelChange(consenters=(scene.endpoints[0],))
    preview = scene.ledgers.preview(scene.network, CHANNEL, change)
    first, _, third = scene.ports
    shown = {line.path: ({*line.before.split(", ")}, line.after) for line in preview.differences}
    assert shown == {
        f"/Channel/Orderer/{name}": (
            {f"{host}:{first}", f"{host}:{third}"},
            f"{host}:{first}",
        )
        for name, host in (
            ("ConsensusType/Consenters", "127.0.0.1"),
            ("OrdererOrg/Endpoints", "localhost"),
        )
    }
    assert fewest(preview.agreement, [MEMBER]) == 1
    assert preview.after.consenters == (scene.endpoints[0],)
    with pytest.raises(FabricError, match="localhost:1"):
        scene.ledgers.preview(scene.network, CHANNEL, ChannelChange(consenters=("localhost:1",)))
