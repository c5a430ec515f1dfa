"""Where an installation works, and the Go that it works with."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hansa.engine.progress import Progress
from hansa.engine.run import run
from hansa.engine.sources import engine_sources, part_digest
from hansa.engine.toolchain import Go

MARKER = "complete.json"

_FOREIGN = ("GOFLAGS", "GOOS", "GOARCH", "GOEXPERIMENT", "GOPATH", "GOBIN", "GOROOT", "GOWORK")
"""Settings of the user's own Go work, which would make another engine of the same sources."""


@dataclass(frozen=True)
class Step:
    """Something that is done once; ``done`` says whether it is."""

    name: str
    done: Callable[[], bool]
    work: Callable[[], None]


@dataclass(frozen=True)
class Workspace:
    """``cache`` is the root of the cache; ``environment`` is the user's."""

    cache: Path
    environment: Mapping[str, str]
    progress: Progress

    @property
    def scratch(self) -> Path:
        """What only the building needs: removed when all is built."""
        return self.cache / "build"

    def part(self, name: str) -> Path:
        return self.cache / "parts" / f"{name}-{part_digest(name)}"

    def source(self, part: str) -> Path:
        return engine_sources() / part

    def part_is_complete(self, name: str) -> bool:
        return (self.part(name) / MARKER).is_file()

    def complete_part(self, name: str, **facts: str) -> None:
        write_atomically(self.part(name) / MARKER, json.dumps(facts) + "\n")

    def part_facts(self, name: str) -> dict[str, str]:
        try:
            facts: dict[str, str] = json.loads((self.part(name) / MARKER).read_text())
        except (OSError, ValueError):
            return {}
        return facts


@dataclass(frozen=True)
class GoTool:
    """Runs ``go`` with its caches in the workspace, and with what it may write fixed."""

    go: Go
    workspace: Workspace
    modules: Path
    cache: Path

    def environment(self, **changes: str) -> dict[str, str]:
        """The user's environment, without what would make another engine of the same sources."""
        inherited = {
            name: value
            for name, value in self.workspace.environment.items()
            if name not in _FOREIGN
        }
        return {
            **inherited,
            "PATH": f"{Path(self.go.program).parent}:{inherited.get('PATH', os.defpath)}",
            "GOMODCACHE": str(self.modules),
            "GOCACHE": str(self.cache),
            "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
            "GOTOOLCHAIN": "local",
            "GOTELEMETRY": "off",
            "GO111MODULE": "on",
            "GOWORK": "off",
            "CGO_ENABLED": "0",
            **changes,
        }

    def packages(self, directory: Path, targets: Sequence[str], **changes: str) -> int:
        """How many packages ``targets`` are made of; downloads their modules."""
        lines = run(
            [self.go.program, "list", "-deps", *targets],
            directory,
            self.environment(**changes),
            lambda line: self._tell(None, line),
        )
        return sum(1 for line in lines if not line.startswith("go: "))

    def build(
        self, directory: Path, target: str, output: Path, flags: Sequence[str], **changes: str
    ) -> None:
        """Compile ``target`` into the file ``output``, which appears when it is whole."""
        total = max(1, self.packages(directory, [target], **changes))
        output.parent.mkdir(parents=True, exist_ok=True)
        partial = output.with_name(f".{output.name}.partial")
        seen = 0

        def compiled(line: str) -> None:
            nonlocal seen
            if line and not line.startswith(("#", "go: ", " ", "\t")):
                seen += 1
                self._tell(min(1.0, seen / total), line)

        run(
            [self.go.program, "build", "-v", "-trimpath", *flags, "-o", str(partial), target],
            directory,
            self.environment(**changes),
            compiled,
        )
        partial.replace(output)

    def _tell(self, fraction: float | None, line: str) -> None:
        if fraction is not None or line.startswith("go: downloading"):
            self.workspace.progress.advance(fraction, line.removeprefix("go: "))


def write_atomically(file: Path, text: str, mode: int = 0o644) -> None:
    """Does nothing where the file is like that already."""
    if file.is_file() and file.read_text() == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    with new.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    new.chmod(mode)
    new.replace(file)
