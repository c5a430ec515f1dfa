"""``hansa events``: what happened, where it is sent, and what became of that.

As with accounts, the store is opened directly: only who may read the data directory can say where
events go, or which program they are given to. The service sees a change within two seconds.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from hansa.cli.commandline import Command, Group
from hansa.cli.commands.event_targets import managed_store, target
from hansa.cli.session import current
from hansa.cli.stores import opened_store
from hansa.client.installation import ClientError

if TYPE_CHECKING:
    from hansa.store.database import Store
    from hansa.store.event_tables import Delivery
    from hansa.store.tables import Event

_POLL_SECONDS = 0.2
_EVENTS_AT_ONCE = 500
_AGO = re.compile(r"([0-9]+)([smhd])\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@click.group(cls=Group)
def events() -> None:
    """The events of proposals and invitations: see them, and have them delivered."""


events.add_command(target)


class _Moment(click.ParamType[datetime]):
    name = "when"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        ago = _AGO.match(value)
        try:
            if ago:
                return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            moment = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is no time: give one such as 2026-11-21T09:00:00Z, or 30s, 10m, 2h, 7d "
                "for so long ago.",
                param,
                ctx,
            )
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@events.command(cls=Command)
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens from now on.")
@click.option("--since", type=_Moment(), help="From then on: a time (UTC), or 10m, 2h, 7d ago.")
@click.option("-n", "--lines", type=click.IntRange(0), help="How many.  [default: 50]")
@click.option("--account", help="Only those of this account.")
def tail(follow: bool, since: datetime | None, lines: int | None, account: str | None) -> None:
    """Show the newest events, oldest first.

    With --json --follow every event is one line of JSON, in the shape that targets get.
    """
    from hansa.store.events import last_event_number, latest_events

    limit = 50 if lines is None and since is None else lines
    with opened_store() as store:
        with store.read() as reading:
            last = last_event_number(reading)
            found = latest_events(reading, limit, since, account)
        if not follow:
            current().screen.result([each.content for each in found], *map(_line, found))
            return
        _print(found)
        _follow(store, last, account)


def _follow(store: Store, last: int, account: str | None) -> None:
    """Print what comes after the event of that number, until interrupted."""
    from hansa.store.events import events_after

    while True:
        with store.read() as reading:
            found = events_after(reading, last, _EVENTS_AT_ONCE, account)
        if not found:
            time.sleep(_POLL_SECONDS)
            continue
        last = found[-1].number
        _print(found)


def _print(found: Sequence[Event]) -> None:
    for each in found:
        text = json.dumps(each.content) if current().screen.json else _line(each)
        sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _line(event: Event) -> str:
    content = event.content
    detail = content["detail"]
    kind = content["detail-type"].removeprefix("Managed Blockchain ").partition(" ")[0]
    return (
        f"{content['time']}  {event.account_id}  {kind:<10}  {event.subject}  {detail['status']}  "
        f"{detail['networkId']}  {event.id}"
    )


@events.command(cls=Command)
@click.option("--target", "target_id", help="Only those to this target.")
@click.option("--event", "event_id", help="Only those of this event.")
@click.option(
    "--status",
    type=click.Choice(["pending", "delivered", "dead"], case_sensitive=False),
    help="Only those that are so.",
)
@click.option("-n", "--lines", type=click.IntRange(0), default=50, show_default=True)
def deliveries(target_id: str | None, event_id: str | None, status: str | None, lines: int) -> None:
    """Show what became of events: PENDING, DELIVERED, or DEAD, which is given up."""
    from hansa.domain.events import DeliveryStatus
    from hansa.store.deliveries import DeliveryFilter
    from hansa.store.deliveries import deliveries as stored

    wanted = DeliveryFilter(
        target_id, event_id, None if status is None else DeliveryStatus(status.upper())
    )
    with opened_store() as store, store.read() as reading:
        found = [_described(*row) for row in stored(reading, wanted, lines)]
    screen = current().screen
    if screen.json:
        screen.result(found)
    elif found:
        head = ("EVENT", "TARGET", "SUBJECT", "STATUS", "ATTEMPTS", "REASON")
        keys = ("EventId", "TargetId", "Subject", "Status", "Attempts", "Reason")
        screen.table(head, [[str(each[key]) for key in keys] for each in found])


def _described(delivery: Delivery, event: Event) -> dict[str, Any]:
    return {
        "EventId": event.id,
        "TargetId": delivery.target_id,
        "Subject": delivery.subject,
        "DetailType": event.content["detail-type"],
        "Status": delivery.status,
        "Attempts": delivery.attempts,
        "Reason": delivery.reason,
        "DueAt": delivery.due_at if delivery.settled_at is None else None,
        "SettledAt": delivery.settled_at,
    }


@events.command(cls=Command)
@click.option("--target", "target_id", help="Only to this target.")
@click.option("--event", "event_id", help="Only this event, even if it was delivered.")
def redeliver(target_id: str | None, event_id: str | None) -> None:
    """Deliver again: all that is DEAD, or one event.

    Events of one subject keep their order among themselves, but what was delivered meanwhile came
    before.
    """
    from hansa.delivery.targets import require_target
    from hansa.domain.events import DeliveryStatus
    from hansa.store.deliveries import DeliveryFilter, renew_deliveries
    from hansa.store.events import get_event

    dead = DeliveryStatus.DEAD if event_id is None else None
    with managed_store() as store, store.write() as writing:
        if target_id is not None:
            require_target(writing, target_id)
        if event_id is not None and get_event(writing, event_id) is None:
            raise ClientError(
                f"there is no event {event_id}. See `hansa events tail`; one that is older than "
                "the setting event_days says is deleted."
            )
        wanted = DeliveryFilter(target_id, event_id, dead)
        count = renew_deliveries(writing, wanted, datetime.now(UTC))
    current().screen.result({"Deliveries": count}, f"{count} to be delivered again.")
