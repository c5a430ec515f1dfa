"""Marks: entries of the record of calls that are sealed with the installation's key.

The newest entry is marked in each transaction, and about every minute in a file outside of the
database, so that an end that was cut off is seen, and so is a former copy put in its place.
"""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.orm import Session

from hansa.store.audit_tables import AuditMark


@dataclass(frozen=True)
class Mark:
    """An entry by its number and hash, and the seal on both."""

    name: str
    sequence: int
    hash: str
    seal: str


class Seal:
    """Makes and checks marks. Nobody can make one without the key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mark(self, name: str, sequence: int, digest: str) -> Mark:
        """The mark of an entry: ``head`` of the newest, ``base`` of the last one removed."""
        text = f"{name} {sequence} {digest}".encode()
        return Mark(name, sequence, digest, hmac.digest(self._key, text, "sha256").hex())

    def fits(self, mark: Mark, name: str) -> bool:
        """Whether ``mark`` was made here, as one of this name."""
        made = self.mark(name, mark.sequence, mark.hash)
        return hmac.compare_digest(made.seal.encode(), mark.seal.encode())


def _put_mark() -> Insert:
    statement = insert(cast("Table", AuditMark.__table__))
    given = {name: statement.excluded[name] for name in ("sequence", "hash", "seal")}
    return statement.on_conflict_do_update(index_elements=["name"], set_=given)


_PUT_MARK = _put_mark()


def get_mark(session: Session, name: str) -> Mark | None:
    row = session.scalars(select(AuditMark).where(AuditMark.name == name)).first()
    return None if row is None else Mark(row.name, row.sequence, row.hash, row.seal)


def put_mark(connection: Connection, mark: Mark) -> None:
    connection.execute(_PUT_MARK, asdict(mark))


def read_mark_file(file: Path) -> Mark | None:
    """The mark in ``file``; ``None`` where there is no file, an unsealed one where it is spoilt."""
    try:
        document = json.loads(file.read_text())
        return Mark("head", int(document["sequence"]), str(document["hash"]), str(document["seal"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return Mark("head", 0, "", "")


def write_mark_file(file: Path, mark: Mark) -> None:
    """Put ``mark`` into ``file`` (0600), whole or not at all."""
    document = {"sequence": mark.sequence, "hash": mark.hash, "seal": mark.seal}
    temporary = file.with_name(f".{file.name}.new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(json.dumps(document))
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
