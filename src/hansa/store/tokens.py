"""Answers kept by ClientRequestToken."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hansa.store.tables import RequestToken

_KEPT = select(RequestToken.request_digest, RequestToken.answer).where(
    *(
        getattr(RequestToken, name) == bindparam(name)
        for name in ("account_id", "region", "operation", "token")
    )
)


def kept_answer(
    session: Session, account_id: str, region: str, operation: str, token: str
) -> tuple[str, dict[str, Any]] | None:
    """The digest of the request that came with the token, and the answer it got; or None."""
    values = {"account_id": account_id, "region": region, "operation": operation, "token": token}
    row = session.execute(_KEPT, values).one_or_none()
    return None if row is None else (row.request_digest, row.answer)
