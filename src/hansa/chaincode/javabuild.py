"""Have Maven or Gradle build a package, with caches that all packages share."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hansa.chaincode.config import BuildError, JavaConfig
from hansa.chaincode.launch import inherited
from hansa.chaincode.package import Package
from hansa.chaincode.process import BuildLog, run_build
from hansa.chaincode.sandbox import Sandbox, View, existing

GRADLE_FILES = ("build.gradle", "build.gradle.kts")
WRAPPER = "gradle/wrapper/gradle-wrapper.jar"
VENDORED = "repository"
"""A folder of the package with a Maven repository: then nothing is fetched."""

LIBRARIES = "hansa-libraries"

JVM_FLAGS = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto"
"""Maven lives for seconds."""

VENDORED_SETTINGS = """<settings>
  <profiles><profile>
    <id>vendored</id>
    <repositories><repository><id>vendored</id><url>{url}</url></repository></repositories>
    <pluginRepositories>
      <pluginRepository><id>vendored</id><url>{url}</url></pluginRepository>
    </pluginRepositories>
  </profile></profiles>
  <activeProfiles><activeProfile>vendored</activeProfile></activeProfiles>
</settings>
"""

GRADLE_SCRIPT = """rootProject { project ->
    project.afterEvaluate {
        def made = project.tasks.findByName('shadowJar') ?: project.tasks.findByName('jar')
        if (made == null) {
            throw new GradleException("the project makes no jar: apply the plugin 'java'")
        }
        project.tasks.create(name: 'hansaChaincode', type: Sync) {
            from made
            into "${project.buildDir}/hansa"
            into('%s') { from project.configurations.runtimeClasspath }
        }
    }
}
"""


@dataclass(frozen=True)
class Made:
    """``jars`` are the project's own, ``libraries`` what they need."""

    jars: list[Path]
    libraries: list[Path]


def maven(
    java: JavaConfig,
    sandbox: Sandbox,
    package: Package,
    environment: Mapping[str, str],
    log: BuildLog,
) -> Made:
    """``mvn package``, with the user's ``settings.xml`` (mirrors, proxies, credentials).

    Where the package has a folder ``repository``, Maven is offline and takes what it needs from
    there, and from what was fetched before. Raises :class:`BuildError`.
    """
    if not java.maven:
        raise BuildError(
            "the package has a pom.xml, and Maven is not installed; install it (Debian, Ubuntu: "
            "apt-get install maven) and run: hansa engine install"
        )
    code, home = package.code, Path(environment.get("HOME", "/"))
    target, libraries = code / "target", code / LIBRARIES
    # What the author's machine has built is no source.
    shutil.rmtree(target, ignore_errors=True)
    personal = [str(home / ".m2" / name) for name in ("settings.xml", "settings-security.xml")]
    arguments = [
        *(java.maven, "-B", "-q", "-ntp", "-Dstyle.color=never", "-Djansi.mode=strip"),
        f"-Dmaven.repo.local={java.repository}",
        *_maven_settings(package, personal[0]),
        *(["-o"] if sandbox.rules.offline else []),
        *("-DskipTests", "package", "dependency:copy-dependencies"),
        *("-DincludeScope=runtime", f"-DoutputDirectory={libraries}", "-Dmdep.prependGroupId=true"),
    ]
    view = View(
        (*java.readable, *existing(personal)),
        (java.repository, str(package.source)),
        str(code),
    )
    variables = {
        **_build_environment(java, sandbox, environment),
        "MAVEN_OPTS": f"{JVM_FLAGS} {environment.get('MAVEN_OPTS', '')}".strip(),
        "MAVEN_SKIP_RC": "true",
    }
    run_build(sandbox, view, arguments, variables, log)
    return Made(sorted(target.glob("*.jar")), sorted(libraries.glob("*.jar")))


def _maven_settings(package: Package, personal: str) -> list[str]:
    vendored = package.code / VENDORED
    if not vendored.is_dir():
        return ["-s", personal] if Path(personal).is_file() else []
    settings = package.source / "hansa-settings.xml"
    settings.write_text(VENDORED_SETTINGS.format(url=vendored.as_uri()))
    # Given as both, so that no mirror of the machine stands in for the folder.
    return ["-o", "-Daether.offline.protocols=file", "-s", str(settings), "-gs", str(settings)]


def gradle(
    java: JavaConfig,
    sandbox: Sandbox,
    package: Package,
    environment: Mapping[str, str],
    log: BuildLog,
) -> Made:
    """The package's own Gradle wrapper, else the Gradle on the PATH. Raises :class:`BuildError`."""
    code = package.code
    shutil.rmtree(code / "build", ignore_errors=True)
    if (code / "gradlew").is_file() and (code / WRAPPER).is_file():
        program = ["/bin/sh", "gradlew"]
    elif java.gradle:
        program = [java.gradle]
    else:
        raise BuildError(
            "the package has a build.gradle, and there is neither Gradle on this machine nor a "
            f"wrapper in the package (gradlew and {WRAPPER}); put the wrapper in (gradle wrapper), "
            "or install Gradle and run: hansa engine install; or give the project a pom.xml"
        )
    script = package.source / "hansa.gradle"
    script.write_text(GRADLE_SCRIPT % LIBRARIES)
    arguments = [
        *(*program, "--no-daemon", "--quiet", "--console=plain"),
        *("--init-script", str(script), "hansaChaincode"),
        *(["--offline"] if sandbox.rules.offline else []),
    ]
    home = Path(environment.get("HOME", "/"))
    personal = existing([str(home / ".gradle" / "gradle.properties")])
    view = View((*java.readable, *personal), (java.gradle_home, str(package.source)), str(code))
    variables = {
        **_build_environment(java, sandbox, environment),
        "GRADLE_USER_HOME": java.gradle_home,
    }
    run_build(sandbox, view, arguments, variables, log)
    made = code / "build" / "hansa"
    return Made(sorted(made.glob("*.jar")), sorted((made / LIBRARIES).glob("*.jar")))


def _build_environment(
    java: JavaConfig, sandbox: Sandbox, environment: Mapping[str, str]
) -> dict[str, str]:
    temporary = sandbox.temporary_directory or environment.get("TMPDIR")
    return {
        **inherited(environment),
        "PATH": f"{java.home}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": environment.get("HOME", "/"),
        "JAVA_HOME": java.home,
        **({"TMPDIR": temporary} if temporary else {}),
    }
