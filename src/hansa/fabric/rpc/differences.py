"""What differs between two configurations of a channel, for people to read. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fabric_protos.common.configtx_pb2 import ConfigGroup, ConfigPolicy, ConfigValue
from fabric_protos.common.configuration_pb2 import (
    BlockDataHashingStructure,
    Capabilities,
    Consortium,
    HashingAlgorithm,
    OrdererAddresses,
)
from fabric_protos.orderer.configuration_pb2 import (
    BatchSize,
    BatchTimeout,
    ChannelRestrictions,
    ConsensusType,
)
from fabric_protos.orderer.etcdraft.configuration_pb2 import ConfigMetadata
from fabric_protos.peer.configuration_pb2 import ACLs, AnchorPeers

from hansa.fabric.ledgers import Difference
from hansa.fabric.rpc.conditions import TOP
from hansa.fabric.rpc.configs import APPLICATION, ORDERER
from hansa.fabric.rpc.policies import in_short

_WHO = {f"{TOP}/{APPLICATION}": "a member", f"{TOP}/{ORDERER}": "an organization of orderers"}
_KINDS = ("values", "policies", "groups")


def differences(before: ConfigGroup, after: ConfigGroup) -> list[Difference]:
    """Of a channel's top groups: every line that comes, goes, or reads otherwise."""
    return [*_in_group(TOP, before, after)]


def asked_policies(before: ConfigGroup, after: ConfigGroup) -> list[str]:
    """The paths of the policies that the update from one to the other has to satisfy.

    Source: ``policyForItem`` of Fabric's ``common/configtx``. What is new is its group's matter.
    """
    return sorted(set(_asked(TOP, before, after)))


def _asked(path: str, before: ConfigGroup, after: ConfigGroup) -> Iterator[str]:
    if before.mod_policy != after.mod_policy or any(
        set(getattr(before, kind)) != set(getattr(after, kind)) for kind in _KINDS
    ):
        yield _absolute(path, before.mod_policy)
    for kind in ("values", "policies"):
        for name, old in getattr(before, kind).items():
            new = getattr(after, kind).get(name)
            if new is not None and not _equal(old, new):
                yield _absolute(path, old.mod_policy)
    for name, group in before.groups.items():
        if name in after.groups:
            yield from _asked(f"{path}/{name}", group, after.groups[name])


def _absolute(path: str, policy: str) -> str:
    return policy if policy.startswith("/") else f"{path}/{policy}"


def _equal(old: Any, new: Any) -> bool:
    if isinstance(old, ConfigValue):
        return bool(old.value == new.value and old.mod_policy == new.mod_policy)
    return bool(old.policy == new.policy and old.mod_policy == new.mod_policy)


def _in_group(path: str, before: ConfigGroup, after: ConfigGroup) -> Iterator[Difference]:
    for name in sorted({*before.values, *after.values}):
        old, new = (_lines(name, group.values.get(name)) for group in (before, after))
        for line in sorted({*old, *new}):
            if old.get(line, "") != new.get(line, ""):
                place = f"{path}/{name}/{line}" if line else f"{path}/{name}"
                yield Difference(place, old.get(line, ""), new.get(line, ""))
    for name in sorted({*before.policies, *after.policies}):
        was, becomes = (_policy(group.policies.get(name)) for group in (before, after))
        if was != becomes:
            yield Difference(f"{path}/{name}", was, becomes)
    for name in sorted({*before.groups, *after.groups}):
        old, new = (group.groups.get(name) for group in (before, after))
        if path != TOP and (old is None or new is None):
            what = _WHO.get(path, "a group")
            yield Difference(f"{path}/{name}", what if old else "", what if new else "")
        else:
            empty = ConfigGroup()
            yield from _in_group(f"{path}/{name}", old or empty, new or empty)


def _policy(policy: ConfigPolicy | None) -> str:
    return "" if policy is None else in_short(policy)


def _lines(name: str, value: ConfigValue | None) -> Mapping[str, str]:
    """What a value says, by the name of each line; one without a name says all."""
    if value is None:
        return {}
    read = _READERS.get(name)
    return read(value.value) if read else {"": f"{len(value.value)} bytes"}


def _batch_size(value: bytes) -> Mapping[str, str]:
    size = BatchSize.FromString(value)
    return {
        "MaxMessageCount": str(size.max_message_count),
        "PreferredMaxBytes": str(size.preferred_max_bytes),
        "AbsoluteMaxBytes": str(size.absolute_max_bytes),
    }


def _anchor_peers(value: bytes) -> Mapping[str, str]:
    peers = AnchorPeers.FromString(value).anchor_peers
    return {"": ", ".join(f"{peer.host}:{peer.port}" for peer in peers)}


def _consensus(value: bytes) -> Mapping[str, str]:
    consensus = ConsensusType.FromString(value)
    consenters = ConfigMetadata.FromString(consensus.metadata).consenters
    return {
        "Type": str(consensus.type),
        "Consenters": ", ".join(f"{each.host}:{each.port}" for each in consenters),
    }


def _restrictions(value: bytes) -> Mapping[str, str]:
    """How many channels there may be; nothing for as many as one likes."""
    channels_max = int(ChannelRestrictions.FromString(value).max_count)
    return {"MaxCount": str(channels_max)} if channels_max else {}


_READERS: Mapping[str, Callable[[bytes], Mapping[str, str]]] = {
    "BatchTimeout": lambda value: {"": str(BatchTimeout.FromString(value).timeout)},
    "BatchSize": _batch_size,
    "Capabilities": lambda value: {
        "": ", ".join(sorted(Capabilities.FromString(value).capabilities))
    },
    "ACLs": lambda value: {
        resource: str(acl.policy_ref) for resource, acl in ACLs.FromString(value).acls.items()
    },
    "AnchorPeers": _anchor_peers,
    "BlockDataHashingStructure": lambda value: {
        "Width": str(BlockDataHashingStructure.FromString(value).width)
    },
    "ChannelRestrictions": _restrictions,
    "Consortium": lambda value: {"": str(Consortium.FromString(value).name)},
    "HashingAlgorithm": lambda value: {"": str(HashingAlgorithm.FromString(value).name)},
    "ConsensusType": _consensus,
    "Endpoints": lambda value: {"": ", ".join(OrdererAddresses.FromString(value).addresses)},
}
