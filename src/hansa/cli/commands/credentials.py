"""``hansa env`` and ``hansa configure``: the administrator's key, for AWS's tools."""

from __future__ import annotations

import os
import sys
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


@click.command(cls=Command)
def env() -> None:
    """Print the shell exports with which AWS's tools talk to this installation.

    Use it as: eval "$(hansa env)". The exports hold the secret access key.
    """
    session = current()
    installation = session.installation()
    variables = shell_environment(installation.data_dir, access(installation), os.environ)
    link_hansa(installation.data_dir / "clients" / "bin")
    unset = unset_variables(os.environ)
    value = {"export": variables, "unset": list(unset)}
    session.screen.result(value, shell_script(variables, unset).rstrip("\n"))


@click.command(cls=Command)
@click.option("--profile", default=DEFAULT_PROFILE, show_default=True, help="Its name.")
@click.option("--force", is_flag=True, help="Replace a profile of that name; copies are kept.")
def configure(profile: str, force: bool) -> None:
    """Write an AWS profile with the administrator's key and this installation's endpoint."""
    session = current()
    installation = session.installation()
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
