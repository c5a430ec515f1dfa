"""Old events are deleted, with what became of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from hansa.store.database import Store
from hansa.store.deliveries import delete_old_events

log = structlog.get_logger()

EVENTS_AT_ONCE = 500
AGAIN = timedelta(hours=1)


class Retention:
    """Deletes events that are older than ``keep``, as ``store.deliveries.delete_old_events`` says.

    A round deletes a part, so that no other write waits long.
    """

    def __init__(self, store: Store, keep: timedelta, now: Callable[[], datetime]) -> None:
        self._store = store
        self._keep = keep
        self._now = now
        self._due: datetime | None = None

    def begin(self) -> None:
        """Look at once."""
        self._due = self._now()

    def run_once(self) -> bool:
        """Delete some; False where nothing more is to be deleted for now."""
        now = self._now()
        if self._due is not None and now < self._due:
            return False
        with self._store.write() as session:
            count = delete_old_events(session, now - self._keep, EVENTS_AT_ONCE)
        if count:
            log.info("retention.deleted", events=count)
            return True
        self._due = now + AGAIN
        return False

    def next_due(self) -> datetime | None:
        return self._due
