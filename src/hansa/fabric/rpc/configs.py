"""Channel configurations: what is in them, and the update from one to another. Pure.

Source: "Updating a channel configuration" in Fabric's documentation. A changed element has a new
version; a group whose own elements come or go has one, too, and names all that stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fabric_protos.common.common_pb2 import Block, Envelope, Payload
from fabric_protos.common.configtx_pb2 import (
    Config,
    ConfigEnvelope,
    ConfigGroup,
    ConfigPolicy,
    ConfigUpdate,
    ConfigValue,
)
from fabric_protos.common.configuration_pb2 import Capabilities, Capability, Consortium
from fabric_protos.common.policies_pb2 import ImplicitMetaPolicy, Policy
from google.protobuf.message import Message

from hansa.fabric.base import FabricError
from hansa.fabric.genesis import CONSORTIUM

ADMINS = "Admins"
_CREATION = "ChannelCreationPolicy"
APPLICATION = "Application"
ORDERER = "Orderer"


def config_of(block: Block) -> Config:
    """The configuration in a configuration block. Raises :class:`FabricError` for another block."""
    try:
        payload = Payload.FromString(Envelope.FromString(block.data.data[0]).payload)
        config = ConfigEnvelope.FromString(payload.data).config
    except (IndexError, ValueError) as fault:
        raise FabricError("the block holds no configuration") from fault
    return config


def members_of(config: Config) -> list[str]:
    """The ids of the members of the channel, sorted."""
    return sorted(config.channel_group.groups[APPLICATION].groups)


def capabilities_of(group: ConfigGroup) -> list[str]:
    """The capabilities that a group asks for, such as ``V2_0``, sorted."""
    return sorted(Capabilities.FromString(group.values["Capabilities"].value).capabilities)


def capabilities_value(*names: str) -> ConfigValue:
    capabilities = Capabilities(capabilities={name: Capability() for name in names})
    return config_value(capabilities)


def config_value(message: Message, mod_policy: str = ADMINS) -> ConfigValue:
    return ConfigValue(value=message.SerializeToString(deterministic=True), mod_policy=mod_policy)


def implicit_policy(rule: int, sub_policy: str) -> ConfigPolicy:
    """``rule`` is one of :class:`ImplicitMetaPolicy`'s ANY, ALL, MAJORITY."""
    meta = ImplicitMetaPolicy(rule=rule, sub_policy=sub_policy)
    policy = Policy(type=Policy.IMPLICIT_META, value=meta.SerializeToString())
    return ConfigPolicy(policy=policy, mod_policy=ADMINS)


def creation(channel: str, members: Sequence[str], capability: str) -> ConfigUpdate:
    """The update that makes ``channel``, with these members of the network's consortium.

    What the members are comes from the consortium, what the ordering service is from its own
    channel. ``capability`` is the application's: ``V1_4_2`` for the chaincode lifecycle of Fabric
    1, ``V2_0`` or ``V2_5`` for the one of Fabric 2.
    """
    update = ConfigUpdate(channel_id=channel)
    for group in (update.read_set, update.write_set):
        for member in members:
            group.groups[APPLICATION].groups[member].CopyFrom(ConfigGroup())
        group.values["Consortium"].CopyFrom(ConfigValue())
    consortium = Consortium(name=CONSORTIUM).SerializeToString()
    update.write_set.values["Consortium"].CopyFrom(ConfigValue(value=consortium))
    application = update.write_set.groups[APPLICATION]
    application.version = 1
    application.mod_policy = ADMINS
    application.values["Capabilities"].CopyFrom(capabilities_value(capability))
    for name, policy in application_policies().items():
        application.policies[name].CopyFrom(policy)
    return update


def template(system: ConfigGroup, members: Sequence[str]) -> ConfigGroup:
    """The top group that the ordering service holds the :func:`creation` of a channel against.

    ``system`` is the one of its own channel. Source: ``NewChannelConfig`` of Fabric's
    ``orderer/common/msgprocessor``. Raises :class:`FabricError` for a member that is not in the
    network's consortium.
    """
    top = ConfigGroup()
    top.CopyFrom(system)
    del top.groups["Consortiums"]
    name = Consortium(name=CONSORTIUM)
    top.values["Consortium"].CopyFrom(config_value(name))
    consortium, application = (
        system.groups["Consortiums"].groups[CONSORTIUM], top.groups[APPLICATION],
    )  # fmt: skip
    application.mod_policy = _CREATION
    policy = Policy.FromString(consortium.values[_CREATION].value)
    application.policies[_CREATION].CopyFrom(ConfigPolicy(policy=policy))
    for member in members:
        if member not in consortium.groups:
            raise FabricError(f"member {member} is not in the network's consortium")
        application.groups[member].CopyFrom(consortium.groups[member])
    return top


