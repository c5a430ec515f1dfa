"""Where the builders find what the engine installed for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


class BuildError(Exception):
    """The package cannot be built or run; the text is for the chaincode's author."""


@dataclass(frozen=True)
class GoConfig:
    """``gopath`` holds what Fabric 1.x chaincode may import; ``cache`` and ``modules`` are warm.

    ``readable`` are the directories that a build must be able to read.
    """

    go: str
    gopath: str
    cache: str
    modules: str
    readable: tuple[str, ...]


@dataclass(frozen=True)
class NodeConfig:
    """``modules`` is a ``node_modules`` shared by packages that ask for nothing else."""

    node: str
    npm: str
    modules: str
    cache: str
    readable: tuple[str, ...]


@dataclass(frozen=True)
class JavaConfig:
    """``home`` is the JDK's; ``maven`` and ``gradle`` are programs, empty where there is none.

    ``repository`` and ``gradle_home`` keep what the two fetch, for all packages.
    """

    java: str
    home: str
    maven: str
    gradle: str
    repository: str
    gradle_home: str
    readable: tuple[str, ...]


@dataclass(frozen=True)
class PythonConfig:
    """``packages`` are folders with hansa-contract and all that it depends on, installed.

    ``wheels`` has hansa-contract for whoever asks for it by name; ``cache`` is uv's, for all
    packages.
    """

    python: str
    uv: str
    packages: tuple[str, ...]
    wheels: str
    cache: str
    readable: tuple[str, ...]


@dataclass(frozen=True)
class BuildersConfig:
    """``missing`` says, per language without a configuration, why and what to do."""

    golang: GoConfig | None
    node: NodeConfig | None
    missing: Mapping[str, str]
    java: JavaConfig | None = None
    python: PythonConfig | None = None

    def save(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")

    def require_golang(self) -> GoConfig:
        if self.golang is None:
            raise BuildError(self.missing.get("golang", "this engine cannot build Go chaincode"))
        return self.golang

    def require_node(self) -> NodeConfig:
        if self.node is None:
            raise BuildError(self.missing.get("node", "this engine cannot run Node.js chaincode"))
        return self.node

    def require_java(self) -> JavaConfig:
        if self.java is None:
            raise BuildError(self.missing.get("java", "this engine cannot run Java chaincode"))
        return self.java

    def require_python(self) -> PythonConfig:
        if self.python is None:
            raise BuildError(self.missing.get("python", "this engine cannot run Python chaincode"))
        return self.python


def load_config(file: Path) -> BuildersConfig:
    """Raises :class:`BuildError` where the engine's installation is broken."""
    try:
        raw: dict[str, Any] = json.loads(file.read_text())
        golang, node, java = raw["golang"], raw["node"], raw["java"]
        python = raw["python"]
        return BuildersConfig(
            GoConfig(**{**golang, "readable": tuple(golang["readable"])}) if golang else None,
            NodeConfig(**{**node, "readable": tuple(node["readable"])}) if node else None,
            raw["missing"],
            JavaConfig(**{**java, "readable": tuple(java["readable"])}) if java else None,
            _python_config(python) if python else None,
        )
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise BuildError(
            f"{file} cannot be read ({fault}); repair it with 'hansa engine install'"
        ) from fault


def _python_config(raw: Mapping[str, Any]) -> PythonConfig:
    return PythonConfig(
        **{**raw, "packages": tuple(raw["packages"]), "readable": tuple(raw["readable"])}
    )
