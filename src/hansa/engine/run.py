"""Run the programs of an installation, with their progress, and their last words in an error."""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hansa.engine.errors import EngineError

LINES_KEPT = 15


def run(
    arguments: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    line_seen: Callable[[str], None] = lambda _line: None,
) -> list[str]:
    """Run to the end; every line of output, stdout and stderr together, is told as it comes.

    Returns the lines. Raises :class:`EngineError` with the last of them where it fails.
    """
    try:
        process = subprocess.Popen(
            list(arguments),
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as fault:
        raise EngineError(f"cannot run {arguments[0]}: {fault.strerror}") from fault
    lines: list[str] = []
    try:
        with process:
            for line in process.stdout or ():
                lines.append(line.rstrip("\n"))
                line_seen(lines[-1])
    except BaseException:
        process.kill()
        raise
    if process.returncode != 0:
        last = "\n  ".join(deque(lines, LINES_KEPT))
        command = " ".join([Path(arguments[0]).name, *arguments[1:2]])
        raise EngineError(
            f"'{command}' failed with exit code {process.returncode}:\n  {last}\n"
            "Mend what it says and repeat 'hansa engine install'; what is built is kept"
        )
    return lines
