"""Run programs for a builder: a build to its end, chaincode for as long as it lives."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn, Self

from hansa.chaincode.config import BuildError
from hansa.chaincode.sandbox import Sandbox, View

LINE_BYTES_MAX = 16384
"""A peer stops reading a builder's output at a line of 64 KiB."""

COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
"""What compilers write for a terminal, and nobody can read in a file."""

END_SECONDS = 5
"""How long chaincode may take to end when its peer has died; peers give it as long."""

PR_SET_PDEATHSIG = 1


class BuildLog:
    """What a build says: to standard error, which the peer logs, and to a file for the author."""

    def __init__(self, file: Path) -> None:
        self.path = file
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.fdopen(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def say(self, text: str) -> None:
        self.write(text.encode(errors="replace") + b"\n")

    def write(self, line: bytes) -> None:
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
    """Raises :class:`BuildError` where the program fails; its output is in ``log``."""
    try:
        process = subprocess.Popen(
            sandbox.command(view, arguments),
            cwd=view.directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as fault:
        raise BuildError(
            f"cannot start {arguments[0]}: {fault}; 'hansa engine install' mends the engine"
        ) from fault
    with process:
        for line in _lines(process.stdout):
            log.write(COLOUR.sub(b"", line))
    if process.returncode != 0:
        raise BuildError(f"{Path(arguments[0]).name} ended with exit code {process.returncode}")


def try_build(
    sandbox: Sandbox, view: View, arguments: Sequence[str], environment: Mapping[str, str]
) -> bool:
    """Whether the program succeeds; what it says is not for the author."""
    try:
        done = subprocess.run(
            sandbox.command(view, arguments),
            cwd=view.directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _lines(stream: IO[bytes] | None) -> Iterator[bytes]:
    while stream is not None and (line := stream.readline(LINE_BYTES_MAX)):
        yield line if line.endswith(b"\n") else line + b"\n"


def keep(
    sandbox: Sandbox, view: View, arguments: Sequence[str], environment: Mapping[str, str]
) -> NoReturn:
    """Run the chaincode for as long as it and the peer live, and end with its exit code.

    The peer ends this process with SIGTERM, which is handed on; bubblewrap itself would not. Where
    the peer dies, chaincode is ended: left alone, Node.js would go on trying to write to it. What
    chaincode writes to either stream goes to the peer's log, in lines that the peer can take: at a
    longer one it would close the stream, and the chaincode's next word would end it.
    """
    peer = _open_parent()
    reader, writer = os.pipe()
    process = subprocess.Popen(
        sandbox.command(view, arguments, info_descriptor=writer),
        cwd=view.directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(writer,) if sandbox.bubblewrap else (),
        # bubblewrap dies with this process by itself.
        preexec_fn=None if sandbox.bubblewrap else _die_with_parent(),  # noqa: PLW1509 - no threads yet
    )
    os.close(writer)
    keeper = _Keeper(process)
    signal.signal(signal.SIGTERM, keeper.hand_on)
    signal.signal(signal.SIGINT, keeper.hand_on)
    keeper.read_info(reader)
    if peer is not None:
        threading.Thread(target=keeper.end_with, args=(peer,), daemon=True).start()
    for line in _lines(process.stdout):
        with contextlib.suppress(BrokenPipeError):
            os.write(2, line)
    code = process.wait()
    # Threads and streams have nothing left to say.
    os._exit(128 - code if code < 0 else code)


def _open_parent() -> int | None:
    """A descriptor that becomes readable when the parent dies; None on kernels before 5.3."""
    try:
        return os.pidfd_open(os.getppid())
    except OSError:
        return None


def _die_with_parent() -> Callable[[], None]:
    """Asks the kernel, in the child, to kill it when its parent dies."""
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class _Keeper:
    """Knows the process in the sandbox by the pid that it has outside."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._first = 0

    def read_info(self, descriptor: int) -> None:
        """Take bubblewrap's word on its child; it writes none where there is no sandbox."""
        with os.fdopen(descriptor) as stream:
            text = stream.read()
        if text:
            self._first = int(json.loads(text)["child-pid"])

    def hand_on(self, number: int, _frame: FrameType | None) -> None:
        children = self._children()
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if not children:
            self._process.send_signal(number)

    def end_with(self, parent: int) -> None:
        """Wait for the parent's death, then end the chaincode, by force if need be."""
        select.select([parent], [], [])
        self.hand_on(signal.SIGTERM, None)
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _children(self) -> list[int]:
        if not self._first:
            return []
        try:
            listed = Path(f"/proc/{self._first}/task/{self._first}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in listed.split()]
