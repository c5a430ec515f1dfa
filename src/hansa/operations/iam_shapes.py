"""Principals and policies as the API shows them."""

from __future__ import annotations

from typing import Any

from hansa.iam.stored_trust import with_arns
from hansa.operations.iam_context import tag_list
from hansa.store.database import Session
from hansa.store.tables import Principal

_LETTERS = {"user": "User", "group": "Group", "role": "Role"}


def principal_shape(session: Session, principal: Principal, *, brief: bool = False) -> Any:
    """The shape User, Group or Role; without tags and boundary where it is ``brief``, as lists are.

    Source: the API reference of ListUsers and ListRoles, which leave these out.
    """
    letters = _LETTERS[principal.kind]
    shown: dict[str, Any] = {
        "Path": principal.path,
        f"{letters}Name": principal.name,
        f"{letters}Id": principal.id,
        "Arn": principal.arn,
        "CreateDate": principal.created_at,
    }
    if principal.kind == "role":
        shown |= {
            "AssumeRolePolicyDocument": with_arns(session, principal.trust or ""),
            "Description": principal.description,
            "MaxSessionDuration": principal.session_seconds_max,
        }
    if brief or principal.kind == "group":
        return shown
    if principal.boundary_arn is not None:
        shown["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": principal.boundary_arn,
        }
    shown["Tags"] = tag_list(session, principal.id) or None
    return shown
