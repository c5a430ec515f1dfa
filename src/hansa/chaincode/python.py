"""Chaincode in Python: contracts on hansa-contract, each package with a venv of its own."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from hansa.chaincode.config import BuildError, BuildersConfig, PythonConfig
from hansa.chaincode.keeper import keep
from hansa.chaincode.launch import inherited, read_launch
from hansa.chaincode.package import Package, copy_metadata, refuse_escaping_links
from hansa.chaincode.process import BuildLog, run_build, try_build
from hansa.chaincode.sandbox import Sandbox, View, choose_sandbox, existing

CODE = "src"
VENV = "venv"
VENDORED = "wheels"
"""A folder of the package with all that it depends on: nothing is fetched then."""

INDEX_SETTINGS = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_CERT": "SSL_CERT_FILE",
}
"""pip's settings count too, where uv's own do not say otherwise."""


def build(
    config: BuildersConfig,
    package: Package,
    output: Path,
    environment: Mapping[str, str],
    log: BuildLog,
) -> None:
    """Copy the package into ``output``, install what it depends on, and import its contracts.

    Raises :class:`BuildError`; what uv and Python said is in ``log``.
    """
    python, sandbox = config.require_python(), choose_sandbox(environment)
    if sandbox.warning:
        log.say(sandbox.warning)
    if not package.code.is_dir() or not any(package.code.rglob("*.py")):
        raise BuildError("the package has no Python files in its folder src")
    refuse_escaping_links(package.code)
    shutil.copytree(package.code, output / CODE, symlinks=True)
    installation = _Installation(python, sandbox, output, environment, log)
    installation.make_venv()
    installation.add_platform()
    installation.install()
    installation.check()
    _drop_interpreter(output / VENV)
    refuse_escaping_links(output)
    copy_metadata(package.source, output)


class _Installation:
    """The steps of one build, which share a view and an environment."""

    def __init__(
        self,
        python: PythonConfig,
        sandbox: Sandbox,
        output: Path,
        environment: Mapping[str, str],
        log: BuildLog,
    ) -> None:
        self._python, self._sandbox, self._log = python, sandbox, log
        self._code, self._venv = output / CODE, output / VENV
        home = environment.get("HOME", "/")
        settings = [f"{home}/.config/uv", f"{home}/.netrc", environment.get("UV_CONFIG_FILE")]
        certificates = [environment.get("SSL_CERT_FILE"), environment.get("PIP_CERT")]
        named = environment.get("UV_FIND_LINKS") or environment.get("PIP_FIND_LINKS") or ""
        self._links = [link for link in re.split(r"[,\s]+", named) if link]
        self._view = View(
            (
                *python.readable,
                *existing([python.uv, python.wheels]),
                *existing([*settings, *certificates, *self._links, "/etc/uv"]),
            ),
            (python.cache, str(output)),
            str(self._code),
        )
        self._variables = _build_environment(python, sandbox, environment, home)

    def make_venv(self) -> None:
        self._uv("venv", "--quiet", "--python", self._python.python, str(self._venv))

    def add_platform(self) -> None:
        """hansa-contract and what it depends on, as installed and compiled with the engine."""
        (target,) = self._venv.glob("lib/python*/site-packages")
        for packages in self._python.packages:
            shutil.copytree(packages, target, dirs_exist_ok=True)

    def install(self) -> None:
        """What the package asks for; where it is there already, no index is asked."""
        source = _requirements(self._code)
        if source is None:
            return
        options = ["--requirement", source.name]
        if (self._code / VENDORED).is_dir():
            self._log.say(f"using the package's own folder {VENDORED}, and no index")
            options += ["--no-index", "--find-links", VENDORED]
        if "--hash=" in source.read_text():
            options.append("--require-hashes")
        else:
            options.append("hansa-contract")
        if not self._pip_offline(options):
            self._pip(*options)
        self._uv("pip", "check", "--quiet", "--python", str(self._venv))

    def check(self) -> None:
        """Tell of what cannot be imported now, and not at the first transaction."""
        arguments = [str(self._venv / "bin" / "python"), "-s", "-P", "-m", "hansa_contract"]
        arguments += ["check", "--directory", str(self._code)]
        try:
            self._run(arguments)
        except BuildError as fault:
            raise BuildError(
                "the contracts cannot be loaded: see the file and line above"
            ) from fault

    def _pip_offline(self, options: Sequence[str]) -> bool:
        """Whether all was there already: then no index is asked, and a second build is quick."""
        arguments = [self._python.uv, *self._install("--offline", "--quiet", *options)]
        return try_build(self._sandbox, self._view, arguments, self._variables)

    def _pip(self, *options: str) -> None:
        self._uv(*self._install(*options))

    def _install(self, *options: str) -> tuple[str, ...]:
        # One on the command line puts those of the environment out of force.
        links = [f"--find-links={link}" for link in (self._python.wheels, *self._links)]
        return ("pip", "install", "--python", str(self._venv), *links, *options)

    def _uv(self, *arguments: str) -> None:
        self._run([self._python.uv, *arguments])

    def _run(self, arguments: list[str]) -> None:
        run_build(self._sandbox, self._view, arguments, self._variables, self._log)


def _requirements(code: Path) -> Path | None:
    """``requirements.txt`` with something in it, else a ``pyproject.toml`` with dependencies."""
    listed = code / "requirements.txt"
    if listed.is_file():
        lines = [line.strip() for line in listed.read_text(errors="replace").splitlines()]
        return listed if any(line and not line.startswith("#") for line in lines) else None
    project = code / "pyproject.toml"
    if not project.is_file():
        return None
    try:
        dependencies = tomllib.loads(project.read_text()).get("project", {}).get("dependencies")
    except (ValueError, AttributeError) as fault:
        raise BuildError(f"pyproject.toml cannot be read: {fault}") from fault
    return project if dependencies else None


def _build_environment(
    python: PythonConfig, sandbox: Sandbox, environment: Mapping[str, str], home: str
) -> dict[str, str]:
    temporary = sandbox.temporary_directory or environment.get("TMPDIR")
    settings = inherited(environment)
    for theirs, ours in INDEX_SETTINGS.items():
        if environment.get(theirs):
            settings.setdefault(ours, environment[theirs])
    return {
        **settings,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        **({"TMPDIR": temporary} if temporary else {}),
        "UV_CACHE_DIR": python.cache,
        **({"UV_OFFLINE": "1"} if sandbox.rules.offline else {}),
        "UV_LINK_MODE": "copy",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "PYTHONHASHSEED": "0",
    }


def _drop_interpreter(venv: Path) -> None:
    """A peer refuses to store absolute links; :func:`run` makes this one again."""
    for link in (venv / "bin").iterdir():
        if link.is_symlink():
            link.unlink()


def run(
    config: BuildersConfig, built: Path, launch_directory: Path, environment: Mapping[str, str]
) -> NoReturn:
    """Run what :func:`build` made. Raises :class:`BuildError` where it cannot be started."""
    python = config.require_python()
    sandbox, launch = choose_sandbox(environment), read_launch(launch_directory)
    code = built / CODE
    variables = {
        **_without_indexes(inherited(environment)),
        **launch.environment(),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 - chaincode has no home of its own
        # The order of a set must not differ between endorsers.
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if launch.tls:
        variables["CORE_TLS_CLIENT_CERT_FILE"] = launch.write(
            "client.pem", launch.client_certificate
        )
        variables["CORE_TLS_CLIENT_KEY_FILE"] = launch.write("client.key", launch.client_key)
    if sandbox.warning:
        os.write(2, sandbox.warning.encode() + b"\n")
    interpreter = _link_interpreter(built / VENV, Path(python.python))
    arguments = [str(interpreter), "-s", "-P", "-m", "hansa_contract", "start"]
    arguments += ["--peer.address", launch.peer_address, "--directory", str(code)]
    readable = existing([*python.readable, str(built), str(launch_directory)])
    keep(sandbox, View(readable, (), str(code)), arguments, variables)


def _without_indexes(variables: Mapping[str, str]) -> dict[str, str]:
    """Where packages come from, perhaps with a password, is none of the chaincode's business."""
    return {
        name: value for name, value in variables.items() if not name.startswith(("PIP_", "UV_"))
    }


def _link_interpreter(venv: Path, python: Path) -> Path:
    link = venv / "bin" / "python"
    if not link.is_symlink() or link.readlink() != python:
        new = link.with_name(f".python.{os.getpid()}")
        new.symlink_to(python)
        new.replace(link)
    return link
