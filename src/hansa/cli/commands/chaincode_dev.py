"""``hansa chaincode dev``: the contract changes with its source."""

from __future__ import annotations

import shlex
import signal
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from hansa.cli.commandline import Command
from hansa.cli.fabric import calls
from hansa.cli.options import member_option, network_option
from hansa.cli.session import current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hansa.cli.fabric import Calls
    from hansa.client.deployments import Deployment
    from hansa.client.development import Target
    from hansa.client.environment import MemberFacts

_CHANNEL = "dev"
"""The channel that is made where there is none."""


@click.command(cls=Command)
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path()
)
@network_option
@member_option
@click.option(
    "--channel",
    metavar="NAME",
    help=f"Its name; it is made if it is not there.  [default: the only one, else {_CHANNEL}]",
)
@click.option("--name", help="What it is called.  [default: as its project file has it]")
@click.option(
    "--language",
    type=click.Choice(["golang", "java", "node", "python"]),
    help="What it is written in.  [default: as its project file shows]",
)
@click.option("--policy", metavar="POLICY", help="Who has to endorse, as for deploy.")
@click.option("--collections", type=click.File(), help="A JSON file, as for deploy.")
@click.option(
    "--as-service",
    is_flag=True,
    help="Run it here, without a sandbox: a change takes about a second. Python and Node.js.",
)
def dev(
    folder: Path,
    network: str | None,
    member: str | None,
    channel: str | None,
    name: str | None,
    language: str | None,
    policy: str | None,
    collections: TextIO | None,
    as_service: bool,
) -> None:
    """Deploy the contract in FOLDER, by default the current one, anew whenever it changes.

    What it writes is shown, and where its source has a mistake, that; it goes on with the next
    change. Ctrl-C ends it. With --as-service it is deployed once, as a service that runs here.
    """
    from hansa.client.collections import read_collections
    from hansa.client.deployments import Deployment
    from hansa.client.sources import detect_language, project_name

    called = calls()
    chosen = language or detect_language(folder)
    called_name = name or project_name(folder, chosen)
    definition: dict[str, Any] = {"Name": called_name}
    if policy:
        definition["EndorsementPolicy"] = policy
    if collections:
        definition["Collections"] = read_collections(collections.read())
    facts = called.member(network, member)
    keys = {"NetworkId": facts.network_id, "MemberId": facts.member_id}
    step = called.session.screen.step
    place = _channel(called, facts, channel)
    deployment = Deployment(called.fabric, step, keys, place, definition)
    with ExitStack() as stack:
        target = (
            _served(stack, deployment, folder, chosen)
            if as_service
            else _deployed(called, deployment, folder, chosen)
        )
        stack.callback(target.close)
        _develop(called, target, folder, f"{called_name} on channel {place}")
    if target.is_deployed:
        _tell_end(called_name, place, folder if as_service else None)


def _tell_end(name: str, channel: str, served: Path | None) -> None:
    where = "."
    if served is not None:
        itself = f"hansa chaincode deploy {shlex.quote(str(served))} --channel {channel}"
        where = f", and answers while it is run here. `{itself}` lets it run by itself."
    current().screen.say(f"{name} stays deployed on channel {channel}{where}")


def _channel(called: Calls, facts: MemberFacts, wanted: str | None) -> str:
    """The channel that is wanted, or the only one, made where it is not there."""
    from hansa.client.api import all_pages

    listed = all_pages(called.fabric.list_channels, "Channels", NetworkId=facts.network_id)
    there = {str(item["Name"]) for item in listed}
    if wanted in there or (wanted is None and there):
        return called.channel(facts.network_id, wanted)
    name = wanted or _CHANNEL
    keys = {"NetworkId": facts.network_id, "MemberId": facts.member_id}
    called.follow(called.fabric.create_channel(**keys, Name=name))
    called.session.screen.say(f"Channel {name} was not there, and is made.")
    return name


def _deployed(called: Calls, deployment: Deployment, folder: Path, language: str) -> Target:
    from hansa.cli.commands.chaincode_logs import LogPrinter
    from hansa.client.chaincode_logs import OUTPUT, LogChoice, open_logs
    from hansa.client.contracts import open_package
    from hansa.client.development import DeployedTarget

    name = deployment.definition["Name"]
    keys = deployment.keys
    choice = LogChoice(keys["NetworkId"], deployment.channel, name, keys["MemberId"])
    readers = open_logs(called.api, called.fabric, choice, [OUTPUT])
    pack = partial(open_package, folder, name, language)
    return DeployedTarget(pack, deployment, readers, LogPrinter(called.session.screen).show)


def _served(stack: ExitStack, deployment: Deployment, folder: Path, language: str) -> Target:
    from hansa.chaincode.config import BuildError, load_config
    from hansa.cli.engine_setup import find_engine
    from hansa.cli.faults import tell
    from hansa.client.contract_service import (
        ContractService,
        ServicePlan,
        choose_address,
        plan_service,
        service_package,
    )
    from hansa.client.development import ServedTarget
    from hansa.client.installation import ClientError

    name = str(deployment.definition["Name"])
    address = choose_address(deployment.keys["NetworkId"], deployment.channel, name)
    package = service_package(name, address)
    scratch = Path(stack.enter_context(TemporaryDirectory(prefix="hansa-dev-")))

    def plan() -> ServicePlan:
        try:
            builders = load_config(find_engine().root / "builders" / "config.json")
            return plan_service(folder, language, builders, package, address, scratch)
        except BuildError as fault:
            raise ClientError(f"the contract cannot be run: {fault}.") from fault

    plan()  # what cannot be run at all is told at once
    service = ContractService(plan, folder, address)
    return ServedTarget(service, package, deployment, partial(tell, current().screen))


def _develop(called: Calls, target: Target, folder: Path, what: str) -> None:
    """Until Ctrl-C or SIGTERM."""
    from hansa.cli.faults import tell
    from hansa.client.development import changes_of, develop

    screen = called.session.screen
    screen.say(f"{what} follows {folder.resolve()}; Ctrl-C ends it.")
    with _ended_by_interrupt():
        develop(changes_of(folder), target, partial(tell, screen))


@contextmanager
def _ended_by_interrupt() -> Iterator[None]:
    def interrupt(_number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, former)
