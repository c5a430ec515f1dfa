"""Changing a configuration that others may change at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from hansa.fabric.base import FabricError
from hansa.fabric.rpc.connections import UnreachableError

_ATTEMPTS_MAX = 5
# What an orderer says of an update of a configuration that has changed since it was read.
_STALE = "but it is currently at version"
# How often, and how long apart, to look whether what was accepted is in effect.
_LOOKS_MAX = 100
_LOOK_SECONDS = 0.05


def until_current(change: Callable[[], bool]) -> bool:
    """What ``change`` returns, which reads, decides and submits: again where it came too late."""
    for _ in range(_ATTEMPTS_MAX - 1):
        try:
            return change()
        except FabricError as refusal:
            if _STALE not in str(refusal):
                raise
    return change()


def await_effect(holds: Callable[[], bool], channel: str) -> None:
    """An orderer accepts a change before it is in effect: ask until it is.

    A new channel's orderers say that they are unavailable until they have elected a leader.
    Raises :class:`UnreachableError`.
    """
    pause = threading.Event()
    for _ in range(_LOOKS_MAX):
        with suppress(UnreachableError):
            if holds():
                return
        pause.wait(_LOOK_SECONDS)
    raise UnreachableError(f"the change of channel {channel} is not in effect yet")
