"""Options that commands share: which network, member, node, channel is meant."""

from __future__ import annotations

import click

network_option = click.option(
    "--network", metavar="ID", help="Its id or name.  [default: the only one]"
)
member_option = click.option(
    "--member", metavar="ID", help="Its id or name.  [default: the only one]"
)
node_option = click.option("--node", metavar="ID", help="Its id.  [default: the first]")
channel_option = click.option(
    "--channel", metavar="NAME", help="Its name.  [default: the only one]"
)
