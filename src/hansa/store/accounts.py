"""The installation, its accounts and their access keys."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hansa.store.tables import AccessKey, Account, Installation


def get_installation(session: Session) -> Installation | None:
    return session.scalars(select(Installation)).one_or_none()


def first_account(session: Session) -> Account | None:
    return session.scalars(select(Account).order_by(Account.created_at, Account.id)).first()


def get_account(session: Session, account_id: str) -> Account | None:
    return session.get(Account, account_id)


def accounts(session: Session) -> list[Account]:
    """All accounts, oldest first."""
    return list(session.scalars(select(Account).order_by(Account.created_at, Account.id)))


def oldest_active_key(session: Session, account_id: str, principal_arn: str) -> AccessKey | None:
    """The oldest key of a user that works and is not a session's."""
    return session.scalars(
        select(AccessKey)
        .where(
            AccessKey.account_id == account_id,
            AccessKey.principal_arn == principal_arn,
            AccessKey.status == "Active",
            AccessKey.expires_at.is_(None),
        )
        .order_by(AccessKey.created_at, AccessKey.id)
    ).first()
