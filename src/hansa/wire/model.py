"""The service model of ``managedblockchain``: AWS's own, with this service's additions.

AWS's model comes from botocore's data directory alone, so that a model in the user's
``~/.aws/models`` or ``AWS_DATA_PATH``, which is meant for clients, never changes the service.
"""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader
from botocore.model import ServiceModel

API_VERSION = "2018-09-24"

ADDED_OPERATIONS: dict[str, Any] = {
    "DeleteNetwork": {
        "name": "DeleteNetwork",
        "http": {"method": "DELETE", "requestUri": "/networks/{networkId}"},
        "input": {"shape": "DeleteNetworkInput"},
        "output": {"shape": "DeleteNetworkOutput"},
        "errors": [
            {"shape": "InvalidRequestException"},
            {"shape": "AccessDeniedException"},
            {"shape": "ResourceNotFoundException"},
            {"shape": "ResourceNotReadyException"},
            {"shape": "ThrottlingException"},
            {"shape": "InternalServiceErrorException"},
        ],
    }
}
ADDED_SHAPES: dict[str, Any] = {
    "DeleteNetworkInput": {
        "type": "structure",
        "required": ["NetworkId"],
        "members": {
            "NetworkId": {
                "shape": "ResourceIdString",
                "location": "uri",
                "locationName": "networkId",
            }
        },
    },
    "DeleteNetworkOutput": {"type": "structure", "members": {}},
}
# Why a resource is CREATE_FAILED or FAILED; AWS's model has no member for it, and clients of AWS
# skip it. Written only where there is a reason.
STATUS_REASON = "StatusReason"
RESOURCES_WITH_REASON = ("Network", "Member", "Node")
# AWS prints "^arn:.+:.+:.+:.+:.+", which its own network ARNs (no account) do not match, and which
# takes minutes to refuse a thousand colons.
ARN_PATTERN = r"^arn:[^:\n]+:[^:\n]+:[^:\n]+:[^:\n]*:.+$"


def load_description(service: str, version: str) -> dict[str, Any]:
    """AWS's description of ``service`` as botocore ships it."""
    data = Path(botocore.__file__).parent / "data"
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    return copy.deepcopy(dict(loader.load_service_model(service, "service-2", version)))


@cache
def load_managedblockchain() -> ServiceModel:
    """AWS's model of ``managedblockchain``, with this service's additions."""
    description = load_description("managedblockchain", API_VERSION)
    description["operations"].update(ADDED_OPERATIONS)
    description["shapes"].update(ADDED_SHAPES)
    description["shapes"]["ArnString"]["pattern"] = ARN_PATTERN
    for resource in RESOURCES_WITH_REASON:
        description["shapes"][resource]["members"][STATUS_REASON] = {"shape": "String"}
    return ServiceModel(description, "managedblockchain")
