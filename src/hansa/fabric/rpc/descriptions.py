"""What a channel's configuration says, in the words of the API; and a change of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fabric_protos.common.configtx_pb2 import Config, ConfigGroup, ConfigPolicy, ConfigValue
from fabric_protos.common.policies_pb2 import (
    ImplicitMetaPolicy,
    Policy,
    SignaturePolicyEnvelope,
)
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal
from fabric_protos.orderer.configuration_pb2 import BatchSize, BatchTimeout
from fabric_protos.peer.configuration_pb2 import AnchorPeer, AnchorPeers

from hansa.fabric.base import FabricError
from hansa.fabric.ledgers import Batches, Channel, ChannelChange, capability_rank
from hansa.fabric.rpc.configs import (
    APPLICATION,
    ORDERER,
    capabilities_of,
    capabilities_value,
    config_value,
    members_of,
)
from hansa.fabric.rpc.policies import policy_text

_BATCH_TIMEOUT, _BATCH_SIZE, _ANCHOR_PEERS = "BatchTimeout", "BatchSize", "AnchorPeers"


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
        policies={
            policy: _in_short(application.policies[policy])
            for policy in sorted(application.policies)
        },
    )


def changed(
    config: Config, change: ChannelChange, consortium: Mapping[str, ConfigGroup]
) -> ConfigGroup:
    """The channel's top group as ``change`` makes it; ``consortium`` has members' groups by id.

    Raises :class:`FabricError` for a member that is not in it.
    """
    top = ConfigGroup()
    top.CopyFrom(config.channel_group)
    orderer = top.groups[ORDERER]
    if change.timeout is not None:
        timeout = BatchTimeout(timeout=change.timeout)
        orderer.values[_BATCH_TIMEOUT].value = timeout.SerializeToString()
    size = BatchSize.FromString(orderer.values[_BATCH_SIZE].value)
    size.max_message_count = change.messages_max or size.max_message_count
    size.preferred_max_bytes = change.preferred_bytes or size.preferred_max_bytes
    size.absolute_max_bytes = change.absolute_bytes or size.absolute_max_bytes
    orderer.values[_BATCH_SIZE].value = size.SerializeToString(deterministic=True)
    if change.capability is not None:
        application = top.groups[APPLICATION]
        if capabilities_of(application) != [change.capability]:
            application.values["Capabilities"].CopyFrom(capabilities_value(change.capability))
    members = top.groups[APPLICATION].groups
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
    return top


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


def _in_short(policy: ConfigPolicy) -> str:
    kind: Any = policy.policy.type
    if kind == Policy.IMPLICIT_META:
        meta = ImplicitMetaPolicy.FromString(policy.policy.value)
        return f"{ImplicitMetaPolicy.Rule.Name(meta.rule)} {meta.sub_policy}"
    if kind == Policy.SIGNATURE:
        signature = SignaturePolicyEnvelope.FromString(policy.policy.value)
        kinds = {principal.principal_classification for principal in signature.identities}
        if kinds <= {MSPPrincipal.ROLE}:  # others have no words
            return policy_text(signature)
    return str(Policy.PolicyType.Name(kind))
