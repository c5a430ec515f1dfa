"""``hansa up`` and ``hansa restart``."""

from __future__ import annotations

import os

import click

from hansa.cli import service
from hansa.cli.commandline import Command
from hansa.cli.engine_setup import ensure_engine
from hansa.cli.session import Session, current
from hansa.client.installation import ClientError, Installation, Service

_listen = click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Where the API listens.  [default: $HANSA_LISTEN, settings.json, 127.0.0.1:8590]",
)


@click.command(cls=Command)
@_listen
@click.option("--foreground", is_flag=True, help="Stay in the terminal; Ctrl-C ends the service.")
def up(listen: str | None, foreground: bool) -> None:
    """Start the service, and everything it ran before.

    The engine is installed first where it is missing. Does nothing where the service runs.
    """
    session = current()
    installation = session.installation(listen)
    holder = installation.lock_holder()
    if foreground:
        _refuse_second(installation, holder)
        ensure_engine(session)
        line = service.command(installation, listen)
        os.execv(line[0], line)
    if holder is not None:
        found = service.await_other(installation, holder)
        _check_address(found, listen)
        _report(session, installation, found, already=True)
        return
    ensure_engine(session)
    _report(session, installation, start(session, installation, listen), already=False)


@click.command(cls=Command)
@_listen
def restart(listen: str | None) -> None:
    """Restart the service alone; networks, members and nodes run on."""
    session = current()
    installation = session.installation(listen)
    with session.screen.step("Service stopped") as step:
        service.stop(installation, lambda text: step.tell(None, text))
    _report(session, installation, start(session, installation, listen), already=False)


def start(session: Session, installation: Installation, listen: str | None) -> Service:
    """Start the service, with a line of progress."""
    with session.screen.step("Service started") as step:
        started = service.start(installation, listen)
        step.detail = started.url
    return started


def _refuse_second(installation: Installation, holder: int | None) -> None:
    if holder is not None:
        raise ClientError(
            f"a service runs on {installation.data_dir} already: process {holder}. Two cannot "
            "share a data directory. Stop that one with `hansa down --keep-networks`, or give "
            "this one another --data-dir."
        )


def _check_address(found: Service, listen: str | None) -> None:
    if listen and not found.url.endswith(":" + listen.rpartition(":")[2]):
        raise ClientError(
            f"the service runs already, and listens at {found.url}, not at {listen}. "
            f"Move it with `hansa restart --listen {listen}`."
        )


def _report(session: Session, installation: Installation, found: Service, *, already: bool) -> None:
    administrator = installation.administrator()
    value = {
        "url": found.url,
        "pid": found.pid,
        "already_running": already,
        "account_id": administrator.account_id,
        "access_key_id": administrator.access_key_id,
        "data_dir": installation.data_dir,
    }
    session.screen.result(
        value,
        f"The service {'runs already' if already else 'runs'} at {found.url} "
        f"(process {found.pid}).",
        f"Account {administrator.account_id}, access key {administrator.access_key_id}; "
        f"its secret is in {administrator.file}.",
        'Use it from this shell: eval "$(hansa env)"',
    )
