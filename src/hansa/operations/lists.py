"""One page of a list, with the faults of its token in the API's own error."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from operator import neg
from typing import Any

from hansa.domain.errors import InvalidRequestError
from hansa.operations.context import OperationContext
from hansa.store.database import Session
from hansa.store.pages import (
    Filters,
    Listing,
    PageTokenError,
    RowT,
    fetch_page,
    list_digest,
    read_token,
    write_token,
)


def page(
    session: Session,
    operation: str,
    listing: Listing[RowT],
    filters: Filters,
    request: Mapping[str, Any],
) -> tuple[Sequence[RowT], str | None]:
    """The page that ``request`` asks for: ``MaxResults`` rows (all, if not given).

    A server-side default page would hide rows from clients that do not page, as the AWS CLI does
    not for this service. Raises :class:`InvalidRequestError` naming NextToken.
    """
    digest = _digest(operation, request)
    size, token = request.get("MaxResults"), request.get("NextToken")
    try:
        return fetch_page(session, listing, filters, size, token, digest)
    except PageTokenError as fault:
        raise _invalid_token(fault) from fault


def name_page(
    operation: str, names: Sequence[str], request: Mapping[str, Any]
) -> tuple[Sequence[str], str | None]:
    """As :func:`page`, of ``names`` in their order: for what is not in the store."""
    digest = _digest(operation, request)
    size, token = request.get("MaxResults"), request.get("NextToken")
    try:
        after = "" if token is None else read_token(token, digest, str)
    except PageTokenError as fault:
        raise _invalid_token(fault) from fault
    rest = [name for name in names if name > after]
    if size is None or len(rest) <= size:
        return rest, None
    return rest[:size], write_token(rest[size - 1], digest)


def number_page(
    operation: str, numbers: Sequence[int], request: Mapping[str, Any], size_max: int
) -> tuple[Sequence[int], str | None]:
    """As :func:`page`, of ``numbers`` that fall; never more than ``size_max``."""
    digest = _digest(operation, request)
    size, token = request.get("MaxResults", size_max), request.get("NextToken")
    try:
        after = None if token is None else read_token(token, digest, int)
    except PageTokenError as fault:
        raise _invalid_token(fault) from fault
    # Found by halving: a ledger may have millions of blocks.
    rest = numbers if after is None else numbers[bisect_right(numbers, -after, key=neg) :]
    if len(rest) <= size:
        return rest, None
    return rest[:size], write_token(rest[size - 1], digest)


def _digest(operation: str, request: Mapping[str, Any]) -> str:
    asked = {k: v for k, v in request.items() if k not in ("MaxResults", "NextToken")}
    return list_digest(operation, asked)


def _invalid_token(fault: PageTokenError) -> InvalidRequestError:
    return InvalidRequestError(f"Value at 'nextToken' is not valid: {fault}")


def given(request: Mapping[str, Any], *members: str) -> dict[str, object]:
    """The filters that ``request`` gives, by column: the member's name in lower case."""
    return {member.lower(): request[member] for member in members if member in request}


def gone_before(context: OperationContext) -> datetime:
    """What was deleted up to then is not shown any more (setting ``deleted_seconds``)."""
    return context.now() - timedelta(seconds=context.settings.deleted_seconds)
