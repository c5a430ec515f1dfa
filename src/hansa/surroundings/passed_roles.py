"""The roles that a request hands to a service, which ``iam:PassRole`` has to allow.

Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service", and the API
references of EC2, SSM and S3 for the members that hold a role.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import unescape

from hansa.domain.caller import Caller
from hansa.surroundings.asgi import Scope

# The last parts of EC2's parameters, and SSM's members, that hold a role's ARN or name.
_MEMBERS = frozenset(
    {
        "AssumeRole",
        "AutomationAssumeRole",
        "DeliverLogsPermissionArn",
        "ExecutionRoleArn",
        "IamFleetRole",
        "IamRole",
        "RoleArn",
        "RoleName",
        "ServiceRole",
        "ServiceRoleArn",
    }
)
_PROFILE = re.compile(r"(?:.*\.)?IamInstanceProfile\.(?:Arn|Name)")
_ROLE_ELEMENT = re.compile(rb"<(?:\w+:)?Role>\s*([^<]*?)\s*</")


def passed_roles(service: str, scope: Scope, body: bytes, caller: Caller) -> list[str]:
    """The ARNs of the roles, each once; an instance profile stands for the role of its name."""
    if service == "ec2":
        found = _of_form(scope["query_string"] + b"&" + body)
    elif service == "s3":
        found = _of_xml(scope, body)
    else:
        found = _of_json(body)
    return sorted({_arn(value, caller) for value in found if value})


def _of_form(form: bytes) -> Iterator[str]:
    for name, value in parse_qsl(form.decode("latin-1")):
        if _PROFILE.fullmatch(name) or name.rpartition(".")[2] in _MEMBERS:
            yield value


def _of_xml(scope: Scope, body: bytes) -> Iterator[str]:
    """S3's replication alone takes a role."""
    if b"replication" in scope["query_string"]:
        for value in _ROLE_ELEMENT.findall(body):
            yield unescape(value.decode("utf-8", "replace"))


def _of_json(body: bytes) -> Iterator[str]:
    try:
        yield from _values(json.loads(body or b"{}"))
    except (ValueError, RecursionError):
        return


def _values(found: Any) -> Iterator[str]:
    if isinstance(found, list):
        for one in found:
            yield from _values(one)
    elif isinstance(found, dict):
        for name, value in found.items():
            if name in _MEMBERS:
                yield from (str(one) for one in (value if isinstance(value, list) else [value]))
            else:
                yield from _values(value)


def _arn(value: str, caller: Caller) -> str:
    prefix, _, rest = value.partition(":instance-profile/")
    if rest:
        return f"{prefix}:role/{rest}"
    return value if value.startswith("arn:") else f"arn:aws:iam::{caller.account_id}:role/{value}"
