"""ClientRequestToken: the same request is answered once, however often it is sent.

The service model: "a unique, case-sensitive identifier that you provide to ensure the idempotency
of the operation". SDKs repeat the token on every retry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar, cast

from hansa.domain.caller import Caller
from hansa.domain.errors import InvalidRequestError
from hansa.store.database import Session
from hansa.store.tables import RequestToken
from hansa.store.tokens import kept_answer

AnswerT = TypeVar("AnswerT", bound=Mapping[str, Any])


def answer_once(
    session: Session,
    caller: Caller,
    operation: str,
    request: Mapping[str, Any],
    now: datetime,
    act: Callable[[], AnswerT],
) -> AnswerT:
    """``act()``'s answer, kept with the token in the same transaction, or the one kept before.

    Raises :class:`InvalidRequestError` where the token came with another request.
    """
    token = str(request["ClientRequestToken"])
    digest = _digest(request)
    known = kept_answer(session, caller.account_id, caller.region, operation, token)
    if known is not None:
        known_digest, answer_before = known
        if known_digest != digest:
            raise InvalidRequestError(
                f"ClientRequestToken {token} was already used for another {operation} request; "
                "send a new token with a new request"
            )
        return cast(AnswerT, answer_before)
    answer = act()
    session.add(
        RequestToken(
            account_id=caller.account_id, region=caller.region, operation=operation, token=token,
            request_digest=digest, answer=dict(answer), created_at=now,
        )
    )  # fmt: skip
    return answer


def _digest(request: Mapping[str, Any]) -> str:
    # A digest, since a request holds the administrator's password, which is not to be kept.
    rest = {name: value for name, value in request.items() if name != "ClientRequestToken"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
