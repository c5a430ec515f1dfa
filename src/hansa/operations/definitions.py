"""Chaincode definitions as the API spells them, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hansa.awsapi import hansafabric as api
from hansa.domain.errors import IllegalActionError, InvalidRequestError
from hansa.fabric.chaincodes import Collection, Committed, Definition
from hansa.fabric.ledgers import Channel, capability_rank
from hansa.fabric.rpc.policies import PolicySyntaxError, normal_policy, parse_policy


def is_legacy(channel: Channel) -> bool:
    """Whether the channel has the chaincode lifecycle of Fabric 1."""
    return capability_rank(channel.capability) < capability_rank("V2_0")


def check_lifecycle(channel: Channel) -> None:
    """Raises :class:`IllegalActionError` for a channel without approvals."""
    if is_legacy(channel):
        raise IllegalActionError(
            f"Channel {channel.name} has capability {channel.capability or 'none'}, with the "
            "chaincode lifecycle of Fabric 1, in which nobody approves definitions: "
            "DeployChaincode installs and puts in force. Or raise the channel to V2_0 with "
            "UpdateChannel, which keeps its chaincode"
        )


def check_definition(asked: api.ChaincodeDefinition, channel: Channel) -> None:
    """Raises :class:`InvalidRequestError` naming all faults."""
    collections = asked.get("Collections") or []
    policies = {"definition.endorsementPolicy": asked.get("EndorsementPolicy")}
    faults = []
    for number, collection in enumerate(collections):
        place = f"definition.collections.{number + 1}.member"
        policies[f"{place}.memberPolicy"] = collection["MemberPolicy"]
        policies[f"{place}.endorsementPolicy"] = collection.get("EndorsementPolicy")
        if collection["MemberPolicy"].startswith("/"):
            faults.append(f"'{place}.memberPolicy' has to be a policy of members, not a path")
        if collection.get("RequiredPeerCount", 0) > collection.get("MaxPeerCount", 1):
            faults.append(f"'{place}.requiredPeerCount' is more than 'maxPeerCount'")
    names = [collection["Name"] for collection in collections]
    faults += [f"collection {name} is given twice" for name in {*names} if names.count(name) > 1]
    for place, text in policies.items():
        faults += _policy_faults(place, text or "/", channel)
    if faults:
        raise InvalidRequestError(f"The request is not valid: {'; '.join(sorted(faults))}")


def _policy_faults(place: str, text: str, channel: Channel) -> list[str]:
    if text.startswith("/"):
        return []
    try:
        _, members = parse_policy(text)
    except PolicySyntaxError as fault:
        return [f"'{place}': {fault}"]
    return [
        f"'{place}' names {member}, which takes no part in channel {channel.name}"
        for member in members
        if member not in channel.anchor_peers
    ]


def complete_definition(
    asked: api.ChaincodeDefinition, committed: Committed | None, *, is_same_package: bool
) -> Definition:
    """What is asked for, with what was left out.

    The sequence is the one in force where nothing differs, else the next one. Raises
    :class:`IllegalActionError` for a sequence that cannot be.
    """
    in_force = committed.definition if committed else None
    next_sequence = in_force.sequence + 1 if in_force else 1
    sequence = asked.get("Sequence")
    if in_force is not None and sequence in (None, in_force.sequence):
        version = asked.get("Version", in_force.version)
        unchanged = to_definition(asked, version, in_force.sequence) == in_force
        if unchanged and (is_same_package or sequence is not None):
            return in_force
    if sequence is not None and sequence != next_sequence:
        raise IllegalActionError(
            f"Sequence {sequence} cannot be the next of chaincode {asked['Name']}: "
            + (
                f"sequence {in_force.sequence} is in force, so the next is {next_sequence}"
                if in_force
                else "none is in force, so the first is 1"
            )
        )
    version = asked.get("Version", str(next_sequence))
    return to_definition(asked, version, next_sequence)


def definition_of(spelled: Mapping[str, Any]) -> Definition:
    """The inverse of :func:`spell`."""
    return to_definition(spelled, spelled["Version"], spelled.get("Sequence", 0))


def spell(definition: Definition) -> api.ChaincodeDefinition:
    """The definition in the API's words."""
    spelled: api.ChaincodeDefinition = {
        "Name": definition.name,
        "Version": definition.version,
        "EndorsementPolicy": definition.endorsement or "/Channel/Application/Endorsement",
        "InitRequired": definition.needs_init,
        "Collections": [_spell_collection(collection) for collection in definition.collections],
    }
    if not definition.is_legacy:
        spelled["Sequence"] = definition.sequence
    return spelled


def _spell_collection(collection: Collection) -> api.Collection:
    spelled: api.Collection = {
        "Name": collection.name,
        "MemberPolicy": collection.members,
        "RequiredPeerCount": collection.required_peers,
        "MaxPeerCount": collection.peers_max,
        "BlockToLive": collection.blocks_to_live,
        "MemberOnlyRead": collection.member_only_read,
        "MemberOnlyWrite": collection.member_only_write,
    }
    if collection.endorsement:
        spelled["EndorsementPolicy"] = collection.endorsement
    return spelled


def to_definition(asked: Mapping[str, Any], version: str, sequence: int) -> Definition:
    """What is asked for, in Fabric's words; ``sequence`` 0 is Fabric 1's lifecycle."""
    return Definition(
        name=asked["Name"],
        version=version,
        sequence=sequence,
        endorsement=_policy(asked.get("EndorsementPolicy")),
        needs_init=bool(asked.get("InitRequired", False)),
        collections=tuple(
            Collection(
                name=collection["Name"],
                members=_policy(collection["MemberPolicy"]),
                required_peers=collection.get("RequiredPeerCount", 0),
                peers_max=collection.get("MaxPeerCount", 1),
                blocks_to_live=collection.get("BlockToLive", 0),
                member_only_read=collection.get("MemberOnlyRead", True),
                member_only_write=collection.get("MemberOnlyWrite", True),
                endorsement=_policy(collection.get("EndorsementPolicy")),
            )
            for collection in asked.get("Collections") or []
        ),
    )


def _policy(text: str | None) -> str:
    """One spelling for each policy, so that equal ones are equal."""
    if text is None or text == "/Channel/Application/Endorsement":
        return ""
    return text if text.startswith("/") else normal_policy(text)
