"""Tags of resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from hansa.store.tables import Tag

_OF_RESOURCE = (
    select(Tag.key, Tag.value).where(Tag.resource_id == bindparam("id")).order_by(Tag.key)
)


def get_tags(session: Session, resource_id: str) -> dict[str, str]:
    rows = session.execute(_OF_RESOURCE, {"id": resource_id})
    return {row.key: row.value for row in rows}


def put_tags(session: Session, resource_id: str, tags: Mapping[str, str]) -> None:
    for key, value in tags.items():
        session.merge(Tag(resource_id=resource_id, key=key, value=value))


def remove_tags(session: Session, resource_id: str, keys: Iterable[str] | None = None) -> None:
    """Remove the tags of these keys; all of them where ``keys`` is None."""
    query = delete(Tag).where(Tag.resource_id == resource_id)
    if keys is not None:
        query = query.where(Tag.key.in_(list(keys)))
    session.execute(query)
