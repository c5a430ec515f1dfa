"""``hansa client``: what the Fabric tools need."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

import click

from hansa.cli.commandline import Group
from hansa.cli.engine_setup import client_tools
from hansa.cli.options import member_option, network_option, node_option
from hansa.cli.session import current
from hansa.client.environment import MemberFacts, fabric_environment, shell_exports
from hansa.client.installation import Installation

PASSWORD_VARIABLE = "HANSA_ADMIN_PASSWORD"  # noqa: S105  # the variable's name

_home = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where admin-msp is, or will be.  [default: in the data directory, by member]",
)


@click.group(cls=Group)
def client() -> None:
    """Use peer, configtxgen and fabric-ca-client as a member."""


@client.command()
@network_option
@member_option
@node_option
@_home
def env(network: str | None, member: str | None, node: str | None, home: Path | None) -> None:
    """Print the shell exports with which the guide's commands run as printed.

    Use it as: eval "$(hansa client env)". Then `peer`, `configtxgen` and `fabric-ca-client` are on
    the PATH, and MSP, MSP_PATH, ORDERER, PEER, CA and CORE_PEER_… are set.
    """
    session = current()
    installation = session.installation()
    facts = _facts(installation, network, member, node)
    variables = _variables(installation, facts, home)
    session.screen.result(variables, shell_exports(variables).rstrip("\n"))


@client.command()
@network_option
@member_option
@_home
@click.option("--user", help="Who to enroll.  [default: the member's AdminUsername]")
@click.option(
    "--password-file",
    type=click.File(),
    help=f"A file with the password, - for stdin.  [default: ${PASSWORD_VARIABLE}, else asked]",
)
@click.option("--msp", default="admin-msp", show_default=True, help="The directory, below home.")
def enroll(
    network: str | None,
    member: str | None,
    home: Path | None,
    user: str | None,
    password_file: TextIO | None,
    msp: str,
) -> None:
    """Do step 4 of the guide: enroll, copy the certificates, copy the TLS chain."""
    from hansa.client.api import managedblockchain
    from hansa.client.enroll import copy_chain
    from hansa.client.enroll import enroll as enroll_user

    session = current()
    installation = session.installation()
    facts = _facts(installation, network, member, None)
    if user is None:
        keys = {"NetworkId": facts.network_id, "MemberId": facts.member_id}
        described = managedblockchain(installation).get_member(**keys)["Member"]
        user = str(described["FrameworkAttributes"]["Fabric"]["AdminUsername"])
    password = _password(user, password_file)
    place = _place(installation, facts, home)
    chain = copy_chain(installation.tls_chain, place)
    with session.screen.step(f"{user} enrolled") as step:
        variables = {**os.environ, **_variables(installation, facts, home)}
        directory = enroll_user(facts.ca, user, password, chain, place, variables, msp)
        step.detail = str(directory)
    session.screen.result(
        {"msp": directory, "tls_chain": chain, "member": facts.member_id, "user": user},
        f"The identity of {user} is in {directory}.",
        'Use it: eval "$(hansa client env'
        + (f" --home {place}" if home else "")
        + f' --network {facts.network_id} --member {facts.member_id})"',
    )


@client.command(context_settings={"ignore_unknown_options": True})
@network_option
@member_option
@node_option
@_home
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(
    network: str | None,
    member: str | None,
    node: str | None,
    home: Path | None,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND as the member: hansa client run -- peer channel list."""
    installation = current().installation()
    facts = _facts(installation, network, member, node)
    variables = {**os.environ, **_variables(installation, facts, home)}
    sys.stdout.flush()
    try:
        os.execvpe(command[0], list(command), variables)
    except FileNotFoundError:
        raise click.UsageError(f"there is no program {command[0]}") from None


def _facts(
    installation: Installation, network: str | None, member: str | None, node: str | None
) -> MemberFacts:
    from hansa.client.api import Choice, find_member, managedblockchain

    return find_member(managedblockchain(installation), Choice(network, member, node))


def _place(installation: Installation, facts: MemberFacts, home: Path | None) -> Path:
    from hansa.client.main_job import client_home

    return home.absolute() if home else client_home(installation, facts.member_id)


def _variables(installation: Installation, facts: MemberFacts, home: Path | None) -> dict[str, str]:
    place = _place(installation, facts, home)
    copied = place / installation.tls_chain.name
    chain = copied if copied.exists() else installation.tls_chain
    return fabric_environment(facts, client_tools(installation), place, chain, os.environ)


def _password(user: str, file: TextIO | None) -> str:
    if file is not None:
        return str(file.read()).rstrip("\n")
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    return str(click.prompt(f"Password of {user}", hide_input=True, err=True))
