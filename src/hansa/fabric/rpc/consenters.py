"""The orderers that order a channel, as its configuration has them. Pure.

Orderers are told apart by their ports, which are different for all orderers of an installation: a
consenter is where its fellows reach it, an endpoint is where clients do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fabric_protos.common.configtx_pb2 import ConfigGroup
from fabric_protos.common.configuration_pb2 import OrdererAddresses
from fabric_protos.orderer.configuration_pb2 import ConsensusType
from fabric_protos.orderer.etcdraft.configuration_pb2 import ConfigMetadata

from hansa.fabric.base import FabricError
from hansa.fabric.ledgers import port_of

_CONSENSUS, _ENDPOINTS = "ConsensusType", "Endpoints"


def consenters_of(orderer: ConfigGroup) -> tuple[str, ...]:
    """The endpoints of the consenters; where one has none, what its fellows reach it by."""
    endpoints = {port_of(endpoint): endpoint for _, endpoint in _endpoints(orderer)}
    return tuple(
        endpoints.get(int(each.port), f"{each.host}:{each.port}")
        for each in _metadata(orderer).consenters
    )


def change_consenters(orderer: ConfigGroup, wanted: Sequence[str], system: ConfigGroup) -> None:
    """Make the orderers with the endpoints ``wanted`` the consenters of the group ``orderer``.

    Who comes is as in ``system``, the same group of the ordering service's own channel, of which
    all orderers are consenters. Clients are told the endpoints of those who order, no others.
    Raises :class:`FabricError` for an endpoint of nobody.
    """
    ports = {port_of(endpoint): endpoint for endpoint in wanted}
    metadata = _metadata(orderer)
    there = {int(each.port): each for each in metadata.consenters}
    if {*there} == {*ports}:
        return
    known = {int(each.port): each for each in _metadata(system).consenters} | there
    if strangers := sorted({*ports} - {*known}):
        raise FabricError(f"no orderer of the network has the endpoint {ports[strangers[0]]}")
    coming = [port for port in known if port not in there]
    chosen = [known[port] for port in (*there, *coming) if port in ports]
    del metadata.consenters[:]
    metadata.consenters.extend(chosen)
    consensus = ConsensusType.FromString(orderer.values[_CONSENSUS].value)
    consensus.metadata = metadata.SerializeToString(deterministic=True)
    orderer.values[_CONSENSUS].value = consensus.SerializeToString(deterministic=True)
    _change_endpoints(orderer, {*there}, {*ports}, system)


def _change_endpoints(
    orderer: ConfigGroup, before: set[int], after: set[int], system: ConfigGroup
) -> None:
    for organization, group in orderer.groups.items():
        if _ENDPOINTS not in group.values:
            continue
        old = _addresses(group)
        coming = [
            endpoint
            for name, endpoint in _endpoints(system)
            if name == organization and port_of(endpoint) in after - before and endpoint not in old
        ]
        new = [*(each for each in old if port_of(each) not in before - after), *coming]
        if new != old:
            message = OrdererAddresses(addresses=new)
            group.values[_ENDPOINTS].value = message.SerializeToString(deterministic=True)


def _metadata(orderer: ConfigGroup) -> ConfigMetadata:
    if _CONSENSUS not in orderer.values:
        return ConfigMetadata()
    consensus = ConsensusType.FromString(orderer.values[_CONSENSUS].value)
    return ConfigMetadata.FromString(consensus.metadata)


def _endpoints(orderer: ConfigGroup) -> Iterator[tuple[str, str]]:
    """Each organization's name with each of its endpoints."""
    for name, organization in orderer.groups.items():
        if _ENDPOINTS in organization.values:
            yield from ((name, endpoint) for endpoint in _addresses(organization))


def _addresses(organization: ConfigGroup) -> list[str]:
    found = OrdererAddresses.FromString(organization.values[_ENDPOINTS].value)
    return [str(address) for address in found.addresses]
