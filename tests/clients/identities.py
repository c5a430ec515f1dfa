"""A running service with two accounts and a record of calls: for tests through AWS's own clients.

The operations are the service's own; the reconciler is not there, so a test makes a resource
AVAILABLE itself.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError

from hansa.domain.caller import Caller
from hansa.domain.conditions import caller_context
from hansa.domain.endpoints import Endpoints
from hansa.domain.lifecycle import Kind, Status
from hansa.iam.first import Administrator, create_account
from hansa.operations.cloudtrail import CloudTrail
from hansa.operations.context import OperationContext
from hansa.operations.iam_resources import sts_arns
from hansa.operations.identity import Identity, open_identity
from hansa.operations.service import managed_blockchain
from hansa.settings import Settings
from hansa.store.audit import AuditRecord, open_audit
from hansa.store.audit_writer import AuditWriter
from hansa.store.database import Store, open_store
from hansa.store.resources import change_status, get_resource
from hansa.surroundings.actions import Permission
from hansa.surroundings.app import create_surroundings
from hansa.wire.app import Limits, create_app
from hansa.wire.json_rpc import json_service
from hansa.wire.query import query_service
from hansa.wire.service import managedblockchain_service

CHAIN = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


Key = tuple[str, str]
"""The id of an access key and its secret."""


@dataclass
class Clock:
    """The service's clock, which sessions end by; signatures are let be as old as a day."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Installation:
    url: str
    clock: Clock
    one: Administrator
    two: Administrator
    store: Store = field(repr=False)
    record: AuditRecord = field(repr=False)

    def user(self, name: str, *statements: dict[str, Any]) -> Key:
        """A user of the first account with an inline policy, and a key of his."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(
                UserName=name, PolicyName="own", PolicyDocument=document(*statements)
            )
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def become(self, kind: Kind, resource_id: str, status: Status) -> None:
        """What the reconciler would do."""
        with self.store.write() as session:
            resource = get_resource(session, kind, resource_id)
            assert resource is not None
            change_status(session, resource, status, "a test says so", self.clock.now())

    def client(self, service: str, administrator: Administrator | None = None) -> Any:
        who = administrator or self.one
        return self.client_of(service, who.access_key_id, who.secret_access_key)

    def client_of(self, service: str, key: str, secret: str, token: str | None = None) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(parameter_validation=False),
        )

    def session_client(self, service: str, credentials: Any) -> Any:
        return self.client_of(
            service,
            credentials["AccessKeyId"],
            credentials["SecretAccessKey"],
            credentials["SessionToken"],
        )


def _operations(directory: Path, store: Store, clock: Clock) -> Any:
    return managed_blockchain(
        OperationContext(
            store=store,
            settings=Settings(data_dir=directory, networks_per_account_max=1000),
            endpoints=Endpoints("us-east-1", "localhost", named=True),
            now=clock.now,
            choice=secrets.choice,
            port_is_free=lambda _port: True,
            wake=lambda: None,
        )
    )


def _app(
    operations: Any,
    identity: Identity,
    clock: Clock,
    surroundings: Any,
    record: AuditRecord,
    trail: AuditWriter,
) -> Any:
    return create_app(
        {
            "managedblockchain": managedblockchain_service(operations),
            "iam": query_service("iam", identity.iam, identity.iam_resources),
            "sts": query_service("sts", identity.sts, sts_arns),
            "cloudtrail": json_service("cloudtrail", CloudTrail(record)),
        },
        credentials=identity.credentials,
        authorizer=identity.authorizer,
        note_use=identity.uses.note,
        now=clock.now,
        new_request_id=lambda: str(uuid.uuid4()),
        limits=Limits(clock_skew=timedelta(days=1)),
        fallback=surroundings,
        trail=trail,
    )


@contextmanager
def serve(directory: Path, trusted_proxies: str = "") -> Iterator[Installation]:
    clock = Clock()
    store = open_store(directory / "hansa.db", directory / "key", synchronous="OFF")
    made = [
        create_account(store, directory / "accounts", name, clock.now(), secrets.choice)[0]
        for name in ("one", "two")
    ]
    identity = open_identity(store, clock.now, secrets.choice)

    def authorize(caller: Caller, service: str, needed: Permission) -> None:
        context = {**caller_context(caller, clock.now()), **needed.context}
        identity.authorize_for(service, caller, needed.action, (needed.resource_arn,), context)

    surroundings = create_surroundings(lambda: CHAIN, authorize=authorize)
    record = open_audit(directory / "audit.db", directory / "key", synchronous="OFF")
    trail = AuditWriter(record.append)
    operations = _operations(directory, store, clock)
    app = _app(operations, identity, clock, surroundings, record, trail)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_level="warning",
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, args=([listener],))
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield Installation(url, clock, made[0], made[1], store, record)
    running.should_exit = True
    thread.join(timeout=20)
    listener.close()
    app.close()
    surroundings.close()
    identity.uses.close()
    trail.close()
    record.close()
    store.close()
    assert not thread.is_alive()


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str = "*", **condition: Any) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def deny(action: str | list[str], resource: str = "*", **condition: Any) -> dict[str, Any]:
    return {**allow(action, resource, **condition), "Effect": "Deny"}


def policy(action: str, resource: str = "*") -> str:
    return document(allow(action, resource))


def trust(principal: str, **condition: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        **({"Condition": condition} if condition else {}),
    }
    return document(statement)


def refused(code: str, call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as raised:
        call()
    assert raised.value.response["Error"]["Code"] == code, raised.value
    return str(raised.value.response["Error"]["Message"])
