"""What every command has: the data directory, the installation in it, and the screen."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hansa.cli.screen import Screen
from hansa.settings import default_data_directory

if TYPE_CHECKING:
    from hansa.client.installation import Installation


@dataclass
class Session:
    """One run of the command; made by the root group, filled by options wherever they stand."""

    data_dir: Path = field(default_factory=default_data_directory)
    screen: Screen = field(default_factory=Screen)

    def installation(self, listen: str | None = None) -> Installation:
        """The installation in the data directory. Raises ``ClientError`` on a bad setting."""
        from hansa.client.installation import open_installation

        return open_installation(self.data_dir.absolute(), os.environ, listen)


def current() -> Session:
    """The session of the command that runs now."""
    return click.get_current_context().ensure_object(Session)
