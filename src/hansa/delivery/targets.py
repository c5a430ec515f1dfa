"""Event targets as an administrator of the installation manages them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from hansa.delivery.commands import PATH
from hansa.delivery.signature import new_secret
from hansa.domain import names
from hansa.domain.events import EventFilter, TargetKind
from hansa.store.database import Session, Store
from hansa.store.event_tables import EventTarget
from hansa.store.event_targets import delete_event_target, get_event_target
from hansa.store.networks import get_network

TIMEOUT_SECONDS = 10.0
TIMEOUT_SECONDS_MAX = 300.0
_ACCOUNT = re.compile(r"[0-9]{12}\Z")
_URL_LENGTH_MAX = 2048
_PLAIN = re.compile(r"[!-~]+")


class TargetError(Exception):
    """A target cannot be managed like that; the text says what, why, and what to do."""


@dataclass(frozen=True)
class NewTarget:
    """A target that is to be: of an account, and either ``url`` or ``command`` (argv)."""

    account_id: str
    url: str = ""
    command: Sequence[str] = ()
    timeout_seconds: float = TIMEOUT_SECONDS
    filter: EventFilter = field(default_factory=EventFilter)


@dataclass(frozen=True)
class MadeTarget:
    """``secret`` verifies a webhook's signatures; it is told here, and never again."""

    target_id: str
    secret: str | None = field(repr=False)


def add_target(
    store: Store,
    wanted: NewTarget,
    now: datetime,
    choice: names.Choice,
    draw: Callable[[int], bytes],
) -> MadeTarget:
    """Make a target, which gets its account's events from now on.

    Raises :class:`TargetError`. ``draw`` gives random bytes for the secret.
    """
    _check(wanted)
    command = _runnable(wanted.command) if not wanted.url else None
    secret = new_secret(draw) if wanted.url else None
    target_id = names.new_id("event target", choice)
    with store.write() as session:
        _check_networks(session, wanted.filter)
        session.add(
            EventTarget(
                id=target_id,
                account_id=wanted.account_id,
                kind=TargetKind.WEBHOOK if wanted.url else TargetKind.COMMAND,
                url=wanted.url or None,
                secret=None if secret is None else store.cipher.encrypt(secret),
                command=command,
                timeout_seconds=wanted.timeout_seconds,
                detail_types=list(wanted.filter.detail_types),
                network_ids=list(wanted.filter.network_ids),
                enabled=True,
                created_at=now,
            )
        )
    return MadeTarget(target_id, secret)


def remove_target(store: Store, target_id: str) -> None:
    """Delete a target; what it has not got yet is never sent. Raises :class:`TargetError`."""
    with store.write() as session:
        delete_event_target(session, require_target(session, target_id))


def enable_target(store: Store, target_id: str, enabled: bool) -> None:  # noqa: FBT001  # the state itself
    """Send to a target, or keep what is for it. Raises :class:`TargetError`."""
    with store.write() as session:
        require_target(session, target_id).enabled = enabled


def require_target(session: Session, target_id: str) -> EventTarget:
    """Raises :class:`TargetError` where there is none."""
    target = get_event_target(session, target_id)
    if target is None:
        raise TargetError(
            f"there is no event target {target_id}. See `hansa events target list` for those that "
            "there are."
        )
    return target


def _check(wanted: NewTarget) -> None:
    if _ACCOUNT.match(wanted.account_id) is None:
        raise TargetError(
            f"there is no account {wanted.account_id!r}: give its name, as `hansa account list` "
            "shows it, or the 12 digits of any account."
        )
    if not 0 < wanted.timeout_seconds <= TIMEOUT_SECONDS_MAX:
        raise TargetError(
            f"a timeout of {wanted.timeout_seconds:g} s cannot be: give more than 0, and no more "
            f"than {TIMEOUT_SECONDS_MAX:g}."
        )
    if bool(wanted.url) == bool(wanted.command):
        raise TargetError("give either a webhook's URL or a command, and not both.")
    if wanted.url:
        fault = _url_fault(wanted.url)
        if fault:
            raise TargetError(
                f"events cannot be sent to that URL: {fault}. Give one such as "
                "https://example.com/events"
            )


def _url_fault(url: str) -> str:
    """What is wrong with a webhook's URL; empty where nothing is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        return str(fault)
    faults = {
        f"it is longer than {_URL_LENGTH_MAX} characters": len(url) > _URL_LENGTH_MAX,
        "it has characters that have to be percent-encoded": not _PLAIN.fullmatch(url),
        "it is neither http nor https": parts.scheme not in ("http", "https"),
        "it names no host to connect to": not parts.hostname or port == 0,
        "it holds a user name or password; the signature says who sends": "@" in parts.netloc,
        "it has a fragment, which is never sent": bool(parts.fragment),
    }
    return next((fault for fault, found in faults.items() if found), "")


def _runnable(command: Sequence[str]) -> list[str]:
    """The command with its program's path, which does not depend on whoever runs the service."""
    program = shutil.which(command[0], path=PATH)
    if program is None or "\0" in "".join(command):
        raise TargetError(
            f"cannot run {command[0]!r}: there is no such program that may be executed. Give its "
            f"absolute path, or a name that is in {PATH}."
        )
    if not program.startswith("/"):
        raise TargetError(
            f"cannot run {command[0]!r} from the service, which runs in another directory. Give "
            "its absolute path."
        )
    return [program, *command[1:]]


def _check_networks(session: Session, wanted: EventFilter) -> None:
    for network_id in wanted.network_ids:
        if get_network(session, network_id) is None:
            raise TargetError(
                f"there is no network {network_id} in this installation; see "
                "`aws managedblockchain list-networks`."
            )
