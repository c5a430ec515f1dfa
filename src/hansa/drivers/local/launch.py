"""Starts a process that outlives the service."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from hansa.domain.workload import Program
from hansa.drivers.base import PermanentDriverError, TemporaryDriverError
from hansa.drivers.local.identity import Identity, identify_child
from hansa.drivers.local.records import Folder, Record, disk_faults
from hansa.drivers.local.scan import DIGEST, MARKER

_MEND = "repair the engine with `hansa engine install`"
_DEFAULTS = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


def find(program: Program, find_program: Callable[[Program], Path]) -> Path:
    """Where the program is. Raises :class:`PermanentDriverError` where it is missing."""
    try:
        path = find_program(program)
    except (OSError, LookupError) as fault:
        raise PermanentDriverError(
            f"cannot find the program {program}: {fault}; {_MEND}"
        ) from fault
    if not path.is_file():
        raise PermanentDriverError(f"cannot find the program {program} at {path}; {_MEND}")
    return path


def launch(
    record: Record,
    folder: Folder,
    program: Path,
    environment: Mapping[str, str],
    installation_id: str,
) -> Identity:
    """Start it in a session of its own, its output appended to the workload's log.

    Raises :class:`DriverError` if it cannot be executed.
    """
    marked = {
        **_DEFAULTS,
        **environment,
        **record.workload.environment,
        MARKER: f"{installation_id}/{record.workload.name}",
        DIGEST: record.digest,
    }
    with disk_faults(folder.path):
        folder.make()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        log = os.open(folder.log, flags, 0o600)
    try:
        process = subprocess.Popen(
            [str(program), *record.workload.arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.data,
            env=marked,
            close_fds=True,
            start_new_session=True,
            umask=0o077,
        )
    except OSError as fault:
        raise _refusal(program, fault) from fault
    finally:
        os.close(log)
    # Its exit is waited for through its pidfd, also by a later service, whose child it is not.
    # A return code makes Popen leave it alone.
    process.returncode = 0
    return identify_child(process.pid)


def _refusal(program: Path, fault: OSError) -> PermanentDriverError | TemporaryDriverError:
    if fault.errno in (errno.EAGAIN, errno.ENOMEM, errno.ENFILE, errno.EMFILE, errno.ETXTBSY):
        return TemporaryDriverError(
            f"cannot start {program}: {fault.strerror}; the machine is short of memory, processes "
            "or open files: end something, it is tried again"
        )
    if fault.errno == errno.ENOEXEC:
        return PermanentDriverError(
            f"cannot start {program}: it is not a program for this machine; {_MEND}"
        )
    return PermanentDriverError(f"cannot start {program}: {fault.strerror}; {_MEND}")
