"""Verifying the record of calls: the first entry that is not as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hansa.domain.audit import NOTHING, entry_hash, read_call
from hansa.store.audit import AuditRecord, columns_of, resource_rows
from hansa.store.audit_marks import Mark, get_mark, read_mark_file
from hansa.store.audit_tables import AuditEntry, AuditResource

_AT_ONCE = 500


@dataclass(frozen=True)
class Verdict:
    """``entries`` were found right, up to number ``sequence`` with ``hash``.

    ``fault`` says what is wrong with entry number ``broken``, or is empty.
    """

    entries: int
    sequence: int
    hash: str
    fault: str = ""
    broken: int = 0


class _BrokenError(Exception):
    """What is wrong with the entry of that number."""

    def __init__(self, sequence: int, text: str) -> None:
        super().__init__(text)
        self.sequence = sequence


def verify(record: AuditRecord, noted: tuple[int, str] | None = None) -> Verdict:
    """Look at every entry. ``noted`` is the number and hash of an entry that is known from before.

    The record may be written meanwhile.
    """
    outside = read_mark_file(record.mark_file)  # before the rest: it may be older, never newer
    with record.read() as session:
        head, base = get_mark(session, "head"), get_mark(session, "base")
        last = base or Mark("base", 0, NOTHING, "")
        entries, start = 0, last.sequence
        try:
            if base is not None and not record.seal.fits(base, "base"):
                raise _BrokenError(last.sequence + 1, "the mark of what was removed is not genuine")
            known = _known(record, head, outside, noted)
            for row, resources in _rows(session):
                _check(row, resources, last, known)
                last = Mark("", row.sequence, row.hash, "")
                entries += 1
            _check_end(last, record, head, known)
        except _BrokenError as fault:
            entries = min(entries, fault.sequence - 1 - start)
            return Verdict(entries, last.sequence, last.hash, str(fault), fault.sequence)
    return Verdict(entries, last.sequence, last.hash)


def _known(
    record: AuditRecord, head: Mark | None, outside: Mark | None, noted: tuple[int, str] | None
) -> dict[int, str]:
    """The hashes that entries have to have, whatever the database says."""
    known = {}
    for mark in (head, outside):
        if mark is not None and record.seal.fits(mark, "head"):
            known[mark.sequence] = mark.hash
    if outside is not None and not record.seal.fits(outside, "head"):
        raise _BrokenError(1, f"{record.mark_file} is not genuine")
    if noted is not None:
        known[noted[0]] = noted[1]
    return known


def _rows(session: Session) -> Iterator[tuple[AuditEntry, list[AuditResource]]]:
    after = 0
    while True:
        rows = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.sequence > after)
            .order_by(AuditEntry.sequence)
            .limit(_AT_ONCE)
        ).all()
        if not rows:
            return
        resources: dict[int, list[AuditResource]] = {}
        for resource in session.scalars(
            select(AuditResource)
            .where(AuditResource.sequence > after, AuditResource.sequence <= rows[-1].sequence)
            .order_by(AuditResource.sequence, AuditResource.ordinal)
        ):
            resources.setdefault(resource.sequence, []).append(resource)
        for row in rows:
            yield row, resources.get(row.sequence, [])
        after = rows[-1].sequence
        session.expunge_all()


def _check(
    row: AuditEntry, resources: Iterable[AuditResource], last: Mark, known: dict[int, str]
) -> None:
    number = row.sequence
    if number != last.sequence + 1:
        missing = f"{last.sequence + 1} to {number - 1}"
        raise _BrokenError(last.sequence + 1, f"entries {missing} are missing")
    try:
        fits = row.hash == entry_hash(number, row.previous, row.content)
    except UnicodeEncodeError:
        fits = False
    if not fits:
        raise _BrokenError(number, "its content was changed: it does not fit its hash")
    if row.previous != last.hash:
        raise _BrokenError(number, "it does not follow the entry before it")
    if known.get(number, row.hash) != row.hash:
        raise _BrokenError(number, "it is another than the one that was sealed or noted")
    if not _fits_columns(row, resources):
        raise _BrokenError(number, "what it is found by was changed: it does not fit its content")


def _fits_columns(row: AuditEntry, resources: Iterable[AuditResource]) -> bool:
    try:
        call = read_call(row.content)
    except ValueError:
        return False
    found = [_resource(resource) for resource in resources]
    return (
        all(getattr(row, name) == value for name, value in columns_of(call).items())
        and resource_rows(row.sequence, call) == found
    )


def _resource(row: AuditResource) -> dict[str, Any]:
    names = ("sequence", "ordinal", "arn", "name", "type")
    return {name: getattr(row, name) for name in names}


def _check_end(last: Mark, record: AuditRecord, head: Mark | None, known: dict[int, str]) -> None:
    newest = max(known, default=0)
    if last.sequence < newest:
        raise _BrokenError(
            last.sequence + 1,
            f"the end was cut off: entries {last.sequence + 1} to {newest} are missing",
        )
    if last.sequence and (head is None or not record.seal.fits(head, "head")):
        raise _BrokenError(
            last.sequence + 1, "the mark of the newest entry is missing or not genuine"
        )
    if head is not None and last.sequence > head.sequence:
        raise _BrokenError(head.sequence + 1, "it was added by somebody else: no mark covers it")
