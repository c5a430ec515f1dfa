"""What Fabric refuses, in the API's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hansa.domain.errors import IllegalActionError, ResourceNotReadyError
from hansa.fabric.base import FabricError
from hansa.fabric.rpc.connections import UnreachableError


@contextmanager
def fabric_faults() -> Iterator[None]:
    """:class:`ResourceNotReadyError` where trying again may help, else
    :class:`IllegalActionError`, with Fabric's own words.
    """
    try:
        yield
    except UnreachableError as fault:
        raise ResourceNotReadyError(
            f"The network does not answer: {fault}. Try again in a moment; "
            "`hansa status` shows what is down"
        ) from fault
    except FabricError as fault:
        raise IllegalActionError(f"Fabric refused: {fault}") from fault
