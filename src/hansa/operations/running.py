"""What a node runs as a chaincode of a channel, by either lifecycle."""

from __future__ import annotations

from hansa.fabric.base import NodeFacts
from hansa.fabric.chaincodes import Chaincodes
from hansa.fabric.ledgers import Channel
from hansa.operations.definitions import is_legacy


def running_id(chaincodes: Chaincodes, node: NodeFacts, channel: Channel, name: str) -> str | None:
    """The package's id, or ``NAME:VERSION`` by Fabric 1's lifecycle, as the node's ledger has it.

    None where no such chaincode is in force; empty where the node's member approved it without a
    package. Raises :class:`~hansa.fabric.base.FabricError`.
    """
    if not is_legacy(channel):
        committed = chaincodes.committed(node, channel.name, name)
        if committed is not None:
            return chaincodes.approved_package(node, channel.name, committed.definition) or ""
    instantiated = chaincodes.legacy.instantiated(node, channel.name, name)
    return None if instantiated is None else f"{name}:{instantiated.definition.version}"
