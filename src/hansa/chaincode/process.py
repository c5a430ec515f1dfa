"""Run the programs of a build, within the rules, and keep what they say."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from hansa.chaincode.config import BuildError
from hansa.chaincode.family import Family, resident_bytes
from hansa.chaincode.output import LINE_BYTES_MAX
from hansa.chaincode.rules import MIB, Rules, limit_process
from hansa.chaincode.sandbox import BUILD_TEMPORARY_MIB, Sandbox, View

COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
"""What compilers write for a terminal, and nobody can read in a file."""

LOG_BYTES_MAX = 4 * MIB
LOOK_SECONDS = 0.25


class BuildLog:
    """What a build says: to standard error, which the peer logs, and to a file for the author.

    A build that says more than ``LOG_BYTES_MAX`` is not heard any more, but for our own words.
    """

    def __init__(self, file: Path) -> None:
        self.path = file
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.fdopen(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb"
        )
        self._left = LOG_BYTES_MAX

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def say(self, text: str) -> None:
        self._write(text.encode(errors="replace") + b"\n")

    def write(self, line: bytes) -> None:
        """A line of the build's own, without its end."""
        if self._left <= 0:
            return
        self._left -= len(line) + 1
        self._write(COLOUR.sub(b"", line) + b"\n")
        if self._left <= 0:
            self.say(f"(the build says more than {LOG_BYTES_MAX // MIB} MiB; the rest is left out)")

    def _write(self, line: bytes) -> None:
        for stream in (self._file, sys.stderr.buffer):
            stream.write(line)
            stream.flush()


def run_build(
    sandbox: Sandbox,
    view: View,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    log: BuildLog,
) -> None:
    """Raises :class:`BuildError` where the program fails, or takes more than the rules allow.

    Its output is in ``log``.
    """
    try:
        code = _run(sandbox, view, arguments, environment, log.write)
    except OSError as fault:
        raise BuildError(
            f"cannot start {arguments[0]}: {fault}; 'hansa engine install' mends the engine"
        ) from fault
    if code != 0:
        raise BuildError(f"{Path(arguments[0]).name} ended with exit code {code}")


def try_build(
    sandbox: Sandbox, view: View, arguments: Sequence[str], environment: Mapping[str, str]
) -> bool:
    """Whether the program succeeds; what it says is not for the author.

    Raises :class:`BuildError` where it takes more than the rules allow.
    """
    try:
        return _run(sandbox, view, arguments, environment, lambda _line: None) == 0
    except OSError:
        return False


def _run(
    sandbox: Sandbox,
    view: View,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    hear: Callable[[bytes], None],
) -> int:
    """Run it to its end, each line of its output ``hear``-d; its exit code."""
    family = Family()
    output, writer = os.pipe()
    try:
        process = subprocess.Popen(
            sandbox.build_command(view, arguments),
            cwd=view.directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=writer,
            preexec_fn=limit_process(sandbox.rules.build_memory_mib, BUILD_TEMPORARY_MIB),  # noqa: PLW1509 - no threads
        )
    except BaseException:
        os.close(output)
        raise
    finally:
        os.close(writer)
    try:
        _attend(process, family, output, sandbox.rules, hear)
    finally:
        family.kill()
        os.close(output)
        code = process.wait()
        family.close()
    return code


def _attend(
    process: subprocess.Popen[bytes],
    family: Family,
    output: int,
    rules: Rules,
    hear: Callable[[bytes], None],
) -> None:
    """Hand on its lines until it has ended. Raises :class:`BuildError` where it breaks a rule."""
    os.set_blocking(output, False)
    deadline, rest = time.monotonic() + rules.build_seconds, b""
    look = time.monotonic() + LOOK_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            ready = selector.select(max(0.0, look - time.monotonic()))
            data = os.read(output, LINE_BYTES_MAX) if ready else b""
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                hear(line)
            if len(rest) > LINE_BYTES_MAX or (rest and ready and not data):
                hear(rest)
                rest = b""
            # Output ends with the last process that holds it, which need not be the first.
            if (ready and not data) or (not ready and process.poll() is not None):
                return
            if time.monotonic() >= look:
                _look(process, family, rules, deadline)
                look = time.monotonic() + LOOK_SECONDS


def _look(process: subprocess.Popen[bytes], family: Family, rules: Rules, deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise BuildError(
            f"the build was ended after {rules.build_seconds} s (setting chaincode_build_seconds); "
            "if it only has to fetch much, install again: what was fetched is kept"
        )
    pids = family.members(2 * rules.build_processes)
    family.reap(process.pid)
    if len(pids) > rules.build_processes:
        raise BuildError(
            f"the build was ended: it has more than {rules.build_processes} processes (setting "
            "chaincode_build_processes)"
        )
    used = resident_bytes(pids) // MIB
    if used > rules.build_memory_mib:
        raise BuildError(
            f"the build was ended: it takes {used} MiB of memory, and {rules.build_memory_mib} are "
            "allowed (setting chaincode_build_memory_mib)"
        )
