"""Click, as every hansa command uses it: shared options anywhere, commands loaded late."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from hansa.cli.session import Session


def _set_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Session).screen.json = True


def _set_data_dir(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.ensure_object(Session).data_dir = value


def _shared_options() -> list[click.Parameter]:
    """``--json`` and ``--data-dir``, understood before and after a command's name."""
    return [
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_set_json,
            help="Print the result as JSON.",
        ),
        click.Option(
            ["--data-dir"],
            type=click.Path(file_okay=False, path_type=Path),
            expose_value=False,
            callback=_set_data_dir,
            help="The installation's directory.  [default: $HANSA_DATA_DIR, or "
            "hansa in the user's data directory]",
        ),
    ]


class Command(click.Command):
    """A command that takes the shared options too."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params.extend(_shared_options())


class Group(click.Group):
    """A group whose commands are :class:`Command`; some may be loaded only when called."""

    command_class = Command

    def __init__(self, *args: Any, late: Mapping[str, str] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params.extend(_shared_options())
        self._late = dict(late or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._late})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self._late.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, name = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


Group.group_class = Group
