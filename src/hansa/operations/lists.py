"""One page of a list, with the faults of its token in the API's own error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hansa.domain.errors import InvalidRequestError
from hansa.store.database import Session
from hansa.store.pages import PageTokenError, RowT, Select, fetch_page, list_digest


def page(
    session: Session,
    operation: str,
    query: Select[RowT],
    table: type[RowT],
    request: Mapping[str, Any],
) -> tuple[Sequence[RowT], str | None]:
    """The page that ``request`` asks for: ``MaxResults`` rows (all, if not given).

    A server-side default page would hide rows from clients that do not page, as the AWS CLI does
    not for this service. Raises :class:`InvalidRequestError` naming NextToken.
    """
    filters = {k: v for k, v in request.items() if k not in ("MaxResults", "NextToken")}
    digest = list_digest(operation, filters)
    try:
        return fetch_page(
            session, query, table, request.get("MaxResults"), request.get("NextToken"), digest
        )
    except PageTokenError as fault:
        raise InvalidRequestError(f"Value at 'nextToken' is not valid: {fault}") from fault
