"""Starting and stopping the service process, which outlives the command that starts it."""

from __future__ import annotations

import http.client
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from hansa.client.installation import ClientError, Installation, NotRunningError, Service

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
LOG_LINES_SHOWN = 15
_POLL_SECONDS = 0.02


def command(installation: Installation, listen: str | None) -> list[str]:
    """The command line of the service."""
    line = [sys.executable, "-m", "hansa.main", "serve", "--data-dir", str(installation.data_dir)]
    return [*line, "--listen", listen] if listen else line


def start(installation: Installation, listen: str | None) -> Service:
    """Start the service detached, and return once it answers.

    Raises :class:`ClientError` where it ends or does not answer, with the end of its log.
    """
    log = installation.service_log
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    began = log.stat().st_size if log.exists() else 0
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        process = subprocess.Popen(
            command(installation, listen),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )
    try:
        return _await_answer(installation, process)
    except ClientError as fault:
        raise ClientError(f"{fault}{_log_since(log, began)}") from None


def _await_answer(installation: Installation, process: subprocess.Popen[bytes]) -> Service:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        code = process.poll()
        if code is not None:
            raise ClientError(f"the service ended while it started (exit code {code}).")
        service = running(installation)
        if service is not None and service.pid == process.pid and answers(service.url):
            return service
        time.sleep(_POLL_SECONDS)
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    raise ClientError(f"the service did not answer within {START_SECONDS_MAX} s; it was stopped.")


def _log_since(log: Path, offset: int) -> str:
    with log.open("rb") as file:
        file.seek(offset)
        lines = file.read().decode(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
    if not lines:
        return f" It wrote nothing to {log}."
    return f" The end of {log}:\n" + "\n".join(f"  {line}" for line in lines)


def await_other(installation: Installation, holder: int) -> Service:
    """The service that process ``holder`` is, which may still be starting.

    Raises :class:`ClientError` where it does not listen in time.
    """
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and installation.lock_holder() is not None:
        service = running(installation)
        if service is not None:
            return service
        time.sleep(_POLL_SECONDS)
    raise ClientError(
        f"process {holder} held {installation.data_dir} as its service, but does not listen. "
        "See `hansa logs`, then: hansa restart"
    )


def running(installation: Installation) -> Service | None:
    """The service that listens, or None."""
    try:
        return installation.service()
    except NotRunningError:
        return None


def answers(url: str, timeout_seconds: float = 2) -> bool:
    """Whether the service at ``url`` says that it is well."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port or 80, timeout=timeout_seconds
    )
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def stop(installation: Installation, tell: Callable[[str], None]) -> int | None:
    """Stop the service, and return its pid once it has ended; None where none ran.

    It is asked to end (SIGTERM); one that does not within 30 s is killed, which loses nothing,
    since all it does is durable first.
    """
    pid = installation.lock_holder()
    if pid is None:
        return None
    if pid == 0:
        raise ClientError(
            f"a process holds {installation.data_dir}/service.lock but does not say which it is. "
            "It may be starting: try again; or find it with `fuser` on that file."
        )
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return pid
    try:
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        if not _ended(handle, STOP_SECONDS_MAX):
            tell(f"it did not end within {STOP_SECONDS_MAX} s; killing it")
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            _ended(handle, STOP_SECONDS_MAX)
    except ProcessLookupError:
        pass
    except PermissionError as fault:
        raise ClientError(
            f"process {pid} of {installation.data_dir} belongs to another user. "
            "Stop it as that user."
        ) from fault
    finally:
        os.close(handle)
    return pid


def _ended(handle: int, seconds: float) -> bool:
    """Whether the process of this pidfd has ended, waiting ``seconds`` at most."""
    return bool(select.select([handle], [], [], seconds)[0])
