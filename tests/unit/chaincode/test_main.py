"""The phases as a peer calls them, with a Go and a Node.js that only pretend."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import hansa.chaincode
from hansa.chaincode.config import BuildersConfig, GoConfig
from hansa.chaincode.main import LOGS, main
from hansa.domain.chaincode import BUILD_LOGS, PROPAGATED_ENVIRONMENT


@dataclass
class Called:
    """Where a peer put a package, and the configuration of the builders."""

    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"TMPDIR": str(self.directory), "HANSA_CHAINCODE_SANDBOX": "none", "PATH": "/bin"}

    def go(self, script: str) -> None:
        program = self.directory / "go"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        config = GoConfig(str(program), str(self.directory / "gopath"), "/c", "/m", ())
        BuildersConfig(config, None, {"node": "there is no node; install it"}).save(
            self.directory / "config.json"
        )

    def package(self, **metadata: object) -> None:
        for name in ("source/src", "metadata", "output"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        (self.directory / "source/src/go.mod").write_text("module a\n")
        facts = {"type": "GOLANG", "path": "a", "label": "../my cc", **metadata}
        (self.directory / "metadata/metadata.json").write_text(json.dumps(facts))

    def phase(self, language: str, phase: str, *names: str) -> int:
        directories = [str(self.directory / name) for name in names]
        config = str(self.directory / "config.json")
        return main([config, language, phase, *directories], self.environment)

    def build(self, language: str = "golang") -> int:
        return self.phase(language, "build", "source", "metadata", "output")


@pytest.fixture
def called(tmp_path: Path) -> Called:
    made = Called(tmp_path)
    made.go("exit 0")
    made.package()
    return made


def test_a_language_is_detected_in_either_case(called: Called) -> None:
    assert called.phase("golang", "detect", "source", "metadata") == 0
    assert called.phase("node", "detect", "source", "metadata") == 1
    assert called.phase("unknown", "detect", "source", "metadata") == 1
    called.package(type="COBOL")
    assert called.phase("unknown", "detect", "source", "metadata") == 0
    assert called.phase("golang", "detect", "source", "metadata") == 1
    called.package(type="golang")
    assert called.phase("golang", "detect", "source", "metadata") == 0


def test_python_of_the_legacy_lifecycle_is_known_by_its_files(called: Called) -> None:
    called.package(type="UNDEFINED")
    assert called.phase("unknown", "detect", "source", "metadata") == 0
    (called.directory / "source/src/asset.py").write_text("")
    assert called.phase("python", "detect", "source", "metadata") == 0
    assert called.phase("unknown", "detect", "source", "metadata") == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"path": "a"}'])
def test_metadata_that_cannot_be_read_is_no_traceback(
    called: Called, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (called.directory / "metadata/metadata.json").write_text(text)
    assert called.phase("golang", "detect", "source", "metadata") == 1
    assert "metadata.json cannot be read" in capfd.readouterr().err


def test_a_failed_build_leaves_nothing_and_tells_the_compilers_words(
    called: Called, capfd: pytest.CaptureFixture[str]
) -> None:
    called.go(f"echo ./main.go:3:1: no >&2; mkdir {called.directory}/output/half; exit 2")
    assert called.build() == 1
    assert not list((called.directory / "output").iterdir())
    log = called.directory / BUILD_LOGS / "_my_cc.log"
    for text in (log.read_text(), capfd.readouterr().err):
        assert "./main.go:3:1: no\n" in text
        assert f"failed: go ended with exit code 2; this log: {log}" in text
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_a_log_is_of_the_last_build_alone(called: Called) -> None:
    called.go("echo first; exit 1")
    called.build()
    called.go("echo second")
    assert called.build() == 0
    log = (called.directory / BUILD_LOGS / "_my_cc.log").read_text()
    assert "second" in log
    assert "first" not in log


def test_a_long_line_is_cut_before_the_peer_stops_reading(
    called: Called, capfd: pytest.CaptureFixture[str]
) -> None:
    called.go("head -c 200000 /dev/zero | tr '\\0' x; exit 1")
    called.build()
    text = capfd.readouterr().err
    assert max(len(line) for line in text.splitlines()) < 65536
    assert text.count("x") > 200000 - 10


def test_a_language_that_is_not_installed_says_what_to_do(
    called: Called, capfd: pytest.CaptureFixture[str]
) -> None:
    called.package(type="node")
    assert called.build("node") == 1
    assert "there is no node; install it" in capfd.readouterr().err


def test_a_missing_compiler_says_what_to_do(
    called: Called, capfd: pytest.CaptureFixture[str]
) -> None:
    (called.directory / "go").unlink()
    assert called.build() == 1
    assert "hansa engine install" in capfd.readouterr().err


def test_a_broken_configuration_says_what_to_do(
    called: Called, capfd: pytest.CaptureFixture[str]
) -> None:
    (called.directory / "config.json").write_text("{}")
    assert called.build() == 1
    assert "hansa engine install" in capfd.readouterr().err


def test_a_link_out_of_a_node_package_is_refused(
    called: Called, capfd: pytest.CaptureFixture[str]
) -> None:
    called.package(type="node")
    config = json.loads((called.directory / "config.json").read_text())
    config["node"] = dict.fromkeys(("node", "npm", "modules", "cache"), "/no") | {"readable": []}
    (called.directory / "config.json").write_text(json.dumps(config))
    code = called.directory / "source/src"
    (code / "package.json").write_text("{}")
    (code / "passwords").symlink_to("/etc/passwd")
    assert called.build("node") == 1
    assert "passwords is a symbolic link out of the package" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("text", "fault"),
    [(None, "needs a connection.json"), ("{}", 'no "address"'), ("x", "needs a connection.json")],
)
def test_a_service_without_an_address_is_refused(
    called: Called, text: str | None, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    called.package(type="ccaas")
    if text is not None:
        (called.directory / "source/connection.json").write_text(text)
    assert called.build("ccaas") == 1
    assert fault in capfd.readouterr().err


def test_the_folder_of_logs_is_the_one_that_is_told() -> None:
    assert LOGS == BUILD_LOGS


def test_what_the_builders_read_is_propagated() -> None:
    assert {"HOME", "PATH", "TMPDIR", "HANSA_CHAINCODE_SANDBOX"} <= set(PROPAGATED_ENVIRONMENT)


def test_the_builders_need_nothing_but_the_standard_library(tmp_path: Path) -> None:
    library = tmp_path / "hansa"
    library.mkdir()
    (library / "__init__.py").touch()
    source = Path(hansa.chaincode.__file__).parent
    (library / "chaincode").symlink_to(source)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import hansa.chaincode.main"
    subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code], check=True, cwd=tmp_path)
