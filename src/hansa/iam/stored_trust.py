"""Trust policies as they are kept: users and roles by their ids, which are never given again.

So a user that is deleted and made again under its name is not who was trusted. Source: IAM User
Guide, "AWS JSON policy elements: Principal": the ARN becomes the unique id when the policy is
saved, and is shown as the id once the principal is gone.
"""

from __future__ import annotations

import re

from hansa.domain.iam_names import root_arn
from hansa.domain.trust import with_principals
from hansa.iam.policy import PolicySyntaxError
from hansa.iam.policy_principals import EVERYONE, account_of, is_account
from hansa.store.accounts import get_account
from hansa.store.database import Session
from hansa.store.principals import get_principal, principal_of_id
from hansa.store.tables import Principal

_ENTITY = re.compile(r"arn:aws:iam::([0-9]{12}):(user|role)/(?:.*/)?([^/]+)")
_SESSION = re.compile(r"arn:aws:sts::([0-9]{12}):assumed-role/([^/]+)/([^/]+)")
_ID = re.compile(r"(A(?:IDA|ROA)[A-Z0-9]+)(?::([^/]+))?")


def with_ids(session: Session, document: str) -> str:
    """The trust policy as it is kept.

    Raises :class:`PolicySyntaxError` for a principal that is not in this installation.
    """
    return with_principals(document, lambda value: _to_id(session, value))


def with_arns(session: Session, document: str) -> str:
    """The trust policy as it is shown: whoever is still there by its ARN."""
    return with_principals(document, lambda value: _to_arn(session, value))


def _to_id(session: Session, value: str) -> str:
    if value == EVERYONE or ":federated-user/" in value:
        return value
    if is_account(value):
        account_id = account_of(value)
        known = value in (account_id, root_arn(account_id))
        if not known or get_account(session, account_id) is None:
            raise _invalid(value, "there is no such account in this installation")
        return value
    found = _entity(session, value)
    if found is None:
        raise _invalid(value, "there is no such user or role in this installation")
    principal, name = found
    return f"{principal.id}:{name}" if name else principal.id


def _entity(session: Session, value: str) -> tuple[Principal, str | None] | None:
    """The user or role that ``value`` names, and the session of it that is meant, if one is."""
    match = _ENTITY.fullmatch(value)
    if match is not None:
        principal = get_principal(session, *match.groups())
        return (principal, None) if principal and principal.arn == value else None
    match = _SESSION.fullmatch(value)
    if match is not None:
        principal = get_principal(session, match[1], "role", match[2])
        return (principal, match[3]) if principal and principal.name == match[2] else None
    match = _ID.fullmatch(value)
    principal = principal_of_id(session, match[1]) if match is not None else None
    return (principal, match[2]) if match and principal else None


def _to_arn(session: Session, value: str) -> str:
    match = _ID.fullmatch(value)
    principal = principal_of_id(session, match[1]) if match is not None else None
    if match is None or principal is None:
        return value
    if match[2] is None:
        return principal.arn
    return f"arn:aws:sts::{principal.account_id}:assumed-role/{principal.name}/{match[2]}"


def _invalid(value: str, why: str) -> PolicySyntaxError:
    return PolicySyntaxError(f'Invalid principal in policy: "AWS":"{value}": {why}.')
