"""``hansa channel update``, ``add-member`` and the like: changes of a channel, and previews."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from hansa.cli.commandline import Command
from hansa.cli.fabric import Calls, calls
from hansa.cli.options import member_option, network_option
from hansa.client.installation import ClientError

_Callback = Callable[..., Any]

_OUTCOMES = {
    "AT_ONCE": "It would be done at once.",
    "PROPOSAL": "It would become a proposal of the network, for its members to vote on.",
    "NO_CHANGE": "There is nothing to change.",
    "REFUSED": "It would be refused.",
}


def _change_options(callback: _Callback) -> _Callback:
    """What all changes take."""
    decorators = (
        click.argument("name"),
        network_option,
        member_option,
        click.option("--dry-run", is_flag=True, help="Change nothing; show what would change."),
    )
    for decorator in reversed(decorators):
        callback = decorator(callback)
    return callback


@click.command(cls=Command)
@_change_options
@click.option("--timeout", metavar="TIME", help="How long a block waits, such as 20ms or 2s.")
@click.option("--max-messages", type=int, help="The transactions that a block holds at most.")
@click.option("--preferred-bytes", type=int, help="The size that a block is closed at.")
@click.option("--absolute-bytes", type=int, help="The size of the largest transaction.")
@click.option("--capability", type=click.Choice(["V1_4_2", "V2_0", "V2_5"]), help="Raise it.")
@click.option(
    "--policy",
    "policies",
    metavar="NAME=RULE",
    multiple=True,
    help="Such as Endorsement='ANY Endorsement'; nothing after = takes it away.",
)
@click.option(
    "--acl",
    "acls",
    metavar="RESOURCE=POLICY",
    multiple=True,
    help="Such as peer/Propose=Writers; nothing after = is Fabric's own.",
)
def update(
    name: str,
    network: str | None,
    member: str | None,
    dry_run: bool,
    capability: str | None,
    policies: tuple[str, ...],
    acls: tuple[str, ...],
    **batches: Any,
) -> None:
    """Change a channel's batches, capability, policies or access."""
    keys = {
        "timeout": "Timeout",
        "max_messages": "MaxMessageCount",
        "preferred_bytes": "PreferredMaxBytes",
        "absolute_bytes": "AbsoluteMaxBytes",
    }
    chosen = {
        "Batches": {keys[key]: value for key, value in batches.items() if value is not None},
        "Capability": capability,
        "Policies": _pairs("--policy", policies),
        "Acls": _pairs("--acl", acls),
    }
    given = {key: value for key, value in chosen.items() if value}
    if not given:
        raise ClientError("nothing is to be changed. `hansa channel update --help` shows what can.")
    called, target = _target(name, network, member, dry_run=dry_run)
    answer = called.fabric.update_channel(**target, **given)
    tell(called, answer, f"Channel {name} is changed.")


@click.command("add-member", cls=Command)
@_change_options
@click.argument("added", metavar="MEMBER")
def add_member(
    name: str, network: str | None, member: str | None, dry_run: bool, added: str
) -> None:
    """Take MEMBER of the network into channel NAME."""
    called, target = _target(name, network, member, dry_run=dry_run)
    added_id = _member_id(called, target["NetworkId"], added)
    answer = called.fabric.add_channel_member(**target, AddedMemberId=added_id)
    tell(called, answer, f"{added_id} takes part in channel {name}. Its nodes can join.")


@click.command("remove-member", cls=Command)
@_change_options
@click.argument("removed", metavar="MEMBER")
def remove_member(
    name: str, network: str | None, member: str | None, dry_run: bool, removed: str
) -> None:
    """Take MEMBER out of channel NAME; its peers keep what they have, and get nothing more."""
    called, target = _target(name, network, member, dry_run=dry_run)
    removed_id = _member_id(called, target["NetworkId"], removed)
    answer = called.fabric.remove_channel_member(**target, RemovedMemberId=removed_id)
    tell(called, answer, f"{removed_id} takes part in channel {name} no more.")


@click.command("set-anchor-peers", cls=Command)
@_change_options
@click.argument("nodes", metavar="NODE...", nargs=-1, required=True)
def set_anchor_peers(
    name: str, network: str | None, member: str | None, dry_run: bool, nodes: tuple[str, ...]
) -> None:
    """Name the nodes of your member that other members' peers in channel NAME turn to."""
    called, target = _target(name, network, member, dry_run=dry_run)
    answer = called.fabric.set_anchor_peers(**target, NodeIds=list(nodes))
    tell(called, answer, f"The anchor peers in channel {name} are {', '.join(nodes)}.")


