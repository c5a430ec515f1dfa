"""Find the installed engine."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from hansa.engine.errors import EngineBrokenError, EngineMissingError
from hansa.engine.sources import cache_root, engine_digest

MANIFEST = "engine.json"
REQUIRED = (
    "peer",
    "orderer",
    "configtxgen",
    "configtxlator",
    "fabric-ca-server",
    "fabric-ca-client",
)
OPTIONAL = ("osnadmin", "discover", "ledgerutil")
INSTALL = "run: hansa engine install"

Kind = Literal["built", "official"]


@dataclass(frozen=True)
class Engine:
    """An installed engine: ``bin``, ``builders`` and ``client`` below ``root``.

    ``kind`` is ``official`` where the programs are the user's own, ``built`` where they are ours.
    """

    root: Path
    kind: Kind
    manifest: Mapping[str, Any]

    def binary(self, name: str) -> Path:
        """The program ``name``; it may be absent if it is one of ``OPTIONAL``."""
        return self.root / "bin" / name

    @property
    def go(self) -> Path:
        """The Go that chaincode is built with; ``peer chaincode install`` needs one too."""
        return Path(self.manifest["programs"]["Go"])

    @property
    def client(self) -> Path:
        """``core.yaml`` for the peer CLI, and ``gopath`` with what chaincode imports."""
        return self.root / "client"

    def environment(self) -> dict[str, str]:
        """What a shell needs for the client tools, besides ``bin`` on its PATH."""
        return {
            "FABRIC_CFG_PATH": str(self.client),
            "GOPATH": str(self.client / "gopath"),
            "GO111MODULE": "off",
        }

    def versions(self) -> dict[str, str]:
        """The versions of Fabric, fabric-ca, and of what chaincode is built with."""
        return dict(self.manifest["versions"])

    def differences(self) -> list[str]:
        """What this engine does otherwise than the one that Hansa builds; each a sentence."""
        return list(self.manifest["differences"])

    def limits(self) -> list[str]:
        """What cannot be done here for want of a program, and the remedy; each a sentence."""
        return list(self.manifest["limits"])


@dataclass(frozen=True)
class EngineStatus:
    """``problem`` is empty and ``engine`` is there, or the other way round."""

    engine: Engine | None
    root: Path
    problem: str


def official_directory(environment: Mapping[str, str]) -> Path | None:
    """The folder with the user's own binaries, if ``HANSA_ENGINE`` names one.

    Raises :class:`EngineBrokenError` where a required program is not there.
    """
    named = environment.get("HANSA_ENGINE")
    if not named:
        return None
    directory = Path(named).expanduser().absolute()
    for candidate in (directory / "bin", directory):
        if (candidate / "peer").is_file():
            missing = [name for name in REQUIRED if not os.access(candidate / name, os.X_OK)]
            if missing:
                raise EngineBrokenError(
                    f"HANSA_ENGINE names {named}, where {', '.join(missing)} cannot be run; "
                    "add the missing programs, or unset HANSA_ENGINE and run: hansa engine install"
                )
            return candidate
    raise EngineBrokenError(
        f"HANSA_ENGINE names {named}, but there is no peer in it or in its folder bin; "
        "name a folder with Fabric's and fabric-ca's programs, or unset HANSA_ENGINE"
    )


def engine_root(environment: Mapping[str, str]) -> Path:
    """Where the engine is, or will be. Raises :class:`EngineBrokenError` as above."""
    own = official_directory(environment)
    if own is not None and (own.parent / MANIFEST).is_file():
        return own.parent  # a whole engine that Hansa made elsewhere
    name = engine_digest()
    if own is not None:
        name += "-" + sha256(str(own).encode()).hexdigest()[:8]
    return cache_root(environment) / "engine" / name


def locate_engine(environment: Mapping[str, str]) -> Engine:
    """Raises :class:`EngineMissingError`, or :class:`EngineBrokenError`; both say what to do."""
    root = engine_root(environment)
    try:
        manifest = json.loads((root / MANIFEST).read_text())
        engine = Engine(root, manifest["kind"], manifest)
    except FileNotFoundError:
        raise EngineMissingError(
            f"Hyperledger Fabric is not installed for this version of Hansa; {INSTALL}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise EngineBrokenError(f"{root / MANIFEST} cannot be read ({fault}); {INSTALL}") from fault
    faults = _faults(engine)
    if faults:
        raise EngineBrokenError(f"the engine in {root} is broken: {'; '.join(faults)}; {INSTALL}")
    return engine


def _faults(engine: Engine) -> list[str]:
    faults = [
        f"{name} is missing or cannot be run"
        for name in REQUIRED
        if not os.access(engine.binary(name), os.X_OK)
    ]
    builders = engine.root / "builders"
    faults += [
        f"the builder {language} is missing"
        for language in ("golang", "node", "java", "python", "ccaas", "unknown")
        if not os.access(builders / language / "bin" / "detect", os.X_OK)
    ]
    if not (engine.client / "core.yaml").is_file():
        faults.append("client/core.yaml is missing")
    for purpose, program in engine.manifest.get("programs", {}).items():
        if not os.access(program, os.X_OK):
            faults.append(f"{purpose} is no longer at {program}")
    return faults


def engine_status(environment: Mapping[str, str]) -> EngineStatus:
    """What :func:`locate_engine` finds, without raising."""
    try:
        root = engine_root(environment)
    except EngineBrokenError as fault:
        return EngineStatus(None, Path(environment["HANSA_ENGINE"]), str(fault))
    try:
        return EngineStatus(locate_engine(environment), root, "")
    except (EngineMissingError, EngineBrokenError) as fault:
        return EngineStatus(None, root, str(fault))
