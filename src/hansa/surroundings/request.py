"""Turns an authenticated request into one that moto cannot misunderstand.

moto takes the account from ``x-moto-account-id``, else from the access key; the region from the
host, the User-Agent or the credential scope; a bucket from the host. All of these are written by
the client, so each is replaced with what authentication established.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import parse_qs

from hansa.domain.caller import Caller
from hansa.surroundings.asgi import Scope, header

_REPLACED = frozenset({"host", "user-agent", "authorization"})


def signed_service(scope: Scope) -> str:
    """The service of the credential scope, in the header or the query of a presigned URL."""
    authorization = header(scope, "authorization")
    credential = authorization.partition("Credential=")[2].partition(",")[0].strip()
    if not credential:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        credential = query.get("X-Amz-Credential", [""])[0]
    parts = credential.split("/")
    return parts[3].lower() if len(parts) == 5 else ""


def virtual_bucket(host: str, endpoint_hosts: frozenset[str]) -> str:
    """The bucket of a virtual-hosted request: ``host`` without the endpoint's own name.

    ``host`` may carry a port. Empty for an address, for one of ``endpoint_hosts``, and for hosts
    that do not end in one of them.
    """
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        for endpoint in endpoint_hosts:
            if name.lower().endswith("." + endpoint):
                return name[: -len(endpoint) - 1]
    return ""


def _is_mine(name: bytes) -> bool:
    """Whether a client may not set the header: WSGI folds ``-`` and ``_`` into one."""
    folded = name.decode("latin-1").lower().replace("_", "-")
    return folded.startswith("x-moto-") or folded in _REPLACED


def rewritten(scope: Scope, service: str, caller: Caller, account_id: str, bucket: str) -> Scope:
    """A copy of ``scope`` for moto's ``service``, as ``account_id``.

    ``bucket`` is put in front of the path (path style) unless it is empty.
    """
    region = caller.region
    credential = f"{caller.access_key_id}/20000101/{region}/{service}/aws4_request"
    fields = {
        "host": f"{service}.{region}.amazonaws.com",
        "user-agent": "hansa",
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, "
        f"Signature={'0' * 64}",
        "x-moto-account-id": account_id,
    }
    headers = [(name, value) for name, value in scope["headers"] if not _is_mine(name)]
    headers += [(name.encode(), value.encode("latin-1")) for name, value in fields.items()]
    raw_path = scope.get("raw_path") or scope["path"].encode()
    prefix = f"/{bucket}" if bucket else ""
    return {
        **scope,
        "headers": headers,
        "path": prefix + scope["path"],
        "raw_path": prefix.encode() + raw_path,
        "root_path": "",
        "scheme": "https",
        "server": (fields["host"], 443),
    }


def path_bucket(path: str) -> str:
    """The bucket of a path-style request."""
    return path.lstrip("/").partition("/")[0]
