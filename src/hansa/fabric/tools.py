"""Fabric's command-line programs, as functions."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from hansa.fabric.base import FabricError

TOOL_SECONDS_MAX = 30
# Go's collector takes a fifth of the time of a program that ends after some 50 ms.
_SHORT_LIVED = {"GOGC": "400"}
_REASON_CHARACTERS_MAX = 600


class EngineTools(Protocol):
    """An installed engine."""

    @property
    def root(self) -> Path:
        """The folder that holds the engine."""
        ...

    def binary(self, name: str) -> Path:
        """The program ``name``, such as ``configtxlator``."""
        ...


class FabricTools:
    """Runs an engine's programs. Every method raises :class:`FabricError`."""

    def __init__(self, engine: EngineTools) -> None:
        self._engine = engine

    def encode(self, message: str, value: Any) -> bytes:
        """``value``, JSON of the protobuf message type ``message``, in its encoded form."""
        source = json.dumps(value).encode()
        return self.run("configtxlator", ("proto_encode", "--type", message), source)

    def decode(self, message: str, encoded: bytes) -> dict[str, Any]:
        """The inverse of :meth:`encode`."""
        decoded: dict[str, Any] = json.loads(
            self.run("configtxlator", ("proto_decode", "--type", message), encoded)
        )
        return decoded

    def run(
        self,
        program: str,
        arguments: Sequence[str],
        source: bytes = b"",
        environment: Mapping[str, str] | None = None,
        seconds_max: float = TOOL_SECONDS_MAX,
    ) -> bytes:
        """What ``program`` writes to its standard output.

        Arguments and environment are visible to other users of the machine: no secrets in them.
        """
        try:
            done = subprocess.run(
                [str(self._engine.binary(program)), *arguments],
                input=source,
                capture_output=True,
                env={**_SHORT_LIVED, **(environment or {})},
                timeout=seconds_max,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise FabricError(
                f"{program} {arguments[0]} gave no result within {seconds_max:g} seconds"
            ) from None
        except OSError as fault:
            raise FabricError(
                f"cannot run {program} of the engine: {fault}; 'hansa engine status' says more"
            ) from fault
        if done.returncode:
            raise FabricError(f"{program} {arguments[0]} failed: {_reason(done.stderr)}")
        return done.stdout


def _reason(errors: bytes) -> str:
    """What a program says last: Fabric's tools log first and give the reason at the end."""
    lines = [line.strip() for line in errors.decode(errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if line.lower().startswith("error")] or lines or ["no reason"]
    return told[-1][-_REASON_CHARACTERS_MAX:]
