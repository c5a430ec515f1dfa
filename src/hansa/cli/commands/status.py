"""``hansa status``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
import psutil

from hansa.cli import processes, service
from hansa.cli.commandline import Command
from hansa.cli.exits import Exit
from hansa.cli.session import Session, current
from hansa.client.installation import Installation, Service

MIB = 1024 * 1024
Resource = dict[str, Any]


@click.command(cls=Command)
def status() -> int:
    """Show what runs: service, networks, members, nodes, health, endpoints, memory.

    Ends with 3 where the service does not run, 0 otherwise.
    """
    from botocore.exceptions import BotoCoreError
    from botocore.exceptions import ClientError as ApiError

    from hansa.client.api import describe, describe_networks, managedblockchain

    session = current()
    installation = session.installation()
    found = service.running(installation)
    value: Resource = {
        "data_dir": installation.data_dir,
        "service": _service_facts(found) if found else None,
        "processes": [asdict(process) for process in processes.look(installation)],
    }
    if found:
        try:
            value["networks"] = describe_networks(managedblockchain(installation))
        except (ApiError, BotoCoreError) as fault:
            value["error"] = describe(fault)
    session.screen.result(value)
    if not session.screen.json:
        _show(session, installation, value)
    return Exit.OK if found else Exit.NOT_RUNNING


def _service_facts(found: Service) -> Resource:
    try:
        memory = psutil.Process(found.pid).memory_info().rss
    except psutil.Error:
        memory = 0
    return {
        "url": found.url,
        "pid": found.pid,
        "started": found.started,
        "healthy": service.answers(found.url),
        "rss_bytes": memory,
    }


def _show(session: Session, installation: Installation, value: Resource) -> None:
    screen = session.screen
    found = value["service"]
    if found is None:
        screen.result(
            None, f"The service of {installation.data_dir} is not running. Start it: hansa up"
        )
    else:
        health = "answers" if found["healthy"] else "does not answer"
        screen.result(
            None,
            f"Service    {found['url']}  process {found['pid']}, {health}, "
            f"{found['rss_bytes'] / MIB:.0f} MiB, since {found['started']}",
            f"Data       {installation.data_dir}",
        )
    if "error" in value:
        screen.result(None, f"The API refused: {value['error']}")
    memory = {process["resource_id"]: 0 for process in value["processes"]}
    for process in value["processes"]:
        memory[process["resource_id"]] += process["rss_bytes"]
    if value.get("networks"):
        _show_networks(session, value["networks"], memory)
    elif found:
        screen.result(None, "There are no networks. `hansa demo` makes one.")
    running = [item for item in value["processes"] if item["pid"] is not None]
    down = [item["name"] for item in value["processes"] if item["pid"] is None]
    total = sum(item["rss_bytes"] for item in running) / MIB
    screen.result(
        None,
        f"Processes  {len(running)} of Fabric run, {total:.0f} MiB"
        + (f"; not running: {', '.join(down)}" if down else ""),
    )


def _show_networks(session: Session, found: list[Resource], memory: dict[str, int]) -> None:
    rows: list[tuple[str, ...]] = []

    def row(indent: int, item: Resource, kind: str, endpoint: str) -> None:
        fabric = (item.get("FrameworkAttributes") or {}).get("Fabric") or {}
        size = memory.get(item["Id"], 0)
        rows.append(
            (
                "  " * indent + item["Id"],
                item.get("Name") or kind,
                item["Status"],
                f"{size / MIB:.0f} MiB" if size else "",
                str(fabric.get(endpoint) or ""),
            )
        )

    for network in found:
        row(0, network, "network", "OrderingServiceEndpoint")
        for member in network["Members"]:
            row(1, member, "member", "CaEndpoint")
            for node in member.get("Nodes", []):
                row(2, node, "node", "PeerEndpoint")
    session.screen.table(("RESOURCE", "NAME", "STATUS", "MEMORY", "ENDPOINT"), rows)
