"""Access keys of users."""

from __future__ import annotations

from typing import Any

from hansa.domain.caller import Caller
from hansa.domain.iam_errors import LimitExceededError, NoSuchEntityError, ValidationError
from hansa.domain.iam_names import new_iam_id, new_secret
from hansa.operations.iam_context import (
    IamContext,
    Request,
    caller_user_name,
    find_principal,
    page,
)
from hansa.store.database import Session
from hansa.store.principals import get_key, keys_of, principal_of_id
from hansa.store.tables import AccessKey, Principal

KEYS_OF_A_USER_MAX = 2
"""So that keys can be rotated: "Managing access keys" of the IAM user guide."""


class AccessKeys:
    """CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey, GetAccessKeyLastUsed."""

    def __init__(self, context: IamContext) -> None:
        self._context = context

    def create(self, caller: Caller, request: Request) -> Any:
        context = self._context
        with context.write() as session:
            user = _user(session, caller, request)
            if len(keys_of(session, user.id)) >= KEYS_OF_A_USER_MAX:
                raise LimitExceededError(
                    f"Cannot exceed quota for AccessKeysPerUser: {KEYS_OF_A_USER_MAX}. "
                    "Delete a key that is no longer used."
                )
            secret = new_secret(context.choice)
            key = AccessKey(
                id=new_iam_id("access key", context.choice),
                account_id=user.account_id,
                principal_id=user.id,
                principal_arn=user.arn,
                secret=context.store.cipher.encrypt(secret),
                status="Active",
                created_at=context.now(),
            )
            session.add(key)
        return {"AccessKey": {**_metadata(user, key), "SecretAccessKey": secret}}

    def list(self, caller: Caller, request: Request) -> Any:
        with self._context.store.read() as session:
            user = _user(session, caller, request)
            keys = keys_of(session, user.id)
        answer = page(keys, lambda key: key.id, request, "AccessKeyMetadata")
        answer["AccessKeyMetadata"] = [_metadata(user, k) for k in answer["AccessKeyMetadata"]]
        return answer

    def update(self, caller: Caller, request: Request) -> Any:
        if request["Status"] not in ("Active", "Inactive"):
            raise ValidationError("A key can be set to the status Active or Inactive.")
        with self._context.write() as session:
            _, key = self._find(session, caller, request)
            key.status = request["Status"]
        return {}

    def delete(self, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            _, key = self._find(session, caller, request)
            session.delete(key)
        return {}

    def last_used(self, caller: Caller, request: Request) -> Any:
        """``N/A`` as service and region where the key was never used, as AWS answers."""
        with self._context.store.read() as session:
            key = get_key(session, request["AccessKeyId"])
            if key is None or key.account_id != caller.account_id or key.expires_at is not None:
                raise _no_key(request)
            user = principal_of_id(session, key.principal_id)
        at, service, region = key.last_used_at, key.last_used_service, key.last_used_region
        use = self._context.last_use(key.id)
        if use is not None:
            at, service, region = use.at, use.service, use.region
        return {
            "UserName": user.name if user else None,
            "AccessKeyLastUsed": {
                "LastUsedDate": at,
                "ServiceName": service or "N/A",
                "Region": region or "N/A",
            },
        }

    def _find(
        self, session: Session, caller: Caller, request: Request
    ) -> tuple[Principal, AccessKey]:
        user = _user(session, caller, request)
        for key in keys_of(session, user.id):
            if key.id == request["AccessKeyId"]:
                return user, key
        raise _no_key(request)


def _user(session: Session, caller: Caller, request: Request) -> Principal:
    name = request.get("UserName") or caller_user_name(caller)
    return find_principal(session, caller, "user", name)


def _no_key(request: Request) -> NoSuchEntityError:
    return NoSuchEntityError(
        f"The Access Key with id {request['AccessKeyId']} cannot be found. "
        "`aws iam list-access-keys` tells the keys of a user."
    )


def _metadata(user: Principal, key: AccessKey) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "AccessKeyId": key.id,
        "Status": key.status,
        "CreateDate": key.created_at,
    }
