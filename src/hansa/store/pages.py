"""Pages of a list: a token says after which row the next page begins, and of which list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

__all__ = [
    "PageTokenError",
    "RowT",
    "Select",
    "fetch_page",
    "list_digest",
    "read_token",
    "write_token",
]


class PageTokenError(ValueError):
    """The token was not given out for this list."""


class Numbered(Protocol):
    number: Any


RowT = TypeVar("RowT", bound=Numbered)


def list_digest(operation: str, filters: dict[str, Any]) -> str:
    """What a token is bound to: the operation and its filters, without the size of the page."""
    canonical = json.dumps([operation, filters], sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def write_token(after: int, digest: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([after, digest]).encode()).decode().rstrip("=")


def read_token(token: str, digest: str) -> int:
    """Raises :class:`PageTokenError` unless ``token`` was written for ``digest``."""
    try:
        padded = token + "=" * (-len(token) % 4)
        after, found = json.loads(base64.urlsafe_b64decode(padded))
        if found != digest or type(after) is not int:
            raise PageTokenError
    except (ValueError, TypeError, binascii.Error) as fault:
        raise PageTokenError(
            "the token was not given out by this operation with these filters; "
            "repeat the call without it to begin at the first page"
        ) from fault
    return int(after)


def fetch_page(
    session: Session,
    query: Select[RowT],
    table: type[RowT],
    size: int | None,
    token: str | None,
    digest: str,
) -> tuple[Sequence[RowT], str | None]:
    """The rows of one page, in the order they were made, and the token of the next page.

    ``size`` None gives all that follow. Raises :class:`PageTokenError`.
    """
    query = query.order_by(table.number)
    if token is not None:
        query = query.where(table.number > read_token(token, digest))
    if size is None:
        return list(session.scalars(query)), None
    rows = list(session.scalars(query.limit(size + 1)))
    if len(rows) <= size:
        return rows, None
    return rows[:size], write_token(rows[size - 1].number, digest)
