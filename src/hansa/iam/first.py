"""Accounts: the first start's installation and account, and every further account.

Each has a user ``administrator`` with AWS's policy AdministratorAccess and one access key.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from hansa.domain.iam_names import AWS_POLICY_PREFIX, new_account_id, new_iam_id, new_secret
from hansa.domain.names import Choice
from hansa.store.accounts import accounts, first_account, get_installation, oldest_active_key
from hansa.store.database import Session, Store
from hansa.store.policies import attach
from hansa.store.principals import get_principal
from hansa.store.tables import AccessKey, Account, Installation, Principal

ADMINISTRATOR = "administrator"
FIRST_ACCOUNT = "default"
_HEX = "0123456789abcdef"


@dataclass(frozen=True)
class Administrator:
    """The administrator of an account, and the key that he was made with."""

    account_id: str
    account_name: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


class AccountExistsError(Exception):
    """There is an account of that number or name."""

    def __init__(self, account_id: str, name: str) -> None:
        super().__init__(f"account {account_id} has the name {name}")
        self.account_id = account_id
        self.name = name


class NoAdministratorError(Exception):
    """There is no such account, or its user ``administrator`` was deleted; the text says which."""


def installation_id(store: Store, now: datetime, choice: Choice) -> str:
    """This installation's id, drawn at the first start and kept."""
    with store.write() as session:
        row = get_installation(session)
        if row is None:
            row = Installation(id="".join(choice(_HEX) for _ in range(12)), created_at=now)
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
        account_id = new_account_id(choice)
        _write(file, _add_account(session, store, account_id, FIRST_ACCOUNT, now, choice))
    return True


def create_account(
    store: Store,
    directory: Path,
    name: str,
    now: datetime,
    choice: Choice,
    account_id: str = "",
) -> tuple[Administrator, Path]:
    """Make another account; its administrator's key is written to ``directory/ACCOUNT_ID.json``.

    Its number is ``account_id``, or drawn. The file (0600) is written before the account is
    committed. Raises :class:`AccountExistsError`.
    """
    directory.mkdir(mode=0o700, exist_ok=True)
    account_id = account_id or new_account_id(choice)
    with store.write() as session:
        for other in accounts(session):
            if account_id == other.id or name == other.name:
                raise AccountExistsError(other.id, other.name)
        administrator = _add_account(session, store, account_id, name, now, choice)
        file = directory / f"{account_id}.json"
        _write(file, administrator)
    return administrator, file


def _add_account(
    session: Session, store: Store, account_id: str, name: str, now: datetime, choice: Choice
) -> Administrator:
    session.add(Account(id=account_id, name=name, created_at=now))
    session.flush()
    user = Principal(
        id=new_iam_id("user", choice),
        account_id=account_id,
        kind="user",
        name=ADMINISTRATOR,
        folded_name=ADMINISTRATOR,
        path="/",
        created_at=now,
    )
    session.add(user)
    session.flush()
    attach(session, user.id, f"{AWS_POLICY_PREFIX}AdministratorAccess")
    return _add_key(session, store, user, name, now, choice)


def _add_key(
    session: Session, store: Store, user: Principal, name: str, now: datetime, choice: Choice
) -> Administrator:
    made = Administrator(
        user.account_id, name, new_iam_id("access key", choice), new_secret(choice)
    )
    session.add(
        AccessKey(
            id=made.access_key_id,
            account_id=user.account_id,
            principal_id=user.id,
            principal_arn=user.arn,
            secret=store.cipher.encrypt(made.secret_access_key),
            status="Active",
            created_at=now,
        )
    )
    return made


def write_administrator_file(
    store: Store, data_dir: Path, account: str, now: datetime, choice: Choice
) -> tuple[Administrator, Path]:
    """Write the file with the key of an account's administrator anew; ``account``: name or number.

    It is the oldest key that is active, else one that is made now. Raises
    :class:`NoAdministratorError`.
    """
    with store.write() as session:
        first = first_account(session)
        found = next((one for one in accounts(session) if account in (one.id, one.name)), None)
        if first is None or found is None:
            raise NoAdministratorError(f"there is no account {account}")
        user = get_principal(session, found.id, "user", ADMINISTRATOR)
        if user is None:
            raise NoAdministratorError(f"account {found.id} has no user {ADMINISTRATOR} any more")
        key = oldest_active_key(session, found.id, user.arn)
        if key is None:
            administrator = _add_key(session, store, user, found.name, now, choice)
        else:
            secret = store.cipher.decrypt(key.secret)
            administrator = Administrator(found.id, found.name, key.id, secret)
        file = data_dir / "administrator.json"
        if found.id != first.id:
            file = data_dir / "accounts" / f"{found.id}.json"
            file.parent.mkdir(mode=0o700, exist_ok=True)
        _write(file, administrator)
    return administrator, file


def restore_administrator_file(store: Store, file: Path) -> None:
    """Write ``file`` again from the store, if it was lost and the administrator has a key."""
    if file.exists():
        return
    with store.read() as session:
        account = first_account(session)
        if account is None:
            return
        arn = f"arn:aws:iam::{account.id}:user/{ADMINISTRATOR}"
        key = oldest_active_key(session, account.id, arn)
    if key is not None:
        secret = store.cipher.decrypt(key.secret)
        _write(file, Administrator(key.account_id, account.name, key.id, secret))


def _write(file: Path, administrator: Administrator) -> None:
    content = {
        "AccountId": administrator.account_id,
        "AccountName": administrator.account_name,
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
