"""``hansa identity``: who may sign in a member's name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from hansa.cli.commandline import Command, Group
from hansa.cli.fabric import calls
from hansa.cli.options import member_option, network_option

if TYPE_CHECKING:
    from hansa.cli.fabric import Calls

SECRET_VARIABLE = "HANSA_IDENTITY_SECRET"  # noqa: S105  # the variable's name


@click.group(cls=Group)
def identity() -> None:
    """Register, enroll and revoke identities of a member, and list them."""


@identity.command(cls=Command)
@click.argument("name")
@network_option
@member_option
@click.option(
    "--type",
    "kind",
    type=click.Choice(["admin", "client", "peer"]),
    default="client",
    show_default=True,
    help="What it is in the policies of channels.",
)
@click.option(
    "--attribute",
    "attributes",
    metavar="NAME=VALUE",
    multiple=True,
    help="For chaincode to decide by; with :ecert at its end, certificates carry it.",
)
@click.option(
    "--max-enrollments",
    type=click.IntRange(min=1),
    help="How often its secret is good for a certificate.  [default: any number of times]",
)
@click.option(
    "--secret-file",
    type=click.File(),
    help=f"A file with its secret, - for stdin.  [default: ${SECRET_VARIABLE}, else a new one]",
)
def register(
    name: str,
    network: str | None,
    member: str | None,
    kind: str,
    attributes: tuple[str, ...],
    max_enrollments: int | None,
    secret_file: TextIO | None,
) -> None:
    """Register an identity, and print the secret that it enrolls with.

    The secret is printed this once: the certificate authority keeps a hash.
    """
    from hansa.client.identities import read_attributes

    called, request = calls(), {"Name": name, "Type": kind}
    chosen: dict[str, Any] = {"Attributes": read_attributes(attributes)} if attributes else {}
    if max_enrollments:
        chosen["MaxEnrollments"] = max_enrollments
    secret = _given_secret(secret_file)
    if secret:
        chosen["Secret"] = secret
    answer = called.fabric.register_identity(**_keys(called, network, member), **request, **chosen)
    told = {key: answer[key] for key in ("Name", "Secret", "Arn")}
    called.session.screen.result(
        told,
        f"Identity {name} is registered. Its secret, printed this once: {answer['Secret']}",
        f"Have it certified: hansa identity enroll {name}",
    )


@identity.command(cls=Command)
@click.argument("name")
@network_option
@member_option
@click.option(
    "--secret-file",
    type=click.File(),
    help=f"A file with its secret, - for stdin.  [default: ${SECRET_VARIABLE}, else asked]",
)
@click.option(
    "--msp",
    type=click.Path(file_okay=False, path_type=Path),
    help="The directory to write.  [default: in the data directory, by member and name]",
)
def enroll(
    name: str,
    network: str | None,
    member: str | None,
    secret_file: TextIO | None,
    msp: Path | None,
) -> None:
    """Have a new key of an identity certified, and write an MSP directory that `peer` can use.

    The private key is made here, and is not sent to the service.
    """
    from hansa.client.identities import enroll_identity
    from hansa.client.main_job import client_home

    called = calls()
    installation, keys = called.session.installation(), _keys(called, network, member)
    home = client_home(installation, keys["MemberId"])
    target = (msp or home / "identities" / name / "msp").absolute()
    secret = _given_secret(secret_file)
    if secret is None:
        secret = str(click.prompt(f"Secret of {name}", hide_input=True, err=True))
    with called.session.screen.step(f"{name} enrolled") as step:
        chain = installation.tls_chain.read_bytes()
        enroll_identity(called.fabric, keys, name, secret, chain, target)
        step.detail = str(target)
    called.session.screen.result(
        {"Name": name, "Msp": str(target), **keys},
        f"The identity of {name} is in {target}.",
        f'Use it: eval "$(hansa client env --network {keys["NetworkId"]} --member '
        f'{keys["MemberId"]})"; export CORE_PEER_MSPCONFIGPATH={target}',
    )


@identity.command(cls=Command)
@click.argument("name")
@network_option
@member_option
def revoke(name: str, network: str | None, member: str | None) -> None:
    """Revoke an identity with all of its certificates, and wait until all channels know.

    Its name stays taken.
    """
    called = calls()
    answer = called.fabric.revoke_identity(**_keys(called, network, member), Name=name)
    called.session.screen.result(
        called.follow(answer), f"Identity {name} is revoked: what it signs is refused."
    )


@identity.command("list", cls=Command)
@network_option
@member_option
def list_identities(network: str | None, member: str | None) -> None:
    """List the identities of a member, whoever registered them."""
    from hansa.client.api import all_pages

    called = calls()
    keys = _keys(called, network, member)
    found = all_pages(called.fabric.list_identities, "Identities", **keys)
    rows = [
        (item["Name"], item["Type"], item["Status"], _attributes(item), _enrollments(item))
        for item in found
    ]
    called.session.screen.result(found)
    called.session.screen.table(("IDENTITY", "TYPE", "STATUS", "ATTRIBUTES", "ENROLLMENTS"), rows)


def _attributes(item: dict[str, Any]) -> str:
    words = [f"{each['Name']}={each['Value']}" for each in item.get("Attributes", [])]
    return " ".join(words) or "-"


def _enrollments(item: dict[str, Any]) -> str:
    return str(item.get("MaxEnrollments") or "any number")


def _keys(called: Calls, network: str | None, member: str | None) -> dict[str, str]:
    facts = called.member(network, member)
    return {"NetworkId": facts.network_id, "MemberId": facts.member_id}


def _given_secret(file: TextIO | None) -> str | None:
    """From a file or the environment, and never from an argument, which every user can list."""
    if file is not None:
        return str(file.read()).rstrip("\n")
    return os.environ.get(SECRET_VARIABLE)
