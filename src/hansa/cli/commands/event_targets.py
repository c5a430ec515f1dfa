"""``hansa events target``: where the events of an account go."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from hansa.cli.commandline import Command, Group
from hansa.cli.session import current
from hansa.cli.stores import opened_store
from hansa.client.installation import ClientError

if TYPE_CHECKING:
    from hansa.store.database import Store
    from hansa.store.event_tables import EventTarget


@click.group(cls=Group)
def target() -> None:
    """Where events are sent: webhooks, and programs that are run."""


@contextmanager
def managed_store() -> Iterator[Store]:
    """The store; a fault of managing targets in it is told as the command's own."""
    from hansa.delivery.targets import TargetError

    try:
        with opened_store() as store:
            yield store
    except TargetError as fault:
        raise ClientError(str(fault)) from fault


@target.command(cls=Command)
@click.option("--webhook", "url", default="", metavar="URL", help="POST each event to this URL.")
@click.option(
    "--account",
    metavar="NAME",
    help="Whose events, by name or number.  [default: $HANSA_ACCOUNT, or the first account]",
)
@click.option(
    "--detail-type",
    "kinds",
    type=click.Choice(["invitation", "proposal"]),
    multiple=True,
    help="Only events of this kind; may be given more than once.",
)
@click.option(
    "--network",
    "network_ids",
    multiple=True,
    metavar="ID",
    help="Only events of this network; may be given more than once.",
)
@click.option(
    "--timeout",
    type=float,
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="How long an attempt may take.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def add(
    url: str,
    account: str | None,
    kinds: tuple[str, ...],
    network_ids: tuple[str, ...],
    timeout: float,
    command: tuple[str, ...],
) -> None:
    """Send an account's events, from now on, to a webhook or to a COMMAND.

    A command is a program and its arguments, given after `--`; it is run without a shell, with the
    event on its standard input. A webhook's secret, which verifies signatures, is shown only now.
    """
    from hansa.delivery.targets import NewTarget, add_target
    from hansa.domain.events import DetailType, EventFilter

    if bool(url) == bool(command):
        raise click.UsageError("Give either --webhook URL, or a command after `--`.")
    wanted = EventFilter(tuple(DetailType[kind.upper()] for kind in kinds), network_ids)
    with managed_store() as store:
        account_id = _account_id(store, account)
        new = NewTarget(account_id, url, command, timeout, wanted)
        made = add_target(store, new, datetime.now(UTC), secrets.choice, secrets.token_bytes)
    lines = [f"Event target {made.target_id} gets the events of account {account_id} from now on."]
    if made.secret is not None:
        lines.append(f"Its secret, which is not shown again: {made.secret}")
    value = {"TargetId": made.target_id, "AccountId": account_id, "Secret": made.secret}
    current().screen.result(value, *lines)


def _account_id(store: Store, account: str | None) -> str:
    """The number of an account that is here, by name, or of any that may be invited some day."""
    from hansa.store.accounts import accounts

    if account is None:
        return current().installation().administrator().account_id
    with store.read() as reading:
        named = [each.id for each in accounts(reading) if each.name == account]
    return named[0] if named else account


@target.command("list", cls=Command)
def list_targets() -> None:
    """List the targets, oldest first, with how much waits for them and what is DEAD."""
    from hansa.store.event_targets import delivery_counts, event_targets

    with managed_store() as store, store.read() as reading:
        counts = delivery_counts(reading)
        found = [_described(each, counts.get(each.id, {})) for each in event_targets(reading)]
    screen = current().screen
    if screen.json:
        screen.result(found)
    elif found:
        head = ("TARGET", "ACCOUNT", "KIND", "ENABLED", "PENDING", "DEAD", "WHERE")
        screen.table(head, [_row(each) for each in found])


def _described(row: EventTarget, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "TargetId": row.id,
        "AccountId": row.account_id,
        "Kind": row.kind,
        "Url": row.url,
        "Command": row.command,
        "DetailTypes": row.detail_types,
        "NetworkIds": row.network_ids,
        "TimeoutSeconds": row.timeout_seconds,
        "Enabled": row.enabled,
        "Pending": counts.get("PENDING", 0),
        "Delivered": counts.get("DELIVERED", 0),
        "Dead": counts.get("DEAD", 0),
    }


def _row(described: dict[str, Any]) -> list[str]:
    where = described["Url"] or shlex.join(described["Command"])
    enabled = "yes" if described["Enabled"] else "no"
    keys = ("TargetId", "AccountId", "Kind")
    counts = (str(described["Pending"]), str(described["Dead"]))
    return [*(described[key] for key in keys), enabled, *counts, where]


@target.command(cls=Command)
@click.argument("target_id")
def remove(target_id: str) -> None:
    """Remove a target; what it has not got yet is never sent."""
    from hansa.delivery.targets import remove_target

    with managed_store() as store:
        remove_target(store, target_id)
    current().screen.result({"TargetId": target_id}, f"Event target {target_id} is removed.")


@target.command(cls=Command)
@click.argument("target_id")
def disable(target_id: str) -> None:
    """Send nothing to a target until it is enabled; its events are kept for it meanwhile."""
    _set_enabled(target_id, enabled=False)


@target.command(cls=Command)
@click.argument("target_id")
def enable(target_id: str) -> None:
    """Send to a target again, beginning with what was kept for it."""
    _set_enabled(target_id, enabled=True)


def _set_enabled(target_id: str, *, enabled: bool) -> None:
    from hansa.delivery.targets import enable_target

    with managed_store() as store:
        enable_target(store, target_id, enabled)
    text = "enabled" if enabled else "disabled"
    value = {"TargetId": target_id, "Enabled": enabled}
    current().screen.result(value, f"Event target {target_id} is {text}.")
