"""STS: who is calling, whose a key is, and temporary credentials of a user."""

from __future__ import annotations

from typing import Any

from hansa.domain.caller import Caller
from hansa.domain.errors import AccessDeniedError
from hansa.domain.iam_errors import InvalidAuthorizationMessageError, ValidationError
from hansa.iam.authorization_message import UnreadableMessageError, decode_message
from hansa.operations.assume_role import check_no_factors
from hansa.operations.iam_context import IamContext, Request
from hansa.operations.temporary_keys import Bearer, issue
from hansa.store.principals import get_key

# STS's API reference, GetSessionToken.
USER_SECONDS = 43_200


class SecurityTokens:
    """GetCallerIdentity, GetSessionToken, GetAccessKeyInfo, DecodeAuthorizationMessage."""

    def __init__(self, context: IamContext) -> None:
        self._context = context

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
        check_no_factors(request)
        if caller.access_key_id.startswith("ASIA"):
            raise AccessDeniedError("Cannot call GetSessionToken with session credentials")
        with self._context.store.write() as session:
            key = get_key(session, caller.access_key_id)
            principal_id = caller.account_id if key is None else key.principal_id
            bearer = Bearer(caller.account_id, principal_id, caller.principal_arn)
            seconds = request.get("DurationSeconds", USER_SECONDS)
            return {"Credentials": issue(self._context, session, bearer, seconds)}

    def decode_authorization_message(self, caller: Caller, request: Request) -> Any:
        """Messages of other accounts and installations cannot be told from garbage."""
        cipher = self._context.store.cipher
        try:
            message = decode_message(cipher, request["EncodedMessage"], caller.account_id)
        except UnreadableMessageError as fault:
            raise InvalidAuthorizationMessageError(str(fault)) from fault
        return {"DecodedMessage": message}
