"""Accessors: billing tokens."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Status
from hansa.store.tables import Accessor


def accessors_of(account_id: str) -> Select[Accessor]:
    """The account's accessors that are not deleted."""
    return select(Accessor).where(
        Accessor.account_id == account_id, Accessor.status != Status.DELETED
    )


def get_accessor(session: Session, account_id: str, accessor_id: str) -> Accessor | None:
    query = accessors_of(account_id).where(Accessor.id == accessor_id)
    return session.scalars(query).one_or_none()
