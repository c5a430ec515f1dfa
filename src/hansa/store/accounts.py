"""The installation, its accounts and their access keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hansa.store.cipher import Cipher
from hansa.store.tables import AccessKey, Account, Installation


def get_installation(session: Session) -> Installation | None:
    return session.scalars(select(Installation)).one_or_none()


def first_account(session: Session) -> Account | None:
    return session.scalars(select(Account).order_by(Account.created_at, Account.id)).first()


def add_access_key(
    session: Session, cipher: Cipher, key_id: str, secret: str, account_id: str,
    principal_arn: str, now: datetime,
) -> None:  # fmt: skip
    session.add(
        AccessKey(
            id=key_id, account_id=account_id, principal_arn=principal_arn,
            secret=cipher.encrypt(secret), session_token=None, status="Active", created_at=now,
            expires_at=None,
        )
    )  # fmt: skip
