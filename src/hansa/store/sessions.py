"""Temporary access keys, and when keys were last used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from hansa.store.tables import AccessKey


def remove_expired_sessions(session: Session, before: datetime) -> None:
    """Forget the temporary keys that ended before that moment."""
    session.execute(delete(AccessKey).where(AccessKey.expires_at < before))


def record_last_use(
    session: Session, access_key_id: str, at: datetime, service: str, region: str
) -> None:
    """Does nothing where the key is gone."""
    session.execute(
        update(AccessKey)
        .where(AccessKey.id == access_key_id)
        .values(last_used_at=at, last_used_service=service, last_used_region=region)
    )
