"""The ASGI application that answers the API; :meth:`Application._answer` is a request's path."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from hansa.domain.caller import Caller
from hansa.domain.errors import AuthenticationError, ServiceError, SignatureCause
from hansa.iam.credentials import CredentialSource
from hansa.wire.authorize import AccountAuthorizer, Authorizer, permissions
from hansa.wire.errors import error_response, service_error
from hansa.wire.exchange import Exchange
from hansa.wire.fallback import Relay, authenticated, refused
from hansa.wire.http import (
    ClientDisconnectedError,
    Head,
    Response,
    read_body,
    read_head,
    send_response,
)
from hansa.wire.json_rpc import JsonMount, JsonService
from hansa.wire.query import QueryMount, QueryService, is_unsigned_form, unsigned_mount
from hansa.wire.record import CallRecorder, NoTrail, Trail
from hansa.wire.router import MethodNotAllowedError
from hansa.wire.service import Endpoint, Mount, Service
from hansa.wire.sigv4 import EMPTY_SHA256, Signature, verify
from hansa.wire.sigv4_claim import Claim, claimed_service, read_claim

PublicRoute = Callable[[], tuple[str, bytes]]
"""Gives the media type and the content of a document that anybody may read."""

NoteUse = Callable[[str, str, str], None]
"""Takes the id of an access key, and the service and region that it was used for."""

METHODS = ("DELETE", "GET", "PATCH", "POST")
"""The methods of the API's operations."""

_log = structlog.get_logger("hansa.wire")


@dataclass(frozen=True)
class Limits:
    """What a request may use. ``threads`` operations run at once; further ones wait."""

    body_bytes_max: int = 1_048_576
    fallback_body_bytes_max: int = 128 * 1_048_576
    clock_skew: timedelta = timedelta(minutes=5)
    threads: int = 8


AnyService = Service | QueryService | JsonService
AnyMount = Mount | QueryMount | JsonMount


def create_app(
    services: Mapping[str, AnyService],
    *,
    credentials: CredentialSource,
    now: Callable[[], datetime],
    new_request_id: Callable[[], str],
    authorizer: Authorizer | None = None,
    limits: Limits | None = None,
    fallback: ASGIApp | None = None,
    public: Mapping[str, PublicRoute] | None = None,
    note_use: NoteUse | None = None,
    trail: Trail | None = None,
) -> Application:
    """The application.

    ``services`` are answered here, by signing name. ``fallback`` gets the requests that are signed
    for any other service, once authenticated: ``scope["hansa.caller"]`` is the
    :class:`~hansa.domain.caller.Caller`, ``scope["hansa.request_id"]`` the request's id, and
    ``receive`` gives the body, decoded. A request for another service that is not authenticated is
    handed to it too, without caller and body and with the :class:`ServiceError` in
    ``scope["hansa.fault"]``, since it alone knows how that service puts an error. What it knows of
    the call goes into ``scope["hansa.told"]``, a :class:`hansa.domain.audit.Told`, and it awaits
    ``scope["hansa.before_change"]`` with the operation before it changes anything. ``public`` are
    documents that need no signature, by path. ``now`` gives aware datetimes. ``note_use`` is told
    each access key that authenticated a request; it must not wait for anything. Every call goes
    into ``trail`` before it is answered.
    """
    return Application(
        {name: _mount(service) for name, service in services.items()},
        credentials,
        now,
        new_request_id,
        authorizer or AccountAuthorizer(),
        limits or Limits(),
        fallback,
        dict(public or {}),
        note_use or _forget_use,
        CallRecorder(NoTrail() if trail is None else trail, now, new_request_id),
    )


def _mount(service: AnyService) -> AnyMount:
    if isinstance(service, QueryService):
        return QueryMount(service)
    return JsonMount(service) if isinstance(service, JsonService) else Mount(service)


def _forget_use(_access_key_id: str, _service: str, _region: str) -> None:
    """Where nobody asks when a key was last used."""


