"""``hansa account``: the accounts of an installation.

The store is opened directly, whether or not the service runs: an account is added in one
transaction, touches nothing that the service keeps in memory, and no request over the network can
ever make one. Who may do it is whoever may read the data directory.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

import click

from hansa.cli.commandline import Command, Group
from hansa.cli.session import current
from hansa.cli.stores import opened_store
from hansa.client.installation import ClientError

_NUMBER = re.compile(r"[0-9]{12}\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


@click.group(cls=Group)
def account() -> None:
    """The accounts of this installation: companies that share its networks."""


@account.command(cls=Command)
@click.argument("name")
@click.option(
    "--account-id",
    metavar="NUMBER",
    help="Its number, such as that of an AWS account, of 12 digits.  [default: drawn at random]",
)
def create(name: str, account_id: str | None) -> None:
    """Make an account, with an administrator whose key is written to a file of yours alone.

    The service may run meanwhile; the key works at once.
    """
    from hansa.iam.first import AccountExistsError, create_account

    if _NAME.match(name) is None:
        raise ClientError(
            f"cannot name an account {name!r}: give up to 64 letters, digits, '.', '_' or '-', "
            "beginning with a letter or digit."
        )
    if account_id is not None and _NUMBER.match(account_id) is None:
        raise ClientError(
            f"cannot number an account {account_id!r}: AWS's account numbers have 12 digits."
        )
    session = current()
    directory = session.installation().data_dir / "accounts"
    try:
        with opened_store() as store:
            now = datetime.now(UTC)
            made, file = create_account(
                store, directory, name, now, secrets.choice, account_id or ""
            )
    except AccountExistsError as fault:
        raise ClientError(
            f"account {fault.account_id} ({fault.name}) is there already; choose another name and "
            "number. `hansa account list` shows them all."
        ) from fault
    value = {"AccountId": made.account_id, "Name": name, "KeyFile": str(file)}
    session.screen.result(
        value,
        f"Account {made.account_id} ({name}) is made.",
        f"Its administrator's access key is in {file}.",
        f'Use it from this shell: eval "$(hansa env --account {name})"',
    )


@account.command(cls=Command)
@click.argument("name")
def key(name: str) -> None:
    """Write the key file of an account's administrator anew, where it was lost or its key rotated.

    NAME is the account's name or number. The file gets the administrator's oldest active key; a new
    one is made where there is none.
    """
    from hansa.iam.first import NoAdministratorError, write_administrator_file

    session = current()
    data_dir = session.installation().data_dir
    try:
        with opened_store() as store:
            found, file = write_administrator_file(
                store, data_dir, name, datetime.now(UTC), secrets.choice
            )
    except NoAdministratorError as fault:
        raise ClientError(
            f"cannot write a key: {fault}. `hansa account list` shows the accounts there are."
        ) from fault
    value = {
        "AccountId": found.account_id,
        "Name": found.account_name,
        "AccessKeyId": found.access_key_id,
        "KeyFile": str(file),
    }
    session.screen.result(
        value,
        f"The access key {found.access_key_id} of account {found.account_id} is in {file}.",
        f'Use it from this shell: eval "$(hansa env --account {found.account_name})"',
    )


@account.command("list", cls=Command)
def list_accounts() -> None:
    """List the accounts, oldest first."""
    from hansa.store.accounts import accounts

    with opened_store() as store, store.read() as reading:
        found = [{"AccountId": each.id, "Name": each.name} for each in accounts(reading)]
    lines = [f"{each['AccountId']}  {each['Name']}" for each in found]
    current().screen.result(found, *lines)
