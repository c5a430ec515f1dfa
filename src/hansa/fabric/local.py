"""Networks, members and nodes as workloads: implements :class:`hansa.fabric.base.Fabric`.

Keys, certificates and genesis blocks are files of the service; each workload carries copies of what
its process needs. Where the processes run is the driver's, known here as a :class:`Place` each.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from hansa.domain.editions import INSTANCE_TYPES
from hansa.domain.endpoints import Endpoints
from hansa.domain.names import network_zone
from hansa.domain.workload import Limits, Place, Probe, Program, Workload
from hansa.fabric import vault
from hansa.fabric.addresses import direct, server_hosts
from hansa.fabric.announcer import Announcer
from hansa.fabric.base import MemberFacts, NetworkFacts, NodeFacts
from hansa.fabric.ca_client import CaClient
from hansa.fabric.ca_config import REGISTRAR_NAME, ca_yaml
from hansa.fabric.gatekeeper import Expulsion, Gatekeeper, Orderer, OrderingService
from hansa.fabric.genesis import (
    SYSTEM_CHANNEL,
    Consenter,
    Genesis,
    genesis_block,
    genesis_config,
    genesis_envelope,
)
from hansa.fabric.materials import TLS_CHAIN_FILE, Materials, organization_authority
from hansa.fabric.metrics import Metrics
from hansa.fabric.orderer_config import orderer_yaml
from hansa.fabric.organizations import member_organization
from hansa.fabric.peer_config import Peer, core_yaml
from hansa.fabric.registrar import open_registrar
from hansa.fabric.tools import EngineTools, FabricTools
from hansa.settings import Settings

GENESIS_FILE = "genesis.block"
CA_CONFIG_FILE = "fabric-ca-server-config.yaml"
LOG_FORMAT = "%{time:2006-01-02T15:04:05.000Z07:00} %{level:.4s} [%{module}] %{message}"
# At level info both write lines for every transaction, which costs a sixth of the throughput.
ORDERER_LOG_SPEC = "orderer.common.server=info:warning"
# Kept: what compilers say, and the installation of chaincode.
PEER_LOG_SPEC = "chaincode.externalbuilder=info:lscc=info:lifecycle=info:nodeCmd=info:warning"


def workload_names(kind: str, resource_id: str, orderers: int = 1) -> list[str]:
    """The names of a resource's workloads; ``kind`` is ``network``, ``member`` or ``node``."""
    if kind == "network":
        return [orderer_workload(resource_id, ordinal) for ordinal in range(orderers)]
    return [{"member": ca_workload, "node": peer_workload}[kind](resource_id)]


def orderer_workload(network_id: str, ordinal: int) -> str:
    return f"{network_id}-orderer{ordinal}"


def ca_workload(member_id: str) -> str:
    return f"{member_id}-ca"


def peer_workload(node_id: str) -> str:
    return f"{node_id}-peer"


