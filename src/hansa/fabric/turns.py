"""In which order the orderers of a network are asked about a channel."""

from __future__ import annotations

import threading
from collections.abc import Sequence

CHANNELS_MAX = 10_000


class Turns:
    """By network and channel: those that did not serve last come last. For several threads.

    What is forgotten, or never known, costs a question in vain: an orderer that does not order a
    channel says so.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[tuple[str, str], list[int]] = {}

    def get(self, network_id: str, channel: str, ports: Sequence[int]) -> list[int]:
        """``ports`` in the order to be asked."""
        with self._lock:
            last = list(self._last.get((network_id, channel), ()))
        return [
            *(port for port in ports if port not in last),
            *(port for port in last if port in ports),
        ]

    def put_last(self, network_id: str, channel: str, port: int) -> None:
        """``port`` did not serve: the others come first from now on."""
        with self._lock:
            if len(self._last) >= CHANNELS_MAX:
                self._last.clear()
            last = self._last.setdefault((network_id, channel), [])
            if port in last:
                last.remove(port)
            last.append(port)