@click.command("set-consenters", cls=Command)
@_change_options
@click.argument("endpoints", metavar="ENDPOINT...", nargs=-1, required=True)
def set_consenters(
    name: str, network: str | None, member: str | None, dry_run: bool, endpoints: tuple[str, ...]
) -> None:
    """Name the orderers, as HOST:PORT, that order channel NAME; `hansa channel show` has them."""
    called, target = _target(name, network, member, dry_run=dry_run)
    answer = called.fabric.set_consenters(**target, Consenters=list(endpoints))
    tell(called, answer, f"Channel {name} is ordered by {', '.join(endpoints)}.")


@click.command(cls=Command)
@click.argument("name")
@click.argument("node")
@network_option
def leave(name: str, node: str, network: str | None) -> None:
    """Take NODE out of channel NAME, and delete what it has of it. It is down for a moment."""
    called = calls()
    answer = called.fabric.leave_channel(
        NetworkId=called.network(network), ChannelName=name, NodeId=node
    )
    called.session.screen.result(called.follow(answer), f"{node} has left channel {name}.")


def _target(
    name: str, network: str | None, member: str | None, *, dry_run: bool
) -> tuple[Calls, dict[str, Any]]:
    """The clients, and what a request for any change of channel ``name`` says."""
    called = calls()
    facts = called.member(network, member)
    keys = {"NetworkId": facts.network_id, "MemberId": facts.member_id}
    return called, {**keys, "ChannelName": name, "DryRun": dry_run}


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    for name, mark, _ in pairs:
        if not mark or not name:
            raise ClientError(f"{option} takes a name, = and a policy, not {name!r}.")
    return {name: value for name, _, value in pairs}


def _member_id(called: Calls, network_id: str, wanted: str) -> str:
    from hansa.client.api import find_members

    return find_members(called.api, network_id, [wanted])[0]


def tell(called: Calls, answer: dict[str, Any], done: str) -> None:
    """A preview; a proposal to vote on; or the operation, followed to its end."""
    screen = called.session.screen
    if preview := answer.get("Preview"):
        screen.result(preview)
        _show(called, preview)
    elif proposal := answer.get("ProposalId"):
        screen.result(
            {"OperationId": answer["OperationId"], "ProposalId": proposal},
            f"It takes the agreement of other members: proposal {proposal} awaits their votes, "
            "and yours. Vote with `aws managedblockchain vote-on-proposal`; "
            f"`hansa operation show {answer['OperationId']} --wait` waits for it.",
        )
    else:
        screen.result(called.follow(answer), done)


def _show(called: Calls, preview: dict[str, Any]) -> None:
    screen = called.session.screen
    if screen.json:
        return
    lines = [
        (item["Path"], item.get("Before") or "-", item.get("After") or "-")
        for item in preview.get("Differences", [])
    ]
    if lines:
        screen.table(("WHERE", "BEFORE", "AFTER"), lines)
    for item in preview.get("Unsatisfiable", []):
        screen.result(
            preview,
            f"Nobody could satisfy {item['Where']} any more ({item.get('Policy') or 'gone'}); "
            f"missing: {item['Missing']}.",
        )
    if unchecked := preview.get("Unchecked"):
        screen.result(preview, f"Policies of chaincode were not looked at: {unchecked}.")
    screen.result(preview, *_quorum(preview), *_agreement(preview), _OUTCOMES[preview["Outcome"]])


def _quorum(preview: dict[str, Any]) -> list[str]:
    quorum = preview.get("Quorum")
    if quorum is None:
        return []
    goes_on = "goes on" if quorum["ToleratesLoss"] else "does not go on"
    told = (
        f"{quorum['Needed']} of its {quorum['Consenters']} orderers have to run, and "
        f"{quorum['Running']} run now: the channel {goes_on} if one of them stops."
    )
    refusal = quorum.get("Refusal")
    return [told, f"It would lose its quorum: {refusal}."] if refusal else [told]


def _agreement(preview: dict[str, Any]) -> list[str]:
    agreement = preview["Agreement"]
    if not preview.get("Differences"):
        return []
    members, needed = agreement["Members"], agreement.get("Needed")
    if needed is None:
        return ["No set of the channel's members can agree on it: see its policies."]
    lines = [f"It takes {needed} of {len(members)} members: {', '.join(members)}."]
    if indispensable := agreement.get("Indispensable"):
        lines.append(f"Not without {', '.join(indispensable)}.")
    return lines
