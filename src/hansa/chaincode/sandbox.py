"""Keep chaincode away from everything that is not its own, with bubblewrap.

Inside, only named directories exist: the system's programs and libraries, what the language needs,
and the chaincode itself. A peer's keys and ledgers, other peers, and the user's home are not there.
There is a private ``/tmp`` of limited size; all else is read-only. No other process is seen. The
network is one of its own, from which only the peer can be reached (:mod:`hansa.chaincode.relay`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hansa.chaincode.config import BuildError
from hansa.chaincode.rules import MIB, Rules, read_rules

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

NETWORK_WARNING = (
    "WARNING: chaincode shares the machine's network: %s. It can reach whatever this machine can."
)

TEMPORARY_MIB, BUILD_TEMPORARY_MIB = 64, 2048
"""Of the private ``/tmp``, which is in memory."""


@dataclass(frozen=True)
class View:
    """What a sandboxed program sees besides the system; ``directory`` is where it starts."""

    readable: tuple[str, ...]
    writable: tuple[str, ...]
    directory: str


@dataclass(frozen=True)
class Outside:
    """What a running sandbox is told and asked from outside, by descriptors.

    bubblewrap writes the pid of its child to ``info``, and starts the program when ``block`` can
    be read.
    """

    info: int
    block: int


@dataclass(frozen=True)
class Sandbox:
    """``bubblewrap`` is the program's path, empty where there is no sandbox.

    ``sized``: it can limit the size of ``/tmp``. ``private_network``: it can give a network that
    nothing is in; without, the machine's is shared.
    """

    bubblewrap: str
    warning: str = ""
    sized: bool = True
    private_network: bool = True
    rules: Rules = field(default_factory=Rules)

    @property
    def relayed(self) -> bool:
        """Whether running chaincode has a network of its own."""
        return bool(self.bubblewrap) and self.private_network and self.rules.network == "peer"

    def run_command(self, view: View, arguments: Sequence[str], outside: Outside) -> list[str]:
        """For chaincode: with no way out but what is made for it from outside."""
        options = ["--info-fd", str(outside.info), "--block-fd", str(outside.block)]
        if self.relayed:
            options.append("--unshare-net")
        return self.command(view, arguments, options, TEMPORARY_MIB)

    def build_command(self, view: View, arguments: Sequence[str]) -> list[str]:
        """For a build, which may fetch dependencies unless the rules are against it."""
        cut_off = self.rules.offline and self.private_network
        options = ["--unshare-net"] if cut_off else []
        return self.command(view, arguments, options, BUILD_TEMPORARY_MIB)

    def command(
        self,
        view: View,
        arguments: Sequence[str],
        options: Sequence[str] = (),
        temporary_mib: int = TEMPORARY_MIB,
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
        size = ["--size", str(temporary_mib * MIB)] if self.sized else []
        wrapped += ["--proc", "/proc", "--dev", "/dev", *size, "--tmpfs", "/dev/shm"]  # noqa: S108 - its own
        wrapped += [*size, "--tmpfs", "/tmp"]  # noqa: S108 - its own
        for directory in view.readable:
            wrapped += ["--ro-bind-try", directory, directory]
        for directory in view.writable:
            wrapped += ["--bind", directory, directory]
        # What lies between is in memory, and could be filled.
        wrapped += ["--remount-ro", "/dev", "--remount-ro", "/"]
        return [*wrapped, *options, "--chdir", view.directory, "--", *arguments]

    @property
    def temporary_directory(self) -> str | None:
        """The private ``/tmp``, or None where there is no sandbox."""
        return "/tmp" if self.bubblewrap else None  # noqa: S108 - the sandbox's own


def choose_sandbox(environment: Mapping[str, str]) -> Sandbox:
    """As ``HANSA_CHAINCODE_SANDBOX`` says: ``auto`` (the default), ``bubblewrap`` or ``none``.

    Raises :class:`BuildError` where bubblewrap is required and does not work.
    """
    rules = read_rules(environment)
    mode = environment.get("HANSA_CHAINCODE_SANDBOX") or "auto"
    if mode not in ("auto", "bubblewrap", "none"):
        raise BuildError(f"HANSA_CHAINCODE_SANDBOX is {mode!r}; it may be auto, bubblewrap or none")
    if mode == "none":
        return Sandbox("", WARNING % "the setting chaincode_sandbox is none", rules=rules)
    found = shutil.which("bwrap", path=environment.get("PATH"))
    chosen, fault = _probe(found, rules) if found else (None, "bubblewrap is not installed")
    if chosen is not None:
        return chosen
    if mode == "bubblewrap":
        raise BuildError(
            f"the setting chaincode_sandbox requires bubblewrap, but {fault}; install it "
            "(Debian, Ubuntu: apt-get install bubblewrap), or allow user namespaces, or set "
            "chaincode_sandbox to auto"
        )
    return Sandbox("", WARNING % fault, rules=rules)


def _probe(bubblewrap: str, rules: Rules) -> tuple[Sandbox | None, str]:
    """The strictest sandbox that works here; or None, and why."""
    fault = first = ""
    for private_network in (True, False):
        for sized in (True, False):
            tried = Sandbox(bubblewrap, "", sized, private_network, rules)
            fault = _try(tried)
            first = first or fault
            if not fault:
                shared = rules.network == "peer" and not private_network
                return replace(tried, warning=NETWORK_WARNING % first if shared else ""), ""
    return None, fault


def _try(sandbox: Sandbox) -> str:
    """Why it does not work here; empty where it does."""
    options = ["--unshare-net"] if sandbox.private_network else []
    try:
        outcome = subprocess.run(
            sandbox.command(View((), (), "/"), ["true"], options),
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
