"""Chaincode in Java: a Maven or Gradle project, or jars that are built already."""

from __future__ import annotations

import base64
import os
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from hansa.chaincode import javabuild
from hansa.chaincode.config import BuildError, BuildersConfig, JavaConfig
from hansa.chaincode.keeper import keep
from hansa.chaincode.launch import inherited, read_launch
from hansa.chaincode.package import Package, copy_metadata, refuse_escaping_links
from hansa.chaincode.process import BuildLog
from hansa.chaincode.sandbox import Sandbox, View, choose_sandbox, existing

JAR = "chaincode.jar"
LIBRARIES = "libraries"

SHIM_CLASS = "org/hyperledger/fabric/shim/ChaincodeBase.class"
CONTRACT_MAIN = "org.hyperledger.fabric.contract.ContractRouter"
"""The shim's own main class: it finds the contracts among the classes."""

FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:-UsePerfData")
"""Chaincode is small and is waited for: these start sooner and take less memory."""

BESIDE_CLASSES = ("-sources.jar", "-javadoc.jar", "-tests.jar")


def build(
    config: BuildersConfig,
    package: Package,
    output: Path,
    environment: Mapping[str, str],
    log: BuildLog,
) -> None:
    """Put ``chaincode.jar``, and the jars that it needs in ``libraries``, into ``output``.

    Raises :class:`BuildError`; what Maven, Gradle and the compiler said is in ``log``.
    """
    java, sandbox = config.require_java(), choose_sandbox(environment)
    if sandbox.warning:
        log.say(sandbox.warning)
    refuse_escaping_links(package.code)
    made = _make(java, sandbox, package, environment, log)
    jar, libraries = choose_jar(made.jars), made.libraries
    shutil.copy(jar, output / JAR)
    if not contains(output / JAR, SHIM_CLASS):
        others = [found for found in libraries if found != jar]
        if not any(contains(found, SHIM_CLASS) for found in others):
            raise BuildError(
                "nothing in the package has Fabric's shim: add the dependency "
                "org.hyperledger.fabric-chaincode-java:fabric-chaincode-shim"
            )
        (output / LIBRARIES).mkdir()
        for found in others:
            shutil.copy(found, output / LIBRARIES / found.name)
    copy_metadata(package.source, output)


def _make(
    java: JavaConfig,
    sandbox: Sandbox,
    package: Package,
    environment: Mapping[str, str],
    log: BuildLog,
) -> javabuild.Made:
    code = package.code
    if (code / "pom.xml").is_file():
        return javabuild.maven(java, sandbox, package, environment, log)
    if any((code / name).is_file() for name in javabuild.GRADLE_FILES):
        return javabuild.gradle(java, sandbox, package, environment, log)
    jars = sorted(code.glob("*.jar"))
    if jars:
        log.say("using the package's own jars")
        return javabuild.Made(jars, sorted(code.rglob("*.jar")))
    raise BuildError(
        "the package has no pom.xml, no build.gradle and no jar at its top: "
        "name the folder of the Java project as the chaincode's path"
    )


def choose_jar(jars: list[Path]) -> Path:
    """The chaincode's own among what was built.

    ``chaincode.jar`` is Fabric's word for it; else there must be one alone, not counting sources
    and what shading leaves behind. Raises :class:`BuildError`.
    """
    candidates = [
        jar
        for jar in jars
        if not jar.name.endswith(BESIDE_CLASSES) and not jar.name.startswith("original-")
    ]
    named = [jar for jar in candidates if jar.name == JAR]
    if named or len(candidates) == 1:
        return (named or candidates)[0]
    seen = ", ".join(jar.name for jar in candidates) or "no jar"
    raise BuildError(
        f"the project makes {seen}: let it make one jar, or name the chaincode's {JAR} "
        "(Maven: <build><finalName>chaincode</finalName></build>)"
    )


def contains(jar: Path, entry: str) -> bool:
    """Raises :class:`BuildError` where the file is no jar."""
    try:
        with zipfile.ZipFile(jar) as archive:
            return entry in archive.namelist()
    except (OSError, zipfile.BadZipFile) as fault:
        raise BuildError(f"{jar.name} is no jar: {fault}") from fault


def main_class(jar: Path) -> str:
    """What the jar's manifest names, else the shim's. Lines of a manifest are folded."""
    try:
        with zipfile.ZipFile(jar) as archive:
            text = archive.read("META-INF/MANIFEST.MF").decode(errors="replace")
    except (OSError, KeyError, zipfile.BadZipFile):
        return CONTRACT_MAIN
    lines = text.replace("\r\n", "\n").replace("\n ", "").split("\n")
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("Main-Class:")]
    return named[0] if named and named[0] else CONTRACT_MAIN


def run(
    config: BuildersConfig, built: Path, launch_directory: Path, environment: Mapping[str, str]
) -> NoReturn:
    """Run what :func:`build` made. Raises :class:`BuildError` where it cannot be started."""
    java = config.require_java()
    sandbox, launch = choose_sandbox(environment), read_launch(launch_directory)
    temporary = sandbox.temporary_directory or environment.get("TMPDIR") or "/tmp"  # noqa: S108
    variables = {
        **inherited(environment),
        **launch.environment(),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 - chaincode has no home of its own
        "CORE_CHAINCODE_LOGGING_SHIM": "WARNING",
    }
    if launch.tls:
        # The shim wants the base64 form of the PEM text in these two files.
        for variable, name, pem in (
            ("CORE_TLS_CLIENT_CERT_PATH", "client.pem.base64", launch.client_certificate),
            ("CORE_TLS_CLIENT_KEY_PATH", "client.key.base64", launch.client_key),
        ):
            variables[variable] = launch.write(name, base64.b64encode(pem.encode()).decode())
    if sandbox.warning:
        os.write(2, sandbox.warning.encode() + b"\n")
    arguments = [
        java.java,
        *FLAGS,
        f"-XX:MaxRAM={sandbox.rules.memory_mib}m",
        f"-Djava.io.tmpdir={temporary}",
        "-cp",
        f"{built / JAR}:{built / LIBRARIES}/*",
        main_class(built / JAR),
        *("--peerAddress", launch.peer_address),
    ]
    readable = existing([*java.readable, str(built), str(launch_directory)])
    keep(sandbox, View(readable, (), str(built)), arguments, variables)
