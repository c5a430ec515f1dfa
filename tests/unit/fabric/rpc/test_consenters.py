"""The orderers in a channel's configuration."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from fabric_protos.common.configtx_pb2 import ConfigGroup
from fabric_protos.common.configuration_pb2 import OrdererAddresses
from fabric_protos.orderer.configuration_pb2 import ConsensusType
from fabric_protos.orderer.etcdraft.configuration_pb2 import ConfigMetadata, Consenter, Options

from hansa.fabric.base import FabricError
from hansa.fabric.rpc.consenters import change_consenters, consenters_of

NAMES = ("one.example:1", "two.example:2", "three.example:3")


def ordering(ports: Sequence[int], endpoints: Sequence[str]) -> ConfigGroup:
    options = Options(tick_interval="100ms", election_tick=10)
    consenters = [
        Consenter(host="127.0.0.1", port=port, server_tls_cert=b"%d" % port) for port in ports
    ]
    metadata = ConfigMetadata(consenters=consenters, options=options).SerializeToString()
    group = ConfigGroup()
    consensus = ConsensusType(type="etcdraft", metadata=metadata)
    group.values["ConsensusType"].value = consensus.SerializeToString()
    addresses = OrdererAddresses(addresses=endpoints)
    group.groups["OrdererOrg"].values["Endpoints"].value = addresses.SerializeToString()
    return group


SYSTEM = ordering((1, 2, 3), NAMES)


def told(group: ConfigGroup) -> list[str]:
    value = group.groups["OrdererOrg"].values["Endpoints"].value
    return [*OrdererAddresses.FromString(value).addresses]


def test_who_goes_goes_with_its_endpoint_and_comes_back_with_it() -> None:
    group = ordering((1, 2, 3), [*NAMES, "by-hand.example:9"])
    change_consenters(group, ["localhost:3", "localhost:2"], SYSTEM)
    assert consenters_of(group) == NAMES[1:]
    assert told(group) == [*NAMES[1:], "by-hand.example:9"]
    change_consenters(group, NAMES, SYSTEM)
    assert consenters_of(group) == (*NAMES[1:], NAMES[0])
    assert told(group) == [*NAMES[1:], "by-hand.example:9", NAMES[0]]
    consensus = ConsensusType.FromString(group.values["ConsensusType"].value)
    metadata = ConfigMetadata.FromString(consensus.metadata)
    assert metadata.options.tick_interval == "100ms"
    assert [each.server_tls_cert for each in metadata.consenters] == [b"2", b"3", b"1"]


def test_the_same_orderers_are_no_change() -> None:
    group = ordering((2, 1), NAMES[:2])
    before = group.SerializeToString(deterministic=True)
    change_consenters(group, NAMES[:2], SYSTEM)
    assert group.SerializeToString(deterministic=True) == before


def test_one_without_an_endpoint_is_told_as_its_fellows_reach_it() -> None:
    assert consenters_of(ordering((1, 2), NAMES[:1])) == (NAMES[0], "127.0.0.1:2")


def test_a_stranger_is_refused() -> None:
    with pytest.raises(FabricError, match="else.example:7"):
        change_consenters(ordering((1, 2), NAMES[:2]), ["else.example:7"], SYSTEM)
