"""STS: who is calling, and temporary credentials."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hansa.domain.caller import Caller
from hansa.domain.conditions import caller_context
from hansa.domain.errors import AccessDeniedError
from hansa.domain.iam_errors import ValidationError
from hansa.domain.iam_names import assumed_role_arn, new_iam_id, new_secret, root_arn
from hansa.iam.authorizer import ruling
from hansa.iam.policy import (
    AccessRequest,
    Policy,
    PolicySet,
    evaluate_assume_role,
    parse_policy,
)
from hansa.iam.policy_size import PolicyQuota
from hansa.iam.stored_policies import load_document
from hansa.operations.iam_context import IamContext, Request, check_document
from hansa.operations.iam_managed import check_policy_exists
from hansa.store.database import Session
from hansa.store.principals import get_key, get_principal, principal_of_id
from hansa.store.sessions import remove_expired_sessions
from hansa.store.tables import AccessKey, Principal

_ROLE_ARN = re.compile(r"arn:aws:iam::([0-9]{12}):role(/(?:.*/)?)([^/]+)\Z")
# STS's API reference, AssumeRole and GetSessionToken.
ROLE_SECONDS = 3600
CHAINED_SECONDS_MAX = 3600
USER_SECONDS = 43_200
# Kept so long after their end, so that whoever uses them is told that they are expired.
_REMEMBERED = timedelta(days=1)
_TOKEN_LENGTH = 256
_ABSENT = ("Tags", "TransitiveTagKeys", "SourceIdentity", "ProvidedContexts")


class SecurityTokens:
    """GetCallerIdentity, AssumeRole, GetSessionToken, GetAccessKeyInfo."""

    def __init__(self, context: IamContext, policies_of: Callable[[Caller], PolicySet]) -> None:
        self._context = context
        self._policies_of = policies_of

    def get_caller_identity(self, caller: Caller, _request: Request) -> Any:
        with self._context.store.read() as session:
            key = get_key(session, caller.access_key_id)
        own_id = caller.account_id if key is None else key.principal_id
        if ":assumed-role/" in caller.principal_arn:
            own_id = f"{own_id}:{caller.principal_arn.rpartition('/')[2]}"
        return {"UserId": own_id, "Account": caller.account_id, "Arn": caller.principal_arn}

    def get_access_key_info(self, _caller: Caller, request: Request) -> Any:
        with self._context.store.read() as session:
            key = get_key(session, request["AccessKeyId"])
        if key is None:
            raise ValidationError("There is no access key of this id in this installation.")
        return {"Account": key.account_id}

    def get_session_token(self, caller: Caller, request: Request) -> Any:
        _check_factors(request)
        if caller.access_key_id.startswith("ASIA"):
            raise AccessDeniedError("Cannot call GetSessionToken with session credentials")
        with self._context.store.write() as session:
            key = get_key(session, caller.access_key_id)
            principal_id = caller.account_id if key is None else key.principal_id
            credentials = self._issue(
                session, caller.account_id, principal_id, caller.principal_arn,
                request.get("DurationSeconds", USER_SECONDS), None,
            )  # fmt: skip
        return {"Credentials": credentials}

    def assume_role(self, caller: Caller, request: Request) -> Any:
        _check_factors(request)
        given = [name for name in _ABSENT if request.get(name)]
        if given:
            raise ValidationError(
                f"{', '.join(given)} cannot be given to AssumeRole in this version of Hansa; "
                "leave it out."
            )
        with self._context.store.write() as session:
            role = self._assumable(session, caller, request)
            seconds = _duration(caller, role, request)
            policies = _session_policies(session, role, request)
            name = request["RoleSessionName"]
            arn = assumed_role_arn(role.account_id, role.name, name)
            credentials = self._issue(session, role.account_id, role.id, arn, seconds, policies)
            answer: dict[str, Any] = {
                "Credentials": credentials,
                "AssumedRoleUser": {"AssumedRoleId": f"{role.id}:{name}", "Arn": arn},
            }
        if policies is not None:
            size = sum(len(text) for text in policies)
            answer["PackedPolicySize"] = min(100, 100 * size // PolicyQuota.SESSION.characters)
        return answer

    def _assumable(self, session: Session, caller: Caller, request: Request) -> Principal:
        """The role, if its trust policy and the caller's own policies let the caller assume it.

        A role that does not exist is refused in the same words, so that nobody can guess names.
        """
        arn = request["RoleArn"]
        refused = AccessDeniedError(
            f"User: {caller.principal_arn} is not authorized to perform: sts:AssumeRole on "
            f"resource: {arn}"
        )
        match = _ROLE_ARN.match(arn)
        if match is None:
            raise ValidationError(f"{arn[:200]} is invalid: give the ARN of a role.")
        if caller.principal_arn == root_arn(caller.account_id):
            raise AccessDeniedError("Roles may not be assumed by root accounts.")
        role = get_principal(session, match[1], "role", match[3])
        if role is None or role.arn != arn or role.trust is None:
            raise refused
        asked = AccessRequest(
            caller.principal_arn, "sts:AssumeRole", arn, self._facts(session, caller, request)
        )
        decision = evaluate_assume_role(
            asked,
            Policy(role.arn, parse_policy(role.trust, trust=True)),
            (caller.principal_arn, *asked.context["aws:PrincipalArn"]),
            self._policies_of(caller),
        )
        if not decision.allowed:
            refused.ruling = ruling("sts:AssumeRole", arn, decision)
            raise refused
        return role

    def _facts(
        self, session: Session, caller: Caller, request: Request
    ) -> dict[str, tuple[str, ...]]:
        facts = caller_context(caller, self._context.now())
        key = get_key(session, caller.access_key_id)
        own = principal_of_id(session, key.principal_id) if key is not None else None
        if own is not None:
            facts["aws:PrincipalArn"] = own.arn
        facts["sts:RoleSessionName"] = request["RoleSessionName"]
        if "ExternalId" in request:
            facts["sts:ExternalId"] = request["ExternalId"]
        return {key: (value,) for key, value in facts.items()}

    def _issue(
        self,
        session: Session,
        account_id: str,
        principal_id: str,
        principal_arn: str,
        seconds: int,
        policies: list[str] | None,
    ) -> dict[str, Any]:
        """Make a temporary key; everything secret of it is sealed in the store."""
        choice, cipher, now = self._context.choice, self._context.store.cipher, self._context.now()
        secret, token = new_secret(choice), new_secret(choice, _TOKEN_LENGTH)
        key = AccessKey(
            id=new_iam_id("temporary key", choice),
            account_id=account_id,
            principal_id=principal_id,
            principal_arn=principal_arn,
            secret=cipher.encrypt(secret),
            session_token=cipher.encrypt(token),
            session_policies=policies,
            status="Active",
            created_at=now,
            expires_at=now + timedelta(seconds=seconds),
        )
        session.add(key)
        remove_expired_sessions(session, now - _REMEMBERED)
        return {
            "AccessKeyId": key.id,
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": key.expires_at,
        }


def _check_factors(request: Request) -> None:
    """There are no MFA devices, so no code can be right."""
    if "SerialNumber" in request or "TokenCode" in request:
        raise AccessDeniedError(
            "MultiFactorAuthentication failed: this installation has no MFA devices; leave out "
            "SerialNumber and TokenCode."
        )


def _duration(caller: Caller, role: Principal, request: Request) -> int:
    most = role.session_seconds_max or ROLE_SECONDS
    seconds = int(request.get("DurationSeconds", ROLE_SECONDS))
    if ":assumed-role/" in caller.principal_arn and seconds > CHAINED_SECONDS_MAX:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining"
        )
    if seconds > most:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return seconds


def _session_policies(session: Session, role: Principal, request: Request) -> list[str] | None:
    """The documents that narrow the session, or ``None`` where none is given."""
    documents = []
    if request.get("Policy"):
        documents.append(check_document(request["Policy"], PolicyQuota.SESSION))
    owner = Caller(role.account_id, role.arn, "", "")
    for descriptor in request.get("PolicyArns") or []:
        arn = descriptor.get("arn", "")
        check_policy_exists(session, owner, arn)
        documents.append(json.dumps(load_document(session, arn)))
    return documents or None
