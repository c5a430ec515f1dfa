"""What the record of calls is told of a request to one of the surroundings' services."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from hansa.domain.audit import Told
from hansa.surroundings.actions import Permission
from hansa.surroundings.asgi import Scope, header

# Beyond what is secret by its name: the text of a parameter, of a secret, of commands, and what
# AWS's models mark as sensitive.
_SECRET_NAMES = {
    "ssm": frozenset({"Configuration", "OwnerInformation", "Parameters", "StringValue", "Value"}),
    "secretsmanager": frozenset({"SecretString", "SecretBinary"}),
    "ec2": frozenset({"ImportManifestUrl", "PreSharedKey", "PresignedUrl", "UefiData", "Url"}),
}
_SECRET_NAMES_OF_OPERATIONS = {
    "ModifyInstanceAttribute": frozenset({"Value"}),
    "ReportInstanceStatus": frozenset({"Description"}),
}
_MAINTENANCE_WINDOW = frozenset({"Description", "Input", "Payload"})
_FORM_MAX = 1000

# S3's operations where they are not called as the permission that they need. Source: AWS's service
# authorization reference for S3.
_S3_OPERATIONS = {
    ("GET", "ListAllMyBuckets"): "ListBuckets",
    ("GET", "ListBucket"): "ListObjects",
    ("HEAD", "ListBucket"): "HeadBucket",
    ("HEAD", "GetObject"): "HeadObject",
    ("POST", "DeleteObject"): "DeleteObjects",
}


def tell(
    scope: Scope, service: str, body: bytes, bucket: str, needed: Sequence[Permission]
) -> None:
    """Fill in ``scope["hansa.told"]``, where the front has put it.

    ``needed`` is what the request needs; ``bucket`` is that of a virtual-hosted request.
    """
    told: Told | None = scope.get("hansa.told")
    if told is None:
        return
    name = needed[0].action.partition(":")[2]
    told.operation = _S3_OPERATIONS.get((scope["method"], name), name) if service == "s3" else name
    told.resources = tuple(one.resource_arn for one in needed if one.resource_arn != "*")
    told.secret_names = _secret_names(service, name)
    told.parameters = _s3(scope, bucket) if service == "s3" else _parameters(scope, body)


def _secret_names(service: str, operation: str) -> frozenset[str]:
    names = _SECRET_NAMES.get(service, frozenset())
    if service == "ssm" and "MaintenanceWindow" in operation:
        return names | _MAINTENANCE_WINDOW
    return names | _SECRET_NAMES_OF_OPERATIONS.get(operation, frozenset())


def _s3(scope: Scope, virtual: str) -> dict[str, Any]:
    path = scope["path"].lstrip("/")
    bucket, key = (virtual, path) if virtual else path.partition("/")[::2]
    named = {"bucketName": bucket, "key": key}
    return {name: value for name, value in named.items() if value} | _form(scope["query_string"])


def _parameters(scope: Scope, body: bytes) -> Mapping[str, Any] | None:
    if not header(scope, "x-amz-target"):
        return _form(scope["query_string"]) | _form(body)
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _form(text: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(text.decode("latin-1"), max_num_fields=_FORM_MAX)
    except ValueError:
        return {}
    return {
        name: value
        for name, value in pairs
        if name not in ("Action", "Version") and not name.lower().startswith("x-amz-")
    }