class LocalFabric:
    """Fabric with its keys in ``settings.data_dir`` and its tools from ``engine``.

    ``driver_place`` says where a workload is put; ``now`` is the clock of certificates.
    ``chaincode_environment`` is given to peers for their chaincode builders (``GOPROXY`` and the
    like); a peer that runs gets a changed one when it is next applied. Safe for several threads.
    """

    def __init__(
        self,
        settings: Settings,
        endpoints: Endpoints,
        engine: EngineTools,
        driver_place: Callable[[str], Place],
        now: Callable[[], datetime],
        chaincode_environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._settings = settings
        self._endpoints = endpoints
        self._place = driver_place
        self._now = now
        self._chaincode_environment = dict(chaincode_environment)
        self._materials = Materials(settings.data_dir)
        self._tools = FabricTools(engine)
        metrics = Metrics()
        self._announcer = Announcer(self._tools, metrics)
        self._gatekeeper = Gatekeeper(self._tools, metrics)

    def tls_chain(self) -> bytes:
        """The chain that verifies every endpoint of the installation, PEM."""
        return self._materials.tls_root(self._now()).certificate

    def network_workloads(self, network: NetworkFacts) -> list[Workload]:
        now, endpoints = self._now(), self._endpoints.in_region(network.region)
        network_id = network.network_id
        ordinals = range(len(network.orderer_ports))
        places = [self._place(orderer_workload(network_id, ordinal)) for ordinal in ordinals]
        hosts = [
            server_hosts(endpoints.orderer_host(network_id, ordinal), place)
            for ordinal, place in enumerate(places)
        ]
        keys = self._materials.network(network_id, hosts, now)
        block = self._genesis_block(network, keys, places, endpoints)
        return [
            self._orderer(network, ordinal, place, keys, block, endpoints)
            for ordinal, place in enumerate(places)
        ]

    def member_workloads(self, member: MemberFacts) -> list[Workload]:
        bootstrap = {}
        if member.admin_password:
            bootstrap = {
                member.admin_username: member.admin_password,
                REGISTRAR_NAME: member.registrar_secret,
            }
        return [self._ca(member, bootstrap)]

    def complete_member(self, member: MemberFacts) -> Workload:
        with CaClient(self._ca_url(member), self.tls_chain()) as client:
            file = self._materials.directory("member", member.member_id) / "registrar.pem"
            registrar = open_registrar(client, file, member.registrar_secret, self._now())
            registrar.add_affiliation(member.member_id)
        return self._ca(member, {})

    def admit_member(self, network: NetworkFacts, member_id: str) -> None:
        keys = self._member_keys(member_id, network.network_id, network.region)
        authority = organization_authority(keys).certificate
        organization = member_organization(member_id, authority, self.tls_chain())
        self._gatekeeper.admit(self._ordering_service(network), member_id, organization)

    def expel_member(
        self, network: NetworkFacts, member_id: str, remaining: tuple[str, ...]
    ) -> None:
        # Where the member cannot be taken out of a channel, this takes its organization's place.
        void = self._materials.void_authority(network.network_id, self._now())
        expulsion = Expulsion(
            member_id=member_id,
            remaining=remaining,
            administrators={
                member: keys / "service-msp"
                for member in (*remaining, member_id)
                if (keys := self._materials.directory("member", member) / "keys").is_dir()
            },
            void_organization=member_organization(member_id, void, self.tls_chain()),
        )
        self._gatekeeper.expel(self._ordering_service(network), expulsion)

    def node_workloads(self, node: NodeFacts) -> list[Workload]:
        name = peer_workload(node.node_id)
        place, endpoints = self._place(name), self._endpoints.in_region(node.region)
        host = endpoints.peer_host(node.node_id, node.member_id, node.network_id)
        member = self._member_keys(node.member_id, node.network_id, node.region)
        keys = self._materials.node(node.node_id, member, server_hosts(host, place), self._now())
        operations = f"http://{place.internal_host}:{node.operations_port}"
        instance = INSTANCE_TYPES.get(node.instance_type)
        peer = self._peer(node, place, endpoints)
        workload = Workload(
            name=name,
            resource_id=node.node_id,
            program=Program.PEER,
            arguments=("node", "start"),
            environment=self._peer_environment(node, place),
            files={**vault.read_all(keys), "core.yaml": core_yaml(peer)},
            ports=(node.peer_port, node.chaincode_port, node.operations_port),
            hostnames=(host,),
            probe=Probe(f"{operations}/healthz", '"OK"'),
            limits=Limits(instance.cpus, instance.memory_mib) if instance else Limits(),
        )
        return [workload]

    def announce_node(self, node: NodeFacts) -> bool:
        endpoints = self._endpoints.in_region(node.region)
        place = self._place(peer_workload(node.node_id))
        member = self._member_keys(node.member_id, node.network_id, node.region)
        return self._announcer.announce(
            member_id=node.member_id,
            metrics_url=f"http://{place.internal_host}:{node.operations_port}/metrics",
            endpoint=endpoints.peer(node.node_id, node.member_id, node.network_id, node.peer_port),
            orderers=self._orderer_addresses(node.network_id, node.orderer_ports),
            service_msp=member / "service-msp",
            tls_chain=self._tls_chain_file(),
        )

    def forget_network(self, network_id: str) -> None:
        self._materials.forget("network", network_id)

    def forget_member(self, member_id: str) -> None:
        self._materials.forget("member", member_id)

    def forget_node(self, node_id: str) -> None:
        self._materials.forget("node", node_id)

    def workload_names(self, kind: str, resource_id: str, orderers: int = 1) -> list[str]:
        return workload_names(kind, resource_id, orderers)

    def _ordering_service(self, network: NetworkFacts) -> OrderingService:
        network_id, ports = network.network_id, network.orderer_ports
        places = [self._place(name) for name in workload_names("network", network_id, len(ports))]
        addresses = self._orderer_addresses(network_id, ports)
        return OrderingService(
            network_id=network_id,
            orderers=tuple(
                Orderer(address, f"http://{place.internal_host}:{operations}/metrics")
                for address, place, (_, operations) in zip(addresses, places, ports, strict=True)
            ),
            admin_msp=self._materials.directory("network", network_id) / "keys" / "admin-msp",
            tls_chain=self._tls_chain_file(),
        )

    def _tls_chain_file(self) -> Path:
        self._materials.tls_root(self._now())
        return self._settings.data_dir / "tls" / TLS_CHAIN_FILE

    def _genesis_block(
        self, network: NetworkFacts, keys: Path, places: Sequence[Place], endpoints: Endpoints
    ) -> bytes:
        """The block for these consenters; made once, whatever becomes of the settings later."""
        addresses = [
            (place.internal_host, ports[0])
            for place, ports in zip(places, network.orderer_ports, strict=True)
        ]

        def make() -> vault.Files:
            founder = self._member_keys(
                network.founder_member_id, network.network_id, network.region
            )
            consenters = tuple(
                Consenter(
                    host=host,
                    port=port,
                    endpoint=endpoints.orderer(network.network_id, ordinal, port),
                    tls_certificate=(keys / f"orderer{ordinal}/tls/server.crt").read_bytes(),
                )
                for ordinal, (host, port) in enumerate(addresses)
            )
            genesis = Genesis(
                consenters=consenters,
                orderer_authority=organization_authority(keys).certificate,
                tls_root=self.tls_chain(),
                founder_member_id=network.founder_member_id,
                founder_authority=organization_authority(founder).certificate,
                batch_timeout=self._settings.batch_timeout,
                batch_messages_max=self._settings.batch_messages_max,
                raft_tick=self._settings.raft_tick,
            )
            return {GENESIS_FILE: self._encode(genesis, network.network_id)}

        digest = hashlib.sha256(json.dumps(addresses).encode()).hexdigest()[:16]
        directory = self._materials.directory("network", network.network_id)
        made = vault.make_once(directory / f"genesis-{digest}", make)
        return (made / GENESIS_FILE).read_bytes()

    def _encode(self, genesis: Genesis, network_id: str) -> bytes:
        # A block's nonce has to be unique, not secret.
        nonce = hashlib.sha256(network_id.encode()).digest()[:24]
        envelope = genesis_envelope(genesis_config(genesis), nonce, self._now())
        return genesis_block(self._tools.encode("common.Envelope", envelope))

    def _orderer(
        self,
        network: NetworkFacts,
        ordinal: int,
        place: Place,
        keys: Path,
        block: bytes,
        endpoints: Endpoints,
    ) -> Workload:
        service_port, operations_port = network.orderer_ports[ordinal]
        files = vault.read_all(keys / f"orderer{ordinal}")
        files["orderer.yaml"] = orderer_yaml(place, service_port, operations_port)
        files[GENESIS_FILE] = block
        return Workload(
            name=orderer_workload(network.network_id, ordinal),
            resource_id=network.network_id,
            program=Program.ORDERER,
            arguments=("start",),
            environment={
                "FABRIC_CFG_PATH": place.config_directory,
                "FABRIC_LOGGING_SPEC": ORDERER_LOG_SPEC,
                "FABRIC_LOGGING_FORMAT": LOG_FORMAT,
            },
            files=files,
            ports=(service_port, operations_port),
            hostnames=(endpoints.orderer_host(network.network_id, ordinal),),
            # A leader's coming counts as a change, on the leader and on those that follow it.
            probe=Probe(
                f"http://{place.internal_host}:{operations_port}/metrics",
                f'consensus_etcdraft_leader_changes{{channel="{SYSTEM_CHANNEL}"}}',
            ),
        )

    def _ca(self, member: MemberFacts, bootstrap: dict[str, str]) -> Workload:
        name = ca_workload(member.member_id)
        place = self._place(name)
        keys = self._member_keys(member.member_id, member.network_id, member.region)
        files = {
            path: content
            for path, content in vault.read_all(keys).items()
            if path.split("/")[0] in ("ca", "tls")
        }
        files[CA_CONFIG_FILE] = ca_yaml(
            place, member.member_id, member.ca_port, member.operations_port, bootstrap
        )
        endpoints = self._endpoints.in_region(member.region)
        return Workload(
            name=name,
            resource_id=member.member_id,
            program=Program.FABRIC_CA_SERVER,
            arguments=("start",),
            # Its home has to be where its configuration is; it adds its Idemix keys there.
            environment={"FABRIC_CA_SERVER_HOME": place.config_directory},
            files=files,
            ports=(member.ca_port, member.operations_port),
            hostnames=(endpoints.ca_host(member.member_id, member.network_id),),
            probe=Probe(f"{self._ca_url(member)}/cainfo", ca_pem=self.tls_chain()),
        )

    def _ca_url(self, member: MemberFacts) -> str:
        return (
            f"https://{self._place(ca_workload(member.member_id)).internal_host}:{member.ca_port}"
        )

    def _member_keys(self, member_id: str, network_id: str, region: str) -> Path:
        host = self._endpoints.in_region(region).ca_host(member_id, network_id)
        hosts = server_hosts(host, self._place(ca_workload(member_id)))
        return self._materials.member(member_id, hosts, self._now())

    def _peer(self, node: NodeFacts, place: Place, endpoints: Endpoints) -> Peer:
        addresses = self._orderer_addresses(node.network_id, node.orderer_ports)
        # A channel keeps the spelling of the day its network was made: both are led here.
        spellings = [replace(endpoints, named=named) for named in (True, False)]
        return Peer(
            node_id=node.node_id,
            member_id=node.member_id,
            network_id=node.network_id,
            place=place,
            peer_port=node.peer_port,
            chaincode_port=node.chaincode_port,
            operations_port=node.operations_port,
            endpoint=endpoints.peer(node.node_id, node.member_id, node.network_id, node.peer_port),
            bootstrap=tuple(
                f"{self._place(peer_workload(sibling)).internal_host}:{port}"
                for sibling, port in node.siblings
            ),
            orderer_addresses=tuple(
                (spelling.orderer(node.network_id, ordinal, port), addresses[ordinal])
                for ordinal, (port, _) in enumerate(node.orderer_ports)
                for spelling in spellings
            ),
            gateway_concurrency=self._settings.gateway_concurrency,
        )

    def _orderer_addresses(self, network_id: str, ports: Sequence[tuple[int, int]]) -> list[str]:
        """How the installation itself reaches the orderers, in order."""
        return [
            f"{self._place(orderer_workload(network_id, ordinal)).internal_host}:{port}"
            for ordinal, (port, _) in enumerate(ports)
        ]

    def _peer_environment(self, node: NodeFacts, place: Place) -> dict[str, str]:
        zone = network_zone(node.network_id, node.region, self._endpoints.domain)
        return {
            **direct(self._chaincode_environment, zone),
            "FABRIC_CFG_PATH": place.config_directory,
            "FABRIC_LOGGING_SPEC": PEER_LOG_SPEC,
            "FABRIC_LOGGING_FORMAT": LOG_FORMAT,
            **self._settings.chaincode_environment(),
            # External builders work in temporary directories; they go where the peer's data goes.
            "TMPDIR": place.data_directory,
        }
