"""``hansa chaincode``: contracts from a folder to a call, by the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from hansa.cli.commandline import Command, Group
from hansa.cli.commands.chaincode_calls import invoke, query
from hansa.cli.commands.chaincode_dev import dev
from hansa.cli.commands.chaincode_logs import logs
from hansa.cli.commands.chaincode_metrics import metrics
from hansa.cli.commands.chaincode_new import new
from hansa.cli.commands.chaincode_test import test
from hansa.cli.fabric import calls
from hansa.cli.options import channel_option, member_option, network_option
from hansa.cli.session import current

if TYPE_CHECKING:
    from collections.abc import Callable

    from hansa.cli.fabric import Calls
    from hansa.fabric.packages import Package

_LANGUAGES = ("ccaas", "golang", "java", "node", "python")
_KIB = 1024

_source = click.argument("source", type=click.Path(exists=True, path_type=Path))
_name = click.option("--name", help="What it is called.  [default: as its project file has it]")
_language = click.option(
    "--language",
    type=click.Choice(_LANGUAGES),
    help="What it is written in.  [default: as its project file shows]",
)
_output = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write.  [default: NAME.tar.gz]",
)
_keep = click.option(
    "--keep",
    metavar="NAME",
    multiple=True,
    help="A folder that is otherwise left out, such as node_modules to be installed offline.",
)


@click.group(cls=Group)
def chaincode() -> None:
    """Begin contracts, package them, deploy them on channels, and call them."""


chaincode.add_command(dev)
chaincode.add_command(invoke)
chaincode.add_command(logs)
chaincode.add_command(metrics)
chaincode.add_command(new)
chaincode.add_command(query)
chaincode.add_command(test)


_DEPLOYMENT = (
    _source,
    network_option,
    member_option,
    channel_option,
    _name,
    _language,
    click.option(
        "--policy",
        metavar="POLICY",
        help="Who has to endorse, such as \"OR('m-A.member', 'm-B.member')\".  "
        "[default: the channel's own, a majority of its members]",
    ),
    click.option(
        "--collections",
        type=click.File(),
        help="A JSON file of its private data collections, as for the peer command or as in the "
        "API.",
    ),
    click.option("--init", is_flag=True, help="Its first call has to be an initialization."),
    click.option(
        "--init-argument",
        "init_arguments",
        metavar="TEXT",
        multiple=True,
        help="Initialize it at once: the function, then once more for each of its arguments.",
    ),
    click.option(
        "--propose/--no-propose",
        default=None,
        help="Whether the network's members vote on it.  [default: where it takes the agreement of "
        "other accounts]",
    ),
    _keep,
)


def _deployment(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the argument and the options of :func:`_deploy`."""
    for option in reversed(_DEPLOYMENT):
        command = option(command)
    return command


@chaincode.command(cls=Command)
@_deployment
def deploy(**given: Any) -> None:
    """Deploy the contract in the folder SOURCE, or in a package, on a channel.

    It is built and installed on your nodes, approved for your members, and put in force. Changed
    source, or another option, makes the next version; what is the same already stays. Where members
    of other accounts have to agree, it becomes a proposal that the network's members vote on.
    """
    _deploy("deploy_chaincode", **given)


@chaincode.command(cls=Command)
@_deployment
def upgrade(**given: Any) -> None:
    """Deploy the next version of a contract that is in force on a channel.

    As deploy, but refused where no chaincode of that name is in force.
    """
    _deploy("upgrade_chaincode", **given)


def _deploy(
    call: str,
    source: Path,
    network: str | None,
    member: str | None,
    channel: str | None,
    name: str | None,
    language: str | None,
    policy: str | None,
    collections: TextIO | None,
    init: bool,
    init_arguments: tuple[str, ...],
    propose: bool | None,
    keep: tuple[str, ...],
) -> None:
    from hansa.client.collections import read_collections
    from hansa.client.deployments import upload

    called = calls()
    definition: dict[str, Any] = {}
    if policy:
        definition["EndorsementPolicy"] = policy
    if collections:
        definition["Collections"] = read_collections(collections.read())
    if init or init_arguments:
        definition["InitRequired"] = True
    facts = called.member(network, member)
    chosen = called.channel(facts.network_id, channel)
    package = _packed(source, name, language, keep)
    definition["Name"] = name or _name_of(package)
    upload(called.fabric, called.session.screen.step, package)
    keys = {"NetworkId": facts.network_id, "MemberId": facts.member_id}
    how: dict[str, Any] = {} if propose is None else {"Propose": propose}
    if init_arguments:
        how["InitArguments"] = init_arguments
    answer = getattr(called.fabric, call)(
        **keys, ChannelName=chosen, Definition=definition, PackageId=package.package_id, **how
    )
    if answer.get("ProposalId"):
        _report_proposal(called, answer, keys, f"Chaincode {definition['Name']} on {chosen}")
    else:
        asks = definition.get("InitRequired", False) and not init_arguments
        _report(called, called.follow(answer), keys["NetworkId"], chosen, definition["Name"], asks)


