"""The ARNs that requests to IAM and STS act on, for their authorization.

Source: AWS's service authorization reference for IAM. Names are looked up, since an ARN holds the
path and the spelling that the principal was made with.
"""

from __future__ import annotations

from collections.abc import Sequence

from hansa.domain.caller import Caller
from hansa.domain.errors import AccessDeniedError
from hansa.operations.iam_context import NAME_MEMBER, Request
from hansa.store.database import Session, Store
from hansa.store.principals import get_key, get_principal, principal_of_id

_ANY = ("*",)
_OF_OWN_USER = frozenset(
    {"GetUser", "CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey"}
)
# STS decides about these itself, or everybody may call them.
_OPEN = frozenset({"GetCallerIdentity", "AssumeRole", "GetSessionToken"})


def sts_arns(operation: str, _caller: Caller, _request: Request) -> Sequence[str]:
    """Nothing to authorize where STS itself decides."""
    return () if operation in _OPEN else _ANY


class IamResources:
    """The ARNs of what a request to IAM names."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, operation: str, caller: Caller, request: Request) -> Sequence[str]:
        """Raises :class:`AccessDeniedError` for credentials of GetSessionToken.

        They cannot call IAM without MFA, or a session would be a way to a lasting key: STS's API
        reference, GetSessionToken.
        """
        if caller.access_key_id.startswith("ASIA") and ":assumed-role/" not in caller.principal_arn:
            raise AccessDeniedError(
                "Credentials of GetSessionToken cannot call IAM. Use the user's own access key, or "
                "assume a role."
            )
        with self._store.read() as session:
            return (self._arn(session, operation, caller, request),)

    def _arn(self, session: Session, operation: str, caller: Caller, request: Request) -> str:
        if operation in ("SimulatePrincipalPolicy", "GetContextKeysForPrincipalPolicy"):
            return str(request["PolicySourceArn"])
        if operation == "GetAccessKeyLastUsed":
            return _owner(session, caller, request["AccessKeyId"])
        if operation == "CreatePolicy":
            path, name = request.get("Path", "/"), request["PolicyName"]
            return f"arn:aws:iam::{caller.account_id}:policy{path}{name}"
        for kind in ("group", "role", "user"):  # of a group and its user, the group is acted on
            name = request.get(NAME_MEMBER[kind])
            if name is not None:
                found = get_principal(session, caller.account_id, kind, name)
                path = request.get("Path", "/")
                made = f"arn:aws:iam::{caller.account_id}:{kind}{path}{name}"
                return made if found is None else found.arn
        if operation in _OF_OWN_USER:
            return caller.principal_arn
        return str(request.get("PolicyArn", "*"))


def _owner(session: Session, caller: Caller, access_key_id: str) -> str:
    """The user whose key it is; ``*`` where there is none in the account."""
    key = get_key(session, access_key_id)
    if key is None or key.account_id != caller.account_id:
        return "*"
    user = principal_of_id(session, key.principal_id)
    return "*" if user is None else user.arn
