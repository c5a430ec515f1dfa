"""Have npm install what a package asks for, and keep it for the next one that asks the same."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from hansa.chaincode.config import NodeConfig
from hansa.chaincode.launch import inherited
from hansa.chaincode.process import BuildLog, run_build
from hansa.chaincode.sandbox import Sandbox, View, existing

KEPT_MAX = 16
"""Sets of modules that are kept; each is some ten to a hundred MB."""

MODULES = "node_modules"

_ASKS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "overrides")
_OWN_STEPS = ("preinstall", "install", "postinstall", "prepublish", "prepare")
_OWN_FILES = ("package-lock.json", "npm-shrinkwrap.json", ".npmrc")


def install(
    node: NodeConfig,
    sandbox: Sandbox,
    target: Path,
    manifest: Mapping[str, Any],
    environment: Mapping[str, str],
    log: BuildLog,
    *,
    development: bool,
) -> None:
    """Make ``node_modules`` of ``target``; with ``development``, what compiling needs too.

    Raises :class:`BuildError`.
    """
    kept = _kept(node, target, manifest, development=development)
    if kept is not None and kept.is_dir():
        log.say("using the modules that were installed for the same package.json")
        shutil.copytree(kept, target / MODULES, symlinks=True)
        os.utime(kept)
        return
    verb = "ci" if (target / "package-lock.json").is_file() else "install"
    kind = "--include=dev" if development else "--omit=dev"
    npm(node, sandbox, target, environment, log, [verb, kind])
    if kept is not None and (target / MODULES).is_dir():
        _keep(target / MODULES, kept)


def compile_sources(
    node: NodeConfig, sandbox: Sandbox, target: Path, environment: Mapping[str, str], log: BuildLog
) -> None:
    """``npm run build``: TypeScript and the like. Raises :class:`BuildError`."""
    npm(node, sandbox, target, environment, log, ["run", "--silent", "build"])


def drop_development(
    node: NodeConfig, sandbox: Sandbox, target: Path, environment: Mapping[str, str], log: BuildLog
) -> None:
    """Take out what only compiling needs: compilers are big, and a peer keeps every build."""
    npm(node, sandbox, target, environment, log, ["prune", "--omit=dev", "--silent"])


def npm(
    node: NodeConfig,
    sandbox: Sandbox,
    target: Path,
    environment: Mapping[str, str],
    log: BuildLog,
    words: Sequence[str],
) -> None:
    """Run npm in ``target`` with the user's settings. Raises :class:`BuildError`."""
    home = environment.get("HOME", "/")
    settings = [f"{home}/.npmrc", environment.get("NPM_CONFIG_USERCONFIG"), "/etc/npmrc"]
    certificates = [environment.get("NODE_EXTRA_CA_CERTS"), environment.get("NPM_CONFIG_CAFILE")]
    view = View(
        (*node.readable, *existing([*settings, *certificates])),
        (node.cache, str(target)),
        str(target),
    )
    variables = {
        **inherited(environment),
        **node_environment(node, sandbox, environment),
        "HOME": home,
        "npm_config_cache": node.cache,
        "npm_config_offline": "true" if sandbox.rules.offline else "false",
        "npm_config_update_notifier": "false",
    }
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    run_build(sandbox, view, [node.npm, *words, *quiet], variables, log)


def node_environment(
    node: NodeConfig, sandbox: Sandbox, environment: Mapping[str, str]
) -> dict[str, str]:
    temporary = sandbox.temporary_directory or environment.get("TMPDIR")
    return {
        "PATH": f"{Path(node.node).parent}:/usr/local/bin:/usr/bin:/bin",
        **({"TMPDIR": temporary} if temporary else {}),
    }


def _kept(
    node: NodeConfig, target: Path, manifest: Mapping[str, Any], *, development: bool
) -> Path | None:
    """Where the modules of packages that ask the same are kept; None where others decide, too.

    What a package does at its own installation, or has lying beside its code, could put anything
    into the modules of others.
    """
    scripts = manifest.get("scripts")
    own = set(scripts) & set(_OWN_STEPS) if isinstance(scripts, dict) else set()
    asks = {name: manifest.get(name) for name in _ASKS}
    if own or "file:" in json.dumps(asks) or manifest.get("workspaces"):
        return None
    if (target / "binding.gyp").exists():
        return None
    files = [(target / name).read_bytes() for name in _OWN_FILES if (target / name).is_file()]
    facts = [json.dumps([asks, development, node.node], sort_keys=True).encode(), *files]
    digest = sha256(b"\0".join(sha256(fact).digest() for fact in facts)).hexdigest()[:32]
    return Path(node.cache).parent / "installed" / digest


def _keep(modules: Path, kept: Path) -> None:
    """Put a copy where the next will find it, whole or not at all, and drop the oldest."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    new = kept.with_name(f".{kept.name}.{os.getpid()}")
    try:
        shutil.copytree(modules, new, symlinks=True)
        new.rename(kept)
    except OSError:  # another build was first, or the disk is full: it is a cache
        shutil.rmtree(new, ignore_errors=True)
    present = [entry for entry in kept.parent.iterdir() if not entry.name.startswith(".")]
    for old in sorted(present, key=lambda entry: entry.stat().st_mtime)[:-KEPT_MAX]:
        shutil.rmtree(old, ignore_errors=True)
