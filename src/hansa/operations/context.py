"""What every operation is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hansa.domain.endpoints import Endpoints
from hansa.domain.names import Choice
from hansa.settings import Settings
from hansa.store.database import Store


@dataclass(frozen=True)
class OperationContext:
    """The store, the rules' settings, and the world as it is injected.

    ``port_is_free`` asks the machine; ``wake`` tells the threads that work, after a commit, that
    there is work: a resource to look at, an event to deliver.
    """

    store: Store
    settings: Settings
    endpoints: Endpoints
    now: Callable[[], datetime]
    choice: Choice
    port_is_free: Callable[[int], bool]
    wake: Callable[[], None]
