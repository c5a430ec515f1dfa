"""``hansa logs``."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from hansa.cli import processes
from hansa.cli.commandline import Command
from hansa.cli.session import current
from hansa.client.installation import ClientError, Installation

_POLL_SECONDS = 0.2


@click.command(cls=Command)
@click.argument("resource", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written from now on.")
@click.option("-n", "--lines", default=50, show_default=True, help="How many lines to begin with.")
def logs(resource: str | None, follow: bool, lines: int) -> None:
    """Show the log of the service, or of a RESOURCE: a network's, member's or node's id.

    The name of a single process (see `hansa status --json`) will do too.
    """
    session = current()
    files = _files(session.installation(), resource)
    if session.screen.json:
        session.screen.result({name: _tail(file, lines) for name, file in files.items()})
        return
    for name, file in files.items():
        prefix = f"{name}: " if len(files) > 1 else ""
        for line in _tail(file, lines):
            sys.stdout.write(prefix + line + "\n")
    if follow:
        _follow(files)


def _files(installation: Installation, resource: str | None) -> dict[str, Path]:
    if resource is None:
        return {"service": _existing(installation.service_log, "hansa up")}
    names = processes.names(installation)
    wanted = [name for name in names if name == resource or name.startswith(f"{resource}-")]
    if not wanted:
        there = ", ".join(names) or "none"
        raise ClientError(f"there are no logs of {resource}. There are logs of: {there}.")
    return {name: processes.log_file(installation, name) for name in wanted}


def _existing(file: Path, remedy: str) -> Path:
    if not file.exists():
        raise ClientError(f"there is no log {file} yet. `{remedy}` begins it.")
    return file


def _tail(file: Path, lines: int) -> list[str]:
    try:
        with file.open(errors="replace") as text:
            return [line.rstrip("\n") for line in deque(text, maxlen=max(lines, 0))]
    except FileNotFoundError:
        return []


def _follow(files: dict[str, Path]) -> None:
    """Print new lines until interrupted; a rotated file is left for the one in its place."""
    followed = {name: _new_lines(file) for name, file in files.items()}
    for lines in followed.values():
        next(lines)  # from the end of what is there now
    while True:
        for name, lines in followed.items():
            prefix = f"{name}: " if len(files) > 1 else ""
            for line in next(lines):
                sys.stdout.write(prefix + line)
        sys.stdout.flush()
        time.sleep(_POLL_SECONDS)


def _new_lines(file: Path) -> Iterator[list[str]]:
    """Each step gives what was added since the step before; the first gives nothing."""
    opened = _open(file)
    if opened is not None:
        opened.seek(0, 2)
    yield []
    while True:
        added = opened.readlines() if opened is not None else []
        if opened is None or _replaced(file, opened):
            newer = _open(file)
            if newer is not None:
                added += newer.readlines()
                opened = newer
        yield added


def _open(file: Path) -> TextIO | None:
    try:
        return file.open(errors="replace")
    except FileNotFoundError:
        return None


def _replaced(file: Path, opened: TextIO) -> bool:
    try:
        now = file.stat()
    except FileNotFoundError:
        return False
    held = os.fstat(opened.fileno())
    return now.st_ino != held.st_ino or now.st_size < opened.tell()
