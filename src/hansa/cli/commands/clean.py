"""``hansa clean``."""

from __future__ import annotations

import shutil

import click

from hansa.cli.commandline import Command
from hansa.cli.commands.down import stop_all
from hansa.cli.session import current
from hansa.client.installation import ClientError

_SIGNS = ("service.lock", "hansa.db", "administrator.json")


@click.command(cls=Command)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--engine", is_flag=True, help="Delete the installed engine too.")
def clean(yes: bool, engine: bool) -> None:
    """Stop everything and delete the installation: ledgers, keys, logs. There is no way back."""
    session = current()
    installation = session.installation()
    directory = installation.data_dir
    removed: list[str] = []
    if directory.exists():
        if not any((directory / sign).exists() for sign in _SIGNS) and any(directory.iterdir()):
            raise ClientError(
                f"{directory} does not look like Hansa's: it holds none of {', '.join(_SIGNS)}. "
                "It is left alone; delete it by hand if it is to go."
            )
        if not yes:
            click.confirm(
                f"Delete {directory} with every ledger and key in it?", abort=True, err=True
            )
        stop_all(session, installation)
        shutil.rmtree(directory)
        removed.append(str(directory))
    if engine:
        from hansa.cli.engine_setup import remove_engine

        removed += remove_engine()
    lines = [f"Deleted {path}." for path in removed] or ["There was nothing to delete."]
    session.screen.result({"deleted": removed}, *lines)
