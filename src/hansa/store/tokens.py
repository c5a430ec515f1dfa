"""Answers kept by ClientRequestToken."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hansa.store.tables import RequestToken


def get_request_token(
    session: Session, account_id: str, region: str, operation: str, token: str
) -> RequestToken | None:
    return session.get(RequestToken, (account_id, region, operation, token))
