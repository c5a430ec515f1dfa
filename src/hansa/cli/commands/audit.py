"""``hansa audit``: the record of calls.

The record is read directly, whether or not the service runs, so that it can be looked at when the
API cannot be asked. Who may do it is whoever may read the data directory.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hansa.cli.commandline import Command, Group
from hansa.cli.exits import Exit
from hansa.cli.session import current
from hansa.client.installation import ClientError

if TYPE_CHECKING:
    from hansa.domain.audit import Entry
    from hansa.store.audit import AuditRecord
    from hansa.store.audit_search import AuditQuery

_SINGLE = ("account_id", "operation", "username", "access_key_id", "resource_name")


@click.group(cls=Group)
def audit() -> None:
    """The record of calls: who did what, and what was refused."""


@contextmanager
def _record() -> Iterator[AuditRecord]:
    from hansa.store.audit import open_audit
    from hansa.store.cipher import CipherError
    from hansa.store.faults import StoreError

    data_dir = current().installation().data_dir
    database, key_file = data_dir / "audit.db", data_dir / "secrets" / "store.key"
    if not database.exists() or not key_file.exists():
        raise ClientError(
            f"there is no record of calls in {data_dir} yet: it is made at the first start. "
            "Start the service with `hansa up`."
        )
    try:
        record = open_audit(database, key_file)
        try:
            yield record
        finally:
            record.close()
    except (StoreError, CipherError) as fault:
        raise ClientError(f"cannot read the record of calls: {fault}") from fault


def _moment(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise click.BadParameter(
            f"{text!r} is no time; give it as 2026-11-21 or 2026-11-21T09:00:00Z."
        ) from fault
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _filters(command: Any) -> Any:
    """The options that choose calls."""
    for option in (
        click.option("--until", "before", callback=_moment, help="Only calls before this time."),
        click.option("--since", callback=_moment, help="Only calls from this time on."),
        click.option("--refused", is_flag=True, help="Only calls that were refused."),
        click.option("--resource", "resource_name", help="Only calls about it: a name or an ARN."),
        click.option("--key", "access_key_id", help="Only calls with this access key's id."),
        click.option("--user", "username", help="Only calls of this user or role session."),
        click.option("--operation", help="Only calls of this operation, such as CreateNetwork."),
        click.option("--account", "account_id", help="Only calls of this account."),
    ):
        command = option(command)
    return command


def _query(options: dict[str, Any]) -> AuditQuery:
    from hansa.store.audit_search import AuditQuery

    given = {name: options[name] for name in _SINGLE if options[name] is not None}
    return AuditQuery(
        refused=options["refused"], since=options["since"], before=options["before"], **given
    )


@audit.command("list", cls=Command)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@_filters
def list_calls(limit: int, **options: Any) -> None:
    """List the newest calls, oldest first."""
    from hansa.store.audit_search import search

    with _record() as record:
        entries = list(search(record, _query(options), limit))[::-1]
    screen = current().screen
    screen.result([_document(entry) for entry in entries])
    if screen.json:
        return
    if not entries:
        screen.result(None, "No such call is recorded.")
        return
    head = ("TIME", "WHO", "CALL", "STATUS", "OUTCOME", "REQUEST ID")
    screen.table(head, [_row(entry) for entry in entries])


def _row(entry: Entry) -> tuple[str, ...]:
    call = entry.call
    who = call.principal_arn.rpartition(":")[2] if call.account_id else call.access_key_id or "-"
    outcome = call.signature_cause or call.error_code or str(call.outcome)
    return (
        f"{call.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        f"{call.account_id} {who}".strip(),
        f"{call.service}:{call.operation}" if call.service else call.operation,
        str(call.status or "-"),
        outcome,
        call.request_id,
    )


def _document(entry: Entry) -> dict[str, Any]:
    """An entry as JSON: what its hash is made of, and the hash."""
    from hansa.domain.audit import write_call

    return {
        "sequence": entry.sequence,
        "previous": entry.previous,
        "hash": entry.hash,
        "call": json.loads(write_call(entry.call)),
    }


@audit.command(cls=Command)
@click.argument("request_id")
def show(request_id: str) -> None:
    """Show all that is recorded of one call, by its request id or event id."""
    with _record() as record:
        entry = record.find(request_id)
    if entry is None:
        raise ClientError(
            f"no call with the id {request_id} is recorded. `hansa audit list` shows those that "
            "are; what unknown callers send is counted only, once it is too much."
        )
    document = _document(entry)
    current().screen.result(document, json.dumps(document, indent=2))


@audit.command(cls=Command)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
@click.option("--cloudtrail", is_flag=True, help="In CloudTrail's form, without the chain.")
@_filters
def export(output: Path | None, cloudtrail: bool, **options: Any) -> None:
    """Write the calls as JSON, one to a line, oldest first."""
    from hansa.domain.audit import canonical
    from hansa.domain.cloudtrail import trail_record
    from hansa.store.audit_search import walk

    count = 0
    with _record() as record, _stream(output) as stream:
        for entry in walk(record, _query(options)):
            stream.write(canonical(trail_record(entry.call) if cloudtrail else _document(entry)))
            stream.write("\n")
            count += 1
    current().screen.say(f"{count} calls{f' in {output}' if output else ''}.")


@contextmanager
def _stream(output: Path | None) -> Iterator[Any]:
    if output is None:
        yield sys.stdout
        return
    with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        yield stream


@audit.command(cls=Command)
@click.option(
    "--noted",
    metavar="NUMBER:HASH",
    help="An entry that was noted down before, as this command prints the newest.",
)
def verify(noted: str | None) -> int:
    """Verify that nothing in the record was changed, removed, reordered or cut off.

    Prints the number and hash of the newest entry. Noted down in another place, they show later
    (--noted) that nothing before them was changed, even by somebody who has the keys.
    Ends with 6 where the record is broken.
    """
    from hansa.store.audit_verify import verify as verify_record

    with _record() as record:
        verdict = verify_record(record, None if noted is None else _noted(noted))
    screen = current().screen
    value = {
        "entries": verdict.entries,
        "newest": f"{verdict.sequence}:{verdict.hash}",
        "broken": verdict.broken or None,
        "fault": verdict.fault or None,
    }
    if verdict.fault:
        screen.result(value)
        screen.fault(
            f"the record of calls is broken at entry {verdict.broken}: {verdict.fault}. What is "
            f"before it ({verdict.entries} entries) is as it was written. Keep the data directory "
            "as it is, and compare it with a backup."
        )
        return Exit.FINDINGS
    screen.result(
        value, f"{verdict.entries} entries are as they were written.", f"Newest: {value['newest']}"
    )
    return Exit.OK


def _noted(text: str) -> tuple[int, str]:
    number, _, digest = text.partition(":")
    if not number.isdigit() or len(number) > 18 or len(digest) != 64:
        raise click.BadParameter(
            "give it as `hansa audit verify` printed it: NUMBER:HASH", param_hint="--noted"
        )
    return int(number), digest
