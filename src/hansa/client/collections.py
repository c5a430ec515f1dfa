"""Private data collections from a file, in the API's spelling or in that of Fabric's tools. Pure.

Source of the latter: ``--collections-config`` of ``peer lifecycle chaincode``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hansa.client.installation import ClientError

_SPELLINGS = {
    "name": "Name",
    "policy": "MemberPolicy",
    "requiredPeerCount": "RequiredPeerCount",
    "maxPeerCount": "MaxPeerCount",
    "blockToLive": "BlockToLive",
    "memberOnlyRead": "MemberOnlyRead",
    "memberOnlyWrite": "MemberOnlyWrite",
    "endorsementPolicy": "EndorsementPolicy",
}


def read_collections(text: str) -> list[dict[str, Any]]:
    """The collections in ``text``, a JSON list, as DeployChaincode takes them.

    Raises :class:`ClientError` where it is none; the service checks the values.
    """
    try:
        found = json.loads(text)
    except ValueError as fault:
        raise ClientError(f"the file of collections is no JSON: {fault}.") from fault
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise ClientError(
            'the file of collections has to hold a list: [{"name": "…", "policy": "…"}, …].'
        )
    return [_collection(item) for item in found]


def _collection(item: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(item) - set(_SPELLINGS) - set(_SPELLINGS.values()))
    if unknown:
        raise ClientError(
            f"a collection has no {', '.join(unknown)}; it has {', '.join(_SPELLINGS)}."
        )
    # Fabric's tools take what is left out as false, the API as true.
    defaults = {"MemberOnlyRead": False, "MemberOnlyWrite": False} if "name" in item else {}
    collection = defaults | {_SPELLINGS.get(key, key): value for key, value in item.items()}
    policy = collection.get("EndorsementPolicy")
    if isinstance(policy, dict):
        text = policy.get("signaturePolicy") or policy.get("channelConfigPolicy")
        collection["EndorsementPolicy"] = text
    return collection
