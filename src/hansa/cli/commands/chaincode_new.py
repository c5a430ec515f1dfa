"""``hansa chaincode new``: a contract to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from hansa.cli.commandline import Command
from hansa.cli.session import current
from hansa.client.templates import TEMPLATES, write_contract


@click.command(cls=Command)
@click.argument("language", type=click.Choice([*TEMPLATES]))
@click.argument("name")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
def new(language: str, name: str, folder: Path | None) -> None:
    """Write a small contract with its tests into FOLDER, by default a new one called NAME.

    It can be tested without a peer, and deployed as it is.
    """
    place = folder or Path(name)
    files = write_contract(language, name, place)
    template = TEMPLATES[language]
    where = shlex.quote(str(place))
    current().screen.result(
        {"Folder": str(place), "Language": language, "Files": files},
        f"{place} has {', '.join(files)}. Go on:",
        "",
        f"  hansa chaincode test {where}",
        f"  hansa chaincode deploy {where} --channel CHANNEL",
        f"  hansa chaincode invoke {name} {template.create} i1 Ann --channel CHANNEL",
    )
