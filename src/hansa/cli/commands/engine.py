"""``hansa engine``."""

from __future__ import annotations

import os

import click

from hansa.cli.commandline import Group
from hansa.cli.engine_setup import install as install_now
from hansa.cli.exits import Exit
from hansa.cli.session import Session, current
from hansa.engine import Engine, engine_status

_KINDS = {"built": "built by hansa", "official": "your own binaries"}


@click.group(cls=Group)
def engine() -> None:
    """The engine: Hyperledger Fabric's programs, built from pinned sources."""


@engine.command()
def install() -> None:
    """Build the engine into the user's cache, or what of it is missing.

    Minutes the first time, nothing afterwards. HANSA_ENGINE=DIR takes a folder of binaries instead.
    """
    session = current()
    _show(session, install_now(session))


@engine.command()
def status() -> int:
    """Say which engine is used, its versions, and what it lacks.

    Ends with 4 where there is none.
    """
    session = current()
    seen = engine_status(os.environ)
    if seen.engine is None:
        value = {"root": seen.root, "problem": seen.problem}
        session.screen.result(value, f"{seen.root}: {seen.problem}")
        return Exit.NO_ENGINE
    _show(session, seen.engine)
    return Exit.OK


def _show(session: Session, found: Engine) -> None:
    value = {
        "root": found.root,
        "kind": found.kind,
        "versions": found.versions(),
        "differences": found.differences(),
        "limits": found.limits(),
    }
    versions = ", ".join(f"{name} {number}" for name, number in found.versions().items())
    session.screen.result(
        value,
        f"{found.root} ({_KINDS[found.kind]}): {versions}",
        *(f"differs: {text}" for text in found.differences()),
        *(f"limited: {text}" for text in found.limits()),
    )
