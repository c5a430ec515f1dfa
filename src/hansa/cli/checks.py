"""What ``hansa doctor`` looks at: each check answers with one finding, and changes nothing."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from hansa.cli import service
from hansa.cli.exits import EngineMissingError
from hansa.client.installation import ClientError, Installation
from hansa.diagnosis.findings import Grade
from hansa.settings import Settings

GIB = 1024**3
DISK_BYTES_MIN = GIB
DISK_BYTES_LOW = 5 * GIB
OPEN_FILES_LOW = 4096
SKEW_SECONDS_LOW = 60


@dataclass(frozen=True)
class Finding:
    """What was seen; ``remedy`` says what to do, and is empty where nothing has to be done."""

    subject: str
    grade: Grade
    seen: str
    remedy: str = ""


def all_findings(installation: Installation) -> list[Finding]:
    """Every check, in the order in which one would mend things."""
    return [
        check_data_directory(installation),
        check_disk(shutil.disk_usage(_existing_parent(installation)).free),
        check_engine(),
        check_service(installation),
        check_listen(installation),
        check_names(installation),
        check_clock(installation),
        check_credentials(installation),
        check_sandbox(installation.settings),
        check_limits(),
        check_open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[1]),
    ]


def _existing_parent(installation: Installation) -> str:
    directory = installation.data_dir
    while not directory.exists():
        directory = directory.parent
    return str(directory)


def check_data_directory(installation: Installation) -> Finding:
    """It can be written, and nobody else can read it."""
    directory, subject = installation.data_dir, "data directory"
    existing = _existing_parent(installation)
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            subject,
            Grade.BAD,
            f"{existing} cannot be written by this user",
            "Give its owner's rights, or choose another directory with --data-dir.",
        )
    if not directory.exists():
        return Finding(subject, Grade.OK, f"{directory} will be made at the first start")
    if directory.stat().st_mode & 0o077:
        return Finding(
            subject,
            Grade.BAD,
            f"{directory} can be read by others, and it holds keys",
            f"Run: chmod 700 {directory}",
        )
    return Finding(subject, Grade.OK, str(directory))


def check_disk(free_bytes: int) -> Finding:
    """There is space: a network takes some 20 MB, the engine 200 MB and 2 GB while it is built."""
    seen = f"{free_bytes / GIB:.1f} GiB free"
    if free_bytes < DISK_BYTES_MIN:
        return Finding(
            "disk", Grade.BAD, seen, "Free some space: ledgers cannot grow on a full disk."
        )
    if free_bytes < DISK_BYTES_LOW:
        return Finding("disk", Grade.NOTE, seen, "Ledgers grow; see that it does not fill up.")
    return Finding("disk", Grade.OK, seen)


def check_engine() -> Finding:
    """Fabric's programs are there."""
    from hansa.cli.engine_setup import find_engine

    try:
        engine = find_engine()
    except EngineMissingError as fault:
        return Finding("engine", Grade.BAD, str(fault), "Run: hansa engine install")
    told = [*engine.differences(), *engine.limits()]
    seen = f"{engine.root}, Fabric {engine.versions()['fabric']}"
    return Finding(
        "engine", Grade.NOTE if told else Grade.OK, seen, "Know: " + " ".join(told) if told else ""
    )


def check_service(installation: Installation) -> Finding:
    """It runs, and answers."""
    found = service.running(installation)
    if found is None:
        return Finding("service", Grade.NOTE, "it does not run", "Start it: hansa up")
    if not service.answers(found.url):
        return Finding(
            "service",
            Grade.BAD,
            f"process {found.pid} does not answer at {found.url}",
            "See `hansa logs`, then: hansa restart",
        )
    return Finding("service", Grade.OK, f"{found.url}, process {found.pid}")


def check_listen(installation: Installation) -> Finding:
    """Its address is free, or its own."""
    if service.running(installation) is not None:
        return Finding("address", Grade.OK, "held by the service")
    listen = installation.settings.listen
    host, _, port = listen.rpartition(":")
    if not port.isdigit():
        return Finding(
            "address", Grade.BAD, f"{listen} is no HOST:PORT", "Set listen to, say, 127.0.0.1:8590."
        )
    try:
        with socket.create_server((host.strip("[]"), int(port))):
            return Finding("address", Grade.OK, f"{listen} is free")
    except OSError as fault:
        return Finding(
            "address",
            Grade.BAD,
            f"{listen} cannot be used: {fault.strerror}",
            "End the program that holds it, or use another: hansa up --listen HOST:PORT",
        )


