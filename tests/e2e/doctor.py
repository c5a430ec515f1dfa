"""Runs ``hansa doctor auth`` in environments broken on purpose, and what it says to run."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import secrets
import socket
import sqlite3
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from tests.e2e.installation import HANSA, Installation, told

from hansa.cli.main import run
from hansa.fabric.pki import issue, make_authority

Environment = dict[str, str]
FULL = "arn:aws:iam::aws:policy/AmazonManagedBlockchainFullAccess"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonManagedBlockchainReadOnlyAccess"


def statement(effect: str, action: str | list[str], resource: str = "*") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: str) -> str:
    return document(
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    )


@dataclass(frozen=True)
class Key:
    """A user or a session, with its key."""

    name: str
    arn: str
    access_key_id: str
    secret: str
    token: str = ""

    @property
    def settings(self) -> Environment:
        """The key as it stands in a profile."""
        return {name.lower(): value for name, value in self.variables.items()}

    @property
    def variables(self) -> Environment:
        given = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret}
        return given | ({"AWS_SESSION_TOKEN": self.token} if self.token else {})


@dataclass
class World:
    """An installation, and the means to give somebody trouble with it."""

    installation: Installation
    home: Path

    @cached_property
    def administrator(self) -> Environment:
        """The environment of a shell after ``eval "$(hansa env)"``."""
        return self.installation.exported()

    @cached_property
    def iam(self) -> Any:
        return self.installation.client("iam")

    def client(self, service: str, key: Key) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.installation.url,
            region_name="us-east-1",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret,
            aws_session_token=key.token or None,
            config=Config(retries={"total_max_attempts": 1}),
        )

    @cached_property
    def account(self) -> str:
        return str(self.installation.client("sts").get_caller_identity()["Account"])

    def role_arn(self, name: str) -> str:
        return f"arn:aws:iam::{self.account}:role/{name}"

    def user(self, *policies: str, **inline: str) -> Key:
        """A new user with managed policies by ARN, inline ones by name, and a key."""
        name = f"u-{secrets.token_hex(4)}"
        arn = self.iam.create_user(UserName=name)["User"]["Arn"]
        for policy in policies:
            self.iam.attach_user_policy(UserName=name, PolicyArn=policy)
        for policy, text in inline.items():
            self.iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=text)
        return self.key_of(name, arn)

    def key_of(self, name: str, arn: str = "") -> Key:
        made = self.iam.create_access_key(UserName=name)["AccessKey"]
        return Key(name, arn, made["AccessKeyId"], made["SecretAccessKey"])

    def role(self, principal: str = "", *policies: str) -> str:
        """A new role that trusts a principal, or the account; its name."""
        name = f"r-{secrets.token_hex(4)}"
        self.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=trust(principal or f"arn:aws:iam::{self.account}:root"),
        )
        for policy in policies or (READ_ONLY,):
            self.iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        return name

    def session(self, role: str, **request: Any) -> Key:
        """A session of a role, begun by the administrator."""
        sts = self.installation.client("sts")
        made = sts.assume_role(RoleArn=self.role_arn(role), RoleSessionName="session", **request)
        given = made["Credentials"]
        parts = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return Key(role, made["AssumedRoleUser"]["Arn"], *parts)

    def expire(self, key: Key) -> None:
        """Let a session that was not used yet be over since long."""
        database = self.installation.data_dir / "hansa.db"
        with contextlib.closing(sqlite3.connect(database, timeout=30)) as store:
            store.execute(
                "UPDATE access_keys SET expires_at = '2020-01-01 00:00:00.000000' WHERE id = ?",
                (key.access_key_id,),
            )
            store.commit()

    def shell(self, key: Key | None = None, **changes: str | None) -> Environment:
        """The environment of somebody with a key and a home of his; ``None`` unsets a variable."""
        home = self.home / secrets.token_hex(4)
        home.mkdir()
        environment = {**self.administrator, "HOME": str(home)}
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del environment[name]
        own = {**(key.variables if key is not None else {}), **changes}
        environment |= {name: value for name, value in own.items() if value is not None}
        for name, value in own.items():
            if value is None:
                environment.pop(name, None)
        return environment

    def with_profiles(
        self, environment: Environment, use: str, **sections: Mapping[str, str]
    ) -> Environment:
        """The environment with a home that has these profiles, of which ``use`` is in force."""
        folder = Path(environment["HOME"]) / ".aws"
        folder.mkdir(exist_ok=True)
        common = {"region": "us-east-1", "endpoint_url": self.installation.url}
        config, keys = ["[default]"], []
        config += [f"{key} = {value}" for key, value in common.items()]
        for name, values in sections.items():
            own = {**common, **values}
            config.append(f"[profile {name}]")
            config += [f"{k} = {v}" for k, v in own.items() if not k.startswith("aws_")]
            keys.append(f"[{name}]")
            keys += [f"{k} = {v}" for k, v in own.items() if k.startswith("aws_")]
        (folder / "config").write_text("\n".join(config) + "\n")
        (folder / "credentials").write_text("\n".join(keys) + "\n")
        rest = {name: value for name, value in environment.items() if name != "AWS_CONFIG_FILE"}
        return {**rest, "AWS_PROFILE": use}

    def doctor(self, environment: Environment, *arguments: str) -> list[dict[str, str]]:
        """The findings; none of the secrets in the environment may be in them."""
        output = io.StringIO()
        with (
            mock.patch.dict(os.environ, environment, clear=True),
            contextlib.redirect_stdout(output),
        ):
            code = run(["doctor", "auth", "--json", *arguments])
        findings: list[dict[str, str]] = json.loads(output.getvalue())
        assert code == (6 if bad(findings) else 0), findings
        return findings

    def run_doctor(self, environment: Environment) -> list[dict[str, str]]:
        """The findings of the command as a process of its own."""
        done = subprocess.run(
            [str(HANSA), "doctor", "auth", "--json"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        findings: list[dict[str, str]] = json.loads(done.stdout)
        assert done.returncode == (6 if bad(findings) else 0), told(done)
        return findings

    def mend(self, environment: Environment, command: str, stdin: str = "") -> Environment:
        """The environment of the shell after ``command``, which has to succeed."""
        done = subprocess.run(
            ["bash", "-c", f"{command}\nstatus=$?; env -0; exit $status"],
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, told(done)
        entries = [entry.rpartition("\n")[2] if "=" in entry.rpartition("\n")[2] else entry
                   for entry in done.stdout.split("\0") if "=" in entry]  # fmt: skip
        return dict(entry.split("=", 1) for entry in entries)


def bad(findings: list[dict[str, str]]) -> list[dict[str, str]]:
    return [each for each in findings if each["grade"] == "bad"]


def call(environment: Environment) -> str:
    """What becomes of ``list_networks`` with boto3 in an environment: empty, or the fault."""
    with mock.patch.dict(os.environ, environment, clear=True):
        try:
            config = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=10)
            boto3.session.Session().client("managedblockchain", config=config).list_networks()
        except (ClientError, BotoCoreError, ValueError) as fault:
            return f"{type(fault).__name__}: {fault}"
    return ""


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """The port of a server that gives everybody the same answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError):
                    client, _ = server.accept()
                    with client:
                        client.recv(65536)
                        client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            over.set()
            thread.join()


