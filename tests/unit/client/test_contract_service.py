"""A contract that is served from its folder: started, started anew, and ended without a trace."""

from __future__ import annotations

import json
import os
import socket
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from hansa.chaincode.config import BuildersConfig, NodeConfig, PythonConfig
from hansa.client.contract_service import (
    ContractService,
    ServicePlan,
    choose_address,
    plan_service,
    service_package,
)
from hansa.client.installation import ClientError
from hansa.client.templates import write_contract

ADDRESS = "127.0.0.1:20001"
PACKAGE = service_package("shelf", ADDRESS)
SERVER = """
import http.server, os, subprocess, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{TEXT} {child.pid} {os.getpid()}".encode())
    def log_message(self, *_):
        pass
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class Folder:
    """A contract that answers ``TEXT`` over HTTP, and has a process of its own."""

    def __init__(self, place: Path) -> None:
        self.file = place / "contract.py"
        self.address = choose_address(str(place))
        self.write("TEXT = 'one'")
        python = [sys.executable, "contract.py", self.address.rpartition(":")[2]]
        check = [sys.executable, "-m", "py_compile", "contract.py"]
        plan = ServicePlan(python, {}, [[sys.executable, "-c", "open('made', 'a')"]], [check])
        self.service = ContractService(lambda: plan, place, self.address)

    def write(self, text: str) -> None:
        self.file.write_text(text + SERVER)

    def ask(self) -> list[str]:
        with urllib.request.urlopen(f"http://{self.address}", timeout=5) as answer:
            return str(answer.read().decode()).split()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path)
    yield made
    made.service.stop()


def test_it_starts_anew_with_its_source_and_leaves_no_process(folder: Folder) -> None:
    folder.service.restart()
    text, *first = folder.ask()
    assert text == "one"
    folder.write("TEXT = 'two'")
    folder.service.restart()
    text, *second = folder.ask()
    assert text == "two"
    folder.service.stop()
    for pid in (*first, *second):
        _await(lambda pid=pid: _has_ended(int(pid)))
    assert folder.service.take_end() is None


def test_the_former_goes_on_where_the_source_has_a_mistake(
    folder: Folder, capfd: pytest.CaptureFixture[str]
) -> None:
    folder.service.restart()
    folder.write("TEXT = (")
    with pytest.raises(ClientError, match="cannot be loaded"):
        folder.service.restart()
    assert "contract.py" in capfd.readouterr().err
    assert folder.ask()[0] == "one"


def test_one_that_does_not_start_or_ends_is_told(folder: Folder) -> None:
    folder.write("TEXT = missing")
    with pytest.raises(ClientError, match="does not start"):
        folder.service.restart()
    folder.write("TEXT = 'one'")
    folder.service.restart()
    process = psutil.Process(folder.service.pid)
    process.kill()
    assert _await(folder.service.take_end) == -9
    assert folder.service.take_end() is None


def _has_ended(pid: int) -> bool | None:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE or None
    except psutil.NoSuchProcess:
        return True


def _await(look: Callable[[], Any]) -> Any:
    while (found := look()) is None:
        os.sched_yield()
    return found


def test_the_address_is_the_same_as_long_as_it_is_free() -> None:
    first = choose_address("n-1", "dev", "shelf")
    assert choose_address("n-1", "dev", "shelf") == first
    host, _, port = first.rpartition(":")
    with socket.socket() as taken:
        taken.bind((host, int(port)))
        taken.listen()
        assert choose_address("n-1", "dev", "shelf") != first
    package = service_package("shelf", first)
    assert (package.language, package.label) == ("ccaas", "shelf")
    assert package.package_id == service_package("shelf", first).package_id


def builders(modules: Path) -> BuildersConfig:
    node = NodeConfig("/node/bin/node", "/node/bin/npm", str(modules), "/npm", ())
    python = PythonConfig("/bin/python3", "/bin/uv", ("/one", "/two"), "/wheels", "/uv", ())
    return BuildersConfig(None, node, {}, None, python)


def test_python_is_served_with_what_it_depends_on(tmp_path: Path) -> None:
    folder, scratch = tmp_path / "shelf", tmp_path / "scratch"
    write_contract("python", "shelf", folder)

    def plan() -> ServicePlan:
        return plan_service(folder, "python", builders(tmp_path), PACKAGE, ADDRESS, scratch)

    first = plan()
    assert first.preparations == []
    assert first.variables["PYTHONPATH"] == "/one:/two"
    assert first.command[-5:] == [
        "serve", "--chaincode-address", ADDRESS, "--chaincode-id", PACKAGE.package_id,
    ]  # fmt: skip
    project = folder / "pyproject.toml"
    project.write_text(project.read_text().replace('["hansa-contract"]', '["attrs"]'))
    second = plan()
    assert second.preparations[0][-1] == "attrs"
    assert second.variables["PYTHONPATH"].startswith(f"{scratch}:")
    (folder / ".venv/lib/python3.11/site-packages/hansa_contract").mkdir(parents=True)
    assert plan().command[0] == str(folder / ".venv/bin/python")


def test_node_is_served_with_the_engines_modules_or_its_own(tmp_path: Path) -> None:
    folder, modules = tmp_path / "shelf", tmp_path / "modules"
    write_contract("node", "shelf", folder)
    for name in ("fabric-shim", "fabric-contract-api"):
        (modules / name).mkdir(parents=True)
        (modules / name / "package.json").write_text(json.dumps({"version": "2.5.8"}))

    def plan() -> ServicePlan:
        return plan_service(folder, "node", builders(modules), PACKAGE, ADDRESS, tmp_path)

    shared = plan()
    assert shared.command[1] == str(modules / "fabric-shim/cli.js")
    assert shared.variables["NODE_PATH"] == str(modules)
    assert shared.preparations == []
    assert [check[-1] for check in shared.checks] == ["index.js"]
    (folder / "node_modules").mkdir()
    assert plan().command[1] == str(folder / "node_modules/fabric-shim/cli.js")
    write_contract("typescript", "shelf", tmp_path / "ts")
    folder = tmp_path / "ts"
    compiled = plan()
    assert compiled.preparations[0][:2] == ["/node/bin/npm", "install"]
    assert compiled.checks[0] == ["/node/bin/npm", "run", "--silent", "build"]
    assert compiled.checks[1][-1] == "dist/index.js"


def test_other_languages_are_not_served(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="Leave --as-service out"):
        plan_service(tmp_path, "golang", builders(tmp_path), PACKAGE, ADDRESS, tmp_path)
