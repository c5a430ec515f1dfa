"""Chaincode in Node.js: on the contract API or on the shim, with or without its node_modules."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from hansa.chaincode import npm
from hansa.chaincode.config import BuildError, BuildersConfig, NodeConfig
from hansa.chaincode.keeper import keep
from hansa.chaincode.launch import inherited, read_launch
from hansa.chaincode.npm import node_environment
from hansa.chaincode.package import Package, copy_metadata, refuse_escaping_links
from hansa.chaincode.process import BuildLog, run_build
from hansa.chaincode.ranges import asks_for_major, satisfies
from hansa.chaincode.sandbox import Sandbox, View, choose_sandbox, existing

PLATFORM = ("fabric-shim", "fabric-contract-api", "fabric-shim-api")
"""Given by the platform, as Fabric's Go shim is: a package that asks for 1.x gets today's."""

STARTER = "fabric-chaincode-node"
STARTER_FILE = "node_modules/fabric-shim/cli.js"
SHARED_MARK = ".hansa-shared-modules"
SHELL_CHARACTERS = re.compile(r"[;&|<>()$`\\\"'*?\[\]#~=%\n]")


def read_manifest(directory: Path) -> dict[str, Any]:
    """``package.json``. Raises :class:`BuildError` where there is none, or it is none."""
    file = directory / "package.json"
    if not file.is_file():
        raise BuildError("the package has no package.json beside its code")
    try:
        manifest = json.loads(file.read_text())
    except ValueError as fault:
        raise BuildError(f"package.json is no JSON: {fault}") from fault
    if not isinstance(manifest, dict):
        raise BuildError("package.json is no JSON object")
    return manifest


def start_script(manifest: Mapping[str, Any]) -> str:
    scripts = manifest.get("scripts")
    script = scripts.get("start") if isinstance(scripts, dict) else None
    return str(script or f"{STARTER} start").strip()


def installed_version(modules: Path, name: str) -> str | None:
    try:
        return str(json.loads((modules / name / "package.json").read_text())["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def can_share(manifest: Mapping[str, Any], modules: Path) -> bool:
    """Whether everything that the package asks for is among the platform's modules."""
    dependencies = manifest.get("dependencies") or {}
    for name, wanted in dependencies.items():
        version = installed_version(modules, name)
        if version is None:
            return False
        if not satisfies(version, str(wanted)) and not (
            name in PLATFORM and asks_for_major(str(wanted), 1)
        ):
            return False
    return True


def find_main(manifest: Mapping[str, Any], code: Path) -> Path | None:
    """The file that ``main`` names, by Node.js's own rule."""
    main = manifest.get("main")
    if not isinstance(main, str) or not main:
        return None
    candidates = [code / main, code / f"{main}.js", code / main / "index.js"]
    return next((file for file in candidates if file.is_file()), None)


def must_compile(manifest: Mapping[str, Any], code: Path) -> bool:
    """Whether ``npm run build`` has to make the main file first, as of TypeScript."""
    scripts = manifest.get("scripts")
    builds = isinstance(scripts, dict) and bool(scripts.get("build"))
    return builds and bool(manifest.get("main")) and find_main(manifest, code) is None


def build(
    config: BuildersConfig,
    package: Package,
    output: Path,
    environment: Mapping[str, str],
    log: BuildLog,
) -> None:
    """Copy the package into ``output``, with its dependencies where the platform lacks them.

    Raises :class:`BuildError`; what npm and Node.js said is in ``log``.
    """
    node, sandbox = config.require_node(), choose_sandbox(environment)
    if sandbox.warning:
        log.say(sandbox.warning)
    manifest = read_manifest(package.code)
    refuse_escaping_links(package.code)
    target = output / "src"
    shutil.copytree(package.code, target, symlinks=True)
    compiled, brought = must_compile(manifest, target), (target / npm.MODULES).is_dir()
    if brought:
        log.say("using the package's own node_modules")
    elif not compiled and can_share(manifest, Path(node.modules)):
        (output / SHARED_MARK).touch()
    else:
        npm.install(node, sandbox, target, manifest, environment, log, development=compiled)
    if compiled:
        npm.compile_sources(node, sandbox, target, environment, log)
    if compiled and not brought:
        npm.drop_development(node, sandbox, target, environment, log)
    refuse_escaping_links(target)
    _check_entry(node, sandbox, target, manifest, log)
    copy_metadata(package.source, output)


