"""``hansa aws-models``: the model overlay and waiters for AWS's clients."""

from __future__ import annotations

from pathlib import Path

import click

from hansa.awsmodels.install import (
    ForeignFileError,
    OverlayStatus,
    install_overlay,
    overlay_status,
    remove_overlay,
    user_models_directory,
)
from hansa.cli.commandline import Group
from hansa.cli.session import current
from hansa.client.installation import ClientError

_directory = click.option(
    "--models",
    type=click.Path(file_okay=False, path_type=Path),
    help="The directory of AWS models.  [default: ~/.aws/models]",
)
_force = click.option("--force", is_flag=True, help="Also where a file there is not ours.")


@click.group("aws-models", cls=Group)
def aws_models() -> None:
    """Teach the aws CLI and boto3 the service hansafabric, and what managedblockchain lacks.

    hansafabric has channels and their operations. What AWS's model of managedblockchain lacks is
    delete-network, waiters, and CloudFormation's spellings of the configuration. Shells set up with
    `hansa env` have it all.
    """


@aws_models.command()
@_directory
@_force
def install(models: Path | None, force: bool) -> None:
    """Write the overlay; the user's other models stay as they are."""
    try:
        _show(install_overlay(_models(models), force=force))
    except ForeignFileError as fault:
        raise ClientError(str(fault)) from fault


@aws_models.command()
@_directory
@_force
def remove(models: Path | None, force: bool) -> None:
    """Take the overlay out again."""
    try:
        removed = remove_overlay(_models(models), force=force)
    except ForeignFileError as fault:
        raise ClientError(str(fault)) from fault
    text = "The overlay is removed." if removed else "There was no overlay."
    current().screen.result({"removed": removed}, text)


@aws_models.command()
@_directory
def path(models: Path | None) -> None:
    """Print where the overlay is, or would be."""
    directory = _status(models).directory
    current().screen.result({"path": directory}, str(directory))


@aws_models.command()
@_directory
def status(models: Path | None) -> None:
    """Say whether the overlay is installed."""
    _show(_status(models))


def _models(given: Path | None) -> Path:
    return given or user_models_directory(Path.home())


def _status(given: Path | None) -> OverlayStatus:
    try:
        return overlay_status(_models(given))
    except ForeignFileError as fault:
        raise ClientError(str(fault)) from fault


def _show(status: OverlayStatus) -> None:
    current().screen.result(
        {"path": status.directory, "state": status.state, "foreign": status.foreign},
        f"{status.directory}: {status.state}",
        *(f"{path} is not ours" for path in status.foreign),
    )
