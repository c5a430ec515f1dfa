"""Write the programs that peers call to build and run chaincode, and the peer CLI's files."""

from __future__ import annotations

import compileall
import json
import os
import shlex
import shutil
import sys
from pathlib import Path

from hansa.engine.sources import BUILDER_SOURCES
from hansa.engine.workspace import write_atomically

PHASES = {
    "golang": ("detect", "build", "release", "run"),
    "node": ("detect", "build", "release", "run"),
    "java": ("detect", "build", "release", "run"),
    "python": ("detect", "build", "release", "run"),
    "ccaas": ("detect", "build", "release"),
    "unknown": ("detect", "build"),
}

_STUB = """#!/bin/sh
exec {python} -I -S -B -c {code} {library} {config} {language} {phase} "$@"
"""

_CODE = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from hansa.chaincode.main import main; sys.exit(main(sys.argv[1:]))"
)

CORE_YAML = """# What the peer command needs as a client; variables CORE_PEER_* say the rest.
peer:
  BCCSP:
    Default: SW
    SW:
      Hash: SHA2
      Security: 256
  client:
    connTimeout: 3s
"""


def base_python() -> str:
    """The interpreter behind a virtual environment: it outlives the environment."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def write_builders(builders: Path, config: dict[str, object]) -> None:
    """A copy of the builders' code, their configuration, and a stub for each phase."""
    library = builders / "lib"
    new = builders / f"lib.{os.getpid()}"
    shutil.rmtree(new, ignore_errors=True)
    package = new / "hansa"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    shutil.copytree(
        BUILDER_SOURCES, package / "chaincode", ignore=shutil.ignore_patterns("__pycache__")
    )
    # Compiled now, since a peer asks each builder at every install.
    compileall.compile_dir(new, quiet=2, stripdir=str(new), prependdir=str(library))
    shutil.rmtree(library, ignore_errors=True)
    new.replace(library)
    write_atomically(builders / "config.json", json.dumps(config, indent=1, sort_keys=True) + "\n")
    write_atomically(builders / "interpreter", base_python() + "\n")
    for language, phases in PHASES.items():
        for phase in phases:
            text = _STUB.format(
                python=shlex.quote(base_python()),
                code=shlex.quote(_CODE),
                library=shlex.quote(str(library)),
                config=shlex.quote(str(builders / "config.json")),
                language=language,
                phase=phase,
            )
            write_atomically(builders / language / "bin" / phase, text, 0o755)
