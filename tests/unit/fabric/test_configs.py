"""Configurations as whole values: ``expected/`` holds what each program is to read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from hansa.domain.chaincode import PROPAGATED_ENVIRONMENT
from hansa.domain.workload import Place
from hansa.fabric.ca_config import ca_yaml
from hansa.fabric.orderer_config import orderer_yaml
from hansa.fabric.peer_config import Peer, core_yaml

PLACE = Place(
    config_directory="/place/config",
    data_directory="/place/data",
    listen_host="127.0.0.1",
    internal_host="127.0.0.1",
    engine_directory="/engine",
)
POD = replace(PLACE, listen_host="0.0.0.0", internal_host="pod.cluster.example")
PEER = Peer(
    node_id="nd-1",
    member_id="m-1",
    network_id="n-1",
    place=PLACE,
    peer_port=30003,
    chaincode_port=24003,
    operations_port=24004,
    endpoint="nd-1.m-1.n-1.example:30003",
    bootstrap=("127.0.0.1:30005", "127.0.0.1:30006"),
    orderer_addresses=(("orderer.n-1.example:30001", "127.0.0.1:30001"),),
    gateway_concurrency=20000,
)
SECRETS = {"AdminUser": "admin-password", "hansa-service": "registrar-secret"}

CASES = {
    "orderer.yaml": orderer_yaml(PLACE, 30001, 24001),
    "core.yaml": core_yaml(PEER),
    "fabric-ca-server-config.yaml": ca_yaml(PLACE, "m-1", 30002, 24002, SECRETS),
}


def expected(name: str) -> Any:
    value = yaml.safe_load((Path(__file__).parent / "expected" / name).read_text())
    for builder in value.get("chaincode", {}).get("externalBuilders", []):
        builder["propagateEnvironment"] = list(PROPAGATED_ENVIRONMENT)
    return value


@pytest.mark.parametrize("name", CASES)
def test_the_whole_configuration(name: str) -> None:
    assert yaml.safe_load(CASES[name]) == expected(name)


def test_a_peer_alone_bootstraps_from_itself() -> None:
    alone = yaml.safe_load(core_yaml(replace(PEER, bootstrap=())))
    assert alone["peer"]["gossip"]["bootstrap"] == "127.0.0.1:30003"


def test_a_ca_without_bootstrap_differs_in_its_identities_only() -> None:
    bare = yaml.safe_load(ca_yaml(PLACE, "m-1", 30002, 24002, {}))
    full = expected("fabric-ca-server-config.yaml")
    full["registry"]["identities"] = []
    assert bare == full


def test_where_workloads_are_on_other_machines_operations_are_reachable() -> None:
    orderer = yaml.safe_load(orderer_yaml(POD, 7050, 8443))
    assert orderer["Operations"]["ListenAddress"] == "0.0.0.0:8443"
    assert orderer["General"]["ListenAddress"] == "0.0.0.0"
    peer = yaml.safe_load(core_yaml(replace(PEER, place=POD)))
    assert peer["operations"]["listenAddress"] == "0.0.0.0:24004"
    assert peer["peer"]["address"] == "pod.cluster.example:30003"
    assert peer["peer"]["chaincodeListenAddress"] == "127.0.0.1:24003"


def test_a_public_listener_leaves_operations_on_loopback() -> None:
    public = replace(PLACE, listen_host="0.0.0.0")
    orderer = yaml.safe_load(orderer_yaml(public, 30001, 24001))
    assert orderer["Operations"]["ListenAddress"] == "127.0.0.1:24001"
