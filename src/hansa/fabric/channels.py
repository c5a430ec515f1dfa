"""Channels as the service sees them: which ones a peer has joined, and their anchor peers.

The pure half of announcing a peer: metrics in, names out; configuration in, update out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HEADER_TYPE_CONFIG_UPDATE = 2
_HEIGHT = re.compile(r'^ledger_blockchain_height\{channel="([^"]+)"\}', re.MULTILINE)


def joined_channels(metrics: str) -> list[str]:
    """The channels of a peer, from its metrics: it reports a height for each ledger it keeps."""
    return sorted(set(_HEIGHT.findall(metrics)))


def channel_group(block: Mapping[str, Any]) -> dict[str, Any]:
    """The top group of the configuration in a decoded configuration block."""
    group: dict[str, Any] = block["data"]["data"][0]["payload"]["data"]["config"]["channel_group"]
    return group


def anchor_update(
    group: Mapping[str, Any], channel: str, member_id: str, host: str, port: int
) -> dict[str, Any] | None:
    """The ``common.ConfigUpdate`` that makes ``host:port`` the member's anchor peer.

    None where the member has an anchor peer, or no part in the channel.
    """
    application = group["groups"]["Application"]
    organization = application["groups"].get(member_id)
    if organization is None:
        return None
    present = organization["values"].get("AnchorPeers")
    if present and (present.get("value") or {}).get("anchor_peers"):
        return None
    read, written = _organization_sets(organization, present)
    written["values"]["AnchorPeers"] = {
        "mod_policy": "Admins",
        "value": {"anchor_peers": [{"host": host, "port": port}]},
        "version": "0" if present is None else _next(present),
    }
    return {
        "channel_id": channel,
        "isolated_data": {},
        "read_set": _around(group, application, member_id, read),
        "write_set": _around(group, application, member_id, written),
    }


def update_envelope(channel: str, update: Mapping[str, Any]) -> dict[str, Any]:
    """The ``common.Envelope`` that carries a configuration update, unsigned."""
    header = {"channel_header": {"channel_id": channel, "type": HEADER_TYPE_CONFIG_UPDATE}}
    return {"payload": {"header": header, "data": {"config_update": update}}}


def _organization_sets(
    organization: Mapping[str, Any], present: Mapping[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The organization's group as read and as written, still without the anchor peers.

    A new element changes its group, so the group's version rises and its other elements are named
    with theirs; a changed element leaves the group as it is.
    """
    if present is not None:
        read = _group(organization["version"])
        return read, _group(organization["version"])
    read, written = _group(organization["version"]), _group(_next(organization))
    written["mod_policy"] = organization["mod_policy"]
    for section in (read, written):
        for kind in ("policies", "values", "groups"):
            section[kind] = {
                name: {"version": element["version"]}
                for name, element in organization[kind].items()
            }
    return read, written


def _around(
    group: Mapping[str, Any],
    application: Mapping[str, Any],
    member_id: str,
    organization: dict[str, Any],
) -> dict[str, Any]:
    """The channel's group holding nothing but one organization, at the versions they have."""
    inner = _group(application["version"])
    inner["groups"][member_id] = organization
    outer = _group(group["version"])
    outer["groups"]["Application"] = inner
    return outer


def _group(version: str) -> dict[str, Any]:
    return {"groups": {}, "policies": {}, "values": {}, "version": version}


def _next(element: Mapping[str, Any]) -> str:
    return str(int(element["version"]) + 1)
