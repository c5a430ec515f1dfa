"""Commands: a program is run with the event on its standard input; ending with 0 takes it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from typing import IO

from hansa.delivery.base import Attempt, DeliveryError, StoppedError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ERROR_BYTES = 4096
_ERROR_CHARACTERS = 300


class Commands:
    """Runs programs without a shell, in a session of their own, with an environment of few names.

    What a program writes to standard output is dropped; the last line of its errors is kept as
    the detail of a failure.
    """

    def __init__(self, home: str) -> None:
        self._environment = {"PATH": PATH, "HOME": home, "LANG": "C.UTF-8"}
        self._lock = threading.Lock()
        self._closed = False
        self._running: set[subprocess.Popen[bytes]] = set()

    def send(self, attempt: Attempt) -> None:
        """Raises :class:`DeliveryError` where it cannot be run, fails, or takes too long."""
        with tempfile.TemporaryFile() as errors:
            process = self._begin(attempt, errors)
            try:
                process.communicate(attempt.body, attempt.timeout_seconds)
            except subprocess.TimeoutExpired:
                raise DeliveryError(
                    f"the command did not end within {attempt.timeout_seconds:g} s, and was killed",
                    _last_line(errors),
                ) from None
            finally:
                self._end(process)
            if process.returncode and self._closed:
                raise StoppedError
            if process.returncode:
                raise DeliveryError(_ending(process.returncode), _last_line(errors))

    def close(self) -> None:
        """Kill what is under way, and run nothing any more."""
        with self._lock:
            self._closed = True
            for process in self._running:
                _kill(process)

    def _begin(self, attempt: Attempt, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        variables = {"HANSA_EVENT_ID": attempt.event_id, "HANSA_ATTEMPT": str(attempt.number)}
        with self._lock:
            if self._closed:
                raise StoppedError
            try:
                process = subprocess.Popen(
                    attempt.command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    cwd="/",
                    env={**self._environment, **variables},
                    start_new_session=True,
                )
            except OSError as fault:
                raise DeliveryError(f"the command cannot be run: {fault.strerror}") from fault
            self._running.add(process)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.returncode is None:
            _kill(process)
            process.wait()
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        with self._lock:
            self._running.discard(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the program and all it has started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _ending(code: int) -> str:
    if code < 0:
        return f"the command was ended by signal {-code}"
    return f"the command ended with {code}"


def _last_line(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _ERROR_BYTES))
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:_ERROR_CHARACTERS] if lines else ""
