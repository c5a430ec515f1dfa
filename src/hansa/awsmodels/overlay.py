"""The overlay of AWS clients' model of ``managedblockchain``, and our own model: pure data.

botocore, and so boto3 and both AWS CLIs, merges a file ``service-2.sdk-extras.json`` of its search
path into the service model it ships (``botocore.loaders.ExtrasProcessor``). The overlay is such a
file: it adds to whatever version of the model the client has, and replaces none of it.

It adds what published instructions use and AWS's model lacks:

* CloudFormation's spellings ``NetworkFabricConfiguration``, ``MemberFrameworkConfiguration`` and
  ``MemberFabricConfiguration`` as aliases. ``locationName`` makes the request carry the API's own
  names, so the service sees no difference.
* the operation ``DeleteNetwork``.
* ``StatusReason`` of networks, members and nodes: why one is CREATE_FAILED or FAILED.
* waiters, which AWS never published for this service.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from hansa import models
from hansa.awsapi import additions

SERVICE = "managedblockchain"
API_VERSION = "2018-09-24"
EXTRAS_FILE = "service-2.sdk-extras.json"
WAITERS_FILE = "waiters-2.json"

WAITER_DELAY_SECONDS = 1
WAITER_ATTEMPTS = 900

_FABRIC_ALIAS = "<p>Another name of <code>Fabric</code>, as CloudFormation spells it.</p>"
_FRAMEWORK_ALIAS = (
    "<p>Another name of <code>FrameworkConfiguration</code>, as CloudFormation spells it. "
    "Give one of the two.</p>"
)

_SHAPES: dict[str, Any] = {
    **additions.SHAPES,
    "NetworkFrameworkConfiguration": {
        "members": {
            "NetworkFabricConfiguration": {
                "shape": "NetworkFabricConfiguration",
                "locationName": "Fabric",
                "documentation": _FABRIC_ALIAS,
            }
        }
    },
    "MemberFrameworkConfiguration": {
        "members": {
            "MemberFabricConfiguration": {
                "shape": "MemberFabricConfiguration",
                "locationName": "Fabric",
                "documentation": _FABRIC_ALIAS,
            }
        }
    },
    "MemberConfiguration": {
        # FrameworkConfiguration leaves the list, because its alias may stand for it; the service
        # still refuses a member with neither.
        "required": ["Name"],
        "members": {
            "MemberFrameworkConfiguration": {
                "shape": "MemberFrameworkConfiguration",
                "locationName": "FrameworkConfiguration",
                "documentation": _FRAMEWORK_ALIAS,
            }
        },
    },
}


def extras() -> dict[str, Any]:
    """The document of ``service-2.sdk-extras.json``."""
    return {
        "version": 1.0,
        "merge": {
            "operations": deepcopy(additions.OPERATIONS),
            "shapes": deepcopy(_SHAPES),
        },
    }


def overlay_model(base: Mapping[str, Any]) -> dict[str, Any]:
    """``base``, a ``service-2`` document, with the overlay merged in as botocore merges it.

    Mappings merge by key; any other value replaces the one before. ``base`` is left as it is.
    """
    return _merged(base, extras()["merge"])


def _merged(base: Mapping[str, Any], addition: Mapping[str, Any]) -> dict[str, Any]:
    merged = deepcopy(dict(base))
    for key, value in addition.items():
        present = merged.get(key)
        if isinstance(present, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(present, value)
        else:
            merged[key] = deepcopy(value)
    return merged


def _status_acceptor(noun: str, status: str, state: str) -> dict[str, Any]:
    return {
        "matcher": "path",
        "argument": f"{noun}.Status",
        "expected": status,
        "state": state,
    }


def _waiter(noun: str, acceptors: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "operation": f"Get{noun}",
        "delay": WAITER_DELAY_SECONDS,
        "maxAttempts": WAITER_ATTEMPTS,
        "acceptors": acceptors,
    }


def _available(noun: str, failures: tuple[str, ...]) -> dict[str, Any]:
    acceptors = [_status_acceptor(noun, "AVAILABLE", "success")]
    acceptors += [_status_acceptor(noun, status, "failure") for status in failures]
    return _waiter(noun, acceptors)


def _deleted(noun: str) -> dict[str, Any]:
    gone = {"matcher": "error", "expected": "ResourceNotFoundException", "state": "success"}
    return _waiter(noun, [gone, _status_acceptor(noun, "DELETED", "success")])


def waiters() -> dict[str, Any]:
    """The document of ``waiters-2.json``: AVAILABLE and DELETED of network, member and node."""
    ended = ("CREATE_FAILED", "DELETING", "DELETED")
    return {
        "version": 2,
        "waiters": {
            "NetworkAvailable": _available("Network", ended),
            "NetworkDeleted": _deleted("Network"),
            "MemberAvailable": _available("Member", ended),
            "MemberDeleted": _deleted("Member"),
            "NodeAvailable": _available("Node", (*ended, "FAILED")),
            "NodeDeleted": _deleted("Node"),
        },
    }


def files() -> dict[str, bytes]:
    """The overlay's files by name, as they lie in ``managedblockchain/2018-09-24/``."""
    return _as_json({EXTRAS_FILE: extras(), WAITERS_FILE: waiters()})


def own_files() -> dict[str, bytes]:
    """The files of ``hansafabric`` by name."""
    return _as_json(
        {
            "service-2.json": models.service_description(),
            WAITERS_FILE: models.waiters_description(),
            "paginators-1.json": models.paginators_description(),
        }
    )


def _as_json(documents: Mapping[str, Any]) -> dict[str, bytes]:
    return {
        name: (json.dumps(document, indent=2) + "\n").encode()
        for name, document in documents.items()
    }