def _report_proposal(
    called: Calls, answer: dict[str, Any], keys: dict[str, str], what: str
) -> None:
    proposal_id, operation_id = answer["ProposalId"], answer["OperationId"]
    vote = f"vote-on-proposal --network-id {keys['NetworkId']} --proposal-id {proposal_id}"
    called.session.screen.result(
        {"OperationId": operation_id, "ProposalId": proposal_id},
        f"{what} waits for the votes on proposal {proposal_id}. Each member has one, yours, too:",
        "",
        f"  aws managedblockchain {vote} \\",
        f"      --voter-member-id {keys['MemberId']} --vote YES",
        "",
        "Approved, it is deployed for those that voted YES, and on their nodes. See how it goes:",
        "",
        f"  hansa operation show {operation_id} --wait",
    )


def _packed(source: Path, name: str | None, language: str | None, keep: tuple[str, ...]) -> Package:
    from hansa.client.contracts import open_package

    with current().screen.step("Packaged") as step:
        package = open_package(source, name, language, keep)
        step.detail = f"{package.language}, {len(package.content) / _KIB:.1f} KiB"
    return package


def _name_of(package: Package) -> str:
    """The chaincode's name where none is given: the label, which packages made here have it as."""
    from hansa.client.sources import chaincode_name

    return chaincode_name(package.label)


def _report(
    called: Calls,
    operation: dict[str, Any],
    network_id: str,
    channel: str,
    name: str,
    asks_for_init: bool,
) -> None:
    found = _find(called, network_id, channel, name)
    definition = found["Definition"]
    # Fabric 1's lifecycle has no sequence.
    sequence = f", sequence {definition['Sequence']}" if "Sequence" in definition else ""
    call = f"hansa chaincode {{}} {name} {{}} --channel {channel}"
    called.session.screen.result(
        {"Operation": operation, "Chaincode": found},
        f"Chaincode {name} is in force on channel {channel}, version "
        f"{definition['Version']}{sequence}. Call it:",
        "",
        *(
            [f"  {call.format('invoke', 'FUNCTION ARGUMENT… --init')}   # the initialization"]
            if asks_for_init and sequence
            else []
        ),
        f"  {call.format('query', 'org.hyperledger.fabric:GetMetadata')}   # its functions",
        f"  {call.format('invoke', 'FUNCTION ARGUMENT…')}",
    )


def _find(called: Calls, network_id: str, channel: str, name: str) -> dict[str, Any]:
    return next(
        item
        for item in _chaincodes(called, network_id, channel)
        if item["Definition"]["Name"] == name
    )


def _chaincodes(called: Calls, network_id: str, channel: str) -> list[dict[str, Any]]:
    from hansa.client.api import all_pages

    keys = {"NetworkId": network_id, "ChannelName": channel}
    return all_pages(called.fabric.list_chaincodes, "Chaincodes", **keys)


@chaincode.command(cls=Command)
@_source
@_output
@_name
@_language
@_keep
def package(
    source: Path,
    output: Path | None,
    name: str | None,
    language: str | None,
    keep: tuple[str, ...],
) -> None:
    """Pack the contract in the folder SOURCE into a file, for others to install.

    It is a package as `peer lifecycle chaincode install` and `hansa chaincode deploy` take it. The
    same source makes the same package.
    """
    from hansa.awsmodels.files import write_file

    session = current()
    made = _packed(source, name, language, keep)
    file = output or Path(f"{made.label}.tar.gz")
    write_file(file, made.content, 0o644)
    session.screen.result(
        {"File": str(file), "PackageId": made.package_id, "Language": made.language},
        f"{made.package_id} is in {file}.",
    )


@chaincode.command(cls=Command)
@click.argument("package_id")
@_output
def download(package_id: str, output: Path | None) -> None:
    """Fetch a package, to look at what a proposal would have run on your nodes.

    PACKAGE_ID is in the description of the proposal. It is given to those who are to vote on it,
    and to accounts that have it.
    """
    from hansa.awsmodels.files import write_file

    called = calls()
    found = called.fabric.get_package(PackageId=package_id)
    file = output or Path(f"{found['Package']['Label']}.tar.gz")
    write_file(file, found["Content"], 0o644)
    called.session.screen.result(
        {"File": str(file), "PackageId": package_id},
        f"{package_id} is in {file}; its code is in the code.tar.gz within.",
    )


@chaincode.command("list", cls=Command)
@network_option
@channel_option
def list_chaincodes(network: str | None, channel: str | None) -> None:
    """List the chaincode in force on a channel."""
    called = calls()
    network_id = called.network(network)
    found = _chaincodes(called, network_id, called.channel(network_id, channel))
    rows = [_row(item) for item in found]
    called.session.screen.result(found)
    head = ("CHAINCODE", "VERSION", "SEQUENCE", "APPROVED", "COLLECTIONS", "POLICY")
    called.session.screen.table(head, rows)


def _row(item: dict[str, Any]) -> tuple[str, ...]:
    definition = item["Definition"]
    approvals = item.get("Approvals", {})
    collections = definition.get("Collections", [])
    return (
        definition["Name"],
        definition["Version"],
        str(definition.get("Sequence", "-")),
        f"{sum(approvals.values())} of {len(approvals)}" if approvals else "-",
        " ".join(each["Name"] for each in collections) or "-",
        definition.get("EndorsementPolicy") or "the channel's",
    )
