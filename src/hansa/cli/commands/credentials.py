"""``hansa env`` and ``hansa configure``: the administrator's key, for AWS's tools."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from hansa.awsmodels.environment import shell_environment, shell_script, unset_variables
from hansa.awsmodels.profile import (
    DEFAULT_PROFILE,
    Access,
    ProfileExistsError,
    user_files,
    write_profile,
)
from hansa.cli.commandline import Command
from hansa.cli.session import current
from hansa.client.installation import ClientError, Installation


def access(installation: Installation) -> Access:
    """How AWS's tools reach the service. Raises ``ClientError`` where it was never started."""
    administrator = installation.administrator()
    return Access(
        url=installation.service().url,
        region=installation.settings.region,
        access_key_id=administrator.access_key_id,
        secret_access_key=administrator.secret_access_key,
    )


def link_hansa(directory: Path) -> None:
    """Make this very ``hansa`` callable from ``directory``, which is on the user's PATH."""
    program = Path(sys.executable).with_name("hansa")
    link = directory / "hansa"
    if not program.exists() or (link.is_symlink() and link.readlink() == program):
        return
    link.unlink(missing_ok=True)
    link.symlink_to(program)


_account = click.option(
    "--account",
    metavar="NAME",
    help="The account to act for, by name or number.  [default: $HANSA_ACCOUNT, or the first one]",
)


def _installation(account: str | None) -> Installation:
    found = current().installation()
    return found if account is None else replace(found, account=account)


@click.command(cls=Command)
@_account
def env(account: str | None) -> None:
    """Print the shell exports with which AWS's tools talk to this installation.

    Use it as: eval "$(hansa env)". The exports hold the secret access key.
    """
    session = current()
    installation = _installation(account)
    variables = shell_environment(installation.data_dir, access(installation), os.environ)
    # So that hansa's own commands act for the same account in this shell.
    variables["HANSA_ACCOUNT"] = installation.administrator().account_name
    link_hansa(installation.data_dir / "clients" / "bin")
    unset = unset_variables(os.environ)
    value = {"export": variables, "unset": list(unset)}
    session.screen.result(value, shell_script(variables, unset).rstrip("\n"))


@click.command(cls=Command)
@click.option("--profile", default=DEFAULT_PROFILE, show_default=True, help="Its name.")
@_account
@click.option("--force", is_flag=True, help="Replace a profile of that name; copies are kept.")
def configure(profile: str, account: str | None, force: bool) -> None:
    """Write an AWS profile with the administrator's key and this installation's endpoint."""
    session = current()
    installation = _installation(account)
    files = user_files(os.environ, Path.home(), installation.data_dir)
    try:
        written = write_profile(files, access(installation), profile, force=force)
    except (ProfileExistsError, ValueError) as fault:
        raise ClientError(f"cannot write the profile: {fault}.") from fault
    value = {
        "profile": profile,
        "config": written.config,
        "credentials": written.credentials,
        "backups": written.backups,
    }
    session.screen.result(
        value,
        f"The profile {profile} is in {written.config} and {written.credentials}.",
        *(f"What was there before is kept as {backup}." for backup in written.backups),
        f"Use it: aws --profile {profile} managedblockchain list-networks",
    )
