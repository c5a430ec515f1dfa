"""Chaincode in Go: a module, a vendored module, or a GOPATH as in Fabric 1.x."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from hansa.chaincode.config import BuildError, BuildersConfig, GoConfig
from hansa.chaincode.keeper import keep
from hansa.chaincode.launch import inherited, read_launch
from hansa.chaincode.package import Package, copy_metadata
from hansa.chaincode.process import BuildLog, run_build
from hansa.chaincode.sandbox import Sandbox, View, choose_sandbox, existing

BINARY = "chaincode"


@dataclass(frozen=True)
class Layout:
    """Where ``go build`` starts, what it builds, and whether modules are on."""

    directory: Path
    target: str
    modules: bool
    vendored: bool


def find_layout(package: Package) -> Layout:
    """Fabric packs a module at the top of ``src``; 1.x packs a GOPATH, perhaps with a module in it.

    Raises :class:`BuildError` for a path that names no package.
    """
    path = package.path
    if path.startswith(("-", "/")) or ".." in Path(path).parts:
        raise BuildError(f"{path!r} is no import path of a Go package")
    if (package.code / "go.mod").is_file():
        vendored = (package.code / "vendor").is_dir()
        return Layout(package.code, path or ".", modules=True, vendored=vendored)
    inner = package.code / path
    if path and (inner / "go.mod").is_file():
        return Layout(inner, ".", modules=True, vendored=(inner / "vendor").is_dir())
    if not path or not any(inner.glob("*.go")):
        raise BuildError(f"the package has no Go files at {path or 'its top'}, and no go.mod")
    return Layout(package.code, path, modules=False, vendored=False)


def build(
    config: BuildersConfig,
    package: Package,
    output: Path,
    environment: Mapping[str, str],
    log: BuildLog,
) -> None:
    """Compile the package into the program ``chaincode`` in ``output``.

    Raises :class:`BuildError`; what the compiler said is in ``log``.
    """
    go, sandbox = config.require_golang(), choose_sandbox(environment)
    if sandbox.warning:
        log.say(sandbox.warning)
    layout = find_layout(package)
    if not layout.modules:
        drop_provided_from_vendor(package.code, Path(go.gopath))
    flags = ["-trimpath", "-ldflags=-s -w", "-o", str(output / BINARY)]
    if layout.modules:
        flags.append("-mod=vendor" if layout.vendored else "-mod=mod")
    go_settings = environment.get("HOME", "") + "/.config/go/env"
    view = View(
        (*go.readable, *existing([go.gopath, go_settings])),
        (go.cache, go.modules, str(package.source), str(output)),
        str(layout.directory),
    )
    variables = _build_environment(go, package, layout, environment, sandbox)
    run_build(sandbox, view, [go.go, "build", *flags, layout.target], variables, log)
    copy_metadata(package.source, output)


def _build_environment(
    go: GoConfig,
    package: Package,
    layout: Layout,
    environment: Mapping[str, str],
    sandbox: Sandbox,
) -> dict[str, str]:
    home = environment.get("HOME", "/")
    temporary = sandbox.temporary_directory or environment.get("TMPDIR")
    flags = environment.get("GOFLAGS", "") if layout.modules else ""
    gopath = f"{go.gopath}:{package.source}"
    return {
        **inherited(environment),
        "PATH": f"{Path(go.go).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        **({"TMPDIR": temporary} if temporary else {}),
        "CGO_ENABLED": "0",
        "GOCACHE": go.cache,
        "GOMODCACHE": go.modules,
        "GOENV": f"{home}/.config/go/env",
        "GOFLAGS": f"{flags} -buildvcs=false -modcacherw".strip(),
        "GOWORK": "off",
        "GOTELEMETRY": "off",
        **({"GOPROXY": "off"} if sandbox.rules.offline else {}),
        # The platform's packages come first, so that they are the ones compiled beforehand.
        **({"GO111MODULE": "on"} if layout.modules else {"GO111MODULE": "off", "GOPATH": gopath}),
    }


def drop_provided_from_vendor(code: Path, gopath: Path) -> None:
    """Take packages that the platform provides out of every ``vendor`` directory.

    A vendored shim of 1.x would shadow the platform's, and its messages would be other types.
    """
    provided = {
        str(directory.relative_to(gopath / "src"))
        for directory in (gopath / "src").rglob("*")
        if directory.is_dir() and any(directory.glob("*.go"))
    }
    for vendor in [found for found in code.rglob("vendor") if found.is_dir()]:
        for name in provided:
            for file in (vendor / name).glob("*.go"):
                file.unlink()


def run(
    config: BuildersConfig, built: Path, launch_directory: Path, environment: Mapping[str, str]
) -> NoReturn:
    """Run what :func:`build` made. Raises :class:`BuildError` where it cannot be started."""
    config.require_golang()
    sandbox, launch = choose_sandbox(environment), read_launch(launch_directory)
    variables = {
        **inherited(environment),
        **launch.environment(),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 - chaincode has no home of its own
    }
    if launch.tls:
        variables["CORE_TLS_CLIENT_CERT_FILE"] = launch.write(
            "client.pem", launch.client_certificate
        )
        variables["CORE_TLS_CLIENT_KEY_FILE"] = launch.write("client.key", launch.client_key)
    if sandbox.warning:
        os.write(2, sandbox.warning.encode() + b"\n")
    view = View((str(built), str(launch_directory)), (), str(built))
    arguments = [str(built / BINARY), f"-peer.address={launch.peer_address}"]
    keep(sandbox, view, arguments, variables)
