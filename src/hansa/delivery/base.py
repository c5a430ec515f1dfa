"""What is sent to a target, and what a sender is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hansa.domain.events import TargetKind


class DeliveryError(Exception):
    """The target did not take the event. ``detail`` is what it said, which is kept out of logs."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class StoppedError(DeliveryError):
    """The service ends: the attempt was broken off, or not even begun."""

    def __init__(self) -> None:
        super().__init__("the service stopped meanwhile")


@dataclass(frozen=True)
class Attempt:
    """One attempt to deliver one event; ``number`` counts from 1. ``body`` is the event's JSON.

    A webhook has ``url`` and ``secret``, a command ``command``.
    """

    target_id: str
    event_number: int
    event_id: str
    subject: str
    number: int
    kind: TargetKind
    url: str
    secret: str = field(repr=False)
    command: tuple[str, ...] = field(repr=False)
    timeout_seconds: float
    body: bytes = field(repr=False)


Send = Callable[[Attempt], None]
"""Returns once the target has taken the event; raises :class:`DeliveryError` where it has not."""
