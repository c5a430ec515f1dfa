"""How many requests of unknown callers are recorded one by one, so that nobody fills the disk.

In each minute, the first of each source address and the first of all; the rest are counted, and
the count is recorded when the minute is over.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
OF_SOURCE_MAX = 60
OF_ALL_MAX = 600
SOURCES_TOLD_MAX = 20


@dataclass(frozen=True)
class Unrecorded:
    """Refusals that were counted only: how many, when, by cause, and by source address.

    Of the sources, the first :data:`SOURCES_TOLD_MAX` are there.
    """

    count: int
    since: datetime
    until: datetime
    causes: dict[str, int]
    sources: dict[str, int]


@dataclass
class RefusalBudget:
    """What may still be recorded in the minute that runs. For one thread."""

    _began: datetime | None = None
    _admitted: Counter[str] = field(default_factory=Counter)
    _total: int = 0
    _causes: Counter[str] = field(default_factory=Counter)
    _sources: Counter[str] = field(default_factory=Counter)

    def admits(self, source: str, cause: str, at: datetime) -> bool:
        """Whether this refusal is recorded by itself. :meth:`over` is to be asked before."""
        if self._began is None:
            self._began = at
        if self._total < OF_ALL_MAX and self._admitted[source] < OF_SOURCE_MAX:
            self._total += 1
            self._admitted[source] += 1
            return True
        self._causes[cause] += 1
        if source in self._sources or len(self._sources) < SOURCES_TOLD_MAX:
            self._sources[source] += 1
        return False

    def over(self, at: datetime, *, ends: bool = False) -> Unrecorded | None:
        """What was counted in the minute that is over at ``at``, if anything was.

        ``ends``: the minute that runs counts as over.
        """
        if self._began is None or (at - self._began < WINDOW and not ends):
            return None
        found = Unrecorded(
            self._causes.total(), self._began, at, dict(self._causes), dict(self._sources)
        )
        self._began, self._total = None, 0
        for counter in (self._admitted, self._causes, self._sources):
            counter.clear()
        return found if found.count else None
