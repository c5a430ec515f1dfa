"""The ASGI application behind the service's front, for every AWS service but its own.

The front hands over requests that it has authenticated: ``scope["hansa.caller"]`` is the
:class:`~hansa.domain.caller.Caller`, ``receive`` gives the body (again), and
``scope["hansa.request_id"]`` is used where present. What the call is goes into
``scope["hansa.told"]``, and ``scope["hansa.before_change"]`` is awaited before it, with the
operation's name; it may raise. A request that the front refuses comes with
its :class:`~hansa.domain.errors.ServiceError` in ``scope["hansa.fault"]``, and is answered in the
form of the service that it is signed for. Data lives in memory, apart for each account; what a
caller may do inside its account is decided by the function that the surroundings are given.
"""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, cast

from a2wsgi import WSGIMiddleware

from hansa.domain.audit import Told
from hansa.domain.caller import Caller
from hansa.domain.errors import AccessDeniedError, ServiceError
from hansa.surroundings.actions import Permission, permissions
from hansa.surroundings.asgi import Application, Body, Message, Receive, Scope, Send
from hansa.surroundings.moto_services import MOTO_SERVICES, SERVICE_ACCOUNT, MotoServices
from hansa.surroundings.protocols import Fault, code_of, error_answer, protocol_of, send_answer
from hansa.surroundings.request import path_bucket, rewritten, signed_service, virtual_bucket
from hansa.surroundings.telling import tell

TLS_CHAIN_KEY = "etc/managedblockchain-tls-chain.pem"
SERVICES = MOTO_SERVICES
WORKERS = 4

Authorize = Callable[[Caller, str, Permission], None]
"""Takes a caller, the service called and what it takes; raises :class:`AccessDeniedError`."""

BeforeChange = Callable[[str], Awaitable[None]]
"""Takes an operation's name; raises :class:`ServiceError` where it may not be done now."""

# AMB's guide reads the chain from the bucket `us-east-1.managedblockchain`; one for each region.
_PUBLISHED_BUCKET = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]\.managedblockchain\Z")
_S3_CONTROL_PREFIX = "/v20180820/"

_log = logging.getLogger(__name__)


def create_surroundings(
    tls_chain: Callable[[], bytes],
    endpoint_hosts: frozenset[str] = frozenset({"localhost"}),
    new_request_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    authorize: Authorize | None = None,
) -> Surroundings:
    """The surroundings of one installation; nothing of moto is imported before its first request.

    ``tls_chain`` gives the PEM that is published in S3; ``endpoint_hosts`` are the names, in lower
    case and without port, under which this API is reached (``bucket.NAME`` is then S3's virtual
    hosting). ``authorize`` decides whether a caller may do something; without it everybody of an
    account may do everything in it. Call :meth:`Surroundings.close` at the end.
    """
    return Surroundings(tls_chain, endpoint_hosts, new_request_id, authorize or _allow)


async def _nothing(_operation: str) -> None:
    """Nothing is to be done before a change."""


def _allow(_caller: Caller, _service: str, _permission: Permission) -> None:
    """Allow it."""


