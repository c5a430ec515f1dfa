"""Events and their delivery: what a target wants, when to try again, when to give up.

Shapes: AMB guide, "Automating Managed Blockchain Proposal Notifications with CloudWatch Events".
Limits: EventBridge, "How EventBridge retries delivering events": 24 hours, 185 attempts,
exponential backoff with jitter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

RETRY_SECONDS_MAX = 600.0


class DetailType(StrEnum):
    INVITATION = "Managed Blockchain Invitation State Change"
    PROPOSAL = "Managed Blockchain Proposal State Change"


class TargetKind(StrEnum):
    WEBHOOK = "webhook"
    COMMAND = "command"


class DeliveryStatus(StrEnum):
    """``DEAD``: given up; it no longer holds back what came after it."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"


@dataclass(frozen=True)
class EventFilter:
    """What a target wants of its account's events; a part that is empty wants all."""

    detail_types: tuple[str, ...] = ()
    network_ids: tuple[str, ...] = ()

    def matches(self, event: Mapping[str, Any]) -> bool:
        if self.detail_types and event["detail-type"] not in self.detail_types:
            return False
        return not self.network_ids or event["detail"]["networkId"] in self.network_ids


@dataclass(frozen=True)
class RetryLimits:
    """After ``attempts_max`` attempts, or ``seconds_max`` after the first, a delivery is DEAD."""

    attempts_max: int
    seconds_max: float

    def are_reached(self, attempts: int, seconds: float) -> bool:
        """Whether ``attempts``, the first of them ``seconds`` ago, were enough."""
        return attempts >= self.attempts_max or seconds >= self.seconds_max


def retry_seconds(attempts: int, draw: Callable[[], float]) -> float:
    """How long to wait after so many failed attempts: 1, 2, 4 … 600 s, less up to a half of it.

    ``draw`` gives a number from 0 to 1, so that targets that failed together do not come together.
    """
    longest = min(2.0 ** min(attempts - 1, 60), RETRY_SECONDS_MAX)
    return longest * (1 - draw() / 2)