class Application:
    """ASGI application; see :func:`create_app`. Call :meth:`close` at the end."""

    def __init__(
        self,
        mounts: dict[str, AnyMount],
        credentials: CredentialSource,
        now: Callable[[], datetime],
        new_request_id: Callable[[], str],
        authorizer: Authorizer,
        limits: Limits,
        fallback: ASGIApp | None,
        public: dict[str, PublicRoute],
        note_use: NoteUse,
        recorder: CallRecorder,
    ) -> None:
        self._mounts = mounts
        self._credentials = credentials
        self._now = now
        self._new_request_id = new_request_id
        self._authorizer = authorizer
        self._limits = limits
        self._fallback = fallback
        self._public = public
        self._note_use = note_use
        self._recorder = recorder
        self._threads = ThreadPoolExecutor(limits.threads, "operation")

    def close(self) -> None:
        """Wait for the operations that run, and end their threads."""
        self._threads.shutdown(wait=True)
        self._recorder.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1003})
            return
        began = time.perf_counter()
        source = (scope.get("client") or ("",))[0]
        exchange = Exchange(self._new_request_id(), read_head(scope), self._now(), source)
        structlog.contextvars.bind_contextvars(request_id=exchange.request_id)
        try:
            response = await self._answer_or_refuse(exchange, scope, receive, send)
            if response is not None:
                exchange.status = response.status
                response = await self._recorded(exchange, response)
                await send_response(response, exchange.request_id, send)
        except ClientDisconnectedError:
            exchange.is_gone = True
        _log_request(exchange, began)

    async def _recorded(self, exchange: Exchange, response: Response) -> Response:
        """The answer once its call is recorded; another where that cannot be."""
        try:
            await self._recorder.settle(exchange)
        except ServiceError as error:
            _log.error("request.not_recorded", operation=exchange.title, reason=error.message)
            exchange.error, exchange.status = error, error.status
            return self._error_response(exchange, error)
        return response

    async def _answer_or_refuse(
        self, exchange: Exchange, scope: Scope, receive: Receive, send: Send
    ) -> Response | None:
        """The answer; ``None`` where the fallback has sent one."""
        try:
            return await self._answer(exchange, scope, receive, send)
        except ClientDisconnectedError:
            raise
        except Exception as cause:  # every fault becomes an answer, here alone
            error = service_error(cause, exchange.request_id)
            if error is not cause:
                _log.exception("request.failed", operation=exchange.operation)
            elif error.status >= 500:
                _log.error("request.failed", operation=exchange.operation, reason=error.message)
            exchange.error = error
            self._name_refused(exchange)
            if exchange.status:
                raise  # the fallback failed in the middle of its own answer
            if self._is_foreign(exchange.service) and self._fallback is not None:
                inner, replayed = refused(scope, error, receive)
                await self._delegate(exchange, self._fallback, inner, replayed, send)
                return None
            return self._error_response(exchange, error)

    def _name_refused(self, exchange: Exchange) -> None:
        """Which operation was wanted by a caller that is not known, where the head tells it."""
        mount = self._mounts.get(exchange.service)
        if mount is not None and not exchange.operation:
            with suppress(ServiceError):
                exchange.operation = mount.find(exchange.head, b"")[0].name

    def _error_response(self, exchange: Exchange, error: ServiceError) -> Response:
        mount = self._mounts.get(exchange.service)
        if mount is None:
            return error_response(error)
        return mount.error_response(error, exchange.request_id)

    async def _answer(
        self, exchange: Exchange, scope: Scope, receive: Receive, send: Send
    ) -> Response | None:
        """The path of every request, in order."""
        head = exchange.head
        document = self._public_document(head)
        if document is not None:
            exchange.is_call = False
            return document
        if is_unsigned_form(head):
            body = await read_body(head, receive, self._limits.body_bytes_max)
            exchange.service, meant = unsigned_mount(head, body, self._mounts)
            if meant is not None:
                meant.refuse_open(head, body)
        exchange.service = exchange.service or claimed_service(head)
        claim = read_claim(head)
        exchange.service, exchange.region = claim.service, claim.region
        exchange.access_key_id = claim.access_key_id
        body = await read_body(head, receive, self._bytes_max(claim))
        signature = _from(scope, exchange, self._authenticate(head, claim, body))
        exchange.caller = signature.caller
        self._note_use(claim.access_key_id, claim.service, claim.region)
        mount = self._mounts.get(claim.service)
        if mount is None:
            await self._pass_on(exchange, signature, body, scope, receive, send)
            return None
        endpoint, read_input = mount.find(head, body)
        exchange.operation, exchange.secret_names = endpoint.name, mount.secret_names
        exchange.request = request = read_input()
        exchange.arns = arns = mount.resource_arns(endpoint.name, signature.caller, request)
        for needed in permissions(endpoint.action, arns, signature.caller, request, self._now()):
            self._authorizer.authorize(
                signature.caller, needed.action, needed.resource_arns, needed.context
            )
        await self._recorder.before_change(endpoint.name)
        exchange.output = await self._call(endpoint, signature.caller, request)
        content = endpoint.serialize(exchange.output, exchange.request_id)
        return Response(200, content, endpoint.media_type)

    async def _call(self, endpoint: Endpoint, caller: Caller, request: dict[str, Any]) -> Any:
        if endpoint.is_at_once:
            return endpoint.call(caller, request)
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, copy_context().run, endpoint.call, caller, request
        )

    def _public_document(self, head: Head) -> Response | None:
        """What is answered without a signature, if anything is."""
        route = self._public.get(head.path)
        if route is None:
            if head.method == "OPTIONS" and "authorization" not in head.headers:
                raise MethodNotAllowedError(head.method, list(METHODS))
            return None
        if head.method not in ("GET", "HEAD"):
            raise MethodNotAllowedError(head.method, ["GET", "HEAD"])
        media_type, content = route()
        return Response(200, content, media_type)

    def _is_foreign(self, service: str) -> bool:
        return service != "" and service not in self._mounts

    def _bytes_max(self, claim: Claim) -> int:
        if self._is_foreign(claim.service) and self._fallback is not None:
            return self._limits.fallback_body_bytes_max
        mount = self._mounts.get(claim.service)
        own = mount.body_bytes_max if isinstance(mount, Mount) else None
        return own or self._limits.body_bytes_max

    def _authenticate(self, head: Head, claim: Claim, body: bytes) -> Signature:
        digest = hashlib.sha256(body).hexdigest() if body else EMPTY_SHA256
        skew = self._limits.clock_skew
        return verify(head, claim, digest, self._credentials, self._now(), skew)

    async def _pass_on(
        self,
        exchange: Exchange,
        signature: Signature,
        body: bytes,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        if self._fallback is None:
            served = ", ".join(f"'{name}'" for name in sorted(self._mounts))
            raise AuthenticationError(
                "InvalidSignatureException",
                f"Credential should be scoped to correct service: {served}.",
                SignatureCause.WRONG_SERVICE,
            )
        inner, replayed = authenticated(scope, signature, body, receive)
        await self._delegate(exchange, self._fallback, inner, replayed, send)

    async def _delegate(
        self, exchange: Exchange, fallback: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        scope["hansa.request_id"] = exchange.request_id
        scope["hansa.told"] = exchange.told
        scope["hansa.before_change"] = self._recorder.before_change
        await fallback(scope, receive, Relay(exchange, self._recorder, send))


def _from(scope: Scope, exchange: Exchange, signature: Signature) -> Signature:
    """The signature, with where the request came from, and how."""
    caller = replace(
        signature.caller,
        source_ip=exchange.source_ip,
        is_secure=scope.get("scheme") == "https",
        user_agent=exchange.head.headers.get("user-agent", ""),
    )
    return replace(signature, caller=caller)


async def _live(receive: Receive, send: Send) -> None:
    """Say that start and end are done; who made the application starts and ends its parts."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _log_request(exchange: Exchange, began: float) -> None:
    """Log the request: never its body, query or headers."""
    _log.info(
        "request",
        service=exchange.service,
        operation=exchange.title,
        account=exchange.caller.account_id if exchange.caller else None,
        status=exchange.status,
        error=_error_code(exchange),
        ms=round((time.perf_counter() - began) * 1000, 2),
    )


def _error_code(exchange: Exchange) -> str | None:
    if exchange.is_gone:
        return "ClientDisconnected"
    return exchange.error.code if exchange.error else exchange.told.error_code or None
