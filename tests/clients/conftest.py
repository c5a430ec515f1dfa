"""Real AWS clients against the real wire layer and surroundings, over HTTP.

The operations behind the wire are a small memory, so that these tests are about the clients: what
they send is signed, routed, parsed and answered as in the service.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from tests.clients.identities import CHAIN, Installation, serve

from hansa.awsmodels.environment import shell_environment
from hansa.awsmodels.profile import Access
from hansa.domain.caller import Caller
from hansa.domain.errors import ResourceNotFoundError
from hansa.iam.credentials import Credential
from hansa.surroundings.app import create_surroundings
from hansa.wire.app import create_app
from hansa.wire.query import query_service
from hansa.wire.service import managedblockchain_service

ACCOUNT = "111122223333"
KEY = Credential(
    "AKIACLIENTTESTS00001", "a/secret+with=signs", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/admin"
)
DEBIAN_AWS = "/usr/bin/aws"
JS = Path(__file__).parent / "js"


class Memory:
    """Networks and tags; an operation that these tests do not need fails."""

    def __init__(self) -> None:
        self._networks: dict[str, dict[str, Any]] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self.requests: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[[Caller, Any], Any]:
        def absent(caller: Caller, request: Any) -> Any:
            raise NotImplementedError(name)

        return absent

    def create_network(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        self.requests.append(request)
        network_id = f"n-{len(self._networks):026d}".replace("0", "A").replace("1", "B")
        self._networks[network_id] = {
            "Id": network_id,
            "Name": request["Name"],
            "Framework": request["Framework"],
            "Status": "AVAILABLE",
            "CreationDate": datetime(2024, 1, 2, 3, 4, 5, 678000, UTC),
        }
        return {"NetworkId": network_id, "MemberId": "m-A"}

    def list_networks(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        return {"Networks": list(self._networks.values()), "NextToken": None}

    def get_network(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        return {"Network": self._find(request["NetworkId"])}

    def delete_network(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        del self._networks[self._find(request["NetworkId"])["Id"]]
        return {}

    def tag_resource(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        self._tags.setdefault(request["ResourceArn"], {}).update(request["Tags"])
        return {}

    def untag_resource(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        for key in request["TagKeys"]:
            self._tags[request["ResourceArn"]].pop(key)
        return {}

    def list_tags_for_resource(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        return {"Tags": dict(self._tags.get(request["ResourceArn"], {}))}

    def _find(self, network_id: str) -> dict[str, Any]:
        if network_id not in self._networks:
            raise ResourceNotFoundError(f"Network {network_id} not found.", network_id)
        return self._networks[network_id]


class Identities:
    """STS, where there is but one user."""

    def get_caller_identity(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        user_id = "AIDAAAAAAAAAAAAAAAAAA"
        return {"UserId": user_id, "Account": caller.account_id, "Arn": caller.principal_arn}


class OneKey:
    """The only access key there is."""

    def find(self, access_key_id: str) -> Credential | None:
        return KEY if access_key_id == KEY.access_key_id else None


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The service with IAM and STS, and two accounts."""
    with serve(tmp_path_factory.mktemp("iam")) as running:
        yield running


@pytest.fixture
def name() -> str:
    """A name that no other test has."""
    return f"u-{secrets.token_hex(4)}"


@dataclass
class Server:
    url: str
    memory: Memory = field(repr=False)

    @property
    def access(self) -> Access:
        return Access(self.url, "us-east-1", KEY.access_key_id, KEY.secret_access_key)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    memory = Memory()
    surroundings = create_surroundings(lambda: CHAIN)
    app = create_app(
        {
            "managedblockchain": managedblockchain_service(memory),  # type: ignore[arg-type]
            "sts": query_service("sts", Identities(), lambda *_: ()),
        },
        credentials=OneKey(),
        now=lambda: datetime.now(UTC),
        new_request_id=lambda: str(uuid.uuid4()),
        fallback=surroundings,
    )
    listener = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
    thread = threading.Thread(target=running.run, args=([listener],))
    thread.start()
    yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}", memory)
    running.should_exit = True
    thread.join(timeout=20)
    listener.close()
    app.close()
    surroundings.close()
    assert not thread.is_alive()


def _require(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.fail(f"{program} is missing; install {package}: these tests are about it")
    return found


@dataclass(frozen=True)
class Shell:
    """A shell with nothing but what ``eval "$(hansa env)"`` exports."""

    environment: Mapping[str, str]

    def run(self, script: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", script],
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def succeed(self, script: str, **more: str) -> str:
        done = self.run(script, **more)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def json(self, script: str) -> Any:
        return json.loads(self.succeed(script))


def cli_directory(version: str) -> str:
    """Where the AWS CLI of major ``version`` is: 1 in this environment, 2 is Debian's."""
    program = str(Path(sys.executable).with_name("aws")) if version == "1" else DEBIAN_AWS
    _require(program, "the development requirements" if version == "1" else "Debian's awscli")
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    if not shown.stdout.startswith(f"aws-cli/{version}."):
        pytest.fail(f"{program} is no AWS CLI of version {version}: {shown.stdout}")
    return str(Path(program).parent)


@pytest.fixture(scope="session", params=["1", "2"], ids=["cli-v1", "cli-v2"])
def shell(
    request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Shell:
    home = tmp_path_factory.mktemp(f"home{request.param}")
    path = os.pathsep.join([cli_directory(request.param), "/usr/bin", "/bin"])
    bare = {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8"}
    return Shell({**bare, **shell_environment(home / "data", server.access, bare)})


@pytest.fixture(params=["1", "2"], ids=["cli-v1", "cli-v2"])
def cli(request: pytest.FixtureRequest, installation: Installation, tmp_path: Path) -> Shell:
    """A shell of the first account's administrator."""
    path = os.pathsep.join([cli_directory(request.param), "/usr/bin", "/bin"])
    bare = {"PATH": path, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    who = installation.one
    access = Access(installation.url, "us-east-1", who.access_key_id, who.secret_access_key)
    return Shell({**bare, **shell_environment(tmp_path / "data", access, bare)})


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JavaScript SDKs, installed as the lock file says."""
    _require("node", "Node.js 20")
    npm = _require("npm", "npm")
    directory = tmp_path_factory.mktemp("js")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(JS / name, directory)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return directory / "node_modules"


@pytest.fixture(scope="session")
def curl() -> str:
    return _require("curl", "curl 7.75 or later")
