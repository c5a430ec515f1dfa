"""What is durable of a workload: ``workload.json`` (what shall be) and ``process.json`` (what is).

``workload.json`` is written, and synced to disk, before a process starts. The contents of
configuration files are not in it, only their digests.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from hansa.domain.workload import Limits, Probe, Program, Workload
from hansa.drivers.base import PermanentDriverError, TemporaryDriverError
from hansa.drivers.local.identity import Identity

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\Z")
_TRASH = ".trash-"
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Intent(StrEnum):
    """What shall become of a workload."""

    RUN = "RUN"
    STOP = "STOP"
    REMOVE = "REMOVE"


@dataclass(frozen=True)
class Record:
    """A workload as it was asked for; ``files`` maps its configuration to SHA-256 digests.

    ``workload.files`` is empty.
    """

    workload: Workload
    files: Mapping[str, str]
    intent: Intent

    @staticmethod
    def of(workload: Workload, intent: Intent = Intent.RUN) -> Record:
        files = {path: hashlib.sha256(data).hexdigest() for path, data in workload.files.items()}
        return Record(replace(workload, files={}), files, intent)

    def values(self) -> dict[str, Any]:
        work = self.workload
        return {
            **{
                key: getattr(work, key)
                for key in ("name", "resource_id", "program", "ports", "hostnames", "arguments")
            },
            "environment": dict(work.environment),
            "files": dict(self.files),
            "probe": {**asdict(work.probe), "ca_pem": work.probe.ca_pem.decode()},
            "limits": asdict(work.limits),
            "stop_seconds": work.stop_seconds,
        }

    @property
    def digest(self) -> str:
        """Equal for equal workloads, whatever the intent."""
        return hashlib.sha256(json.dumps(self.values(), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Process:
    """The main process that was started for a record with ``digest``, in the control ``groups``."""

    identity: Identity
    digest: str
    groups: tuple[Path, ...] = ()


def _read_record(text: str) -> Record:
    stored = json.loads(text)
    values = stored["workload"]
    workload = Workload(
        name=values["name"],
        resource_id=values["resource_id"],
        program=Program(values["program"]),
        arguments=tuple(values["arguments"]),
        environment=values["environment"],
        files={},
        ports=tuple(values["ports"]),
        hostnames=tuple(values["hostnames"]),
        probe=Probe(**{**values["probe"], "ca_pem": values["probe"]["ca_pem"].encode()}),
        limits=Limits(**values["limits"]),
        stop_seconds=values["stop_seconds"],
    )
    return Record(workload, values["files"], Intent(stored["intent"]))


@contextmanager
def disk_faults(directory: Path) -> Iterator[None]:
    """Turns a fault of the disk into a :class:`DriverError` that names ``directory``."""
    try:
        yield
    except OSError as fault:
        if fault.errno in _FULL:
            raise TemporaryDriverError(
                f"cannot write to {directory}: the disk is full; free some space, it is tried again"
            ) from fault
        raise TemporaryDriverError(
            f"cannot write to {directory}: {fault.strerror}; see that this user may write there"
        ) from fault


def write_durably(path: Path, data: bytes) -> None:
    """Replace ``path`` in one step, mode 0600; it is on the disk when this returns."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Folder:
    """The directory of one workload: ``config``, ``data``, ``log``, and its two records."""

    def __init__(self, workloads: Path, name: str) -> None:
        if not _NAME.match(name):
            raise PermanentDriverError(f"cannot use {name!r} as the name of a workload")
        self.path = workloads / name
        self.config = self.path / "config"
        self.data = self.path / "data"
        self.log = self.path / "log" / "current.log"

    def exists(self) -> bool:
        return self.path.is_dir()

    def make(self) -> None:
        for directory in (self.path, self.config, self.data, self.log.parent):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def load(self) -> Record | None:
        """The record; None where there is none, or where it cannot be read."""
        try:
            return _read_record((self.path / "workload.json").read_text())
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, record: Record) -> None:
        content = {"intent": record.intent, "workload": record.values()}
        with disk_faults(self.path):
            self.make()
            write_durably(
                self.path / "workload.json", json.dumps(content, indent=1, sort_keys=True).encode()
            )

    def write_files(self, files: Mapping[str, bytes], former: Mapping[str, str]) -> None:
        """Make the configuration be ``files``; those of ``former`` that are not in it go.

        Other files of the directory are the process's own and stay.
        """
        for path in files:
            if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                raise PermanentDriverError(f"cannot write the configuration file {path!r}")
        with disk_faults(self.config):
            self.make()
            for path, data in files.items():
                self._write_file(self.config / path, data)
            for path in set(former) - set(files):
                (self.config / path).unlink(missing_ok=True)

    def _write_file(self, path: Path, data: bytes) -> None:
        try:
            if path.read_bytes() == data:
                path.chmod(0o600)
                return
        except OSError:
            pass
        for directory in reversed(path.relative_to(self.config).parents):
            (self.config / directory).mkdir(mode=0o700, exist_ok=True)
        write_durably(path, data)

    def load_process(self) -> Process | None:
        try:
            stored = json.loads((self.path / "process.json").read_text())
            identity = Identity(int(stored["pid"]), int(stored["started"]), str(stored["boot"]))
            groups = tuple(Path(path) for path in stored["groups"])
            return Process(identity, str(stored["digest"]), groups)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save_process(self, process: Process) -> None:
        with disk_faults(self.path):
            content = {
                **asdict(process.identity),
                "digest": process.digest,
                "groups": [str(path) for path in process.groups],
            }
            write_durably(self.path / "process.json", json.dumps(content).encode())

    def forget_process(self) -> None:
        (self.path / "process.json").unlink(missing_ok=True)

    def delete(self) -> None:
        """Away with it: first out of sight in one step, then from the disk."""
        trash = self.path.with_name(f"{_TRASH}{uuid.uuid4().hex}")
        try:
            self.path.rename(trash)
        except FileNotFoundError:
            return
        shutil.rmtree(trash, ignore_errors=True)


def sweep(workloads: Path) -> None:
    """Delete what a crash has left of deletions."""
    for path in workloads.glob(f"{_TRASH}*"):
        shutil.rmtree(path, ignore_errors=True)


def names(workloads: Path) -> list[str]:
    """The workloads that have a directory."""
    try:
        return sorted(path.name for path in workloads.iterdir() if _NAME.match(path.name))
    except FileNotFoundError:
        return []
