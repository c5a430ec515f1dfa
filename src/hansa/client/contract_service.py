"""A contract as a service, run on this machine out of its own folder."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from hansa.chaincode.ccaas import CONNECTION
from hansa.chaincode.config import BuildersConfig
from hansa.chaincode.node import PLATFORM, can_share, find_main, read_manifest
from hansa.chaincode.npm import MODULES
from hansa.client.contract_tools import (
    cannot_start,
    node_path,
    npm_install,
    own_python,
    python_dependencies,
    run,
)
from hansa.client.installation import ClientError
from hansa.fabric.packages import Package, make_package

START_SECONDS_MAX = 30
END_SECONDS_MAX = 5
_LOOK_SECONDS = 0.02
_PR_SET_PDEATHSIG = 1
_LOAD = (
    "import(require('node:url').pathToFileURL(require('node:path').resolve(process.argv[1])))"
    ".then(() => process.exit(0))"
)
"""Has Node.js load a module, with all that it needs, and end."""
_PORTS = (20_000, 10_000)
"""The first port that is tried, and how many there are: below those that systems give out."""


@dataclass(frozen=True)
class ServicePlan:
    """How a contract is served.

    ``preparations`` run where they are others than the last time, ``checks`` before each start.
    """

    command: Sequence[str]
    variables: Mapping[str, str]
    preparations: Sequence[Sequence[str]] = field(default=())
    checks: Sequence[Sequence[str]] = field(default=())


def choose_address(*key: str) -> str:
    """An address that is free, the same for the same ``key`` where it can be.

    Then the package that names it is the same, too, and is not deployed again.
    """
    first, count = _PORTS
    for port in (first + crc32("/".join(key).encode()) % count, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return f"127.0.0.1:{probe.getsockname()[1]}"
    raise ClientError("there is no free port on 127.0.0.1 for the contract to listen on.")


def service_package(name: str, address: str) -> Package:
    """The package that tells peers where the contract is."""
    connection = {"address": address, "dial_timeout": "10s", "tls_required": False}
    return make_package(name, "ccaas", "", {CONNECTION: json.dumps(connection).encode()})


def plan_service(
    folder: Path, language: str, builders: BuildersConfig, package: Package, address: str,
    scratch: Path,
) -> ServicePlan:  # fmt: skip
    """How the contract in ``folder`` is served at ``address`` as the chaincode of ``package``.

    ``scratch`` is a folder for what it depends on. Raises :class:`ClientError`, and ``BuildError``
    where the engine cannot build the language.
    """
    where = ["--chaincode-address", address, "--chaincode-id", package.package_id]
    if language == "python":
        return _python(folder, builders, where, scratch)
    if language == "node":
        return _node(folder, builders, where)
    raise ClientError(
        f"a contract of the kind {language} cannot be run as a service by itself: that takes code "
        "of its own. Leave --as-service out, and each change is deployed."
    )


def _python(
    folder: Path, builders: BuildersConfig, where: Sequence[str], scratch: Path
) -> ServicePlan:
    python = builders.require_python()
    program, places, preparations = python.python, [*python.packages], []
    listed = folder / "requirements.txt"
    wanted = [each for each in python_dependencies(folder) if each != "hansa-contract"]
    if own := own_python(folder, "hansa_contract"):
        program, places = own, []
    elif wanted or listed.is_file():
        places.insert(0, str(scratch))
        install = [python.uv, "pip", "install", "--quiet", "--python", python.python]
        install += ["--target", str(scratch), "--find-links", python.wheels, *wanted]
        preparations.append([*install, *(["-r", listed.name] if listed.is_file() else [])])
    contract = [program, "-P", "-m", "hansa_contract"]
    variables = {
        # As the builder's: the order of a set must not differ between endorsers.
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **({"PYTHONPATH": os.pathsep.join(places)} if places else {}),
        "UV_CACHE_DIR": python.cache,
    }
    checks = [[*contract, "check"]]
    return ServicePlan([*contract, "serve", *where], variables, preparations, checks)


def _node(folder: Path, builders: BuildersConfig, where: Sequence[str]) -> ServicePlan:
    node = builders.require_node()
    manifest, own = read_manifest(folder), folder / MODULES
    compiles = bool((manifest.get("scripts") or {}).get("build"))
    modules, preparations = own, []
    if not own.is_dir() and not compiles and can_share(manifest, Path(node.modules)):
        modules = Path(node.modules)
    elif not own.is_dir():
        preparations.append(npm_install(node))
    found = find_main(manifest, folder)
    main = str(found.relative_to(folder)) if found is not None else str(manifest.get("main"))
    checks = [[node.npm, "run", "--silent", "build"]] if compiles else []
    checks.append([node.node, "-e", _LOAD, main])
    starter = (modules / PLATFORM[0] / "cli.js").absolute()
    variables = {"PATH": node_path(node), **({} if modules == own else {"NODE_PATH": str(modules)})}
    return ServicePlan([node.node, str(starter), "server", *where], variables, preparations, checks)


class ContractService:
    """The process of a contract that is served; there is one at a time, and it ends with us.

    ``plan`` says how, as the project's files are now.
    """

    def __init__(
        self,
        plan: Callable[[], ServicePlan],
        folder: Path,
        address: str,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._plan, self._folder, self.address, self._pause = plan, folder, address, pause
        self._process: subprocess.Popen[bytes] | None = None
        self._prepared: Sequence[Sequence[str]] = ()

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    def restart(self) -> None:
        """Start the contract as its source is now; where that has a mistake, the former goes on.

        Raises :class:`ClientError`; what the language says of it goes to stdout and stderr.
        """
        plan = self._plan()
        if plan.preparations != self._prepared:
            what = "what the contract depends on cannot be installed"
            self._run(plan, plan.preparations, what)
            self._prepared = plan.preparations
        self._run(plan, plan.checks, "the contract cannot be loaded")
        self.stop()
        self._process = self._start(plan)
        host, _, port = self.address.rpartition(":")
        looks = int(START_SECONDS_MAX / _LOOK_SECONDS)
        for _ in range(looks):
            with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                return
            if self._process.poll() is not None:
                break
            self._pause(_LOOK_SECONDS)
        self.stop()
        raise ClientError("the contract does not start: see what it says above. Mend it.")

    def take_end(self) -> int | None:
        """The exit code, told once, if the contract has ended by itself."""
        if self._process is None or self._process.poll() is None:
            return None
        code = self._process.returncode
        self.stop()
        return code

    def stop(self) -> None:
        """End it with all that it has started."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS_MAX)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _start(self, plan: ServicePlan) -> subprocess.Popen[bytes]:
        # A group of its own: Ctrl-C is for us, who end it.
        try:
            return subprocess.Popen(
                plan.command,
                cwd=self._folder,
                env={**os.environ, **plan.variables},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - no threads
            )
        except OSError as fault:
            raise ClientError(cannot_start(plan.command, fault)) from fault

    def _run(self, plan: ServicePlan, commands: Sequence[Sequence[str]], what: str) -> None:
        for command in commands:
            if run(command, self._folder, plan.variables) != 0:
                raise ClientError(f"{what}: see above. Once it is mended, it is tried again.")


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
