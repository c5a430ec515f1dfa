"""Members coming to a network and leaving it: configuration in, ``common.ConfigUpdate`` out.

Each function gives None where there is nothing left to change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from hansa.fabric.channels import config_update, next_version, other_elements, same_elements
from hansa.fabric.genesis import CONSORTIUM, SYSTEM_CHANNEL
from hansa.fabric.organizations import Group

_CONSORTIUM_PATH = ("Consortiums", CONSORTIUM)
_APPLICATION_PATH = ("Application",)


def channel_members(top: Mapping[str, Any]) -> list[str]:
    """The members of the channel with the group ``top``, sorted."""
    return sorted(top["groups"]["Application"]["groups"])


def admission(top: Mapping[str, Any], member_id: str, organization: Group) -> Group | None:
    """Add a member's ``organization`` to the consortium; ``top`` is the system channel's group."""
    consortium = _at(top, _CONSORTIUM_PATH)
    if member_id in consortium["groups"]:
        return None
    read, written = other_elements(consortium)
    written["groups"][member_id] = organization
    return config_update(SYSTEM_CHANNEL, top, _CONSORTIUM_PATH, read, written)


def dismissal(top: Mapping[str, Any], member_id: str) -> Group | None:
    """Take a member out of the consortium; ``top`` is the system channel's group."""
    return _without(top, SYSTEM_CHANNEL, _CONSORTIUM_PATH, member_id)


def expulsion(
    top: Mapping[str, Any], channel: str, member_id: str, remaining: Collection[str]
) -> Group | None:
    """Take a member out of a channel, whose group is ``top``, if any of ``remaining`` is in it."""
    if not set(remaining) & set(channel_members(top)):
        return None
    return _without(top, channel, _APPLICATION_PATH, member_id)


def invalidation(
    top: Mapping[str, Any], channel: str, member_id: str, void_organization: Group
) -> Group | None:
    """Leave a member in a channel with none of its identities valid.

    Its MSP becomes the one of ``void_organization``, which has an authority without certificates.
    That is for the ordering service alone to do: see :func:`member_organization`.
    """
    organization = top["groups"]["Application"]["groups"].get(member_id)
    if organization is None:
        return None
    present = organization["values"]["MSP"]
    void = void_organization["values"]["MSP"]["value"]
    if present["value"]["config"]["root_certs"] == void["config"]["root_certs"]:
        return None
    read, written = same_elements(organization)
    written["values"]["MSP"] = {
        "mod_policy": present["mod_policy"],
        "value": void,
        "version": next_version(present),
    }
    return config_update(channel, top, (*_APPLICATION_PATH, member_id), read, written)


def _without(
    top: Mapping[str, Any], channel: str, path: tuple[str, ...], member_id: str
) -> Group | None:
    group = _at(top, path)
    if member_id not in group["groups"]:
        return None
    read, written = other_elements(group)
    del written["groups"][member_id]
    return config_update(channel, top, path, read, written)


def _at(top: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
    for name in path:
        top = top["groups"][name]
    return top
