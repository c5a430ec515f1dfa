"""``hansa chaincode logs``: what contracts write, and what their builds said."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from hansa.cli.commandline import Command
from hansa.cli.fabric import calls
from hansa.cli.options import channel_option, member_option, network_option
from hansa.cli.screen import plain

if TYPE_CHECKING:
    from hansa.cli.screen import Screen
    from hansa.client.chaincode_logs import LogReader

_POLL_SECONDS, _POLL_SECONDS_MAX = 0.2, 1.6
_SOURCES = {"build": "BUILD", "output": "OUTPUT"}


@click.command(cls=Command)
@click.argument("name")
@network_option
@member_option
@channel_option
@click.option("--node", metavar="ID", help="Its id.  [default: all of yours in the channel]")
@click.option(
    "--only", type=click.Choice([*_SOURCES]), help="One of the two logs.  [default: both]"
)
@click.option("-f", "--follow", is_flag=True, help="Go on with what it writes from now on.")
@click.option("-n", "--lines", default=50, show_default=True, help="How many lines to begin with.")
def logs(
    name: str,
    network: str | None,
    member: str | None,
    channel: str | None,
    node: str | None,
    only: str | None,
    follow: bool,
    lines: int,
) -> None:
    """Show what chaincode NAME wrote to stdout and stderr, and what its last build said.

    Each of your nodes runs the chaincode by itself, so each has its logs.
    """
    from hansa.client.chaincode_logs import LogChoice, open_logs

    called = calls()
    network_id = called.network(network)
    chosen = called.channel(network_id, channel)
    choice = LogChoice(network_id, chosen, name, member, node)
    sources = [_SOURCES[only]] if only else [*_SOURCES.values()]
    readers = open_logs(called.api, called.fabric, choice, sources)
    found = [(reader, reader.last(lines)) for reader in readers]
    screen = called.session.screen
    screen.result([_told(reader, text) for reader, text in found])
    if screen.json:
        return
    printer = LogPrinter(screen)
    for reader, text in found:
        printer.show(reader, text)
    if follow:
        _follow(printer, [reader for reader, _ in found if reader.source == "OUTPUT"])
    elif printer.is_empty:
        screen.say(f"{name} has written nothing yet, and no build of it has said anything.")


def _told(reader: LogReader, lines: list[str]) -> dict[str, Any]:
    return {"Node": reader.node_id, "Source": reader.source, "Lines": lines}


class LogPrinter:
    """Prints the lines of several logs, with a heading where another one begins."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._heading = ""

    @property
    def is_empty(self) -> bool:
        return not self._heading

    def show(self, reader: LogReader, lines: list[str]) -> None:
        heading = f"==> {reader.source.lower()} on {reader.node_id} <=="
        if lines and heading != self._heading:
            self._heading = heading
            self._screen.out.print(heading, markup=False, style="bold", soft_wrap=True)
        for line in lines:
            self._screen.out.print(plain(line), markup=False, soft_wrap=True)


def _follow(printer: LogPrinter, readers: list[LogReader]) -> None:
    pause = _POLL_SECONDS
    while True:
        is_quiet = True
        for reader in readers:
            lines = reader.more()
            printer.show(reader, lines)
            is_quiet = is_quiet and not lines
        pause = min(2 * pause, _POLL_SECONDS_MAX) if is_quiet else _POLL_SECONDS
        time.sleep(pause)
