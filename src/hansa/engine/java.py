"""What Java chaincode needs: a JDK, Maven or Gradle, and Fabric's shim fetched beforehand."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hansa.engine.errors import EngineError
from hansa.engine.run import run
from hansa.engine.toolchain import answer
from hansa.engine.workspace import Step, Workspace

JAVA_MINIMUM = (11, 0, 0)
"""What fabric-chaincode-shim 2.5 asks for."""

JAVA_MISSING = (
    "A JDK 11 or later and Maven are not installed, so Java chaincode cannot be built; install "
    "them (Debian, Ubuntu: apt-get install default-jdk-headless maven) and run: "
    "hansa engine install"
)

PART = "chaincode-java"

_VERSION = re.compile(r"\w+ (\d+)(?:\.(\d+))?(?:\.(\d+))?")


@dataclass(frozen=True)
class Java:
    """``home`` is the JDK's; ``maven`` and ``gradle`` are empty where there is none.

    ``readable`` are the directories outside of the system's own that they live in.
    """

    home: str
    version: str
    maven: str
    gradle: str
    readable: tuple[str, ...]

    @property
    def program(self) -> str:
        return f"{self.home}/bin/java"


def find_java(environment: Mapping[str, str]) -> Java | None:
    """The JDK of ``JAVA_HOME`` or the PATH, with Maven or Gradle; None where one of it lacks."""
    path = environment.get("PATH")
    homes = [Path(environment["JAVA_HOME"])] if environment.get("JAVA_HOME") else []
    compiler = shutil.which("javac", path=path)
    homes += [Path(compiler).resolve().parent.parent] if compiler else []
    maven, gradle = (_resolved(shutil.which(name, path=path)) for name in ("mvn", "gradle"))
    if not maven and not gradle:
        return None
    for home in homes:
        told = answer([str(home / "bin/java"), "--version"], environment)
        version = _parse(told or "")
        if version >= JAVA_MINIMUM and (home / "bin/javac").is_file():
            tools = [Path(tool).parent.parent for tool in (maven, gradle) if tool]
            places = dict.fromkeys(_places([home, *tools]))
            return Java(str(home), ".".join(map(str, version)), maven, gradle, tuple(places))
    return None


def _parse(told: str) -> tuple[int, int, int]:
    """``openjdk 21 2023-09-19`` has no second number."""
    found = _VERSION.match(told)
    return (int(found[1]), int(found[2] or 0), int(found[3] or 0)) if found else (0, 0, 0)


def _resolved(program: str | None) -> str:
    return str(Path(program).resolve()) if program else ""


def _places(homes: list[Path]) -> Iterator[str]:
    """The homes, and where links of their configuration lead, without what a sandbox has anyway."""
    for home in homes:
        if not home.is_relative_to("/usr"):
            yield str(home)
        for part in ("conf", "lib", "lib/security"):
            for file in [home / part, *(home / part).glob("*")]:
                leads = file.resolve()
                if file.is_symlink() and leads.is_relative_to("/etc"):
                    yield str(Path(*leads.parts[:3]))


def java_dependency_steps(workspace: Workspace, java: Java) -> list[Step]:
    """Have Maven fetch the shim and what it builds with into a repository for all packages.

    Java chaincode can be built without this step, so a failure of it is told and no more.
    """
    part, source = workspace.part(PART), workspace.source(PART)

    def done() -> bool:
        return workspace.part_facts(PART).get("maven") == java.maven

    def work() -> None:
        project = workspace.scratch / PART
        shutil.rmtree(project, ignore_errors=True)
        shutil.copytree(source, project)
        arguments = [
            *(java.maven, "-B", "-q", "-ntp", "-C", "-DskipTests"),
            f"-Dmaven.repo.local={part / 'repository'}",
            *("package", "dependency:copy-dependencies", "-DincludeScope=runtime"),
        ]
        variables = {**workspace.environment, "JAVA_HOME": java.home}
        variables.setdefault("PATH", os.defpath)
        try:
            run(arguments, project, variables)
        except EngineError as fault:
            workspace.progress.note(f"Java packages are fetched at the first build: {fault}")
        else:
            workspace.complete_part(PART, maven=java.maven, java=java.version)

    return [Step("fetch Java packages for chaincode", done, work)] if java.maven else []


def java_builder_config(workspace: Workspace, java: Java) -> dict[str, object]:
    """As ``hansa.chaincode.config`` reads it; makes the directories, which a sandbox binds."""
    part = workspace.part(PART)
    for name in ("repository", "gradle"):
        (part / name).mkdir(parents=True, exist_ok=True)
    return {
        "java": java.program,
        "home": java.home,
        "maven": java.maven,
        "gradle": java.gradle,
        "repository": str(part / "repository"),
        "gradle_home": str(part / "gradle"),
        "readable": list(java.readable),
    }
