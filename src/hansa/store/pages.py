"""Pages of a list: a token says after which row the next page begins, and of which list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Integer, Select, bindparam, or_
from sqlalchemy.orm import Session


class PageTokenError(ValueError):
    """The token was not given out for this list."""


class Numbered(Protocol):
    number: Any


RowT = TypeVar("RowT", bound=Numbered)
AfterT = TypeVar("AfterT", int, str)


def list_digest(operation: str, filters: dict[str, Any]) -> str:
    """What a token is bound to: the operation and its filters, without the size of the page."""
    canonical = json.dumps([operation, filters], sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def write_token(after: int | str, digest: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([after, digest]).encode()).decode().rstrip("=")


def read_token(token: str, digest: str, kind: type[AfterT]) -> AfterT:
    """Raises :class:`PageTokenError` unless ``token`` was written for ``digest``.

    ``kind`` is the type of what the page begins after.
    """
    try:
        padded = token + "=" * (-len(token) % 4)
        after, found = json.loads(base64.urlsafe_b64decode(padded))
        if found != digest or type(after) is not kind:
            raise PageTokenError
    except (ValueError, TypeError, binascii.Error) as fault:
        raise PageTokenError(
            "the token was not given out by this operation with these filters; "
            "repeat the call without it to begin at the first page"
        ) from fault
    return after


@dataclass(frozen=True, eq=False)
class Listing(Generic[RowT]):
    """Rows of ``table`` that may be listed: a statement whose parameters are bound by name."""

    table: type[RowT]
    statement: Select[RowT]


@dataclass(frozen=True)
class Filters:
    """What is listed: rows whose columns are, and are not, equal to these values.

    ``parameters`` are those of the listing's statement. What was deleted up to ``gone_before`` is
    left out, if that is given.
    """

    parameters: Mapping[str, object]
    equal: Mapping[str, object] = field(default_factory=dict)
    unequal: Mapping[str, object] = field(default_factory=dict)
    gone_before: datetime | None = None


@lru_cache(maxsize=256)
def _statement(
    listing: Listing[RowT],
    equal: tuple[str, ...],
    unequal: tuple[str, ...],
    *,
    hides_gone: bool,
    is_limited: bool,
) -> Select[RowT]:
    # Kept, since to make a statement takes SQLAlchemy longer than to run it.
    table, statement = listing.table, listing.statement
    for name in equal:
        statement = statement.where(getattr(table, name) == bindparam(f"equal_{name}"))
    for name in unequal:
        statement = statement.where(getattr(table, name) != bindparam(f"unequal_{name}"))
    if hides_gone:
        gone: Any = getattr(table, "deleted_at")  # noqa: B009  # of tables that things leave
        statement = statement.where(or_(gone.is_(None), gone > bindparam("gone_before")))
    statement = statement.where(table.number > bindparam("after", type_=Integer))
    if is_limited:
        statement = statement.limit(bindparam("rows_max", type_=Integer))
    return statement.order_by(table.number)


def fetch_page(
    session: Session,
    listing: Listing[RowT],
    filters: Filters,
    size: int | None,
    token: str | None,
    digest: str,
) -> tuple[Sequence[RowT], str | None]:
    """The rows of one page, in the order they were made, and the token of the next page.

    ``size`` None gives all that follow. Raises :class:`PageTokenError`.
    """
    statement = _statement(
        listing,
        tuple(filters.equal),
        tuple(filters.unequal),
        hides_gone=filters.gone_before is not None,
        is_limited=size is not None,
    )
    values: dict[str, object] = {
        **filters.parameters,
        **{f"equal_{name}": value for name, value in filters.equal.items()},
        **{f"unequal_{name}": value for name, value in filters.unequal.items()},
        "after": 0 if token is None else read_token(token, digest, int),
    }
    if filters.gone_before is not None:
        values["gone_before"] = filters.gone_before
    if size is None:
        return session.scalars(statement, values).all(), None
    rows = session.scalars(statement, {**values, "rows_max": size + 1}).all()
    if len(rows) <= size:
        return rows, None
    return rows[:size], write_token(rows[size - 1].number, digest)
