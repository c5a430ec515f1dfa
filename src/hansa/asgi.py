"""The application that the service process serves: the API, its surroundings, public documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from hansa import __version__
from hansa.assembly import Parts
from hansa.domain.caller import Caller
from hansa.domain.conditions import caller_context
from hansa.operations.cloudtrail import CloudTrail
from hansa.operations.iam_resources import sts_arns
from hansa.store.audit_writer import AuditWriter
from hansa.surroundings.actions import Permission
from hansa.surroundings.app import Surroundings, create_surroundings
from hansa.wire.app import Application, Limits, create_app
from hansa.wire.json_rpc import json_service
from hansa.wire.query import query_service
from hansa.wire.service import hansafabric_service, managedblockchain_service

TLS_CHAIN_PATH = "/managedblockchain-tls-chain.pem"


def create_service_app(
    parts: Parts, now: Callable[[], datetime], new_request_id: Callable[[], str]
) -> tuple[Application, Callable[[], None]]:
    """The application, and what ends its threads."""
    settings = parts.settings
    identity = parts.identity
    surroundings = _surroundings(parts, now, new_request_id) if settings.surroundings else None
    trail = AuditWriter(parts.audit.append)
    app = create_app(
        {
            "managedblockchain": managedblockchain_service(parts.operations),
            "hansafabric": hansafabric_service(parts.fabric_operations),
            "iam": query_service("iam", identity.iam, identity.iam_resources),
            "sts": query_service("sts", identity.sts, sts_arns),
            "cloudtrail": json_service("cloudtrail", CloudTrail(parts.audit)),
        },
        credentials=identity.credentials,
        authorizer=identity.authorizer,
        note_use=identity.uses.note,
        now=now,
        new_request_id=new_request_id,
        limits=Limits(
            body_bytes_max=settings.request_bytes_max,
            clock_skew=timedelta(seconds=settings.clock_skew_seconds),
        ),
        fallback=surroundings,
        trail=trail,
        public={
            TLS_CHAIN_PATH: lambda: ("application/x-pem-file", parts.fabric.tls_chain()),
            "/healthz": lambda: _health(settings.region),
        },
    )

    def close() -> None:
        app.close()
        if surroundings is not None:
            surroundings.close()
        identity.uses.close()
        trail.close()

    return app, close


def _surroundings(
    parts: Parts, now: Callable[[], datetime], new_request_id: Callable[[], str]
) -> Surroundings:
    host = urlsplit(f"//{parts.settings.listen}").hostname or "localhost"

    def authorize(caller: Caller, service: str, permission: Permission) -> None:
        context = {**caller_context(caller, now()), **permission.context}
        arns = (permission.resource_arn,)
        parts.identity.authorize_for(service, caller, permission.action, arns, context)

    return create_surroundings(
        parts.fabric.tls_chain, frozenset({"localhost", host}), new_request_id, authorize
    )


def _health(region: str) -> tuple[str, bytes]:
    told = {"status": "OK", "version": __version__, "region": region}
    return "application/json", json.dumps(told).encode()
