"""Finding and installing the engine, with progress on the screen."""

from __future__ import annotations

import os

from hansa.cli.exits import EngineMissingError
from hansa.cli.session import Session
from hansa.client.environment import Tools
from hansa.client.installation import Installation
from hansa.client.shims import write_shims
from hansa.engine import Engine, install_engine, locate_engine
from hansa.engine import EngineMissingError as NoEngineError


def find_engine() -> Engine:
    """The engine. Raises :class:`EngineMissingError`."""
    try:
        return locate_engine(os.environ)
    except NoEngineError as fault:
        raise EngineMissingError(str(fault)) from fault


def ensure_engine(session: Session) -> Engine:
    """The engine, installed first where it is missing: minutes once, then nothing."""
    try:
        return find_engine()
    except EngineMissingError:
        pass
    with session.screen.step("Engine: Hyperledger Fabric built") as step:
        return install_engine(os.environ, step.tell)


def client_tools(installation: Installation) -> Tools:
    """Where the Fabric tools of this installation are; the shims are written."""
    engine = find_engine()
    shims = write_shims(installation.data_dir / "clients" / "fabric" / "bin", engine.root / "bin")
    gopath = engine.root / "client" / "gopath"
    return Tools(
        shims=shims,
        binaries=engine.root / "bin",
        configuration=engine.root / "client",
        gopath=gopath if gopath.exists() else None,
    )
