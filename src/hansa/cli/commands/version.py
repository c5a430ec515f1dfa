"""``hansa version``."""

from __future__ import annotations

import platform

import click

import hansa
from hansa.cli.commandline import Command
from hansa.cli.session import current


@click.command(cls=Command)
def version() -> None:
    """Print the version of hansa, of Python and of the system."""
    facts = {
        "hansa": hansa.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    current().screen.result(facts, *(f"{name} {value}" for name, value in facts.items()))
