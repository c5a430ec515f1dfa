"""``hansa operation``: what the API does on a member's behalf, and how far it has come."""

from __future__ import annotations

from typing import Any

import click

from hansa.cli.commandline import Command, Group
from hansa.cli.fabric import calls
from hansa.cli.options import network_option
from hansa.domain.operation import OperationStatus


@click.group(cls=Group)
def operation() -> None:
    """Watch and cancel long work of the API, such as deployments."""


@operation.command(cls=Command)
@click.argument("operation_id")
@click.option("--wait", is_flag=True, help="Show its steps until it has ended.")
def show(operation_id: str, wait: bool) -> None:
    """Show an operation, its steps, and why it failed."""
    called = calls()
    if wait:
        found = called.follow({"OperationId": operation_id})
    else:
        found = called.fabric.get_operation(OperationId=operation_id)["Operation"]
    reason = found.get("StatusReason")
    called.session.screen.result(
        found,
        f"{found['Action']} of {found['Subject']} is {found['Status']}, since "
        f"{found.get('EndDate') or found['CreationDate']}.",
        *([reason] if reason else []),
    )
    rows = [(step["Status"], step["Name"], step.get("Detail", "")) for step in found["Steps"]]
    called.session.screen.table(("STATUS", "STEP", "DETAIL"), rows)


@operation.command("list", cls=Command)
@network_option
@click.option("--status", type=click.Choice([*OperationStatus]), help="Only those.")
def list_operations(network: str | None, status: str | None) -> None:
    """List the operations of your account in a network, oldest first."""
    from hansa.client.api import all_pages

    called = calls()
    network_id = called.network(network)
    chosen = {"Status": status} if status else {}
    found: list[dict[str, Any]] = all_pages(
        called.fabric.list_operations, "Operations", NetworkId=network_id, **chosen
    )
    rows = [
        (item["Id"], item["Status"], item["Action"], item["Subject"], str(item["CreationDate"]))
        for item in found
    ]
    called.session.screen.result(found)
    called.session.screen.table(("OPERATION", "STATUS", "ACTION", "SUBJECT", "BEGUN"), rows)


@operation.command(cls=Command)
@click.argument("operation_id")
def cancel(operation_id: str) -> None:
    """End an operation before its next step; steps that are done stay done."""
    called = calls()
    called.fabric.cancel_operation(OperationId=operation_id)
    called.session.screen.result(
        {"OperationId": operation_id, "Cancelled": True},
        f"Operation {operation_id} ends before its next step.",
    )
