"""Accessors: billing tokens."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Status
from hansa.store.pages import Listing
from hansa.store.tables import Accessor

_OF_ACCOUNT = select(Accessor).where(
    Accessor.account_id == bindparam("account_id"), Accessor.status != Status.DELETED
)
_OF_ID = _OF_ACCOUNT.where(Accessor.id == bindparam("accessor_id"))

ACCESSORS_OF_ACCOUNT = Listing(Accessor, _OF_ACCOUNT)
"""The accessors of the account ``account_id`` that are not deleted."""


def get_accessor(session: Session, account_id: str, accessor_id: str) -> Accessor | None:
    values = {"account_id": account_id, "accessor_id": accessor_id}
    return session.scalars(_OF_ID, values).one_or_none()
