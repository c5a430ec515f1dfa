"""Entry point of the stubs: ``CONFIG LANGUAGE PHASE`` and then what Fabric gives each phase.

``detect SOURCE METADATA``, ``build SOURCE METADATA OUTPUT``, ``release OUTPUT RELEASE``,
``run OUTPUT LAUNCH``. A builder's exit code 0 means yes, or done.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from hansa.chaincode import ccaas, golang, java, node, python
from hansa.chaincode.config import BuildError, load_config
from hansa.chaincode.package import (
    Package,
    empty_directory,
    read_package,
    refuse_too_much,
    release_metadata,
)
from hansa.chaincode.process import BuildLog

LOGS = "chaincode-build-logs"
"""In the peer's TMPDIR; ``hansa.domain.chaincode.BUILD_LOGS`` is the same name."""

BUILDS = {
    "golang": golang.build,
    "node": node.build,
    "java": java.build,
    "python": python.build,
    "ccaas": ccaas.build,
}
RUNS = {"golang": golang.run, "node": node.run, "java": java.run, "python": python.run}

UNKNOWN = "unknown"
"""The builder that takes what no other does, to say so: a peer would speak of Docker."""


def main(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    config_file, language, phase, *paths = arguments
    directories = [Path(path).absolute() for path in paths]
    try:
        return _phase(Path(config_file), language, phase, directories, environment)
    except (BuildError, OSError) as fault:
        os.write(2, f"hansa: {phase} of {language} chaincode: {fault}\n".encode())
        return 1


def _phase(
    config_file: Path,
    language: str,
    phase: str,
    directories: list[Path],
    environment: Mapping[str, str],
) -> int:
    first, second = directories[:2]
    if phase == "detect":
        found = read_package(first, second).language
        return 0 if language == (found if found in BUILDS else UNKNOWN) else 1
    if phase == "build":
        return _build(
            config_file, language, read_package(first, second), directories[2], environment
        )
    if phase == "release":
        release_metadata(first, second)
        if language == "ccaas":
            ccaas.release(first, second)
        return 0
    if phase == "run" and language in RUNS:
        RUNS[language](load_config(config_file), first, second, environment)
    raise BuildError(f"there is no {phase} for {language}")


def _build(
    config_file: Path,
    language: str,
    package: Package,
    output: Path,
    environment: Mapping[str, str],
) -> int:
    """Build, and say in the log how it went; a failed build leaves ``output`` empty."""
    begun = time.monotonic()
    logs = Path(environment.get("TMPDIR") or "/tmp") / LOGS  # noqa: S108 - mkdir is 0700
    with BuildLog(logs / package.log_name) as log:
        log.say(f"building {language} chaincode {package.label} ({package.path or 'no path'})")
        try:
            if language == UNKNOWN:
                raise BuildError(
                    f"there is no builder for chaincode of the type {package.language!r}; "
                    f"the package's metadata.json may say: {', '.join(sorted(BUILDS))}"
                )
            refuse_too_much(package.source)
            BUILDS[language](load_config(config_file), package, output, environment, log)
        except (BuildError, OSError) as fault:
            empty_directory(output)
            log.say(f"building chaincode {package.label} failed: {fault}; this log: {log.path}")
            return 1
        log.say(f"built in {time.monotonic() - begun:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
