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
class BuildersConfig:
    """``missing`` says, per language without a configuration, why and what to do."""

    golang: GoConfig | None
    node: NodeConfig | None
    missing: Mapping[str, str]

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


def load_config(file: Path) -> BuildersConfig:
    """Raises :class:`BuildError` where the engine's installation is broken."""
    try:
        raw: dict[str, Any] = json.loads(file.read_text())
        golang, node = raw["golang"], raw["node"]
        return BuildersConfig(
            GoConfig(**{**golang, "readable": tuple(golang["readable"])}) if golang else None,
            NodeConfig(**{**node, "readable": tuple(node["readable"])}) if node else None,
            raw["missing"],
        )
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise BuildError(
            f"{file} cannot be read ({fault}); repair it with 'hansa engine install'"
        ) from fault
