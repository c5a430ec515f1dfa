"""Channels as the service sees them: which ones there are, and updates of their configuration.

Pure: metrics in, names out; configuration in, update out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

HEADER_TYPE_CONFIG_UPDATE = 2
_HEIGHT = re.compile(r'^ledger_blockchain_height\{channel="([^"]+)"\}', re.MULTILINE)


def joined_channels(metrics: str) -> list[str]:
    """The channels of a peer or orderer, from its metrics: each ledger it keeps has a height."""
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
    organization = group["groups"]["Application"]["groups"].get(member_id)
    if organization is None:
        return None
    present = organization["values"].get("AnchorPeers")
    if present and (present.get("value") or {}).get("anchor_peers"):
        return None
    read, written = (other_elements if present is None else same_elements)(organization)
    written["values"]["AnchorPeers"] = {
        "mod_policy": "Admins",
        "value": {"anchor_peers": [{"host": host, "port": port}]},
        "version": "0" if present is None else next_version(present),
    }
    return config_update(channel, group, ("Application", member_id), read, written)


def update_envelope(channel: str, update: Mapping[str, Any]) -> dict[str, Any]:
    """The ``common.Envelope`` that carries a configuration update, unsigned."""
    header = {"channel_header": {"channel_id": channel, "type": HEADER_TYPE_CONFIG_UPDATE}}
    return {"payload": {"header": header, "data": {"config_update": update}}}


def config_update(
    channel: str,
    top: Mapping[str, Any],
    path: Sequence[str],
    read: Mapping[str, Any],
    written: Mapping[str, Any],
) -> dict[str, Any]:
    """The ``common.ConfigUpdate`` of the group at ``path`` below the channel's group ``top``.

    The groups on the way hold nothing but the next one, at the versions they have.
    """
    return {
        "channel_id": channel,
        "isolated_data": {},
        "read_set": _around(top, path, read),
        "write_set": _around(top, path, written),
    }


def same_elements(group: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """``group`` as read and as written where elements it has are changed: with none of them yet.

    A changed element has a new version; its group keeps its own.
    """
    return _group(group["version"]), _group(group["version"])


def other_elements(group: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """``group`` as read and as written where elements come or go: with all that it has now.

    That changes the group itself, so its version rises, and the others are named with theirs.
    """
    read, written = _group(group["version"]), _group(next_version(group))
    written["mod_policy"] = group["mod_policy"]
    for section in (read, written):
        for kind in ("policies", "values", "groups"):
            section[kind] = {
                name: {"version": element["version"]} for name, element in group[kind].items()
            }
    return read, written


def next_version(element: Mapping[str, Any]) -> str:
    return str(int(element["version"]) + 1)


def _around(
    top: Mapping[str, Any], path: Sequence[str], innermost: Mapping[str, Any]
) -> Mapping[str, Any]:
    if not path:
        return innermost
    outer = _group(top["version"])
    outer["groups"][path[0]] = _around(top["groups"][path[0]], path[1:], innermost)
    return outer


def _group(version: str) -> dict[str, Any]:
    return {"groups": {}, "policies": {}, "values": {}, "version": version}