def check_names(installation: Installation) -> Finding:
    """Endpoint names resolve."""
    from hansa.drivers.base import DriverError
    from hansa.drivers.local.hosts import choose_names

    settings = installation.settings
    try:
        choice = choose_names(
            settings.names, settings.domain, settings.region, settings.hosts_file, "doctor"
        )
    except DriverError as fault:
        return Finding("names", Grade.BAD, str(fault), "Set names=auto.")
    if not choice.named:
        return Finding(
            "names",
            Grade.NOTE,
            choice.reason,
            f"To have AMB's names, let this user write {settings.hosts_file}.",
        )
    return Finding("names", Grade.OK, choice.reason)


def check_clock(installation: Installation) -> Finding:
    """The clock is plausible: signatures and certificates depend on it."""
    now = datetime.now(UTC)
    if now.year < 2026:
        return Finding(
            "clock", Grade.BAD, f"it says {now:%Y-%m-%d}", "Set the system's clock (NTP)."
        )
    found = service.running(installation)
    skew = abs(_service_time(found.url) - time.time()) if found else 0.0
    if skew > SKEW_SECONDS_LOW:
        return Finding(
            "clock", Grade.BAD, f"{skew:.0f} s from the service's", "Set the system's clock (NTP)."
        )
    return Finding("clock", Grade.OK, f"{now:%Y-%m-%dT%H:%M:%SZ}")


def _service_time(url: str) -> float:
    """The service's clock; this machine's where it does not tell."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=2)
    try:
        connection.request("GET", "/healthz")
        date = connection.getresponse().getheader("Date")
        return parsedate_to_datetime(date).timestamp() if date else time.time()
    except (OSError, HTTPException, ValueError):
        return time.time()
    finally:
        connection.close()


def check_credentials(installation: Installation) -> Finding:
    """The administrator's key is kept secret, and the service takes it."""
    file = installation.data_dir / "administrator.json"
    if not file.exists():
        return Finding("credentials", Grade.OK, "they are made at the first start")
    if file.stat().st_mode & 0o077:
        return Finding(
            "credentials", Grade.BAD, f"{file} can be read by others", f"Run: chmod 600 {file}"
        )
    if service.running(installation) is None:
        return Finding("credentials", Grade.OK, f"{file}")
    from botocore.exceptions import BotoCoreError
    from botocore.exceptions import ClientError as ApiError

    from hansa.client.api import describe, managedblockchain

    try:
        managedblockchain(installation).list_networks(MaxResults=1)
    except (ApiError, BotoCoreError, ClientError) as fault:
        text = str(fault) if isinstance(fault, ClientError) else describe(fault)
        return Finding("credentials", Grade.BAD, text, "See `hansa logs`, then: hansa restart")
    return Finding("credentials", Grade.OK, "the service takes the administrator's key")


def check_sandbox(settings: Settings) -> Finding:
    """Chaincode runs in a sandbox, with a network of its own."""
    from hansa.chaincode.config import BuildError
    from hansa.chaincode.sandbox import choose_sandbox

    rights = "chaincode runs with this user's rights"
    if settings.chaincode_sandbox == "none":
        remedy = "For chaincode you do not trust: chaincode_sandbox=auto"
        return Finding("sandbox", Grade.NOTE, f"{rights}, as set", remedy)
    environment = {**settings.chaincode_environment(), "PATH": os.environ.get("PATH", os.defpath)}
    try:
        sandbox = choose_sandbox(environment)
    except BuildError as fault:
        return Finding("sandbox", Grade.BAD, str(fault), "Do what it says, or change the setting.")
    if not sandbox.bubblewrap:
        remedy = "Install bubblewrap, and allow user namespaces (in a container: that it may)."
        return Finding("sandbox", Grade.NOTE, sandbox.warning, remedy)
    if sandbox.warning:
        return Finding("sandbox", Grade.NOTE, sandbox.warning, "Allow network namespaces.")
    reach = "the peer alone" if sandbox.relayed else "the network, as set"
    return Finding("sandbox", Grade.OK, f"bubblewrap works; chaincode reaches {reach}")


def check_limits() -> Finding:
    """CPU and memory limits of instance types can be kept."""
    from hansa.drivers.local.cgroups import Cgroups, find_hierarchies

    note = Cgroups("doctor", find_hierarchies()).note()
    if note:
        return Finding(
            "limits", Grade.NOTE, note, "Run where this user may make control groups (systemd)."
        )
    return Finding("limits", Grade.OK, "control groups hold CPU and memory")


def check_open_files(limit: int) -> Finding:
    """A process may have enough files open."""
    if limit != resource.RLIM_INFINITY and limit < OPEN_FILES_LOW:
        return Finding(
            "open files",
            Grade.NOTE,
            f"at most {limit} in a process",
            f"Raise it before large networks: ulimit -n {OPEN_FILES_LOW}",
        )
    return Finding("open files", Grade.OK, "enough")
