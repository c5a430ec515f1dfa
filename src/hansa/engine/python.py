"""What Python chaincode is built with: uv, hansa-contract, and what that depends on."""

from __future__ import annotations

import base64
import compileall
import hashlib
import importlib.util
import os
import shutil
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from hansa.engine.errors import EngineError
from hansa.engine.run import run
from hansa.engine.sources import contract_sources
from hansa.engine.stubs import base_python
from hansa.engine.workspace import Step, Workspace

PART = "chaincode-python"
PYTHON_MISSING = (
    "The packages of Python chaincode could not be fetched, so it cannot be built; mend the "
    "network (or set PIP_INDEX_URL and UV_DEFAULT_INDEX to a mirror) and run: hansa engine install"
)
WHEEL_TIME = (1980, 1, 1, 0, 0, 0)
"""The same sources give the same wheel."""


def python_dependency_steps(workspace: Workspace) -> list[Step]:
    """The pinned uv, and what hansa-contract depends on, installed and compiled in a folder.

    All but Python chaincode works without this step, so a failure of it is told and no more.
    """
    part, source = workspace.part(PART), workspace.source(PART)

    def work() -> None:
        try:
            fetch()
        except EngineError as fault:
            workspace.progress.note(f"{PYTHON_MISSING}: {fault}")

    def fetch() -> None:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        (part / "cache").mkdir()
        environment = {**workspace.environment, "UV_LINK_MODE": "copy"}
        _fetch_uv(part / "uv", source / "uv.txt", environment)
        install = [str(_uv(part)), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        run(
            [
                *(*install, "--only-binary", ":all:", "--compile-bytecode"),
                *("--python", base_python(), "--target", str(part / "packages")),
                *("--requirement", str(source / "packages.txt")),
            ],
            part,
            environment,
        )
        workspace.complete_part(PART, python=_python_version())

    def done() -> bool:
        return has_python_packages(workspace)

    return [Step("install Python packages for chaincode", done, work)]


def has_python_packages(workspace: Workspace) -> bool:
    """Whether the step's work is done, for the Python that runs now."""
    return workspace.part_facts(PART).get("python") == _python_version()


def python_builder_config(workspace: Workspace, builders: Path) -> dict[str, object] | None:
    """As ``hansa.chaincode.config`` reads it; the wheel is :func:`write_contract_wheel`'s."""
    part = workspace.part(PART)
    if not has_python_packages(workspace):
        return None
    return {
        "python": base_python(),
        "uv": str(_uv(part)),
        "packages": [str(part / "packages"), str(builders / "contract")],
        "wheels": str(builders / "wheels"),
        "cache": str(part / "cache"),
        "readable": sorted({sys.base_prefix, str(Path(base_python()).resolve().parents[1])}),
    }


def write_contract_wheel(builders: Path) -> None:
    """hansa-contract as a wheel in ``wheels``, and installed in ``contract``.

    A wheel of a pure package is a ZIP file with three lists; no build backend is needed for that.
    """
    sources = contract_sources()
    project = tomllib.loads((sources / "pyproject.toml").read_text())["project"]
    name, version = project["name"].replace("-", "_"), project["version"]
    files = {
        str(file.relative_to(sources / "src")): file.read_bytes()
        for file in sorted((sources / "src" / name).rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
    information = f"{name}-{version}.dist-info"
    scripts = "".join(f"{key} = {value}\n" for key, value in project["scripts"].items())
    files[f"{information}/METADATA"] = _metadata(project).encode()
    files[f"{information}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: hansa\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{information}/entry_points.txt"] = f"[console_scripts]\n{scripts}".encode()
    files[f"{information}/RECORD"] = _record(files, information).encode()
    wheel = builders / "wheels" / f"{name}-{version}-py3-none-any.whl"
    shutil.rmtree(wheel.parent, ignore_errors=True)
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in files.items():
            archive.writestr(zipfile.ZipInfo(place, WHEEL_TIME), content)
    installed = builders / "contract"
    shutil.rmtree(installed, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    compileall.compile_dir(installed, quiet=2)


def _metadata(project: Mapping[str, object]) -> str:
    lines = [
        "Metadata-Version: 2.3",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"Requires-Python: {project['requires-python']}",
    ]
    dependencies = project["dependencies"]
    if isinstance(dependencies, list):
        lines += [f"Requires-Dist: {dependency}" for dependency in dependencies]
    return "\n".join(lines) + "\n"


def _record(files: Mapping[str, bytes], information: str) -> str:
    lines = [
        f"{place},sha256={_urlsafe(hashlib.sha256(content).digest())},{len(content)}"
        for place, content in files.items()
    ]
    return "\n".join([*lines, f"{information}/RECORD,,"]) + "\n"


def _urlsafe(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _python_version() -> str:
    return ".".join(str(number) for number in sys.version_info[:3])


def _uv(part: Path) -> Path:
    return part / "uv" / "bin" / "uv"


def _fetch_uv(target: Path, requirements: Path, environment: Mapping[str, str]) -> None:
    """Install the pinned uv into ``target``, with the package client that is at hand."""
    options = ("--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes")
    run(
        [*_installer(environment), *options, "--target", str(target), "-r", str(requirements)],
        target.parent,
        environment,
    )
    program = target / "bin" / "uv"
    if not program.is_file():
        raise EngineError("uv was installed, but its program is not there; report this")
    program.chmod(0o755)


def _installer(environment: Mapping[str, str]) -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install"]
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv", path=environment.get("PATH"))
    if uv and os.access(uv, os.X_OK):
        return [uv, "pip", "install"]
    raise EngineError(
        "Python chaincode needs uv, and neither pip nor uv is here to get it; install one of them "
        "and repeat 'hansa engine install'"
    )
