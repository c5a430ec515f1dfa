"""What a channel's configuration says, in the words of the API; and a change of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from fabric_protos.common.configtx_pb2 import Config, ConfigGroup, ConfigValue
from fabric_protos.orderer.configuration_pb2 import BatchSize, BatchTimeout
from fabric_protos.peer.configuration_pb2 import ACLs, AnchorPeer, AnchorPeers, APIResource

from hansa.fabric.base import FabricError
from hansa.fabric.genesis import CONSORTIUM
from hansa.fabric.ledgers import Batches, Channel, ChannelChange, capability_rank
from hansa.fabric.rpc.conditions import TOP
from hansa.fabric.rpc.configs import (
    ADMINS,
    APPLICATION,
    ORDERER,
    capabilities_of,
    capabilities_value,
    config_value,
    members_of,
)
from hansa.fabric.rpc.consenters import change_consenters, consenters_of
from hansa.fabric.rpc.policies import channel_policy, in_short

_BATCH_TIMEOUT, _BATCH_SIZE = "BatchTimeout", "BatchSize"
_ANCHOR_PEERS, _ACLS = "AnchorPeers", "ACLs"


def describe(name: str, height: int, config: Config) -> Channel:
    """``height`` is the number of blocks."""
    application = config.channel_group.groups[APPLICATION]
    return Channel(
        name=name,
        height=height,
        config_sequence=int(config.sequence),
        anchor_peers={
            member: _anchor_peers(application.groups[member]) for member in members_of(config)
        },
        capability=max(capabilities_of(application), key=capability_rank, default=""),
        batches=_batches(config.channel_group.groups[ORDERER]),
        policies=_policies(config.channel_group),
        acls=_acls(application),
        consenters=consenters_of(config.channel_group.groups[ORDERER]),
    )


def changed(config: Config, change: ChannelChange, system: ConfigGroup) -> ConfigGroup:
    """The channel's top group as ``change`` makes it.

    ``system`` is that of the ordering service's own channel: the members of the consortium, and all
    orderers. Raises :class:`FabricError` for whoever is not in it, and for a policy of no meaning.
    """
    top = ConfigGroup()
    top.CopyFrom(config.channel_group)
    _change_batches(top.groups[ORDERER], change)
    if change.consenters:
        change_consenters(top.groups[ORDERER], change.consenters, system.groups[ORDERER])
    consortium = system.groups["Consortiums"].groups[CONSORTIUM].groups
    _change_members(top.groups[APPLICATION], change, consortium)
    application = top.groups[APPLICATION]
    if change.capability is not None and capabilities_of(application) != [change.capability]:
        application.values["Capabilities"].CopyFrom(capabilities_value(change.capability))
    _change_policies(application, change.policies)
    _change_acls(application, change.acls)
    return top


def _change_batches(orderer: ConfigGroup, change: ChannelChange) -> None:
    if change.timeout is not None:
        timeout = BatchTimeout(timeout=change.timeout)
        orderer.values[_BATCH_TIMEOUT].value = timeout.SerializeToString()
    size = BatchSize.FromString(orderer.values[_BATCH_SIZE].value)
    size.max_message_count = change.messages_max or size.max_message_count
    size.preferred_max_bytes = change.preferred_bytes or size.preferred_max_bytes
    size.absolute_max_bytes = change.absolute_bytes or size.absolute_max_bytes
    orderer.values[_BATCH_SIZE].value = size.SerializeToString(deterministic=True)


def _change_members(
    application: ConfigGroup, change: ChannelChange, consortium: Mapping[str, ConfigGroup]
) -> None:
    members = application.groups
    if change.removed_member is not None and change.removed_member in members:
        del members[change.removed_member]
    if change.added_member is not None and change.added_member not in members:
        if change.added_member not in consortium:
            raise FabricError(f"member {change.added_member} is not in the network's consortium")
        members[change.added_member].CopyFrom(consortium[change.added_member])
    for member, peers in change.anchor_peers.items():
        if member not in members:
            raise FabricError(f"member {member} takes no part in the channel")
        if _anchor_peers(members[member]) != peers:
            members[member].values[_ANCHOR_PEERS].CopyFrom(_anchor_peers_value(peers))


def _change_policies(application: ConfigGroup, policies: Mapping[str, str]) -> None:
    """``policies`` by name; an empty one is taken away."""
    for name, text in policies.items():
        if not text:
            application.policies.pop(name, None)
            continue
        policy = application.policies[name]
        policy.policy.CopyFrom(channel_policy(text))
        policy.mod_policy = policy.mod_policy or ADMINS


def _change_acls(application: ConfigGroup, acls: Mapping[str, str]) -> None:
    present = _acls(application)
    wanted = {resource: policy for resource, policy in {**present, **acls}.items() if policy}
    if wanted == present:
        return
    mod_policy = application.values[_ACLS].mod_policy or ADMINS
    message = ACLs(acls={name: APIResource(policy_ref=policy) for name, policy in wanted.items()})
    application.values[_ACLS].CopyFrom(config_value(message, mod_policy))


def _acls(application: ConfigGroup) -> Mapping[str, str]:
    if _ACLS not in application.values:
        return {}
    acls = ACLs.FromString(application.values[_ACLS].value).acls
    return {resource: str(acls[resource].policy_ref) for resource in sorted(acls)}


def _policies(top: ConfigGroup) -> Mapping[str, str]:
    """Those of the members together by name, those of the whole channel by path."""
    application = top.groups[APPLICATION].policies
    return {
        **{name: in_short(application[name]) for name in sorted(application)},
        **{f"{TOP}/{name}": in_short(top.policies[name]) for name in sorted(top.policies)},
    }


def _anchor_peers(organization: ConfigGroup) -> tuple[str, ...]:
    if _ANCHOR_PEERS not in organization.values:
        return ()
    anchors = AnchorPeers.FromString(organization.values[_ANCHOR_PEERS].value)
    return tuple(f"{peer.host}:{peer.port}" for peer in anchors.anchor_peers)


def _anchor_peers_value(peers: tuple[str, ...]) -> ConfigValue:
    split = [peer.rsplit(":", 1) for peer in peers]
    anchors = [AnchorPeer(host=host, port=int(port)) for host, port in split]
    return config_value(AnchorPeers(anchor_peers=anchors))


def _batches(orderer: ConfigGroup) -> Batches:
    size = BatchSize.FromString(orderer.values[_BATCH_SIZE].value)
    return Batches(
        timeout=str(BatchTimeout.FromString(orderer.values[_BATCH_TIMEOUT].value).timeout),
        messages_max=int(size.max_message_count),
        preferred_bytes=int(size.preferred_max_bytes),
        absolute_bytes=int(size.absolute_max_bytes),
    )
