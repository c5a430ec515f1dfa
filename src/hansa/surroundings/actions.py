"""What a request to one of the surroundings' services would do, as IAM's policies name it.

Source: AWS's service authorization reference. Where a resource cannot be told from the request,
it is ``*``, which only a policy for all resources allows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from hansa.domain.caller import Caller
from hansa.surroundings.asgi import Scope, header

Permission = tuple[str, str]
"""An action (``s3:GetObject``) and the ARN that it acts on."""

_JSON_NAMES = {"ssm": ("Name", "Names"), "secretsmanager": ("SecretId", "Name")}
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
    """All that the caller has to be allowed; ``bucket`` is that of a virtual-hosted request."""
    if service == "s3":
        return _s3(scope, bucket)
    if service == "ec2":
        form = parse_qs(scope["query_string"].decode("latin-1")) | parse_qs(body.decode("latin-1"))
        return [(f"ec2:{_plain(form.get('Action', [''])[-1])}", "*")]
    action = _plain(header(scope, "x-amz-target").rpartition(".")[2])
    return [(f"{service}:{action}", arn) for arn in _json_arns(service, body, caller)]


def _plain(name: str) -> str:
    """A name that no policy has, where the client's is none."""
    return name if _NAME.match(name) else "Unknown"


def _json_arns(service: str, body: bytes, caller: Caller) -> list[str]:
    try:
        document: Mapping[str, Any] = json.loads(body or b"{}")
    except ValueError:
        return ["*"]
    found: list[str] = []
    for member in _JSON_NAMES[service] if isinstance(document, dict) else ():
        value = document.get(member, [])
        found += [name for name in (value if isinstance(value, list) else [value]) if name]
    prefix = f"arn:aws:{service}:{caller.region}:{caller.account_id}:{_PREFIXES[service]}"
    return [
        name if str(name).startswith("arn:") else prefix + str(name).lstrip("/") for name in found
    ] or ["*"]


def _s3(scope: Scope, virtual: str) -> list[Permission]:
    path = scope["path"].removeprefix("/")
    bucket, _, key = (virtual, "", path) if virtual else path.partition("/")
    parts = set(parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    if not bucket:
        return [("s3:ListAllMyBuckets", "*")]
    if not key:
        return _bucket(scope["method"], bucket, parts)
    arn, verb = f"arn:aws:s3:::{bucket}/{key}", _VERBS.get(scope["method"], "Unknown")
    needed = [(f"s3:{verb}{_part(parts, _OBJECT_PARTS, 'Object')}", arn)]
    source = unquote(header(scope, "x-amz-copy-source")).partition("?")[0].lstrip("/")
    if source:
        needed.append(("s3:GetObject", f"arn:aws:s3:::{source}"))
    return needed


def _bucket(method: str, bucket: str, parts: set[str]) -> list[Permission]:
    arn = f"arn:aws:s3:::{bucket}"
    if method == "POST":
        # A form or a list of keys: allowed where all objects of the bucket are.
        return [("s3:DeleteObject" if "delete" in parts else "s3:PutObject", f"{arn}/*")]
    part = _part(parts, _BUCKET_PARTS, "")
    if part:
        return [(f"s3:{_VERBS.get(method, 'Unknown')}{part}", arn)]
    verb = {"GET": "List", "HEAD": "List", "PUT": "Create", "DELETE": "Delete"}
    return [(f"s3:{verb.get(method, 'Unknown')}Bucket", arn)]


def _part(parts: set[str], known: Mapping[str, str], otherwise: str) -> str:
    return next((name for part, name in known.items() if part in parts), otherwise)
