"""Finding and installing the engine, with progress on the screen."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from hansa.cli.exits import EngineMissingError
from hansa.cli.screen import Screen, Step
from hansa.cli.session import Session
from hansa.client.environment import Tools
from hansa.client.installation import ClientError, Installation
from hansa.client.shims import write_shims
from hansa.engine import Engine, EngineError, install_engine, locate_engine
from hansa.engine.sources import cache_root


def find_engine() -> Engine:
    """The engine. Raises :class:`EngineMissingError`."""
    try:
        return locate_engine(os.environ)
    except EngineError as fault:
        raise EngineMissingError(str(fault)) from fault


def ensure_engine(session: Session) -> Engine:
    """The engine, installed first where it is missing: minutes once, then nothing."""
    try:
        engine = find_engine()
        session.screen.done("Engine installed", f"Fabric {engine.versions()['fabric']}, was there")
        return engine
    except EngineMissingError:
        session.screen.say("Building the engine, Hyperledger Fabric. This takes minutes, once.")
        return install(session)


def install(session: Session) -> Engine:
    """Install the engine, or what of it is missing. Raises :class:`ClientError`."""
    with ExitStack() as stack:
        try:
            return install_engine(os.environ, InstallProgress(session.screen, stack))
        except EngineError as fault:
            raise ClientError(str(fault)) from fault


class InstallProgress:
    """Draws :class:`hansa.engine.progress.Progress`: a line per step, moving while it runs.

    ``stack`` ends the line of a step that fails.
    """

    def __init__(self, screen: Screen, stack: ExitStack) -> None:
        self._screen = screen
        self._outer = stack
        self._line = ExitStack()
        self._step: Step | None = None

    def begin(self, step: str, number: int, total: int) -> None:
        self._line = self._outer.enter_context(ExitStack())
        self._step = self._line.enter_context(self._screen.step(f"[{number}/{total}] {step}"))

    def advance(self, fraction: float | None, detail: str) -> None:
        if self._step is not None:
            self._step.tell(fraction, detail)

    def end(self, seconds: float, *, skipped: bool) -> None:
        del seconds  # the screen keeps its own time
        if self._step is not None:
            self._step.quiet = skipped
        self._line.close()
        self._step = None

    def note(self, text: str) -> None:
        self._screen.say(f"    {text}")


def client_tools(installation: Installation) -> Tools:
    """Where the Fabric tools of this installation are; the shims are written."""
    engine = find_engine()
    binaries = engine.root / "bin"
    go = engine.manifest.get("programs", {}).get("Go")
    return Tools(
        shims=write_shims(installation.data_dir / "clients" / "fabric" / "bin", binaries),
        binaries=binaries,
        configuration=engine.client,
        gopath=engine.client / "gopath",
        go=Path(go).parent if go and shutil.which("go") is None else None,
    )


def remove_engine() -> list[str]:
    """Delete what :func:`install` has made, for every version of hansa; what was deleted.

    Only what is known as ours: the cache may be a folder that the user named.
    """
    cache = cache_root(os.environ)
    ours = [
        cache / name
        for name in ("engine", "parts", "build", "toolchain")
        if (cache / name).exists()
    ]
    for directory in ours:
        shutil.rmtree(directory)
    (cache / "install.lock").unlink(missing_ok=True)
    return [str(directory) for directory in ours]
