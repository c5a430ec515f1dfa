"""What a request to one of the surroundings' services would do, as IAM's policies name it.

Source: AWS's service authorization reference. Where a resource cannot be told from the request,
it is ``*``, which only a policy for all resources allows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote

from hansa.domain.caller import Caller
from hansa.domain.errors import AccessDeniedError
from hansa.surroundings.asgi import Scope, header
from hansa.surroundings.passed_roles import passed_roles


class Permission(NamedTuple):
    """An action (``s3:GetObject``), the ARN that it acts on, and condition keys of its own."""

    action: str
    resource_arn: str
    context: Mapping[str, str] = MappingProxyType({})


_JSON_NAMES = {"ssm": ("Name", "Names", "Path"), "secretsmanager": ("SecretId", "Name")}
_PREFIXES = {"ssm": "parameter/", "secretsmanager": "secret:"}
# Parts of an object or a bucket that have permissions of their own, by the query's key.
_OBJECT_PARTS = {
    "acl": "ObjectAcl",
    "legal-hold": "ObjectLegalHold",
    "retention": "ObjectRetention",
    "tagging": "ObjectTagging",
}
_BUCKET_PARTS = {
    "acl": "BucketAcl",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "notification": "BucketNotification",
    "policy": "BucketPolicy",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
_VERBS = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "POST": "Put", "DELETE": "Delete"}
_NAME = re.compile(r"[A-Za-z0-9]+\Z")


def permissions(
    service: str, scope: Scope, body: bytes, caller: Caller, bucket: str
) -> list[Permission]:
    """All that the caller has to be allowed; ``bucket`` is that of a virtual-hosted request.

    Where a request names several actions, each is needed: which one is taken is not decided here.
    Raises :class:`AccessDeniedError` where the action cannot be told.
    """
    passed = [
        Permission("iam:PassRole", arn, {"iam:PassedToService": f"{service}.amazonaws.com"})
        for arn in passed_roles(service, scope, body, caller)
    ]
    if service == "s3":
        return _s3(scope, bucket) + passed
    arns = ["*"] if service == "ec2" else _json_arns(service, body, caller)
    actions = _actions(scope, body)
    return [Permission(f"{service}:{name}", arn) for name in actions for arn in arns] + passed


def _actions(scope: Scope, body: bytes) -> list[str]:
    """Every action that the query, the body or a header names."""
    found = set()
    for text in (scope["query_string"], body):
        found |= set(parse_qs(text.decode("latin-1")).get("Action", []))
    for name, value in scope["headers"]:
        if name.lower() == b"x-amz-target":
            found.add(value.decode("latin-1").rpartition(".")[2])
    if not found or header(scope, "content-encoding") or not all(map(_NAME.match, found)):
        raise AccessDeniedError(
            "It cannot be told what this request would do, so it is refused. Send one action, and "
            "a body that is not compressed; AWS clients do."
        )
    return sorted(found)


def _json_arns(service: str, body: bytes, caller: Caller) -> list[str]:
    try:
        document: Mapping[str, Any] = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return ["*"]
    found: list[Any] = []
    for member in _JSON_NAMES[service] if isinstance(document, dict) else ():
        value = document.get(member)
        found += value if isinstance(value, list) else [value]
    prefix = f"arn:aws:{service}:{caller.region}:{caller.account_id}:{_PREFIXES[service]}"
    return [_json_arn(str(name), prefix) for name in found if name] or ["*"]


def _json_arn(name: str, prefix: str) -> str:
    """A name or an ARN without the version or label that a parameter's may end in."""
    if not name.startswith("arn:"):
        return prefix + name.lstrip("/").partition(":")[0]
    return ":".join(name.split(":")[: 7 if ":secret:" in name else 6])


def _s3(scope: Scope, virtual: str) -> list[Permission]:
    method, path = scope["method"], scope["path"]
    if virtual:
        bucket, key = virtual, path.removeprefix("/")
    else:
        bucket, _, key = path.lstrip("/").partition("/")
    parts = set(parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    if not bucket:
        return [Permission("s3:ListAllMyBuckets", "*")]
    if not key:
        return _bucket(method, bucket, parts)
    arn, verb = f"arn:aws:s3:::{bucket}/{key}", _VERBS.get(method, "Unknown")
    if method == "POST" and "select" in parts:
        verb = "Get"
    kinds = [_OBJECT_PARTS[part] for part in sorted(parts & set(_OBJECT_PARTS))] or ["Object"]
    needed = [Permission(f"s3:{verb}{kind}", arn) for kind in kinds]
    source = unquote(header(scope, "x-amz-copy-source")).partition("?")[0].lstrip("/")
    if source:
        needed.append(Permission("s3:GetObject", f"arn:aws:s3:::{source}"))
    return needed


def _bucket(method: str, bucket: str, parts: set[str]) -> list[Permission]:
    arn = f"arn:aws:s3:::{bucket}"
    if method == "POST":
        # A form or a list of keys: allowed where all objects of the bucket are.
        action = "s3:DeleteObject" if "delete" in parts else "s3:PutObject"
        return [Permission(action, f"{arn}/*")]
    verb = _VERBS.get(method, "Unknown")
    kinds = [_BUCKET_PARTS[part] for part in sorted(parts & set(_BUCKET_PARTS))]
    other = {part for part in parts - set(_BUCKET_PARTS) if not part.lower().startswith("x-")}
    if method in ("PUT", "DELETE") and other:
        kinds.append("BucketConfiguration")
    if kinds:
        return [Permission(f"s3:{verb}{kind}", arn) for kind in kinds]
    whole = {"Get": "List", "Put": "Create"}.get(verb, verb)
    return [Permission(f"s3:{whole}Bucket", arn)]
