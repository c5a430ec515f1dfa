"""``hansa chaincode metrics``: what the nodes have counted of a contract."""

from __future__ import annotations

from typing import Any

import click

from hansa.cli.commandline import Command
from hansa.cli.fabric import calls
from hansa.cli.options import channel_option, network_option

_HEAD = (
    "NODE", "CALLS", "FAILED", "MEAN ms", "STATE REQUESTS", "STARTS", "TIMEOUTS", "TRANSACTIONS",
)  # fmt: skip


@click.command(cls=Command)
@click.argument("name")
@network_option
@channel_option
def metrics(name: str, network: str | None, channel: str | None) -> None:
    """Show how chaincode NAME does: calls, their mean time, starts, and transactions by outcome.

    Each of your nodes counts from its own start.
    """
    called = calls()
    network_id = called.network(network)
    found = called.fabric.get_chaincode_metrics(
        NetworkId=network_id,
        ChannelName=called.channel(network_id, channel),
        ChaincodeName=name,
    )["Nodes"]
    called.session.screen.result(found)
    called.session.screen.table(_HEAD, [_row(node) for node in found])


def _row(node: dict[str, Any]) -> tuple[str, ...]:
    count, starts = node["Calls"], str(node["Starts"])
    if node["FailedStarts"]:
        starts += f", {node['FailedStarts']} failed"
    transactions = sorted(node["Transactions"].items(), key=lambda one: -one[1])
    return (
        node["NodeId"],
        str(count),
        str(node["FailedCalls"]),
        f"{1000 * node['CallSeconds'] / count:.1f}" if count else "-",
        str(node["StateRequests"]),
        starts,
        str(node["Timeouts"]),
        " ".join(f"{number} {code}" for code, number in transactions) or "-",
    )
