"""``hansa demo``: the main job, with its progress on the screen."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hansa.cli import service
from hansa.cli.commandline import Command
from hansa.cli.commands.up import start
from hansa.cli.engine_setup import client_tools, ensure_engine
from hansa.cli.session import Session, current
from hansa.client.examples import examples_directory, prepare_go_example
from hansa.client.installation import Service
from hansa.settings import default_data_directory

if TYPE_CHECKING:
    from hansa.client.main_job import Outcome


@click.command(cls=Command)
@click.option("--listen", metavar="HOST:PORT", help="Where the API listens, if it is started.")
@click.option(
    "--chaincode",
    type=click.Choice(["auto", "node", "go"]),
    default="auto",
    show_default=True,
    help="AssetContract (node), or chaincode_example02 (go); auto takes node where it is.",
)
def demo(listen: str | None, chaincode: str) -> None:
    """Take this installation to a committed transaction: service, network, channel, chaincode.

    What is there already is used, so a second run takes seconds, and an interrupted one goes on.
    """
    from hansa.client.api import managedblockchain
    from hansa.client.main_job import MainJob

    session = current()
    installation = session.installation(listen)
    began = session.screen.clock()
    ensure_engine(session)
    found = service.running(installation)
    if found is None:
        found = start(session, installation, listen)
    else:
        session.screen.done("Service started", f"{found.url}, was there")
    language = _language(chaincode)
    tools = client_tools(installation)
    examples = examples_directory()
    environment = dict(os.environ)
    if language == "golang":
        own = installation.data_dir / "clients" / "gopath"
        prepare_go_example(own, examples)
        environment["GOPATH"] = f"{own}:{environment.get('GOPATH', '')}".rstrip(":")
    job = MainJob(
        installation=installation,
        api=managedblockchain(installation),
        tools=tools,
        examples=examples,
        language=language,
        environment=environment,
        progress=session.screen.step,
    )
    outcome = job.run()
    _report(session, found, outcome, session.screen.clock() - began)


def _language(chosen: str) -> str:
    if chosen == "auto":
        chosen = "node" if shutil.which("node") else "go"
    return {"node": "node", "go": "golang"}[chosen]


def _report(session: Session, found: Service, outcome: Outcome, seconds: float) -> None:
    from hansa.client.main_job import CHANNEL

    member = outcome.member
    value = {
        "url": found.url,
        "network_id": member.network_id,
        "member_id": member.member_id,
        "node_id": member.node_id,
        "channel": CHANNEL,
        "chaincode": outcome.chaincode,
        "answer": outcome.answer,
        "seconds": round(seconds, 2),
    }
    session.screen.result(value, *_next_steps(session, found, outcome, seconds))


def _next_steps(session: Session, found: Service, outcome: Outcome, seconds: float) -> list[str]:
    from hansa.client.main_job import CHANNEL, NETWORK

    there = shutil.which("hansa")
    program = there or str(Path(sys.executable).with_name("hansa"))
    call = "hansa" if there else os.path.relpath(program)
    if session.data_dir != default_data_directory():
        call += f" --data-dir {session.data_dir}"
    arguments = json.dumps({"Args": outcome.question})
    steps = [
        (f'eval "$({call} env)"', f"this shell now talks to {found.url}"),
        ("aws managedblockchain list-networks", ""),
        ('eval "$(hansa client env)"', "peer, configtxgen, fabric-ca-client as the member"),
        (f"peer chaincode query -C {CHANNEL} -n {outcome.chaincode} -c '{arguments}'", ""),
        ("hansa status", "also: hansa logs, hansa doctor; hansa down stops everything"),
    ]
    return [
        "",
        f"{NETWORK} has committed a transaction on real Fabric ({seconds:.1f} s in all). Go on:",
        "",
        *(f"  {step:<36} {f'# {note}' if note else ''}".rstrip() for step, note in steps),
        *([] if there else ["", f"To have `hansa` in every shell: ln -s {program} ~/.local/bin/"]),
    ]