class Surroundings:
    """ASGI application; see :func:`create_surroundings`."""

    def __init__(
        self,
        tls_chain: Callable[[], bytes],
        endpoint_hosts: frozenset[str],
        new_request_id: Callable[[], str],
        authorize: Authorize,
    ) -> None:
        self._tls_chain = tls_chain
        self._endpoint_hosts = endpoint_hosts
        self._new_request_id = new_request_id
        self._authorize = authorize
        self._moto = MotoServices()
        middleware = WSGIMiddleware(cast("Any", self._moto), workers=WORKERS)
        self._executor = middleware.executor
        self._mount = cast("Application", middleware)
        self._publishing = asyncio.Lock()
        self._published: set[str] = set()

    def close(self) -> None:
        """End the worker threads. Requests in flight are waited for."""
        self._executor.shutdown(wait=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"the surroundings answer HTTP, not {scope['type']}")
        request_id = str(scope.get("hansa.request_id") or self._new_request_id())
        service = signed_service(scope)
        body = Body(receive)
        fault = _refusal(scope, service)
        if fault is None:
            fault = await self._serve_moto(scope, body, send, service)
        if fault is not None:
            await body.drain()
            answer = error_answer(protocol_of(service, scope), fault, request_id)
            await send_answer(scope, send, answer, request_id)

    async def _serve_moto(self, scope: Scope, body: Body, send: Send, service: str) -> Fault | None:
        """Let moto answer; a fault where it could not and nothing was sent."""
        caller: Caller = scope["hansa.caller"]
        account_id, bucket = caller.account_id, ""
        if service == "s3":
            host = next((value for key, value in scope["headers"] if key == b"host"), b"")
            bucket = virtual_bucket(host.decode("latin-1"), self._endpoint_hosts)
            addressed = bucket or path_bucket(scope["path"])
            if _PUBLISHED_BUCKET.match(addressed):
                if scope["method"] not in ("GET", "HEAD"):
                    return _read_only(addressed)
                await self._publish(addressed)
                account_id = SERVICE_ACCOUNT
                tell(scope, service, b"", bucket, permissions(service, scope, b"", caller, bucket))
        if account_id != SERVICE_ACCOUNT:
            try:
                await self._check(service, scope, await body.keep(), caller, bucket)
            except ServiceError as refused:
                return _fault_of(refused, service, scope)
        inner = rewritten(scope, service, caller, account_id, bucket)
        inner["hansa.service"] = service
        started = False

        async def observed(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._mount(inner, body, observed)
        except Exception as error:  # whatever moto raises has to become an answer
            if started:
                raise
            return _moto_fault(service, error)
        return None

    async def _check(
        self, service: str, scope: Scope, content: bytes, caller: Caller, bucket: str
    ) -> None:
        """Raise where the caller may not do it, or it could not be recorded."""
        told = scope.get("hansa.told") or Told()
        try:
            needed = permissions(service, scope, content, caller, bucket)
            tell(scope, service, content, bucket, needed)
            for permission in needed:
                self._authorize(caller, service, permission)
            before: BeforeChange = scope.get("hansa.before_change", _nothing)
            await before(told.operation)
        except AccessDeniedError as refused:
            told.error = refused
            raise

    async def _publish(self, bucket: str) -> None:
        async with self._publishing:
            if bucket in self._published:
                return
            region = bucket.rpartition(".")[0]
            content = self._tls_chain()
            await asyncio.to_thread(self._moto.publish, bucket, region, TLS_CHAIN_KEY, content)
            self._published.add(bucket)


def _refusal(scope: Scope, service: str) -> Fault | None:
    """Why a request is not for the surroundings, or ``None``."""
    known: ServiceError | None = scope.get("hansa.fault")
    if known is not None:
        return _fault_of(known, service, scope)
    if scope.get("hansa.caller") is None or not service:
        return Fault(
            "MissingAuthenticationToken",
            403,
            "The request is not signed. Sign it with an access key of this installation; "
            "`hansa env` prints one for the shell.",
        )
    control = service == "s3" and scope["path"].startswith(_S3_CONTROL_PREFIX)
    if control or service not in SERVICES:
        name = "s3control" if control else service
        return Fault(
            "UnsupportedService",
            400,
            f"The AWS service {name!r} is not part of this installation, which answers "
            f"managedblockchain, iam, sts, cloudtrail, {', '.join(SERVICES)}. "
            "docs/surroundings.md says what each does.",
        )
    return None


def _fault_of(error: ServiceError, service: str, scope: Scope) -> Fault:
    """``error`` with its code as the service's own clients know it."""
    protocol = protocol_of(service, scope)
    return Fault(code_of(protocol, error.code), error.status, error.message)


def _read_only(bucket: str) -> Fault:
    return Fault(
        "AccessDenied",
        403,
        f"The bucket {bucket} is published by the service and can only be read; "
        "use a bucket of your own.",
    )


def _moto_fault(service: str, error: Exception) -> Fault:
    """What an exception of moto means to the caller; the log has the rest."""
    if isinstance(error, NotImplementedError):
        return Fault(
            "UnsupportedOperation",
            400,
            f"This operation of {service} is not supported by this version of Hansa. "
            "docs/surroundings.md lists what is.",
        )
    _log.error("a request to %s failed in moto", service, exc_info=error)
    return Fault(
        "InternalFailure",
        500,
        f"The {service} of this installation failed on this request; the service's log "
        "(`hansa logs`) says why. Other services are not affected.",
    )
