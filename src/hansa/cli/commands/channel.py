"""``hansa channel``: channels by the API, with its operations shown step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hansa.cli.commandline import Command, Group
from hansa.cli.commands.channel_changes import (
    add_member,
    leave,
    remove_member,
    set_anchor_peers,
    set_consenters,
    tell,
    update,
)
from hansa.cli.fabric import calls
from hansa.cli.options import member_option, network_option
from hansa.client.installation import NotReadyError

if TYPE_CHECKING:
    from hansa.cli.fabric import Calls


@click.group(cls=Group)
def channel() -> None:
    """Make channels, look at them, change them, and join nodes to them."""


channel.add_command(update)
channel.add_command(add_member)
channel.add_command(remove_member)
channel.add_command(set_anchor_peers)
channel.add_command(set_consenters)
channel.add_command(leave)


@channel.command(cls=Command)
@click.argument("name")
@network_option
@member_option
@click.option(
    "--with",
    "others",
    metavar="ID",
    multiple=True,
    help="Another member that takes part, by id or name; as often as there are.",
)
@click.option(
    "--capability",
    type=click.Choice(["V1_4_2", "V2_0", "V2_5"]),
    help="What the channel can do; V1_4_2 has Fabric 1's lifecycle.  [default: V2_0]",
)
@click.option("--dry-run", is_flag=True, help="Make nothing; show what would be made.")
def create(
    name: str,
    network: str | None,
    member: str | None,
    others: tuple[str, ...],
    capability: str | None,
    dry_run: bool,
) -> None:
    """Make a channel, and join the available nodes of your members to it."""
    from hansa.client.api import find_members

    called = calls()
    facts = called.member(network, member)
    chosen: dict[str, Any] = {"Capability": capability} if capability else {}
    members = find_members(called.api, facts.network_id, others)
    if members:
        chosen["Members"] = members
    if dry_run:
        chosen["DryRun"] = True
    answer = called.fabric.create_channel(
        NetworkId=facts.network_id, MemberId=facts.member_id, Name=name, **chosen
    )
    tell(
        called,
        answer,
        f"Channel {name} is there. Deploy a contract: hansa chaincode deploy FOLDER "
        f"--channel {name}",
    )


@channel.command("list", cls=Command)
@network_option
def list_channels(network: str | None) -> None:
    """List the channels that members of your account take part in."""
    from hansa.client.api import all_pages

    called = calls()
    found = all_pages(called.fabric.list_channels, "Channels", NetworkId=called.network(network))
    rows = [(item["Name"], str(item["Height"]), " ".join(item["Members"])) for item in found]
    called.session.screen.result(found)
    called.session.screen.table(("CHANNEL", "BLOCKS", "MEMBERS"), rows)


@channel.command(cls=Command)
@click.argument("name")
@network_option
def show(name: str, network: str | None) -> None:
    """Show a channel as its ledger has it: members, nodes, blocks, policies."""
    called = calls()
    screen = called.session.screen
    keys = {"NetworkId": called.network(network), "ChannelName": name}
    found = called.fabric.get_channel(**keys)["Channel"]
    batches = ", ".join(f"{key} {value}" for key, value in found.get("Batches", {}).items())
    screen.result(
        found,
        f"Channel     {found['Name']}, {found['Height']} blocks",
        f"Network     {found['NetworkId']}",
        f"Capability  {found['Capability']}",
        f"Batches     {batches}",
        *(f"Orderer     {endpoint}" for endpoint in found.get("Consenters", [])),
        *(f"Policy      {key}: {rule}" for key, rule in found.get("Policies", {}).items()),
        *(f"Access      {key}: {policy}" for key, policy in found.get("Acls", {}).items()),
    )
    anchors = {item["MemberId"]: item.get("AnchorPeers", []) for item in found["Members"]}
    rows = [
        (member, "member", " ".join(peers) or "no anchor peer") for member, peers in anchors.items()
    ]
    rows += [
        (item["NodeId"], f"node of {item['MemberId']}", f"{item['Height']} blocks")
        for item in found.get("Nodes", [])
    ]
    screen.table(("WHO", "WHAT", "STATE"), rows)


@channel.command(cls=Command)
@click.argument("name")
@network_option
@member_option
@click.option("--node", metavar="ID", help="Which.  [default: all of the member's that have not]")
def join(name: str, network: str | None, member: str | None, node: str | None) -> None:
    """Join nodes of your member to a channel that it takes part in."""
    called = calls()
    facts = called.member(network, member)
    nodes = [node] if node else _not_joined(called, facts.network_id, facts.member_id, name)
    done = [
        called.follow(
            called.fabric.join_channel(NetworkId=facts.network_id, ChannelName=name, NodeId=each)
        )
        for each in nodes
    ]
    told = ", ".join(nodes) if nodes else f"All available nodes of {facts.member_id}"
    called.session.screen.result(done, f"{told}: joined to channel {name}.")


def _not_joined(called: Calls, network_id: str, member_id: str, name: str) -> list[str]:
    """The available nodes of a member that are not in the channel yet."""
    from hansa.client.api import all_pages

    found = called.fabric.get_channel(NetworkId=network_id, ChannelName=name)["Channel"]
    joined = {item["NodeId"] for item in found.get("Nodes", [])}
    keys = {"NetworkId": network_id, "MemberId": member_id}
    available = [
        str(item["Id"])
        for item in all_pages(called.api.list_nodes, "Nodes", **keys)
        if item["Status"] == "AVAILABLE"
    ]
    if not available:
        raise NotReadyError(
            f"member {member_id} has no node that is AVAILABLE. Make one with "
            "`aws managedblockchain create-node`; `hansa status` shows how far it is."
        )
    return [each for each in available if each not in joined]
