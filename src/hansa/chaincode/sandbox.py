"""Keep chaincode away from everything that is not its own, with bubblewrap.

Inside, only named directories exist: the system's programs and libraries, what the language needs,
and the chaincode itself. A peer's keys and ledgers, other peers, and the user's home are not there.
There is a private ``/tmp``, and no other process is seen. The network is shared, since chaincode
has to reach its peer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hansa.chaincode.config import BuildError

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
"""Programs and libraries, where the system has these directories."""

CONFIGURATION = tuple(
    f"/etc/{name}"
    for name in (
        "alternatives",
        "ca-certificates",
        "crypto-policies",
        "gai.conf",
        "group",
        "host.conf",
        "hosts",
        "ld.so.cache",
        "ld.so.conf",
        "ld.so.conf.d",
        "localtime",
        "nsswitch.conf",
        "passwd",
        "pki",
        "resolv.conf",
        "services",
        "ssl",
    )
)
"""What name resolution, TLS and the dynamic linker read; nothing with a secret."""

ISOLATION = (
    "--unshare-user-try",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
)

WARNING = (
    "WARNING: chaincode runs WITHOUT a sandbox, with all rights of the peer's user: %s. "
    "It can read that user's files, the peer's keys among them."
)


@dataclass(frozen=True)
class View:
    """What a sandboxed program sees besides the system; ``directory`` is where it starts."""

    readable: tuple[str, ...]
    writable: tuple[str, ...]
    directory: str


@dataclass(frozen=True)
class Sandbox:
    """``bubblewrap`` is the program's path, empty where there is no sandbox."""

    bubblewrap: str
    warning: str = ""

    def command(
        self, view: View, arguments: Sequence[str], *, info_descriptor: int | None = None
    ) -> list[str]:
        """``arguments`` inside the sandbox, or as they are where there is none."""
        if not self.bubblewrap:
            return list(arguments)
        wrapped = [self.bubblewrap, *ISOLATION]
        for directory in (*SYSTEM, *CONFIGURATION):
            wrapped += ["--ro-bind-try", directory, directory]
        resolver = os.path.realpath("/etc/resolv.conf")
        if not resolver.startswith("/etc/"):
            wrapped += ["--ro-bind-try", resolver, resolver]
        wrapped += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - its own
        for directory in view.readable:
            wrapped += ["--ro-bind-try", directory, directory]
        for directory in view.writable:
            wrapped += ["--bind", directory, directory]
        if info_descriptor is not None:
            wrapped += ["--info-fd", str(info_descriptor)]
        return [*wrapped, "--chdir", view.directory, "--", *arguments]

    @property
    def temporary_directory(self) -> str | None:
        """The private ``/tmp``, or None where there is no sandbox."""
        return "/tmp" if self.bubblewrap else None  # noqa: S108 - the sandbox's own


def choose_sandbox(environment: Mapping[str, str]) -> Sandbox:
    """As ``HANSA_CHAINCODE_SANDBOX`` says: ``auto`` (the default), ``bubblewrap`` or ``none``.

    Raises :class:`BuildError` where bubblewrap is required and does not work.
    """
    mode = environment.get("HANSA_CHAINCODE_SANDBOX") or "auto"
    if mode not in ("auto", "bubblewrap", "none"):
        raise BuildError(f"HANSA_CHAINCODE_SANDBOX is {mode!r}; it may be auto, bubblewrap or none")
    if mode == "none":
        return Sandbox("", WARNING % "the setting chaincode_sandbox is none")
    found = shutil.which("bwrap", path=environment.get("PATH"))
    fault = "bubblewrap is not installed" if found is None else _try(found)
    if found is not None and not fault:
        return Sandbox(found)
    if mode == "bubblewrap":
        raise BuildError(
            f"the setting chaincode_sandbox requires bubblewrap, but {fault}; install it "
            "(Debian, Ubuntu: apt-get install bubblewrap), or allow user namespaces, or set "
            "chaincode_sandbox to auto"
        )
    return Sandbox("", WARNING % fault)


def _try(bubblewrap: str) -> str:
    """Why it does not work here; empty where it does."""
    view = View((), (), "/")
    try:
        outcome = subprocess.run(
            Sandbox(bubblewrap).command(view, ["true"]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        return f"bubblewrap does not start ({fault})"
    if outcome.returncode == 0:
        return ""
    message = outcome.stderr.decode(errors="replace").strip().splitlines()
    return f"bubblewrap does not work here ({message[-1] if message else 'it failed'})"


def existing(paths: Sequence[str | None]) -> tuple[str, ...]:
    """Those that are there, as a sandbox may show them."""
    return tuple(path for path in paths if path and Path(path).exists())
