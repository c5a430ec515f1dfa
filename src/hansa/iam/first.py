"""The first start: an installation, an account, and an administrator's key."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from hansa.store.accounts import add_access_key, first_account, get_installation
from hansa.store.database import Store
from hansa.store.tables import AccessKey, Account, Installation

Choice = Callable[[str], str]

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"  # noqa: S105
_HEX = "0123456789abcdef"


@dataclass(frozen=True)
class Administrator:
    """The administrator of the first account, and the key that the first start makes."""

    account_id: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


def _draw(choice: Choice, alphabet: str, length: int) -> str:
    return "".join(choice(alphabet) for _ in range(length))


def installation_id(store: Store, now: datetime, choice: Choice) -> str:
    """This installation's id, drawn at the first start and kept."""
    with store.write() as session:
        row = get_installation(session)
        if row is None:
            row = Installation(id=_draw(choice, _HEX, 12), created_at=now)
            session.add(row)
        return row.id


def ensure_administrator(store: Store, file: Path, now: datetime, choice: Choice) -> bool:
    """Make the first account and its administrator's key, and write the key to ``file`` (0600).

    True where they were made now. The file is written before the key is committed: a crash between
    the two leaves a file whose key does not work yet, and the next start replaces both.
    """
    with store.write() as session:
        if first_account(session) is not None:
            return False
        administrator = Administrator(
            account_id=choice("123456789") + _draw(choice, "0123456789", 11),
            access_key_id="AKIA" + _draw(choice, _BASE32, 16),
            secret_access_key=_draw(choice, _SECRET, 40),
        )
        _write(file, administrator)
        account = Account(id=administrator.account_id, name="default", created_at=now)
        session.add(account)
        session.flush()
        add_access_key(
            session,
            store.cipher,
            administrator.access_key_id,
            administrator.secret_access_key,
            administrator.account_id,
            f"arn:aws:iam::{administrator.account_id}:user/administrator",
            now,
        )
    return True


def restore_administrator_file(store: Store, file: Path) -> None:
    """Write ``file`` again from the store, if it was lost and the key is still there."""
    if file.exists():
        return
    with store.read() as session:
        account = first_account(session)
        key = session.query(AccessKey).order_by(AccessKey.created_at).first()
    if account is not None and key is not None:
        secret = store.cipher.decrypt(key.secret)
        _write(file, Administrator(key.account_id, key.id, secret))


def _write(file: Path, administrator: Administrator) -> None:
    content = {
        "AccountId": administrator.account_id,
        "AccessKeyId": administrator.access_key_id,
        "SecretAccessKey": administrator.secret_access_key,
    }
    temporary = file.with_name(f".{file.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(content, stream, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