def _check_entry(
    node: NodeConfig,
    sandbox: Sandbox,
    target: Path,
    manifest: Mapping[str, Any],
    log: BuildLog,
) -> None:
    """Tell of a missing or unreadable main file now, and not at the first transaction."""
    if not start_script(manifest).startswith(STARTER):
        return
    if (target / "node_modules").is_dir() and not (target / STARTER_FILE).is_file():
        raise BuildError(
            "node_modules has no fabric-shim, which starts the chaincode: "
            "add it to the dependencies of package.json"
        )
    main = manifest.get("main")
    if not isinstance(main, str) or not main:
        raise BuildError('package.json has no "main": name the file that exports the contracts')
    found = find_main(manifest, target)
    if found is None:
        raise BuildError(
            f'the "main" of package.json, {main}, is not in the package, and no script "build" '
            "makes it: put it in, or name the script (TypeScript: tsc)"
        )
    if found.suffix not in (".js", ".cjs", ".mjs"):
        return
    view = View(existing([*node.readable, str(target)]), (), str(target))
    variables = {"PATH": f"{Path(node.node).parent}:/usr/local/bin:/usr/bin:/bin"}
    checked = str(found.relative_to(target))
    run_build(sandbox, view, [node.node, "--check", checked], variables, log)


def run(
    config: BuildersConfig, built: Path, launch_directory: Path, environment: Mapping[str, str]
) -> NoReturn:
    """Run what :func:`build` made. Raises :class:`BuildError` where it cannot be started."""
    node = config.require_node()
    sandbox, launch = choose_sandbox(environment), read_launch(launch_directory)
    code = built / "src"
    if (built / SHARED_MARK).exists():
        link_modules(code, Path(node.modules))
    variables = {
        **inherited(environment),
        **launch.environment(),
        **node_environment(node, sandbox, environment),
        "HOME": "/tmp",  # noqa: S108 - chaincode has no home of its own
    }
    if launch.tls:
        # fabric-shim wants the base64 form of the PEM text in these two files.
        for variable, name, pem in (
            ("CORE_TLS_CLIENT_CERT_PATH", "client.pem.base64", launch.client_certificate),
            ("CORE_TLS_CLIENT_KEY_PATH", "client.key.base64", launch.client_key),
        ):
            encoded = base64.b64encode(pem.encode()).decode()
            variables[variable] = launch.write(name, encoded)
    if sandbox.warning:
        os.write(2, sandbox.warning.encode() + b"\n")
    variables["PATH"] = f"{code}/node_modules/.bin:{variables['PATH']}"
    arguments = start_arguments(node, start_script(read_manifest(code)), code, launch.peer_address)
    readable = existing([*node.readable, node.modules, str(built), str(launch_directory)])
    keep(sandbox, View(readable, (), str(code)), arguments, variables)


def start_arguments(node: NodeConfig, script: str, code: Path, peer_address: str) -> list[str]:
    """The start script with the peer's address added, without npm and a shell where they can go."""
    address = ["--peer.address", peer_address]
    starter = code / STARTER_FILE
    if not SHELL_CHARACTERS.search(script):
        words = shlex.split(script)
        if words[0] == STARTER and starter.is_file():
            return [node.node, str(starter), *words[1:], *address]
        if words[0] == "node":
            return [node.node, *words[1:], *address]
    return ["/bin/sh", "-c", f'{script} "$@"', "sh", *address]


def link_modules(code: Path, modules: Path) -> None:
    """Show the platform's modules to the code; a peer would refuse such a link in a build."""
    link = code / "node_modules"
    if link.is_symlink() and link.readlink() == modules:
        return
    new = code / f".node_modules.{os.getpid()}"
    new.symlink_to(modules)
    new.replace(link)
