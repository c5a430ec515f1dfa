"""Reserving ports for a resource, by what they are for."""

from __future__ import annotations

from hansa.domain.errors import ResourceLimitExceededError
from hansa.operations.context import OperationContext
from hansa.operations.limits import port_range
from hansa.store.database import Session
from hansa.store.ports import NoPortLeftError, release_port, reserve_port

PUBLIC_PURPOSES = frozenset({"orderer", "ca", "peer"})
"""What clients connect to; all else is the installation's own business."""


def reserve(
    context: OperationContext, session: Session, resource_id: str, purpose: str, ordinal: int = 0
) -> int:
    """A port of the range that ``purpose`` belongs to, now the resource's.

    Raises :class:`ResourceLimitExceededError` where the range is used up.
    """
    public = purpose in PUBLIC_PURPOSES
    numbers = port_range(context.settings.ports if public else context.settings.internal_ports)
    try:
        return reserve_port(session, resource_id, purpose, ordinal, numbers, context.port_is_free)
    except NoPortLeftError as fault:
        setting = "ports" if public else "internal_ports"
        raise ResourceLimitExceededError(f"{fault} (setting {setting})") from fault


def reserve_again(
    context: OperationContext, session: Session, resource_id: str, number: int
) -> None:
    """Give back port ``number`` of a resource that nobody has seen yet, and reserve another.

    Raises :class:`hansa.domain.errors.ResourceLimitExceededError` where none is left.
    """
    released = release_port(session, resource_id, number)
    if released is not None:
        purpose, ordinal = released
        reserve(context, session, resource_id, purpose, ordinal)
