"""Channels as they were a moment ago, so that not every call reads its configuration anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hansa.fabric.ledgers import Channel

AGE_SECONDS_MAX = 1.0
CHANNELS_MAX = 1000

Key = tuple[str, str]


class RecentChannels:
    """By network and name, no older than ``AGE_SECONDS_MAX``. For several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._found: dict[Key, tuple[Channel, float]] = {}
        self._changes = 0

    def get(self, key: Key, read: Callable[[], Channel | None]) -> Channel | None:
        """The channel; what ``read`` says where nothing recent is known."""
        with self._lock:
            known, changes, begun = self._found.get(key), self._changes, self._clock()
        if known is not None and begun - known[1] < AGE_SECONDS_MAX:
            return known[0]
        channel = read()
        with self._lock:
            # What was read while something changed may be from before the change.
            if channel is not None and changes == self._changes:
                if len(self._found) >= CHANNELS_MAX:
                    self._found.clear()
                self._found[key] = (channel, begun)
        return channel

    def forget(self, key: Key) -> None:
        """To be called once the channel has changed, or may have."""
        with self._lock:
            self._found.pop(key, None)
            self._changes += 1
