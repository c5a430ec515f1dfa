"""Ports, reserved by a constraint of the store and never guessed."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from hansa.store.tables import Port

_OF_RESOURCE = select(Port.purpose, Port.ordinal, Port.number).where(
    Port.resource_id == bindparam("id")
)


class NoPortLeftError(Exception):
    """Every port of the range is reserved or in use; the text names the range."""


def reserve_port(
    session: Session,
    resource_id: str,
    purpose: str,
    ordinal: int,
    numbers: range,
    is_free: Callable[[int], bool],
) -> int:
    """The lowest port of ``numbers`` that is neither reserved nor in use, now the resource's.

    A port the resource already has for this purpose is kept. Raises :class:`NoPortLeftError`.
    """
    reserved = {port.number: port for port in session.scalars(select(Port))}
    for port in reserved.values():
        if (port.resource_id, port.purpose, port.ordinal) == (resource_id, purpose, ordinal):
            return port.number
    for number in numbers:
        if number not in reserved and is_free(number):
            row = Port(number=number, resource_id=resource_id, purpose=purpose, ordinal=ordinal)
            session.add(row)
            session.flush()
            return number
    raise NoPortLeftError(
        f"no port is left between {numbers.start} and {numbers.stop - 1}: delete what is no longer "
        "needed, or set a wider range of ports"
    )


def ports_of(session: Session, resource_id: str) -> dict[tuple[str, int], int]:
    """The resource's ports by (purpose, ordinal)."""
    rows = session.execute(_OF_RESOURCE, {"id": resource_id})
    return {(purpose, ordinal): number for purpose, ordinal, number in rows}


def release_ports(session: Session, resource_id: str) -> None:
    """Give back all of the resource's ports."""
    session.execute(delete(Port).where(Port.resource_id == resource_id))


def release_port(session: Session, resource_id: str, number: int) -> tuple[str, int] | None:
    """Give back one port of the resource; the purpose and ordinal it had, if it was its."""
    port = session.get(Port, number)
    if port is None or port.resource_id != resource_id:
        return None
    had = port.purpose, port.ordinal
    session.delete(port)
    session.flush()
    return had
