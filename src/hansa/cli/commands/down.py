"""``hansa down``."""

from __future__ import annotations

import click

from hansa.cli import processes, service
from hansa.cli.commandline import Command
from hansa.cli.session import Session, current
from hansa.client.installation import Installation


@click.command(cls=Command)
@click.option(
    "--keep-networks", is_flag=True, help="Stop the service alone; Fabric's processes run on."
)
def down(keep_networks: bool) -> None:
    """Stop the service and every Fabric process of this installation.

    All data stays: `hansa up` brings everything back as it was.
    """
    session = current()
    pid, stopped = stop_all(session, session.installation(), keep_networks=keep_networks)
    lines = ["The service is stopped." if pid else "The service did not run."]
    if not keep_networks:
        lines.append(f"Fabric processes stopped: {len(stopped)}. All data is kept.")
    session.screen.result({"service": pid, "stopped": stopped}, *lines)


def stop_all(
    session: Session, installation: Installation, *, keep_networks: bool = False
) -> tuple[int | None, list[str]]:
    """Stop the service, then its Fabric processes; the service's pid, and their names."""
    pid: int | None = None
    if installation.lock_holder() is not None:
        with session.screen.step("Service stopped") as step:
            pid = service.stop(installation, lambda text: step.tell(None, text))
    stopped: list[str] = []
    if not keep_networks and processes.names(installation):
        with session.screen.step("Fabric processes stopped") as step:
            stopped = processes.stop_all(installation, lambda name, share: step.tell(share, name))
            step.detail = str(len(stopped))
    return pid, stopped
