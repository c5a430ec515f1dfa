"""One round of delivery: claim the event that is due, send it, record what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from hansa.delivery.base import Attempt, DeliveryError, Send, StoppedError
from hansa.domain.events import DeliveryStatus, RetryLimits, TargetKind, retry_seconds
from hansa.store.cipher import CipherError
from hansa.store.database import Session, Store
from hansa.store.deliveries import (
    claim_delivery,
    is_delivery_due,
    next_delivery_due,
    release_deliveries,
)
from hansa.store.event_tables import Delivery, EventTarget
from hansa.store.tables import Event

log = structlog.get_logger()

LEASE_GRACE = timedelta(seconds=60)  # to record what came of it
LOOK_AGAIN = timedelta(seconds=2)  # what `hansa events` changes, in a process of its own, is seen


class Courier:
    """Delivers events, one at a time; several may share a store.

    An attempt is committed before it is made. So what was under way when the service ended is made
    again, and a target has every event at least once.
    """

    def __init__(
        self,
        store: Store,
        senders: Mapping[TargetKind, Send],
        limits: RetryLimits,
        now: Callable[[], datetime],
        draw: Callable[[], float],
    ) -> None:
        self._store = store
        self._senders = senders
        self._limits = limits
        self._now = now
        self._draw = draw

    def begin(self) -> None:
        """End leases of a service that was here before. Call once, before the first round."""
        with self._store.write() as session:
            release_deliveries(session)

    def run_once(self) -> bool:
        """Make one attempt; False where none is due."""
        with self._store.read() as session:
            if not is_delivery_due(session, self._now()):
                return False
        with self._store.write() as session:
            delivery = claim_delivery(session, self._now(), LEASE_GRACE)
            if delivery is None:
                return False
            attempt = _attempt(session, delivery)
        fault = self._send(attempt)
        with self._store.write() as session:
            self._record(session, attempt, fault)
        return True

    def next_due(self) -> datetime:
        """When to look next, if the bell is not rung before."""
        latest = self._now() + LOOK_AGAIN
        with self._store.read() as session:
            due = next_delivery_due(session, self._now())
        return latest if due is None else min(due, latest)

    def _send(self, attempt: Attempt) -> DeliveryError | None:
        """What went wrong, if anything did."""
        try:
            if attempt.secret:
                secret = self._store.cipher.decrypt(attempt.secret)
                attempt = replace(attempt, secret=secret)
            self._senders[attempt.kind](attempt)
        except DeliveryError as fault:
            return fault
        except CipherError as fault:
            return DeliveryError(str(fault))
        except Exception:
            log.exception("delivery.fault", target=attempt.target_id, event_id=attempt.event_id)
            return DeliveryError("an internal fault of the service; its log says more")
        return None

    def _record(self, session: Session, attempt: Attempt, fault: DeliveryError | None) -> None:
        delivery = session.get(Delivery, (attempt.target_id, attempt.event_number))
        # Its target may have been removed meanwhile, or its lease have ended.
        if delivery is None or delivery.attempts != attempt.number:
            return
        now = self._now()
        delivery.lease_until = None
        if fault is None:
            delivery.status, delivery.settled_at, delivery.reason = _DELIVERED, now, ""
            _tell("delivery.delivered", attempt)
            return
        if isinstance(fault, StoppedError):
            delivery.attempts -= 1  # the target is not to blame
            return
        delivery.reason = f"{fault}: {fault.detail}" if fault.detail else str(fault)
        begun = delivery.first_attempt_at or now
        if self._limits.are_reached(delivery.attempts, (now - begun).total_seconds()):
            delivery.status, delivery.settled_at = DeliveryStatus.DEAD, now
            _tell("delivery.dead", attempt, fault)
            return
        delivery.due_at = now + timedelta(seconds=retry_seconds(delivery.attempts, self._draw))
        _tell("delivery.failed", attempt, fault)


_DELIVERED = DeliveryStatus.DELIVERED


def _attempt(session: Session, delivery: Delivery) -> Attempt:
    """The attempt that was claimed; its secret is still sealed."""
    target = session.get_one(EventTarget, delivery.target_id)
    event = session.get_one(Event, delivery.event_number)
    return Attempt(
        target_id=target.id,
        event_number=event.number,
        event_id=event.id,
        subject=event.subject,
        number=delivery.attempts,
        kind=TargetKind(target.kind),
        url=target.url or "",
        secret=target.secret or "",
        command=tuple(target.command or ()),
        timeout_seconds=target.timeout_seconds,
        body=json.dumps(event.content, separators=(",", ":")).encode(),
    )


def _tell(what: str, attempt: Attempt, fault: DeliveryError | None = None) -> None:
    """A line of the log: neither the URL nor the command, which may hold what is secret."""
    facts = {
        "target": attempt.target_id,
        "event_id": attempt.event_id,
        "subject": attempt.subject,
        "attempt": attempt.number,
    }
    if fault is None:
        log.info(what, **facts)
    else:
        log.warning(what, **facts, reason=str(fault))