def created(template: ConfigGroup, update: ConfigUpdate) -> ConfigGroup:
    """What a :func:`template` becomes by the :func:`creation` of its channel."""
    top = ConfigGroup()
    top.CopyFrom(template)
    application, written = top.groups[APPLICATION], update.write_set.groups[APPLICATION]
    application.mod_policy = written.mod_policy
    application.policies.clear()
    for kind in ("policies", "values"):
        for name, element in getattr(written, kind).items():
            getattr(application, kind)[name].CopyFrom(element)
    return top


def application_policies() -> Mapping[str, ConfigPolicy]:
    """The policies of a channel's members together, as Fabric's samples have them."""
    any_of, majority = ImplicitMetaPolicy.ANY, ImplicitMetaPolicy.MAJORITY
    return {
        "Readers": implicit_policy(any_of, "Readers"),
        "Writers": implicit_policy(any_of, "Writers"),
        ADMINS: implicit_policy(majority, ADMINS),
        "LifecycleEndorsement": implicit_policy(majority, "Endorsement"),
        "Endorsement": implicit_policy(majority, "Endorsement"),
    }


def update_between(channel: str, before: ConfigGroup, after: ConfigGroup) -> ConfigUpdate | None:
    """The update that makes a channel's top group ``before`` into ``after``; None where equal.

    Versions in ``after`` are not looked at.
    """
    read, written = ConfigGroup(), ConfigGroup()
    if not _differ(before, after, read, written):
        return None
    return ConfigUpdate(channel_id=channel, read_set=read, write_set=written)


def _differ(
    before: ConfigGroup, after: ConfigGroup, read: ConfigGroup, written: ConfigGroup
) -> bool:
    """Fill ``read`` and ``written``; whether the groups, or any below, differ."""
    read.version = written.version = before.version
    comes_or_goes = before.mod_policy != after.mod_policy or any(
        set(getattr(before, kind)) != set(getattr(after, kind))
        for kind in ("policies", "values", "groups")
    )
    changed = _differ_in_elements(before, after, read, written, comes_or_goes)
    for name, group in after.groups.items():
        inner_read, inner_written = ConfigGroup(), ConfigGroup()
        is_new = name not in before.groups
        if is_new:
            written.groups[name].CopyFrom(_fresh(group))
        elif _differ(before.groups[name], group, inner_read, inner_written):
            read.groups[name].CopyFrom(inner_read)
            written.groups[name].CopyFrom(inner_written)
            changed = True
        elif comes_or_goes:
            for there in (read, written):
                there.groups[name].CopyFrom(ConfigGroup(version=before.groups[name].version))
    if comes_or_goes:
        written.version = before.version + 1
        written.mod_policy = after.mod_policy
    return changed or comes_or_goes


def _differ_in_elements(
    before: Any,
    after: Any,
    read: Any,
    written: Any,
    comes_or_goes: bool,  # noqa: FBT001
) -> bool:
    changed = False
    for kind, empty in (("policies", ConfigPolicy), ("values", ConfigValue)):
        for name, element in getattr(after, kind).items():
            old = getattr(before, kind).get(name)
            if old is not None and _content(old) == _content(element):
                if comes_or_goes:
                    for there in (read, written):
                        getattr(there, kind)[name].CopyFrom(empty(version=old.version))
                continue
            new = getattr(written, kind)[name]
            new.CopyFrom(element)
            new.version = 0 if old is None else old.version + 1
            changed = True
    return changed


def _content(element: Any) -> bytes:
    copy = type(element)()
    copy.CopyFrom(element)
    copy.version = 0
    return bytes(copy.SerializeToString(deterministic=True))


def _fresh(group: ConfigGroup) -> ConfigGroup:
    """``group`` as one that was never there: all versions are 0."""
    fresh = ConfigGroup()
    fresh.CopyFrom(group)
    fresh.version = 0
    for element in (*fresh.policies.values(), *fresh.values.values()):
        element.version = 0
    for name, inner in group.groups.items():
        fresh.groups[name].CopyFrom(_fresh(inner))
    return fresh
