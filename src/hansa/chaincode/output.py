"""What chaincode writes: to a log of its own, and, within measure, to the peer's."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LOGS = "chaincode-logs"
"""In the peer's TMPDIR; ``hansa.domain.chaincode.CHAINCODE_LOGS`` is the same name."""

LINE_BYTES_MAX = 16384
"""A peer stops reading a builder's output at a line of 64 KiB."""

FILE_BYTES_MAX = 5 * 1024**2
FILES_MAX = 3


def log_file(directory: Path, chaincode_id: str) -> Path:
    """``NAME_VERSION.log`` (legacy lifecycle) or ``LABEL_HASH.log``, with 12 digits of the hash."""
    name, _, version = chaincode_id.partition(":")
    text = f"{name[:100]}_{version[:12]}"
    return directory / (re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".") + ".log")


class Bucket:
    """So many bytes a second, and ``burst`` at once."""

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left, self._at = burst, clock()

    def left(self) -> float:
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        return self._left

    def take(self, amount: float) -> None:
        self._left = self.left() - amount


class RotatingFile:
    """A file of mode 0600 of limited size, with the former ones as ``.1`` and ``.2`` beside it."""

    def __init__(self, file: Path, bytes_max: int = FILE_BYTES_MAX) -> None:
        self.path, self._bytes_max = file, bytes_max
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(self.path, flags, 0o600)
        self._size = os.fstat(self._descriptor).st_size

    def write(self, data: bytes) -> None:
        """A full disk loses the line, and no more."""
        if self._size + len(data) > self._bytes_max:
            os.close(self._descriptor)
            for number in range(FILES_MAX - 1, 0, -1):
                former = self.path.with_name(f"{self.path.name}.{number - 1}")
                with suppress(FileNotFoundError):
                    (former if number > 1 else self.path).replace(
                        self.path.with_name(f"{self.path.name}.{number}")
                    )
            self._open()
        with suppress(OSError):
            os.write(self._descriptor, data)
        self._size += len(data)


class ChaincodeLog:
    """Takes output as it comes, and hands on lines.

    Chaincode that writes faster than ``RATE`` is made to wait for it; what is too much for the
    peer's log is in the chaincode's own.
    """

    RATE, BURST = 1024**2, 8 * 1024**2
    PEER_RATE, PEER_BURST = 64 * 1024, 1024**2

    def __init__(self, file: RotatingFile, peer: int = 2) -> None:
        self._file, self._peer = file, peer
        self._rest = b""
        self._all, self._told = (
            Bucket(self.RATE, self.BURST),
            Bucket(self.PEER_RATE, self.PEER_BURST),
        )
        self._left_out = 0

    @property
    def path(self) -> Path:
        return self._file.path

    def takes(self) -> bool:
        """Whether more may be read now."""
        return self._all.left() > 0

    def feed(self, data: bytes) -> None:
        self._all.take(len(data))
        whole, end, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest
        if end:
            self._write(whole + end)
        if len(rest) >= LINE_BYTES_MAX:
            self.finish()

    def finish(self) -> None:
        """Write what has no end of line yet."""
        if self._rest:
            rest, self._rest = self._rest, b""
            self._write(rest + b"\n")

    def say(self, text: str) -> None:
        """A word of ours; it is never left out."""
        line = f"hansa: {text}\n".encode()
        self._tell_left_out()
        self._file.write(line)
        self._tell(line)

    def _write(self, lines: bytes) -> None:
        if len(lines) > LINE_BYTES_MAX:
            lines = _cut(lines)
        self._file.write(lines)
        if self._told.left() < len(lines):
            self._left_out += lines.count(b"\n")
            return
        self._tell_left_out()
        self._told.take(len(lines))
        self._tell(lines)

    def _tell_left_out(self) -> None:
        if self._left_out:
            self._tell(f"hansa: {self._left_out} lines are in {self.path} alone\n".encode())
            self._left_out = 0

    def _tell(self, line: bytes) -> None:
        with suppress(OSError):  # the peer has gone
            os.write(self._peer, line)


def _cut(lines: bytes) -> bytes:
    """Ends those that are too long."""
    return b"\n".join(
        line[place : place + LINE_BYTES_MAX]
        for line in lines.split(b"\n")
        for place in range(0, max(len(line), 1), LINE_BYTES_MAX)
    )
