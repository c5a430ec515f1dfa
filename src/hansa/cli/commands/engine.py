"""``hansa engine``."""

from __future__ import annotations

import os

import click

from hansa.cli.commandline import Group
from hansa.cli.engine_setup import install as install_now
from hansa.cli.exits import Exit
from hansa.cli.session import current


@click.group(cls=Group)
def engine() -> None:
    """The engine: Hyperledger Fabric's programs, built from pinned sources."""


@engine.command()
def install() -> None:
    """Build the engine into the user's cache, or what of it is missing.

    Minutes the first time, nothing afterwards. HANSA_ENGINE=DIR takes a folder of binaries instead.
    """
    session = current()
    made = install_now(session)
    session.screen.result({"root": made.root}, f"The engine is in {made.root}.")


@engine.command()
def status() -> int:
    """Say which engine is used, its versions, and what it lacks.

    Ends with 4 where there is none.
    """
    from hansa.engine import engine_status

    session = current()
    seen = engine_status(os.environ)
    session.screen.result(seen, str(seen))
    return Exit.OK