@contextlib.contextmanager
def deaf() -> Iterator[int]:
    """A port whose connections nobody answers, as behind a firewall: its queue is full."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield int(server.getsockname()[1])


@contextlib.contextmanager
def secured(directory: Path, port: int) -> Iterator[tuple[int, Path]]:
    """A port that speaks TLS in front of ``port``, and the file of the authority behind it."""
    authority = make_authority("doctor", datetime.now(UTC))
    certificate = issue(authority, "doctor", datetime.now(UTC), hosts=["127.0.0.1"])
    chain, file = directory / "authority.pem", directory / "server.pem"
    chain.write_bytes(authority.certificate)
    file.write_bytes(certificate.certificate + certificate.key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError):
                    client, _ = server.accept()
                    client.settimeout(5)
                    with context.wrap_socket(client, server_side=True) as plain:
                        _hand_over(plain, port)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(server.getsockname()[1]), chain
        finally:
            over.set()
            thread.join()


def _hand_over(client: ssl.SSLSocket, port: int) -> None:
    """One request and its answer, whose end the service marks by closing."""
    request = client.recv(65536)
    if not request:
        return
    head, _, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *([0-9]+)", head)
    while length is not None and len(body) < int(length[1]):
        body += client.recv(65536)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    with socket.create_connection(("127.0.0.1", port), 5) as behind:
        behind.sendall(b"\r\n".join([*lines, b"Connection: close", b"", body]))
        while part := behind.recv(65536):
            client.sendall(part)
